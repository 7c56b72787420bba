/**
 * The test images: real files of every format that Ximilar takes, every format that it refuses,
 * and some that are broken. All are rendered here, nothing is downloaded.
 *
 *     tsx test/images/make.ts --out FOLDER     writes the files and expected.json
 */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { encode as encodeBmp } from 'bmp-ts';
import sharp from 'sharp';
import { encodeHeic } from './heic';
import { renderScene, type Scene, type SceneColour } from './scene';

/** What a test may expect of one file. */
export interface ImageFacts {
	file: string;
	/** The media type that the bytes have, whatever the name says. */
	type: string;
	bytes: number;
	sha256: string;
	/** `taken` by Ximilar, `refused` for its format (seed 000), or `broken`. */
	kind: 'taken' | 'refused' | 'broken';
	/** Size as displayed, that is after an EXIF orientation is applied. Images that are taken only. */
	width?: number;
	height?: number;
	/** The label that the task "Product colours" gives. Images that are taken only. */
	colour?: SceneColour;
	/** The lines of text that OCR reads. Images that are taken only. */
	text?: string[];
}

export interface TestImage extends ImageFacts {
	data: Buffer;
}

interface Recipe extends Scene {
	file: string;
	type: string;
	encode: (scene: Scene) => Promise<Buffer>;
}

function draw(scene: Scene): sharp.Sharp {
	const { width, height } = scene;
	return sharp(renderScene(scene), { raw: { width, height, channels: 4 } });
}

function opaque(scene: Scene): sharp.Sharp {
	return draw(scene).removeAlpha();
}

async function bmp(scene: Scene): Promise<Buffer> {
	const { width, height } = scene;
	const rgba = renderScene(scene);
	// The encoder wants the channels in the order alpha, blue, green, red.
	const data = Buffer.from(rgba).swap32();
	return Buffer.from(encodeBmp({ data, width, height, bitPP: 24 }).data);
}

/** A JPEG with the marker of the JFIF format, which sharp leaves out. */
async function jfif(scene: Scene): Promise<Buffer> {
	const jpeg = await opaque(scene).jpeg({ chromaSubsampling: '4:4:4' }).toBuffer();
	const marker = Buffer.from('ffe000104a46494600010100000100010000', 'hex');
	return Buffer.concat([jpeg.subarray(0, 2), marker, jpeg.subarray(2)]);
}

async function animatedGif(scene: Scene): Promise<Buffer> {
	const { width, height } = scene;
	const frames = [0.4, 0.5, 0.6].map((position, index) =>
		renderScene({
			...scene,
			position,
			lines: index === 0 ? scene.lines : [`FRAME ${index + 1}`],
		}),
	);
	return await sharp(Buffer.concat(frames), {
		raw: { width, height: height * frames.length, channels: 4, pageHeight: height },
	})
		.gif({ delay: [100, 100, 100], dither: 0 })
		.toBuffer();
}

