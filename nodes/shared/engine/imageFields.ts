import type { IBinaryData, IExecuteFunctions, IDataObject } from 'n8n-workflow';
import { download } from '../api/download';
import { imageAddress, isAnimated, mediaTypeOf, takenFormat } from '../api/images';
import { XimilarError, fail } from '../api/error';
import { choice, requiredText, shownWhen, type Field } from './field';
import type { Session } from './session';

/** An image of an item, not loaded yet: bytes stay where n8n keeps them until they are sent. */
export interface ImageInput {
	/** How the user knows it: its file name, field or address. */
	name: string;
	/** For calls that take addresses: an address stays one. */
	load(): Promise<LoadedImage>;
	/** For calls that take files only: an address is fetched. */
	loadFile(): Promise<LoadedFile>;
}

export interface LoadedFile {
	bytes: Buffer;
	mediaType: string;
}

export type LoadedImage = { url: string } | LoadedFile;

/**
 * Where an operation's images come from.
 * @param others what an operation offers beside files and addresses
 */
export function imageSource<const V extends string>(
	others: Array<{ name: string; value: V; description: string }>,
): Field<'binary' | 'url' | V> {
	return choice<'binary' | 'url' | V>(
		{
			displayName: 'Image Source',
			description: 'Where the images of an item come from',
			default: 'binary',
		},
		[
			{
				name: 'Binary',
				value: 'binary',
				description: 'Files of the item, e.g. from Read/Write Files, Gmail or Google Drive',
			},
			...others,
			{ name: 'URL', value: 'url', description: 'Public addresses of image files' },
		],
	);
}

/** The fields by which the user says where an operation's images are. */
export function imageFields() {
	return {
		imageSource: imageSource<never>([]),
		binaryPropertyName: shownWhen(
			{ imageSource: ['binary'] },
			fileReferences({
				displayName: 'Input Binary Field',
				default: 'data',
				placeholder: 'e.g. data',
				hint: 'The name of the field that holds the image file',
				description:
					'Several fields are separated by commas. An asterisk stands for any ending, e.g. attachment_*. JPG, PNG, WEBP, HEIC, BMP and TIFF are taken; of a GIF, only the first frame is analysed.',
			}),
		),
		imageUrls: shownWhen(
			{ imageSource: ['url'] },
			addressList({
				displayName: 'Image URLs',
				required: true,
				default: '',
				placeholder: 'e.g. https://example.com/photo.jpg',
				description:
					'Public address that leads to the image file itself, not to a page. Several are given one a line, or as a list by an expression. JPG, PNG, WEBP, HEIC, BMP and TIFF are taken; of a GIF, only the first frame is analysed.',
			}),
		),
	};
}

type FileReference = string | IBinaryData;

/** The values of {@link imageFields}. */
export interface ImageValues {
	imageSource: 'binary' | 'url' | 'mixed';
	binaryPropertyName?: FileReference[];
	imageUrls?: string[];
	images?: FileReference[];
}

/** What {@link imageSource} offers for files and addresses side by side. */
export const MIXED_IMAGES = {
	name: 'Binary and URL',
	value: 'mixed',
	description: 'Files of the item and public addresses, side by side and in order',
} as const;

/** The images of {@link MIXED_IMAGES}: names of fields with files, and addresses. */
export function mixedImages() {
	const inner = requiredText({
		displayName: 'Images',
		typeOptions: { rows: 3 },
		placeholder: 'e.g. front, https://example.com/back.jpg',
		description:
			'Names of input binary fields and public addresses of image files, in the order in which they are sent. One a line or separated by commas, or a list by an expression.',
	});
	return shownWhen({ imageSource: ['mixed'] }, {
		property: inner.property,
		read: (raw, source, path) =>
			[raw].flat().flatMap((one): FileReference[] => {
				if (isFile(one)) return [one];
				// A comma may stand in an address: there, only one before a blank or the next address parts.
				const texts = inner.read(one, source, path).split(/[\r\n]+|,(?=\s|[a-z]+:\/\/)/i);
				return texts
					.flatMap((text) => (isAddress(text) ? [text] : text.split(',')))
					.map((text) => text.trim())
					.filter(Boolean);
			}),
	} satisfies Field<FileReference[]>);
}

function isAddress(text: string): boolean {
	return /^\s*[a-z]+:\/\//i.test(text);
}

/** Names of fields with files; an expression may also give the file itself, as n8n hands it on. */
function fileReferences(property: Parameters<typeof requiredText>[0]): Field<FileReference[]> {
	const inner = requiredText(property);
	return {
		property: inner.property,
		read: (raw, source, path) =>
			[raw].flat().flatMap((one): FileReference[] => {
				if (isFile(one)) return [one];
				const names = inner.read(one, source, path).split(',');
				return names.map((name) => name.trim()).filter(Boolean);
			}),
	};
}

