/** The test images against the simulator's eyes: every format, whole and damaged. */
import os from 'node:os';
import path from 'node:path';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import sharp from 'sharp';
import { encodeHeic } from '../images/heic';
import { makeImages, testImage, testImages } from '../images/make';
import { renderScene, type Scene } from '../images/scene';
import { inspect } from './images';
import { readText } from './text';

async function imageOf(bytes: Buffer) {
	const inspection = await inspect(bytes);
	if ('refused' in inspection) throw new Error(inspection.refused);
	return inspection.image;
}

/** The compression by the directory of a TIFF, which the image library does not tell: 1 none, 5 LZW. */
function tiffCompression(tiff: Buffer): number | undefined {
	const directory = tiff.readUInt32LE(4);
	for (let entry = 0; entry < tiff.readUInt16LE(directory); entry++) {
		const at = directory + 2 + entry * 12;
		if (tiff.readUInt16LE(at) === 259) return tiff.readUInt16LE(at + 8);
	}
	return undefined;
}

describe('the set', () => {
	it('has every format that is taken and every one that is refused', async () => {
		const images = await testImages();
		const formats = await Promise.all(
			images
				.filter(({ kind }) => kind === 'taken')
				.map(async ({ data }) => (await imageOf(data)).format),
		);
		expect(formats.length).toBeGreaterThanOrEqual(16);
		expect(new Set(formats)).toEqual(
			new Set(['JPEG', 'PNG', 'WEBP', 'HEIC', 'BMP', 'TIFF', 'GIF']),
		);
		const refused = await Promise.all(
			images.filter(({ kind }) => kind === 'refused').map(async ({ data }) => await inspect(data)),
		);
		expect(refused).toEqual(
			['PDF', 'AVIF', 'SVG', 'PSD', 'JP2', 'HEIF'].map((format) => ({
				refused: `Images of format ${format} are not supported.`,
			})),
		);
	});

	it('has the encodings that its names promise', async () => {
		const metadata = async (file: string) => await sharp((await testImage(file)).data).metadata();
		expect((await metadata('invoice-baseline.jpg')).isProgressive).toBe(false);
		expect((await metadata('box-progressive.jpg')).isProgressive).toBe(true);
		expect(await metadata('phone-rotated.jpg')).toMatchObject({
			orientation: 6,
			width: 800,
			height: 600,
		});
		expect((await testImage('camera.jfif')).data.toString('latin1', 6, 10)).toBe('JFIF');
		expect((await metadata('label-rgb.png')).channels).toBe(3);
		expect((await metadata('label-palette.png')).isPalette).toBe(true);
		expect((await metadata('cutout-alpha.png')).hasAlpha).toBe(true);
		expect((await metadata('scan-grayscale.png')).channels).toBe(1);
		expect(tiffCompression((await testImage('fax-lzw.tiff')).data)).toBe(5);
		expect(tiffCompression((await testImage('archive-plain.tiff')).data)).toBe(1);
		expect((await metadata('badge.gif')).pages ?? 1).toBe(1);
		expect((await metadata('turntable-animated.gif')).pages).toBe(3);
		expect((await testImage('shop-lossless.webp')).data.toString('latin1', 12, 16)).toBe('VP8L');
		expect((await testImage('shop-lossy.webp')).data.toString('latin1', 12, 16)).toBe('VP8 ');
	});

	it('is written with what may be expected of it', async () => {
		const folder = await mkdtemp(path.join(os.tmpdir(), 'ximilar-images-'));
		try {
			const facts = await makeImages(folder);
			const expected = JSON.parse(await readFile(path.join(folder, 'expected.json'), 'utf8'));
			expect(expected).toEqual(facts);
			for (const { file, bytes } of facts) {
				expect(await readFile(path.join(folder, file))).toHaveLength(bytes);
			}
		} finally {
			await rm(folder, { recursive: true });
		}
	});
});

