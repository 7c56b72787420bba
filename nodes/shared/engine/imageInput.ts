import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';
import { base64OfBytes, base64OfStream, base64OfText, type Base64 } from '../api/body';
import { download } from '../api/download';
import { fail, XimilarError } from '../api/error';
import { imageAddress, isAnimated, mediaTypeOf, takenFormat } from '../api/images';
import { base64Image } from './base64Image';
import { fetchOf } from './connection';

/** An image of an item, not loaded yet: bytes stay where n8n keeps them until they are sent. */
export interface ImageInput {
	/** How the user knows it: its file name, field or address; a long one is cut. */
	name: string;
	/** Whole, where it is an address. */
	address?: string;
	/**
	 * What can be told before anything is loaded: an address by its form, a file by its size and,
	 * where that is cheap, by its first bytes.
	 * @throws XimilarError for what is bound to be refused
	 */
	check(): Promise<void>;
	/** For calls that take addresses: an address stays one. */
	load(): Promise<LoadedImage>;
	/**
	 * For calls that take files only: an address is fetched.
	 * @param maxDownload how many megabytes are fetched at most
	 */
	loadFile(maxDownload?: number): Promise<LoadedFile>;
}

export interface LoadedFile {
	bytes: Buffer;
	mediaType: string;
}

/** An address, or a file that is read while it is sent. */
type LoadedImage = { url: string } | { base64: Base64; mediaType: string };

/** A field of the item that holds a file, or the file itself, as n8n hands it on. */
export type FileReference = string | IBinaryData;

/** The values of {@link imageFields}. */
export interface ImageValues {
	imageSource: 'binary' | 'url' | 'base64' | 'mixed';
	binaryPropertyName?: FileReference[];
	imageUrls?: string[];
	base64Images?: string[];
	images?: FileReference[];
}

/** How many characters of an address stand in a row or a message. */
const MAX_SHOWN_ADDRESS = 300;

/** Where images are looked for. */
interface Place {
	context: IExecuteFunctions;
	signal: AbortSignal;
	hint(text: string): void;
}

export function isAddress(text: string): boolean {
	return /^\s*[a-z]+:\/\//i.test(text);
}

export function isFile(value: unknown): value is IBinaryData {
	const { mimeType, data } = (value ?? {}) as Partial<IBinaryData>;
	return typeof mimeType === 'string' && typeof data === 'string';
}

/**
 * The images of an item, in the order of its fields or addresses.
 * @throws XimilarError when a named field holds no file
 */
export function imagesOf(place: Place, index: number, values: ImageValues): ImageInput[] {
	const { imageSource: source, binaryPropertyName, imageUrls, images } = values;
	if (source === 'base64') return base64Images(place, values);
	const references = { binary: binaryPropertyName, url: imageUrls, mixed: images }[source] ?? [];
	if (!references.length) fail('The item has no image', 'Check the field that says where it is.');
	return references.flatMap((reference) =>
		source !== 'binary' &&
		typeof reference === 'string' &&
		(source === 'url' || isAddress(reference))
			? linkedImage(place, reference)
			: matchingFiles(place.context, index, reference).map((file) =>
					binaryImage(place, index, file),
				),
	);
}

function base64Images({ hint }: Place, { base64Images: texts = [] }: ImageValues): ImageInput[] {
	return texts.map((text, at) =>
		base64Image(texts.length > 1 ? `Base64 field, ${at + 1}` : 'Base64 field', text, hint),
	);
}

function linkedImage({ context, signal }: Place, address: string): ImageInput {
	return {
		name: shortAddress(address),
		address,
		check: async () => void imageAddress(address),
		load: async () => ({ url: imageAddress(address) }),
		loadFile: async (maxDownload = MAX_DOWNLOAD) => {
			const maxBytes = maxDownload * 2 ** 20;
			const bytes = await download(fetchOf(context), address, signal, maxBytes);
			return { bytes, mediaType: mediaTypeOf(takenFormat(bytes)) };
		},
	};
}

