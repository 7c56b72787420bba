import fc from 'fast-check';
import {
	describeBytes,
	formatOf,
	imageAddress,
	isAnimated,
	takenFormat,
	withoutBytes,
} from '../../../nodes/shared/api/images';
import { testImages } from '../../images/make';

const FORMATS: Record<string, string> = {
	jpg: 'JPEG',
	jpeg: 'JPEG',
	jfif: 'JPEG',
	png: 'PNG',
	webp: 'WEBP',
	bmp: 'BMP',
	tif: 'TIFF',
	tiff: 'TIFF',
	gif: 'GIF',
	heic: 'HEIC',
	avif: 'AVIF',
	heif: 'HEIF',
	jp2: 'JP2',
	psd: 'PSD',
	svg: 'SVG',
	pdf: 'PDF',
};

const endingOf = (file: string) => file.split('.').pop()!;

test('real files are known by their bytes, and taken or refused as the seed says', async () => {
	const images = await testImages();
	expect(images.length).toBeGreaterThan(20);
	for (const { file, data, kind } of images) {
		if (kind === 'taken')
			expect([file, takenFormat(data)]).toEqual([file, FORMATS[endingOf(file)]]);
		if (kind === 'refused') {
			expect([file, formatOf(data)]).toEqual([file, FORMATS[endingOf(file)]]);
			expect(() => takenFormat(data)).toThrow(
				`Ximilar does not take ${FORMATS[endingOf(file)]} files`,
			);
		}
	}
});

test('only a GIF of several frames is animated', async () => {
	const gifs = (await testImages()).filter(({ file }) => file.endsWith('.gif'));
	expect(gifs.map(({ file, data }) => [file, isAnimated(data)])).toEqual(
		gifs.map(({ file }) => [file, file.includes('anim')]),
	);
	expect(gifs.length).toBeGreaterThan(1);
});

const brand = (main: string, ...others: string[]) => {
	const length = Buffer.alloc(4);
	length.writeUInt32BE(16 + 4 * others.length);
	return Buffer.concat([length, Buffer.from(`ftyp${main}\0\0\0\0${others.join('')}`, 'latin1')]);
};

test.each([
	['heic', [], 'HEIC'],
	['heix', ['mif1'], 'HEIC'],
	['mif1', ['heic'], 'HEIC'],
	['mif1', ['avif'], 'AVIF'],
	['mif1', ['miaf'], 'HEIF'],
	['avis', ['msf1'], 'AVIF'],
	['isom', ['mp41'], undefined],
])('a file of brand %s with %j is %s', (main, others, format) => {
	expect(formatOf(brand(main, ...others))).toBe(format);
});

test.each([
	['', 'The file is empty'],
	['<!DOCTYPE html><p>Not found', 'The file is a web page, not an image'],
	['hello', 'The file is not an image that Ximilar takes'],
	[
		'BM is how this text begins, which is not a bitmap',
		'The file is not an image that Ximilar takes',
	],
	[
		'\uFEFF<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="x"/>',
		'Ximilar does not take SVG files',
	],
])('%j is refused: %s', (text, message) => {
	expect(() => takenFormat(Buffer.from(text))).toThrow(message);
});

test('no bytes whatever make the judgement fail otherwise than with an error that was meant', () => {
	const beginnings = ['', 'GIF89a', '\0\0\0\x18ftyp', 'BM', 'RIFF', '%PDF', '<svg', '\xff\xd8\xff'];
	fc.assert(
		fc.property(
			fc.constantFrom(...beginnings),
			fc.uint8Array({ maxLength: 300 }),
			(start, rest) => {
				const bytes = Buffer.concat([Buffer.from(start, 'latin1'), rest]);
				try {
					takenFormat(bytes);
					isAnimated(bytes);
				} catch (error) {
					expect((error as Error).constructor.name).toBe('XimilarError');
				}
			},
		),
		{ numRuns: 2000 },
	);
});

test('direct links of file-sharing services are taken', () => {
	for (const address of [
		'https://www.dropbox.com/scl/fi/x/photo.jpg?dl=1',
		'https://dl.dropboxusercontent.com/s/1/photo.jpg',
		'https://lh3.googleusercontent.com/d/1',
	]) {
		expect(imageAddress(` ${address} `)).toBe(address);
	}
});

test('image bytes in an answer become their type and size', () => {
	const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(92)]);
	const base64 = png.toString('base64');
	expect(describeBytes(base64)).toBe('[PNG image, 100 bytes]');
	expect(
		withoutBytes({
			records: [{ _base64: base64, text: 'kept', url: `data:image/png;base64,${base64}` }],
			nothing: null,
		}),
	).toEqual({
		records: [{ _base64: '[PNG image, 100 bytes]', text: 'kept', url: '[PNG image, 100 bytes]' }],
		nothing: null,
	});
});
