import { fail } from '../api/error';
import { asText, choice, number, requiredText, shownWhen, type Field } from './field';
import { isAddress, isFile, MAX_DOWNLOAD, type FileReference } from './imageInput';

/**
 * Where an operation's images come from.
 * @param others what an operation offers beside files, texts and addresses
 */
export function imageSource<const V extends string>(
	others: Array<{ name: string; value: V; description: string }>,
): Field<'base64' | 'binary' | 'url' | V> {
	const source = choice<'base64' | 'binary' | 'url' | V>(
		{
			displayName: 'Image Source',
			description: 'Where the images of an item come from',
			default: 'binary',
		},
		[
			{
				name: 'Base64 in JSON',
				value: 'base64',
				description: 'A field of the item that holds the file as base64 text or as a data URL',
			},
			{
				name: 'Binary',
				value: 'binary',
				description: 'Files of the item, e.g. from Read/Write Files, Gmail or Google Drive',
			},
			...others,
			{ name: 'URL', value: 'url', description: 'Public addresses of image files' },
		],
	);
	// A model has addresses to give, and no files.
	return { ...source, asTool: { default: 'url' } };
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
					'Separate several fields with commas. Use an asterisk for any ending, e.g. attachment_*. Supports JPG, PNG, WEBP, HEIC, BMP and TIFF, and the first frame of a GIF.',
			}),
		),
		base64Images: shownWhen(
			{ imageSource: ['base64'] },
			base64List({
				displayName: 'Base64',
				placeholder: 'e.g. {{ $json.image }}',
				description:
					'The image file as base64 text or as a data URL: drag a field of the item in here. For several, use an expression that returns a list. Supports JPG, PNG, WEBP, HEIC, BMP and TIFF, and the first frame of a GIF.',
			}),
		),
		imageUrls: shownWhen(
			{ imageSource: ['url'] },
			addressList({
				displayName: 'Image URLs',
				default: '',
				placeholder: 'e.g. https://example.com/photo.jpg',
				description:
					'Public address that leads to the image file itself, not to a page. Enter several one per line, or use an expression that returns a list. Supports JPG, PNG, WEBP, HEIC, BMP and TIFF, and the first frame of a GIF.',
			}),
		),
	};
}

/** The option of operations that fetch the images of addresses themselves. */
export const downloadOptions = () => ({
	maxDownloadSize: number(
		{
			displayName: 'Maximum Download Size',
			default: MAX_DOWNLOAD,
			description: 'How many megabytes are fetched from an address at most (Image Source URL)',
		},
		{ min: 1, max: 500 },
	),
});

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
			'Names of input binary fields and public addresses of image files, in the order to send them. Enter one per line, separate them with commas, or use an expression that returns a list.',
	});
	return shownWhen({ imageSource: ['mixed'] }, {
		property: inner.property,
		read: (raw, source, path) =>
			[raw].flat().flatMap((one): FileReference[] => {
				if (isFile(one)) return [one];
				// A comma may stand in an address: there, only one before a blank or the next address parts.
				const texts = inner.read(one, source, path).split(/[\r\n]|,(?=\s|[a-z]+:\/\/)/i);
				return texts
					.flatMap((text) => (isAddress(text) ? [text] : text.split(',')))
					.map((text) => text.trim())
					.filter(Boolean);
			}),
	} satisfies Field<FileReference[]>);
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

/** Base64 texts: one, or a list. They are megabytes long, so no message quotes them. */
function base64List(property: Parameters<typeof requiredText>[0]): Field<string[]> {
	const { displayName } = property;
	return {
		property: requiredText(property).property,
		read: (raw) => {
			const texts = [raw ?? ''].flat();
			if (!texts.every((text) => typeof text === 'string')) {
				fail(
					`${displayName} must be text, or a list of texts`,
					`Check the expression in ${displayName}: it has to give the field with the base64 text itself.`,
				);
			}
			return texts.length && texts.every((text) => text.trim())
				? texts
				: fail(
						`${displayName} is empty`,
						'Drag in the field of the item, or check the expression.',
					);
		},
	};
}

/** Addresses: text with one a line, or a list. A comma parts them only in front of a new address. */
function addressList(property: Parameters<typeof requiredText>[0]): Field<string[]> {
	const inner = requiredText(property);
	return {
		property: inner.property,
		read: (raw, source, path) => {
			const texts = Array.isArray(raw) ? raw : [inner.read(raw, source, path)];
			const addresses = texts.flatMap((text) =>
				asText(text, property.displayName)
					.split(/[\r\n]|,\s*(?=https?:\/\/)/i)
					.map((address) => address.trim())
					.filter(Boolean),
			);
			return addresses.length
				? addresses
				: fail(`${property.displayName} is empty`, 'Enter an address, or check the expression.');
		},
	};
}
