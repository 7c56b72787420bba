import fc from 'fast-check';
import {
	describeBytes,
	formatOf,
	imageAddress,
	isAnimated,
	mediaTypeOf,
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

const WAY_OUT =
	'Convert it to PNG or JPEG first. Ximilar takes JPG, PNG, WEBP, HEIC, BMP, TIFF or GIF (first frame). Nothing was sent, and no credit was used.';
const NOT_TAKEN = 'The file is not an image that Ximilar takes';
const PAGE = 'The file is a web page, not an image';
const SVG = 'Ximilar does not take SVG files';

test.each([
	[
		'',
		'The file is empty',
		'Check the step that delivers the file. Nothing was sent, and no credit was used.',
	],
	['\n <!DOCTYPE html><p>Not found', PAGE, WAY_OUT],
	['<html>', PAGE, WAY_OUT],
	['hello', NOT_TAKEN, WAY_OUT],
	['hello <html>', NOT_TAKEN, WAY_OUT],
	['BM is how this text begins, which is not a bitmap', NOT_TAKEN, WAY_OUT],
	['\0'.repeat(14) + '\x28' + '\0'.repeat(20), NOT_TAKEN, WAY_OUT],
	['RIFF1234WAVE', NOT_TAKEN, WAY_OUT],
	['1234567 WEBP', NOT_TAKEN, WAY_OUT],
	['\uFEFF<?xml version="1.0"?>\n\n<!-- drawn -->\n\n<svg xmlns="x"/>', SVG, WAY_OUT],
	['  <!DOCTYPE svg PUBLIC "x">\n\n<svg>', SVG, WAY_OUT],
	['a <svg>', NOT_TAKEN, WAY_OUT],
	['x\n%PDF-1.7', 'Ximilar does not take PDF files', WAY_OUT],
])('%j is refused: %s', (text, message, description) => {
	expect(() => takenFormat(Buffer.from(text))).toThrow(
		expect.objectContaining({ kind: 'image', message, description }),
	);
});

test.each([
	['GIF87a', 'GIF'],
	['GIF89a', 'GIF'],
	['II*\0', 'TIFF'],
	['MM\0*', 'TIFF'],
	['II+\0', 'TIFF'],
	['MM\0+', 'TIFF'],
	['\0\0\0\x0cjP  \r\n', 'JP2'],
	['\xff\x4f\xff\x51', 'JP2'],
])('a file that begins with %j is %s, and one that has it later is not', (start, format) => {
	expect(formatOf(Buffer.from(start, 'latin1'))).toBe(format);
	expect(formatOf(Buffer.from(`x${start}`, 'latin1'))).toBeUndefined();
});

test('a bitmap ends with its header at the earliest', () => {
	const bitmap = Buffer.alloc(26);
	bitmap.write('BM');
	bitmap[14] = 12;
	expect(formatOf(bitmap)).toBe('BMP');
	expect(formatOf(bitmap.subarray(0, 25))).toBeUndefined();
});

test('brands are read as far as the first box goes', () => {
	expect(formatOf(Buffer.concat([brand('mif1', 'miaf'), Buffer.from('heic')]))).toBe('HEIF');
	const long = [...Array<string>(60).fill('miaf'), 'heic'];
	expect([formatOf(brand('mif1', ...long.slice(1))), formatOf(brand('mif1', ...long))]).toEqual([
		'HEIC',
		'HEIF',
	]);
});

/** A GIF of so many frames, each with a colour table of its own. */
const gifOf = (frames: number) => {
	const frame = Buffer.alloc(10 + 3 * 2 ** 3);
	frame[0] = 0x2c;
	frame[9] = 0x82;
	const image = Buffer.concat([frame, Buffer.from([2, 1, 0x2c, 0])]);
	const header = Buffer.concat([Buffer.from('GIF89a'), Buffer.alloc(7)]);
	return Buffer.concat([header, ...Array<Buffer>(frames).fill(image), Buffer.from([0x3b])]);
};

test('frames are counted behind their own colour tables', () => {
	expect([isAnimated(gifOf(1)), isAnimated(gifOf(2))]).toEqual([false, true]);
	expect(isAnimated(gifOf(1).subarray(0, -3))).toBe(false);
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

test.each([
	' https://www.dropbox.com/scl/fi/x/photo.jpg?dl=1 ',
	'https://dropbox.com/s/x/photo.jpg?raw',
	'https://dl.dropboxusercontent.com/s/1/photo.jpg',
	'https://lh3.googleusercontent.com/d/1',
	'http://images.example/50%.jpg',
	'https://images.example/pdf',
	'https://images.example/a.pdf/photo.jpg',
	'https://images.example/a?file=b.pdf',
	'https://awww.dropbox.com/',
	'https://dropbox.www.com/',
	'\u00a0https://images.example/pasted.jpg\u00a0',
])('the address %j is taken as it is', (address) => {
	expect(imageAddress(address)).toBe(address.trim());
});

const NO_ADDRESS = [
	'imageAddress',
	'The address does not begin with http:// or https://',
	'Enter the public address of the image file itself.',
] as const;
const pageOf = (service: string) =>
	[
		'imageAddress',
		`The address leads to a page of ${service}, not to the image file`,
		'Use a direct link to the file. No credit was used.',
	] as const;

test.each<readonly [string, string, string, string]>([
	['', ...NO_ADDRESS],
	['photo.jpg', ...NO_ADDRESS],
	['ftp://images.example/a.jpg', ...NO_ADDRESS],
	['https://images.example/a.pdf', 'image', 'Ximilar does not take PDF files', WAY_OUT],
	['https://images.example/a%2Esvg?x', 'image', 'Ximilar does not take SVG files', WAY_OUT],
	['https://images.example/50%.pdf', 'image', 'Ximilar does not take PDF files', WAY_OUT],
	...['drive', 'docs', 'photos'].map(
		(name) => [`https://${name}.google.com/file/d/1/view`, ...pageOf('Google Drive')] as const,
	),
	['https://www.dropbox.com/s/1/a.jpg?dl=0', ...pageOf('Dropbox')],
	['https://dropbox.com/s/1/a.jpg', ...pageOf('Dropbox')],
])('the address %j is refused as %s: %s', (address, kind, message, description) => {
	expect(() => imageAddress(address)).toThrow(
		expect.objectContaining({ kind, message, description }),
	);
});

test('the media type of an image is that of its format', () => {
	expect(mediaTypeOf('JPEG')).toBe('image/jpeg');
});

test('image bytes in an answer become their type and size', () => {
	const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(92)]);
	const base64 = png.toString('base64');
	expect(describeBytes(base64)).toBe('[PNG image, 100 bytes]');
	expect(describeBytes(Buffer.alloc(5).toString('base64'))).toBe('[unknown image, 5 bytes]');
	expect(withoutBytes('see data:image/png;base64,AAAA')).toBe('see data:image/png;base64,AAAA');
	expect(
		withoutBytes({ base64: 'AAAA', _base64: [base64], base64s: 'AAAA', my_base64: 'AAAA' }),
	).toEqual({
		base64: '[unknown image, 3 bytes]',
		_base64: [base64],
		base64s: 'AAAA',
		my_base64: 'AAAA',
	});
	expect(
		withoutBytes({
			records: [{ _base64: base64, text: 'kept', url: `data:image/png;base64,${base64}` }],
			nothing: null,
			count: 7,
		}),
	).toEqual({
		records: [{ _base64: '[PNG image, 100 bytes]', text: 'kept', url: '[PNG image, 100 bytes]' }],
		nothing: null,
		count: 7,
	});
});