describe('decoding', () => {
	it('sees size, bytes and text of every image that is taken', async () => {
		for (const expected of await testImages()) {
			if (expected.kind !== 'taken') continue;
			const image = await imageOf(expected.data);
			const text = readText(image).map((line) => line.text);
			const { width, height, sha256 } = image;
			expect({ file: expected.file, width, height, sha256, text }).toEqual({
				file: expected.file,
				width: expected.width,
				height: expected.height,
				sha256: expected.sha256,
				text: expected.text,
			});
		}
	});

	it('refuses damaged, empty and foreign data', async () => {
		// The HEIC decoder prints why it fails.
		const quiet = jest.spyOn(console, 'log').mockImplementation();
		const png = (await testImage('label-rgb.png')).data;
		const corrupt = Buffer.from(png);
		corrupt.fill(0, 2000, 2400);
		expect(await inspect(corrupt)).toEqual({ refused: expect.stringContaining('damaged') });
		for (const file of ['truncated.jpg', 'page.jpg', 'empty.jpg']) {
			expect(await inspect((await testImage(file)).data)).toEqual({ refused: expect.any(String) });
		}
		for (const file of ['shop-lossy.webp', 'scanner.bmp', 'fax-lzw.tiff', 'iphone.heic']) {
			const { data } = await testImage(file);
			const half = await inspect(data.subarray(0, data.length / 2));
			expect({ file, half }).toEqual({
				file,
				half: { refused: expect.stringContaining('damaged') },
			});
		}
		quiet.mockRestore();
	});

	it('weighs the mean colour by transparency', async () => {
		const half = Buffer.from([255, 0, 0, 255, 0, 0, 255, 0]);
		const png = await sharp(half, { raw: { width: 2, height: 1, channels: 4 } })
			.png()
			.toBuffer();
		expect((await imageOf(png)).mean).toEqual([255, 0, 0]);
	});
});

describe('reading', () => {
	const scene: Scene = {
		width: 640,
		height: 200,
		colour: 'Green',
		lines: ['The quick brown fox 0123456789', 'jumps over, (50% off!) = $7.95;'],
		scale: 3,
	};

	it.each([2, 3])('reads every letter at scale %i through strong compression', async (scale) => {
		const raw = { width: scene.width, height: scene.height, channels: 4 as const };
		const jpeg = await sharp(renderScene({ ...scene, scale }), { raw })
			.jpeg({ quality: 40 })
			.toBuffer();
		expect(readText(await imageOf(jpeg)).map(({ text }) => text)).toEqual(scene.lines);
	});

	it('finds nothing where nothing is written', async () => {
		const blank = await sharp({
			create: { width: 200, height: 100, channels: 3, background: '#fff' },
		})
			.png()
			.toBuffer();
		expect(readText(await imageOf(blank))).toEqual([]);
	});

	it('does not read a text whose pixels were shuffled', async () => {
		const { width, height } = scene;
		const pixels = renderScene(scene);
		for (let at = 0; at < pixels.length - 64; at += 128) {
			pixels.subarray(at, at + 64).reverse();
		}
		const png = await sharp(pixels, { raw: { width, height, channels: 4 } })
			.removeAlpha()
			.png()
			.toBuffer();
		expect(readText(await imageOf(png)).map(({ text }) => text)).not.toEqual(scene.lines);
	});
});

describe('HEIC', () => {
	it('keeps every pixel of the luma plane', async () => {
		const width = 32;
		const grey = Buffer.alloc(width * width * 4, 255);
		for (let pixel = 0; pixel < width * width; pixel++) {
			grey.fill(pixel % 251, pixel * 4, pixel * 4 + 3);
		}
		const { pixels } = await imageOf(encodeHeic(grey, width, width));
		const off = Array.from({ length: width * width }, (_, pixel) =>
			Math.abs(pixels![pixel * 3]! - (pixel % 251)),
		);
		expect(Math.max(...off)).toBeLessThanOrEqual(1);
	});
});