const RECIPES: Recipe[] = [
	{
		file: 'invoice-baseline.jpg',
		type: 'image/jpeg',
		width: 640,
		height: 480,
		colour: 'Red',
		lines: ['INVOICE 2026-014', 'TOTAL 84.50 EUR'],
		scale: 4,
		encode: async (scene) => await opaque(scene).jpeg({ quality: 90 }).toBuffer(),
	},
	{
		file: 'box-progressive.jpg',
		type: 'image/jpeg',
		width: 1200,
		height: 900,
		colour: 'Blue',
		lines: ['PARCEL 7731', 'WEIGHT 2.4 kg', 'TO: Brno'],
		scale: 6,
		encode: async (scene) => await opaque(scene).jpeg({ progressive: true }).toBuffer(),
	},
	{
		file: 'phone-rotated.jpg',
		type: 'image/jpeg',
		width: 600,
		height: 800,
		colour: 'Green',
		lines: ['ORDER 55', 'PAID 12.00 EUR'],
		scale: 5,
		// Stored lying on its side with EXIF orientation 6, as a phone held upright does.
		encode: async (scene) =>
			await opaque(scene).rotate(270).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
	},
	{
		file: 'compressed.jpeg',
		type: 'image/jpeg',
		width: 480,
		height: 360,
		colour: 'Yellow',
		lines: ['LOT 0042', 'BEST BEFORE 05/27'],
		scale: 3,
		encode: async (scene) => await opaque(scene).jpeg({ quality: 45 }).toBuffer(),
	},
	{
		file: 'camera.jfif',
		type: 'image/jpeg',
		width: 640,
		height: 400,
		colour: 'Red',
		lines: ['Serial A-1003'],
		scale: 4,
		encode: jfif,
	},
	{
		file: 'label-rgb.png',
		type: 'image/png',
		width: 640,
		height: 480,
		colour: 'Yellow',
		lines: ['SKU 90-1147', 'PRICE 8.99 EUR'],
		scale: 4,
		encode: async (scene) => await opaque(scene).png().toBuffer(),
	},
	{
		file: 'label-palette.png',
		type: 'image/png',
		width: 400,
		height: 300,
		colour: 'Red',
		lines: ['SKU 90-1148', 'SIZE M'],
		scale: 3,
		encode: async (scene) => await opaque(scene).png({ palette: true, dither: 0 }).toBuffer(),
	},
	{
		file: 'cutout-alpha.png',
		type: 'image/png',
		width: 500,
		height: 500,
		colour: 'Blue',
		lines: ['COLOUR Navy', 'ITEM 17'],
		scale: 4,
		cutOut: true,
		encode: async (scene) => await draw(scene).png().toBuffer(),
	},
	{
		file: 'scan-grayscale.png',
		type: 'image/png',
		width: 700,
		height: 500,
		colour: 'Grey',
		lines: ['RECEIPT 8812', 'SUM 3.20 EUR'],
		scale: 5,
		encode: async (scene) => await opaque(scene).grayscale().toColourspace('b-w').png().toBuffer(),
	},
	{
		file: 'shop-lossy.webp',
		type: 'image/webp',
		width: 800,
		height: 600,
		colour: 'Green',
		lines: ['ORGANIC TEA', 'NET 100 g'],
		scale: 5,
		encode: async (scene) => await opaque(scene).webp({ quality: 80 }).toBuffer(),
	},
	{
		file: 'shop-lossless.webp',
		type: 'image/webp',
		width: 320,
		height: 240,
		colour: 'Yellow',
		lines: ['LEMON (x6)'],
		scale: 2,
		encode: async (scene) => await opaque(scene).webp({ lossless: true }).toBuffer(),
	},
	{
		file: 'scanner.bmp',
		type: 'image/bmp',
		width: 320,
		height: 240,
		colour: 'Blue',
		lines: ['FORM B-12', 'PAGE 1/3'],
		scale: 3,
		encode: bmp,
	},
	{
		file: 'fax-lzw.tiff',
		type: 'image/tiff',
		width: 640,
		height: 480,
		colour: 'Red',
		lines: ['INVOICE 2026-015', 'TOTAL 120.00 EUR'],
		scale: 4,
		encode: async (scene) => await opaque(scene).tiff({ compression: 'lzw' }).toBuffer(),
	},
	{
		file: 'archive-plain.tiff',
		type: 'image/tiff',
		width: 400,
		height: 300,
		colour: 'Green',
		lines: ['BOX 3', 'SHELF 14'],
		scale: 4,
		encode: async (scene) => await opaque(scene).tiff({ compression: 'none' }).toBuffer(),
	},
	{
		file: 'badge.gif',
		type: 'image/gif',
		width: 320,
		height: 240,
		colour: 'Grey',
		lines: ['STEEL 304'],
		scale: 4,
		encode: async (scene) => await opaque(scene).gif({ dither: 0 }).toBuffer(),
	},
	{
		file: 'turntable-animated.gif',
		type: 'image/gif',
		width: 320,
		height: 240,
		colour: 'Yellow',
		lines: ['FRAME 1 of 3'],
		scale: 3,
		encode: animatedGif,
	},
	{
		file: 'iphone.heic',
		type: 'image/heic',
		width: 320,
		height: 256,
		colour: 'Blue',
		lines: ['IMG_0042', 'TICKET 9 EUR'],
		scale: 3,
		encode: async (scene) => encodeHeic(renderScene(scene), scene.width, scene.height),
	},
];

const SVG =
	'<?xml version="1.0" encoding="UTF-8"?>\n' +
	'<svg xmlns="http://www.w3.org/2000/svg" width="320" height="240">' +
	'<rect width="320" height="240" fill="#c4262c"/></svg>\n';

const HTML =
	'<!DOCTYPE html>\n<html><head><title>Preview</title></head>' +
	'<body><p>Sign in to see this image.</p></body></html>\n';

