/** Images as they arrive: the format by the bytes, and the pixels. */
import { createHash } from 'node:crypto';
import { decode as decodeBmp } from 'bmp-ts';
import decodeHeic from 'heic-decode';
import sharp from 'sharp';

/** Formats that the service takes; of a GIF, one frame only (seed 000, Supported Image Formats). */
const TAKEN = ['JPEG', 'PNG', 'WEBP', 'HEIC', 'BMP', 'TIFF', 'GIF'];

export interface Image {
	format: string;
	sha256: string;
	/** Size as displayed: an EXIF orientation is applied. */
	width: number;
	height: number;
	/** RGB, row by row; what is transparent has become mid-grey. Null when it was not decoded. */
	pixels: Buffer | null;
	/** The mean colour of what is not transparent; made up when it was not decoded. */
	mean: [number, number, number];
}

export type Inspection = { image: Image } | { refused: string };

const PREFIXES: Array<[format: string, at: number, hex: string]> = [
	['JPEG', 0, 'ffd8ff'],
	['PNG', 0, '89504e470d0a1a0a'],
	['GIF', 0, '474946383761'],
	['GIF', 0, '474946383961'],
	['BMP', 0, '424d'],
	['TIFF', 0, '49492a00'],
	['TIFF', 0, '4d4d002a'],
	['WEBP', 8, '57454250'],
	['PDF', 0, '255044462d'],
	['PSD', 0, '38425053'],
	['JP2', 0, '0000000c6a502020'],
	['JP2', 0, 'ff4fff51'],
];

/** The format by the brands of an ISO base media file: AVIF, HEIC or HEIF. */
function isoFormat(bytes: Buffer): string | undefined {
	if (bytes.toString('latin1', 4, 8) !== 'ftyp') return undefined;
	const brand = bytes.toString('latin1', 8, 12);
	if (/^avi[fs]$/.test(brand)) return 'AVIF';
	if (/^he[iv][cxms]$/.test(brand)) return 'HEIC';
	if (/^(mif1|msf1|heif)$/.test(brand)) {
		return bytes.subarray(16, bytes.readUInt32BE(0)).includes('avif', 0, 'latin1')
			? 'AVIF'
			: 'HEIF';
	}
	return undefined;
}

/** The format of a file by its bytes alone, undefined when it is no image that has a name here. */
export function formatOf(bytes: Buffer): string | undefined {
	const prefix = PREFIXES.find(([, at, hex]) =>
		bytes.subarray(at, at + hex.length / 2).equals(Buffer.from(hex, 'hex')),
	);
	if (prefix) return prefix[0];
	if (
		/^\s*(<\?xml[^>]*>\s*)?(<!--[^]*?-->\s*)*(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/i.test(
			bytes.toString('latin1', 0, 1024),
		)
	) {
		return 'SVG';
	}
	return isoFormat(bytes);
}

async function pipelineOf(format: string, bytes: Buffer): Promise<sharp.Sharp> {
	if (format === 'HEIC') {
		const { width, height, data } = await decodeHeic({ buffer: bytes });
		return sharp(Buffer.from(data.buffer), { raw: { width, height, channels: 4 } });
	}
	if (format === 'BMP') {
		const { width, height, data } = decodeBmp(bytes, { toRGBA: true });
		// A bitmap without an alpha channel decodes as wholly transparent.
		return sharp(data, { raw: { width, height, channels: 4 } }).removeAlpha();
	}
	return sharp(bytes, { failOn: 'truncated' }).autoOrient();
}

/** As many pixels tell the mean colour of a photo; smaller images are looked at whole. */
const MEAN_PIXELS = 500_000;

function meanOf(data: Buffer, channels: number): Image['mean'] {
	const step = Math.ceil(data.length / channels / MEAN_PIXELS) * channels;
	let [red, green, blue, weight] = [0, 0, 0, 0];
	for (let at = 0; at < data.length; at += step) {
		const alpha = channels === 4 ? data[at + 3]! : 255;
		red += data[at]! * alpha;
		green += data[at + 1]! * alpha;
		blue += data[at + 2]! * alpha;
		weight += alpha;
	}
	weight = Math.max(1, weight);
	return [red / weight, green / weight, blue / weight];
}

function hashOf(bytes: Buffer): string {
	return createHash('sha256').update(bytes).digest('hex');
}

async function decode(format: string, bytes: Buffer): Promise<Image> {
	const { data, info } = await (
		await pipelineOf(format, bytes)
	)
		.toColourspace('srgb')
		.raw()
		.toBuffer({ resolveWithObject: true });
	const { width, height, channels } = info;
	const pixels =
		channels === 3
			? data
			: await sharp(data, { raw: { width, height, channels } })
					.flatten({ background: '#808080' })
					.raw()
					.toBuffer();
	return { format, sha256: hashOf(bytes), width, height, pixels, mean: meanOf(data, channels) };
}

/** What the head of a file tells, at hardly any cost; what is broken further on is not seen. */
async function glance(format: string, bytes: Buffer): Promise<Image> {
	// The image library cannot read the heads of these.
	if (format === 'HEIC' || format === 'BMP') {
		return { ...(await decode(format, bytes)), pixels: null };
	}
	const { width, height } = (await sharp(bytes).metadata()).autoOrient;
	const sha256 = hashOf(bytes);
	const [red, green, blue] = Buffer.from(sha256, 'hex') as unknown as Image['mean'];
	return { format, sha256, width, height, pixels: null, mean: [red, green, blue] };
}

/** The image in these bytes, decoded or just glanced at, or why the service does not take it. */
export async function inspect(bytes: Buffer, decoded = true): Promise<Inspection> {
	if (bytes.length === 0) return { refused: 'The image is empty.' };
	const format = formatOf(bytes);
	if (format === undefined) return { refused: 'The data is not an image.' };
	if (!TAKEN.includes(format)) return { refused: `Images of format ${format} are not supported.` };
	try {
		return { image: await (decoded ? decode : glance)(format, bytes) };
	} catch {
		return { refused: `The ${format} image is damaged and could not be decoded.` };
	}
}
