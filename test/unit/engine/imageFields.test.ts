import fc from 'fast-check';
import type { Field } from '../../../nodes/shared/engine/field';
import {
	downloadOptions,
	imageFields,
	imageSource,
	mixedImages,
	MIXED_IMAGES,
} from '../../../nodes/shared/engine/imageFields';
import { isRefusal, outcome, refusal, sourceOf } from './fields';

/** How the user says where an operation's images are, and what is read from it. */

/** Each way, by its choice: the field that asks for the images. */
const FIELDS: Record<string, () => Field<unknown>> = {
	binary: () => imageFields().binaryPropertyName,
	base64: () => imageFields().base64Images,
	url: () => imageFields().imageUrls,
	mixed: mixedImages,
};

const LABELS: Record<string, string> = {
	binary: 'Input Binary Field',
	base64: 'Base64',
	url: 'Image URLs',
	mixed: 'Images',
};

const read = (way: string, raw: unknown) =>
	outcome(FIELDS[way]!(), raw, sourceOf({ imageSource: way }));

describe('the image source', () => {
	const valuesOf = (field: Field<unknown>) =>
		(field.property().options as Array<{ value: string }>).map(({ value }) => value);

	test('is a file of the item by default; for a model, which has none to give, an address', () => {
		const { imageSource: field } = imageFields();
		expect(field.property()).toMatchObject({
			displayName: 'Image Source',
			type: 'options',
			default: 'binary',
		});
		expect(field.asTool).toEqual({ default: 'url' });
		expect(valuesOf(field)).toEqual(['base64', 'binary', 'url']);
	});

	test('is whatever the operation offers besides', () => {
		const field = imageSource([MIXED_IMAGES]);
		expect(valuesOf(field)).toEqual(['base64', 'binary', 'mixed', 'url']);
		expect(['binary', 'mixed', 'url', 'base64', ''].map((raw) => outcome(field, raw))).toEqual([
			'binary',
			'mixed',
			'url',
			'base64',
			'binary',
		]);
		expect(outcome(field, 'ftp')).toEqual(
			refusal('Image Source cannot be "ftp"', 'Use one of: base64, binary, mixed, url.'),
		);
	});

	test('is told in words for each choice, in the order of the names', () => {
		const { options, description } = imageSource([MIXED_IMAGES]).property();
		expect(description).toMatch(/\w/);
		const choices = options as Array<{ name: string; description: string }>;
		const names = choices.map(({ name }) => name);
		expect(names).toEqual([...names].sort());
		for (const choice of choices) {
			expect(choice).toEqual({
				name: expect.stringMatching(/^\w/),
				value: expect.stringMatching(/^\w/),
				description: expect.stringMatching(/^\w/),
			});
		}
	});
});