/** A one-page PDF, complete with its cross-reference table. */
function pdf(): Buffer {
	const stream = 'BT /F1 24 Tf 40 100 Td (INVOICE 2026-016) Tj ET';
	const objects = [
		'<< /Type /Catalog /Pages 2 0 R >>',
		'<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
		'<< /Type /Page /Parent 2 0 R /MediaBox [0 0 320 200] /Contents 4 0 R ' +
			'/Resources << /Font << /F1 5 0 R >> >> >>',
		`<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
		'<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
	];
	let text = '%PDF-1.4\n';
	const offsets = objects.map((object, index) => {
		const offset = text.length;
		text += `${index + 1} 0 obj\n${object}\nendobj\n`;
		return offset;
	});
	const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
	text +=
		`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}` +
		`trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`;
	return Buffer.from(text, 'latin1');
}

/** A Photoshop document of one white pixel: header, empty sections, raw image data. */
function psd(): Buffer {
	const header = Buffer.alloc(26);
	header.write('8BPS', 'latin1');
	header.writeUInt16BE(1, 4); // version
	header.writeUInt16BE(3, 12); // channels
	header.writeUInt32BE(1, 14); // height
	header.writeUInt32BE(1, 18); // width
	header.writeUInt16BE(8, 22); // bits a channel
	header.writeUInt16BE(3, 24); // RGB
	return Buffer.concat([header, Buffer.alloc(12), Buffer.alloc(2), Buffer.from([255, 255, 255])]);
}

/** The signature and file type boxes that a JPEG 2000 file begins with. */
function jp2(): Buffer {
	return Buffer.concat([
		Buffer.from('0000000c6a5020200d0a870a', 'hex'),
		Buffer.from('00000014667479706a703220000000006a703220', 'hex'),
	]);
}

/** A HEIC under the general brands of HEIF, without the one that makes it a HEIC. */
function heif(scene: Scene): Buffer {
	const file = encodeHeic(renderScene(scene), scene.width, scene.height);
	file.write('mif1', 8, 'latin1');
	file.write('miaf', file.indexOf('heic', 12, 'latin1'), 'latin1');
	return file;
}

const SMALL: Scene = { width: 240, height: 160, colour: 'Red', lines: ['SKU 1'], scale: 3 };

/** A file of the set: what is known of it beforehand, and how it is made. */
type Source = Omit<ImageFacts, 'bytes' | 'sha256'> & { make: () => Buffer | Promise<Buffer> };

const SOURCES: Source[] = [
	...RECIPES.map(({ file, type, width, height, colour, lines, ...recipe }): Source => {
		const scene = { width, height, colour, lines, ...recipe };
		const facts = { file, type, kind: 'taken' as const, width, height, colour, text: lines };
		return { ...facts, make: async () => await recipe.encode(scene) };
	}),
	{ file: 'document.pdf', type: 'application/pdf', kind: 'refused', make: pdf },
	{
		file: 'modern.avif',
		type: 'image/avif',
		kind: 'refused',
		make: async () => await opaque(SMALL).avif({ effort: 0 }).toBuffer(),
	},
	{ file: 'drawing.svg', type: 'image/svg+xml', kind: 'refused', make: () => Buffer.from(SVG) },
	{ file: 'layers.psd', type: 'image/vnd.adobe.photoshop', kind: 'refused', make: psd },
	{ file: 'scan.jp2', type: 'image/jp2', kind: 'refused', make: jp2 },
	{ file: 'burst.heif', type: 'image/heif', kind: 'refused', make: () => heif(SMALL) },
	{
		file: 'truncated.jpg',
		type: 'image/jpeg',
		kind: 'broken',
		make: async () => {
			const { data } = await testImage('invoice-baseline.jpg');
			return data.subarray(0, Math.floor(data.length / 2));
		},
	},
	{ file: 'page.jpg', type: 'text/html', kind: 'broken', make: () => Buffer.from(HTML) },
	{
		file: 'empty.jpg',
		type: 'application/octet-stream',
		kind: 'broken',
		make: () => Buffer.alloc(0),
	},
];

async function render({ make, ...facts }: Source): Promise<TestImage> {
	const data = await make();
	const sha256 = createHash('sha256').update(data).digest('hex');
	return { ...facts, bytes: data.length, sha256, data };
}

const rendered = new Map<string, Promise<TestImage>>();

/** The names of all files, in order. */
export const TEST_IMAGE_FILES = SOURCES.map(({ file }) => file);

/** One image by its file name; each is rendered once in a process. */
export async function testImage(file: string): Promise<TestImage> {
	const source = SOURCES.find((candidate) => candidate.file === file);
	if (!source) throw new Error(`There is no test image "${file}"`);
	const image = rendered.get(file) ?? render(source);
	rendered.set(file, image);
	return await image;
}

/** The whole set. */
export async function testImages(): Promise<TestImage[]> {
	return await Promise.all(TEST_IMAGE_FILES.map(testImage));
}

/** What may be expected of an image, without its bytes. */
export function factsOf(image: TestImage): ImageFacts {
	const { data, ...facts } = image;
	void data;
	return facts;
}

/** Writes the set and `expected.json` into a folder, and returns what may be expected of each. */
export async function makeImages(folder: string): Promise<ImageFacts[]> {
	const images = await testImages();
	const facts = images.map(factsOf);
	await mkdir(folder, { recursive: true });
	for (const { file, data } of images) await writeFile(path.join(folder, file), data);
	await writeFile(path.join(folder, 'expected.json'), `${JSON.stringify(facts, null, '\t')}\n`);
	return facts;
}

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: { out: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
	});
	if (values.help || !values.out) {
		console.log(
			'Writes the test images and expected.json.\n\n  tsx test/images/make.ts --out FOLDER',
		);
		process.exitCode = values.help ? 0 : 2;
		return;
	}
	const facts = await makeImages(values.out);
	console.log(`${facts.length} files in ${values.out}`);
}

if (require.main === module) void main();
