import type { Base64 } from '../../../nodes/shared/api/body';
import { XimilarError } from '../../../nodes/shared/api/error';
import { base64Image } from '../../../nodes/shared/engine/base64Image';

/** Images that a field of the item holds as base64. */

const bytesOf = (text: string) => Buffer.from(text, 'latin1');
const png = (rest = '') => bytesOf(`\x89PNG\r\n\x1a\n${rest}`);

const PNG = png('\0\xfb\xef\xbe\xff\xff\xffab');
/** It has both signs that web addresses write otherwise, and is padded. */
const BASE64 = 'iVBORw0KGgoA++++////YWI=';

const frame = `\x2c${'\0'.repeat(9)}\x02\x02\x44\x01\0`;
/** Of so many frames. */
const gif = (frames: number) => bytesOf(`GIF89a\x01\0\x01\0\0\0\0${frame.repeat(frames)}\x3b`);
/** Behind its head, it has what makes a GIF an animated one. */
const likeAnimated = png(`\0\0\0\0\0${frame.repeat(2)}\x3b`);

const imageOf = (text: string) => {
	const hints: string[] = [];
	return { ...base64Image('Photo', text, (hint) => hints.push(hint)), hints };
};

/** What is sent of an image: its text, how many bytes that stands for, and how many wait in memory. */
async function sentOf(text: string) {
	const loaded = (await imageOf(text).load()) as { base64: Base64; mediaType: string };
	const slices = [...(loaded.base64.slices() as Iterable<string>)];
	const { size, held } = loaded.base64;
	return { text: slices.join(''), size, held, mediaType: loaded.mediaType };
}

test.each<[string, string]>([
	['plain base64', BASE64],
	['a data URL', `data:image/png;base64,${BASE64}`],
	['a data URL of another type, in capitals', `DATA:image/jpeg;name=a.jpg;BASE64,${BASE64}`],
	['a data URL with blanks around it', `\n data:;base64, ${BASE64} \n`],
])('%s is sent as it stands, and nothing of it waits in memory', async (_, text) => {
	expect(await sentOf(text)).toEqual({
		text: BASE64,
		size: PNG.length,
		held: 0,
		mediaType: 'image/png',
	});
});

test.each<[string, string]>([
	['base64 on lines', BASE64.replace(/.{10}/g, '$&\r\n')],
	['base64 on lines of four', BASE64.replace(/(.{4})(?=.)/g, '$1\n\n\n\n')],
	['base64 with the letters of web addresses', BASE64.replace(/\+/g, '-').replace(/\//g, '_')],
	['base64 that is not padded', BASE64.replace(/=+$/, '')],
])('%s is made plain base64 before', async (_, text) => {
	expect(await sentOf(text)).toEqual({
		text: BASE64,
		size: PNG.length,
		held: PNG.length,
		mediaType: 'image/png',
	});
});

test.each([0, 1, 2, 3])('the size is known, whatever the padding: %i bytes more', async (more) => {
	const bytes = png('x'.repeat(more));
	expect(await sentOf(bytes.toString('base64'))).toMatchObject({ size: bytes.length, held: 0 });
});

test.each<[string, string]>([
	['base64', BASE64],
	['a data URL', `data:image/gif;base64,${BASE64}`],
])('where a file is needed, it is made of %s', async (_, text) => {
	expect(await imageOf(text).loadFile()).toEqual({ bytes: PNG, mediaType: 'image/png' });
});

test('of an animated GIF it is told that its first frame is used only', async () => {
	const animated = gif(2).toString('base64');
	for (const way of ['load', 'loadFile'] as const) {
		const image = imageOf(animated);
		await image.check();
		expect(image.hints).toEqual([]);
		await image[way]();
		expect(image.hints).toEqual(['"Photo" is an animated GIF: only its first frame is used.']);

		for (const bytes of [gif(1), likeAnimated]) {
			const other = imageOf(bytes.toString('base64'));
			await other[way]();
			expect(other.hints).toEqual([]);
		}
	}
	expect(await sentOf(animated)).toEqual({
		text: animated,
		size: gif(2).length,
		held: gif(2).length,
		mediaType: 'image/gif',
	});
});

const NO_BASE64 =
	'Check the expression in Base64: it has to give the file as base64 text, or as a data URL.';
const TOO_LARGE = 'Make it smaller first. Nothing was sent for it, and no credit was used.';
const WAY_OUT =
	'Convert it to PNG or JPEG first. Ximilar takes JPG, PNG, WEBP, HEIC, BMP, TIFF or GIF (first frame). Nothing was sent, and no credit was used.';

const LIMIT = 50 * 2 ** 20;

/** Base64 of a PNG of so many bytes, with a line break in it. */
const pngOfSize = (bytes: number) => {
	const head = png('.').toString('base64');
	const length = Math.ceil((bytes * 4) / 3) - head.length;
	return `${head}\r\n${'A'.repeat(length)}${'='.repeat((3 - (bytes % 3)) % 3)}`;
};

test.each<[string, () => string, string, string]>([
	['no base64', () => '{"a": 1}', 'The text is not base64', NO_BASE64],
	[
		'nothing behind the head of a data URL',
		() => 'data:image/png;base64,',
		'The text is not base64',
		NO_BASE64,
	],
	[
		'a data URL that is not base64',
		() => 'data:image/svg+xml,<svg/>',
		'The text is not base64',
		NO_BASE64,
	],
	[
		'a data URL behind something else',
		() => `iVBORw0KGgoAdata:image/png;base64,${BASE64}`,
		'The text is not base64',
		NO_BASE64,
	],
	[
		'an address',
		() => ' https://example.com/a.png',
		'The text is not base64',
		'It is an address: set Image Source to URL.',
	],
	[
		'a format that Ximilar refuses',
		() => bytesOf('%PDF-1.7').toString('base64'),
		'Ximilar does not take PDF files',
		WAY_OUT,
	],
	[
		'too large a file',
		() => pngOfSize(LIMIT + 1),
		'It is too large: 51 MB, where 50 MB can be sent',
		TOO_LARGE,
	],
])('%s is refused before it is sent', async (_, text, message, description) => {
	const image = imageOf(text());
	for (const way of ['check', 'load', 'loadFile'] as const) {
		const error: unknown = await image[way]().catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(XimilarError);
		expect(error).toMatchObject({ kind: 'image', message, description });
	}
});

test('a file may be as large as can be sent; its line breaks do not count', async () => {
	await imageOf(pngOfSize(LIMIT)).check();
});

test('a check of what can be sent gives nothing, and the image keeps its name', async () => {
	const image = imageOf(BASE64);
	expect(image.name).toBe('Photo');
	expect(await image.check()).toBeUndefined();
});