test.each(Object.keys(FIELDS))(
	'with the source %s, its field is asked for, and no other',
	(way) => {
		const property = FIELDS[way]!().property();
		expect(property).toMatchObject({
			displayName: LABELS[way],
			type: 'string',
			required: true,
			default: way === 'binary' ? 'data' : '',
			placeholder: expect.stringMatching(/^e\.g\. \w|^e\.g\. \{\{ \$json/),
			displayOptions: { show: { imageSource: [way] } },
		});
		const others = Object.keys(FIELDS).filter((other) => other !== way);
		for (const other of others) {
			expect(outcome(FIELDS[way]!(), '', sourceOf({ imageSource: other }))).toBeUndefined();
		}
	},
);

test('what is asked for says how to give several images, and which files are taken', () => {
	const described = (way: string) => FIELDS[way]!().property().description;
	expect(described('binary')).toMatch(/commas.* asterisk/);
	expect(described('base64')).toContain('an expression that returns a list');
	expect(described('url')).toMatch(/one per line.* a list/);
	expect(described('mixed')).toMatch(/one per line.* commas.* a list/);
	for (const way of ['binary', 'base64', 'url']) {
		expect(described(way)).toContain(
			'Supports JPG, PNG, WEBP, HEIC, BMP and TIFF, and the first frame of a GIF.',
		);
	}
	expect(FIELDS.binary!().property().hint).toContain('name of the field');
	expect(FIELDS.mixed!().property().typeOptions).toEqual({ rows: 3 });
});

const FILE = { mimeType: 'image/png', data: 'filesystem-v2:a', fileName: 'a.png' };
const A = 'https://example.com/a,b.jpg';
const B = 'http://example.com/b.jpg';

test.each<[string, string, unknown, unknown[]]>([
	['binary', 'a field', ' data ', ['data']],
	['binary', 'fields with commas', 'front, back,,attachment_*', ['front', 'back', 'attachment_*']],
	['binary', 'a list of fields', ['front', 'a,b'], ['front', 'a', 'b']],
	['binary', 'a file itself', FILE, [FILE]],
	['binary', 'a list of files and fields', [FILE, 'back'], [FILE, 'back']],
	['binary', 'no fields', [], []],
	['binary', 'nothing but a comma', ',', []],
	['base64', 'a text', ' QUJD ', [' QUJD ']],
	['base64', 'a list of texts', ['QUJD', 'data:,QQ=='], ['QUJD', 'data:,QQ==']],
	['url', 'an address with a comma', ` ${A} `, [A]],
	['url', 'addresses on lines', `${A}\r\n\n ${B}`, [A, B]],
	['url', 'addresses with commas', `${A},${B}, ${A}`, [A, B, A]],
	['url', 'addresses in capitals', `${B},HTTPS://EXAMPLE.COM`, [B, 'HTTPS://EXAMPLE.COM']],
	['url', 'a list of addresses', [A, `${B}\n${A}`, ''], [A, B, A]],
	['url', 'what is no address', 'data', ['data']],
	['mixed', 'a field', ' front ', ['front']],
	['mixed', 'an address with a comma', A, [A]],
	['mixed', 'fields and addresses', `front,back,${A}, side,${B}`, ['front', 'back', A, 'side', B]],
	['mixed', 'lines', `front\r\n${A}\nback, `, ['front', A, 'back']],
	['mixed', 'addresses in capitals', `front,FTP://X,${B}`, ['front', 'FTP://X', B]],
	['mixed', 'a list', [FILE, `${A},front`, B], [FILE, `${A},front`, B]],
	['mixed', 'a file itself', FILE, [FILE]],
	['mixed', 'no images', [], []],
])('images by %s: %s', (way, _, raw, images) => {
	expect(read(way, raw)).toEqual(images);
});

const EMPTY = (way: string) =>
	refusal(`${LABELS[way]} is empty`, `Enter a value in ${LABELS[way]}, or check its expression.`);
const NO_TEXT = (way: string, what: string) =>
	refusal(`${LABELS[way]} must be text`, `It is ${what}. Check the expression in ${LABELS[way]}.`);
const NO_BASE64 = refusal(
	'Base64 is empty',
	'Drag in the field of the item, or check the expression.',
);
const NO_BASE64_TEXT = refusal(
	'Base64 must be text, or a list of texts',
	'Check the expression in Base64: it has to give the field with the base64 text itself.',
);
const NO_ADDRESS = refusal('Image URLs is empty', 'Enter an address, or check the expression.');

test.each<[string, string, unknown, unknown]>([
	['binary', 'blank', ' ', EMPTY('binary')],
	['binary', 'a blank in a list', ['data', ''], EMPTY('binary')],
	['binary', 'a file without its data', { mimeType: 'image/png' }, NO_TEXT('binary', 'an object')],
	['base64', 'blank', ' ', NO_BASE64],
	['base64', 'nothing', null, NO_BASE64],
	['base64', 'an empty list', [], NO_BASE64],
	['base64', 'a blank in a list', ['QUJD', ' '], NO_BASE64],
	['base64', 'a number', 7, NO_BASE64_TEXT],
	['base64', 'a file', FILE, NO_BASE64_TEXT],
	['base64', 'nothing in a list', ['QUJD', null], NO_BASE64_TEXT],
	['url', 'blank', '', EMPTY('url')],
	['url', 'an empty list', [], NO_ADDRESS],
	['url', 'a list of blanks', ['', ' \n'], NO_ADDRESS],
	['url', 'a file', FILE, NO_TEXT('url', 'an object')],
	['url', 'a list in a list', [[A]], NO_TEXT('url', 'a list')],
	['mixed', 'nothing', null, EMPTY('mixed')],
	['mixed', 'a thing', {}, NO_TEXT('mixed', 'an object')],
])('images by %s: %s is refused, in words', (way, _, raw, error) => {
	expect(read(way, raw)).toEqual(error);
});

test('whatever an expression gives: images that are not blank, or a refusal by its label', () => {
	const sign = fc.constantFrom('a', ',', ' ', '\n', 'https://', '=', '*');
	const value = fc.oneof(
		fc.anything({ withBigInt: true, withNullPrototype: true }),
		fc.string({ unit: sign }),
		fc.array(fc.string({ unit: sign })),
	);
	const isImage = (one: unknown) => typeof one === 'object' || /\S/.test(one as string);
	fc.assert(
		fc.property(fc.constantFrom(...Object.keys(FIELDS)), value, (way, raw) => {
			const images = read(way, raw);
			const isRead = Array.isArray(images) && images.every(isImage);
			expect(isRead || isRefusal(images, LABELS[way]!)).toBe(true);
		}),
	);
});

test('the size of a download is limited, as far as one may go', () => {
	const field = downloadOptions().maxDownloadSize;
	expect(field.property()).toEqual({
		displayName: 'Maximum Download Size',
		type: 'number',
		default: 50,
		description: expect.stringContaining('megabytes'),
		typeOptions: { minValue: 1, maxValue: 500 },
	});
	expect([1, '500'].map((raw) => outcome(field, raw))).toEqual([1, 500]);
	expect(outcome(field, 501)).toEqual(
		refusal('Maximum Download Size must be at least 1 and at most 500', 'It is 501.'),
	);
});