/** A data URL among addresses is no reading matter. */
function shortAddress(address: string): string {
	return address.length > MAX_SHOWN_ADDRESS ? `${address.slice(0, MAX_SHOWN_ADDRESS)}…` : address;
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

function binaryImage(place: Place, index: number, reference: FileReference): ImageInput {
	const { helpers } = place.context;
	let file: IBinaryData;
	try {
		file = helpers.assertBinaryData(index, reference);
	} catch {
		return fail(...noFile(place.context, index, String(reference)));
	}
	const name = file.fileName ?? (typeof reference === 'string' ? reference : 'file');
	let size: Promise<number | undefined> | undefined;
	const knownSize = async () => {
		size ??= sizeOf(helpers, file);
		const bytes = await size;
		checkSize(bytes);
		return bytes;
	};
	const loadFile = async () => {
		await knownSize();
		const bytes = await helpers.getBinaryDataBuffer(index, reference);
		checkSize(bytes.length);
		const format = takenFormat(bytes);
		if (format === 'GIF' && isAnimated(bytes)) {
			place.hint(`"${name}" is an animated GIF: only its first frame is used.`);
		}
		return { bytes, mediaType: mediaTypeOf(format) };
	};
	const readFormat = async () => {
		const head = (await knownSize()) === 0 ? Buffer.alloc(0) : await headOf(helpers, file);
		return head && takenFormat(head);
	};
	// Read once: the check comes before, and opening a file costs more than its first bytes.
	let known: ReturnType<typeof readFormat> | undefined;
	const formatOf = async () => await (known ??= readFormat());
	const load = async () => {
		const [bytes, format] = [await knownSize(), await formatOf()];
		// How many frames a GIF has is known only to who reads all of it.
		if (bytes === undefined || format === undefined || format === 'GIF') {
			const { bytes: all, mediaType } = await loadFile();
			return { base64: base64OfBytes(all), mediaType };
		}
		const read = async () => await helpers.getBinaryDataBuffer(index, reference);
		return { base64: base64Of(helpers, file, bytes, read), mediaType: mediaTypeOf(format) };
	};
	return { name, check: async () => void (await formatOf()), load, loadFile };
}

/**
 * How many bytes of a file are read at once, at most: each reading costs more than its bytes. A
 * multiple of 3, so that their base64 needs no bytes of the next ones.
 */
const MAX_CHUNK = 3 * 2 ** 18;

/** Whether it can stand in JSON as it is: other nodes and code may break lines, or leave out padding. */
function isPlainBase64(text: string): boolean {
	const padding = /={0,2}$/.exec(text.slice(-2))![0].length;
	const rest = padding ? text.slice(0, -padding) : text;
	return text.length % 4 === 0 && !/[^A-Za-z0-9+/]/.test(rest);
}

/**
 * The base64 of a file, which stays where n8n keeps it until it is sent.
 * @param read loads all of it
 */
function base64Of(
	helpers: Helpers,
	{ id, data }: IBinaryData,
	size: number,
	read: () => Promise<Buffer>,
): Base64 {
	if (!id) {
		return isPlainBase64(data)
			? base64OfText(data, size)
			: base64OfBytes(Buffer.from(data, 'base64'));
	}
	// Read as a whole, it is read to its end without being asked for more.
	const open = async () =>
		size <= MAX_CHUNK ? [await read()] : await helpers.getBinaryStream(id, MAX_CHUNK);
	return base64OfStream(open, size);
}

/** The largest image that is sent; no document names a limit, and a larger one is no photograph. */
const MAX_IMAGE_BYTES = 50 * 2 ** 20;

/** @throws XimilarError for an image that is larger than any that is sent */
export function checkSize(bytes: number | undefined): void {
	if (bytes === undefined || bytes <= MAX_IMAGE_BYTES) return;
	const megabytes = (count: number) => `${Math.ceil(count / 2 ** 20)} MB`;
	fail(
		`It is too large: ${megabytes(bytes)}, where ${megabytes(MAX_IMAGE_BYTES)} can be sent`,
		'Make it smaller first. Nothing was sent for it, and no credit was used.',
		{ kind: 'image' },
	);
}

type Helpers = IExecuteFunctions['helpers'];

/** A file's size in bytes, without loading it; undefined when n8n does not know. */
async function sizeOf(helpers: Helpers, file: IBinaryData): Promise<number | undefined> {
	if (!file.id) return Buffer.byteLength(file.data, 'base64');
	// Newer versions of n8n tell it with the file.
	if (typeof file.bytes === 'number') return file.bytes;
	const { fileSize } = await helpers.getBinaryMetadata(file.id);
	return typeof fileSize === 'number' ? fileSize : undefined;
}

/** As much as tells the format of a file. */
const HEAD = 4096;

/** The first bytes of a file, where they can be had without loading all of it. */
async function headOf(helpers: Helpers, { id, data }: IBinaryData): Promise<Buffer | undefined> {
	if (!id) return Buffer.from(data.slice(0, Math.ceil(HEAD / 3) * 4), 'base64');
	if (!id.startsWith('filesystem')) return undefined;
	const stream = await helpers.getBinaryStream(id, HEAD);
	// Not by a loop that is left: Node.js makes an error each time, with its stack.
	return await new Promise<Buffer | undefined>((resolve, reject) => {
		stream.once('error', reject);
		stream.once('end', () => resolve(undefined));
		stream.once('data', (chunk: Buffer) => {
			stream.destroy();
			resolve(chunk);
		});
	});
}

/** The largest file at an address that is fetched, in megabytes, unless the user says otherwise. */
export const MAX_DOWNLOAD = 50;

/**
 * The image's file, whether it is one or an address.
 * @param maxDownload how many megabytes are fetched at most
 */
export async function loadBase64(image: ImageInput, maxDownload?: number): Promise<Base64> {
	const loaded = await image.load();
	return 'url' in loaded ? base64OfBytes((await image.loadFile(maxDownload)).bytes) : loaded.base64;
}

/** A failure of one image, with the image's name in front; one of all images stays as it is. */
export function aboutImage(name: string, error: unknown): unknown {
	return error instanceof XimilarError && error.concernsOne
		? error.about(`Image "${name}"`)
		: error;
}