function isFile(value: unknown): value is IBinaryData {
	return typeof value === 'object' && value !== null && 'mimeType' in value && 'data' in value;
}

/** Addresses: text with one a line, or a list. A comma parts them only in front of a new address. */
function addressList(property: Parameters<typeof requiredText>[0]): Field<string[]> {
	const inner = requiredText(property);
	return {
		property: inner.property,
		read: (raw, source, path) => {
			const texts = Array.isArray(raw) ? raw : [inner.read(raw, source, path)];
			const addresses = texts.flatMap((text) =>
				String(text ?? '')
					.split(/[\r\n]+|,\s*(?=https?:\/\/)/i)
					.map((address) => address.trim())
					.filter(Boolean),
			);
			return addresses.length
				? addresses
				: fail(`${property.displayName} is empty`, 'Enter an address, or check the expression.');
		},
	};
}

/**
 * The images of an item, in the order of its fields or addresses.
 * @throws XimilarError when a named field holds no file
 */
export function imagesOf(session: Session, index: number, values: ImageValues): ImageInput[] {
	const { imageSource: source, binaryPropertyName, imageUrls, images } = values;
	if (source === 'url') return (imageUrls ?? []).map((address) => linkedImage(session, address));
	const references = (source === 'mixed' ? images : binaryPropertyName) ?? [];
	return references.flatMap((reference) =>
		source === 'mixed' && typeof reference === 'string' && isAddress(reference)
			? linkedImage(session, reference)
			: matchingFiles(session.context, index, reference).map((file) =>
					binaryImage(session, index, file),
				),
	);
}

function linkedImage(session: Session, address: string): ImageInput {
	return {
		name: address,
		load: async () => ({ url: imageAddress(address) }),
		loadFile: async () => {
			const bytes = await download(session.context.helpers, address, session.signal);
			return { bytes, mediaType: mediaTypeOf(takenFormat(bytes)) };
		},
	};
}

/** Turns names with an asterisk into the fields they stand for, and names into n8n's paths. */
function matchingFiles(
	context: IExecuteFunctions,
	index: number,
	reference: FileReference,
): FileReference[] {
	if (typeof reference !== 'string') return [reference];
	const paths = pathsOfFiles(context, index);
	if (!reference.endsWith('*')) return [paths.get(reference) ?? reference];
	const matching = [...paths].filter(([name]) => name.startsWith(reference.slice(0, -1)));
	return matching.length
		? matching.map(([, path]) => path)
		: fail(...noFile(context, index, reference));
}

/** The item's fields with files; newer n8n can keep files inside the JSON, under `_files`. */
function pathsOfFiles(context: IExecuteFunctions, index: number): Map<string, string> {
	const { binary, json } = context.getInputData()[index]!;
	const inJson = Object.keys((json._files ?? {}) as object).map((name) => [name, `_files.${name}`]);
	const inBinary = Object.keys(binary ?? {}).map((name) => [name, name]);
	return new Map([...inJson, ...inBinary] as Array<[string, string]>);
}

function noFile(context: IExecuteFunctions, index: number, name: string): [string, string] {
	const others = [...pathsOfFiles(context, index).keys()];
	return [
		`Input Binary Field: the item has no file in "${name}"`,
		others.length
			? `The item has files in: ${others.join(', ')}. Enter one of these.`
			: 'The item has no files at all. Add a step that loads them, or set Image Source to URL.',
	];
}

function binaryImage(session: Session, index: number, reference: FileReference): ImageInput {
	const { helpers } = session.context;
	let file: IBinaryData;
	try {
		file = helpers.assertBinaryData(index, reference);
	} catch {
		return fail(...noFile(session.context, index, String(reference)));
	}
	const name = file.fileName ?? (typeof reference === 'string' ? reference : 'file');
	const loadFile = async () => {
		const bytes = await helpers.getBinaryDataBuffer(index, reference);
		const format = takenFormat(bytes);
		if (format === 'GIF' && isAnimated(bytes)) {
			session.hint(`"${name}" is an animated GIF: only its first frame is used.`);
		}
		return { bytes, mediaType: mediaTypeOf(format) };
	};
	return { name, load: loadFile, loadFile };
}

/** An image as a record of an analysing call: `_url`, or `_base64` of the encoded file (seed 000). */
export function recordOf(image: LoadedImage): IDataObject {
	return 'url' in image ? { _url: image.url } : { _base64: image.bytes.toString('base64') };
}

/** How many bytes an image adds to a request. */
export function sizeOf(image: LoadedImage): number {
	return 'url' in image ? image.url.length : image.bytes.length;
}

/** A failure of one image, with the image's name in front. */
export function aboutImage(name: string, error: unknown): unknown {
	return error instanceof XimilarError ? error.about(`Image "${name}"`) : error;
}
