import { parseUrl } from './url';
import { fail } from './error';

/**
 * Image formats by what Ximilar does with them (seed 000, "Supported Image Formats"). A format that
 * is not listed is refused as well.
 */
const TAKEN = ['JPEG', 'PNG', 'WEBP', 'HEIC', 'BMP', 'TIFF', 'GIF'] as const;

export type TakenFormat = (typeof TAKEN)[number];
type Format = TakenFormat | 'AVIF' | 'JP2' | 'PSD' | 'SVG' | 'HEIF' | 'PDF';

const TAKEN_LIST = 'JPG, PNG, WEBP, HEIC, BMP, TIFF or GIF (first frame)';
const WAY_OUT = `Convert it to PNG or JPEG first. Ximilar takes ${TAKEN_LIST}. Nothing was sent, and no credit was used.`;

const HEIC_BRANDS: ReadonlySet<string> = new Set([
	'heic',
	'heix',
	'heim',
	'heis',
	'hevc',
	'hevx',
	'hevm',
	'hevs',
]);
const AVIF_BRANDS: ReadonlySet<string> = new Set(['avif', 'avis']);
const HEIF_BRANDS: ReadonlySet<string> = new Set(['mif1', 'msf1', 'mif2', 'miaf']);

/**
 * The format of a file by its bytes alone.
 * @returns undefined when the bytes are none of the formats that Ximilar's documents name
 */
export function formatOf(bytes: Buffer): Format | undefined {
	const starts = (signature: string, at = 0) =>
		bytes.toString('latin1', at, at + signature.length) === signature;

	if (starts('\xff\xd8\xff')) return 'JPEG';
	if (starts('\x89PNG\r\n\x1a\n')) return 'PNG';
	if (starts('RIFF') && starts('WEBP', 8)) return 'WEBP';
	if (starts('GIF87a') || starts('GIF89a')) return 'GIF';
	if (starts('II*\0') || starts('MM\0*') || starts('II+\0') || starts('MM\0+')) return 'TIFF';
	if (starts('ftyp', 4)) return formatOfBrands(bytes);
	if (starts('\0\0\0\x0cjP  \r\n') || starts('\xff\x4f\xff\x51')) return 'JP2';
	if (starts('8BPS')) return 'PSD';
	// BMP: two letters are little, so the size of a header that exists must follow.
	if (
		starts('BM') &&
		bytes.length >= 26 &&
		[12, 40, 52, 56, 64, 108, 124].includes(bytes.readUInt32LE(14))
	) {
		return 'BMP';
	}
	// The PDF standard lets other bytes stand before its mark.
	if (bytes.subarray(0, 1024).includes('%PDF-')) return 'PDF';
	if (
		/^\uFEFF?\s*(<\?xml[^>]*>\s*|<!--[\s\S]*?-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg[\s>]/i.test(
			bytes.toString('utf8', 0, 4096),
		)
	) {
		return 'SVG';
	}
	return undefined;
}

/** Files of the ISO family (`ftyp`): the main brand decides, then the compatible ones. */
function formatOfBrands(bytes: Buffer): Format | undefined {
	const end = Math.min(bytes.readUInt32BE(0), bytes.length, 256);
	const main = bytes.toString('latin1', 8, 12);
	const others: string[] = [];
	for (let at = 16; at + 4 <= end; at += 4) others.push(bytes.toString('latin1', at, at + 4));
	const of = (known: ReadonlySet<string>) => (brand: string) => known.has(brand);
	if (of(AVIF_BRANDS)(main)) return 'AVIF';
	if (of(HEIC_BRANDS)(main)) return 'HEIC';
	if (!of(HEIF_BRANDS)(main)) return undefined;
	if (others.some(of(AVIF_BRANDS))) return 'AVIF';
	return others.some(of(HEIC_BRANDS)) ? 'HEIC' : 'HEIF';
}

/**
 * The format of an image that Ximilar takes.
 * @throws XimilarError for a format or a file that Ximilar refuses, with the way out
 */
export function takenFormat(bytes: Buffer): TakenFormat {
	if (bytes.length === 0) {
		fail(
			'The file is empty',
			'Check the step that delivers the file. Nothing was sent, and no credit was used.',
			{ kind: 'image' },
		);
	}
	const format = formatOf(bytes);
	if (format === undefined) {
		const text = bytes.toString('utf8', 0, 512).trimStart();
		fail(
			/^<(!doctype|html)/i.test(text)
				? 'The file is a web page, not an image'
				: 'The file is not an image that Ximilar takes',
			WAY_OUT,
			{ kind: 'image' },
		);
	}
	if (!isTaken(format)) fail(`Ximilar does not take ${format} files`, WAY_OUT, { kind: 'image' });
	return format;
}

function isTaken(format: Format): format is TakenFormat {
	return (TAKEN as readonly string[]).includes(format);
}

/** The media type of an image that Ximilar takes, e.g. image/jpeg. */
export function mediaTypeOf(format: TakenFormat): string {
	return `image/${format.toLowerCase()}`;
}

/** Whether a GIF holds more than one frame: the analysis sees only the first. */
export function isAnimated(gif: Buffer): boolean {
	// Header, screen descriptor, and the global colour table where a flag announces one.
	const flags = gif[10] ?? 0;
	let at = 13 + (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
	let frames = 0;
	const skipBlocks = () => {
		while (at < gif.length && gif[at] !== 0) at += gif[at]! + 1;
		at++;
	};
	while (at < gif.length) {
		const block = gif[at];
		if (block === 0x21) {
			at += 2;
			skipBlocks();
		} else if (block === 0x2c) {
			if (++frames > 1) return true;
			const local = gif[at + 9] ?? 0;
			at += 10 + (local & 0x80 ? 3 * 2 ** ((local & 7) + 1) : 0) + 1;
			skipBlocks();
		} else {
			break;
		}
	}
	return false;
}

const REFUSED_ENDING = /\.(avif|jp2|psd|svg|heif|pdf)$/i;

/**
 * An image's address, as Ximilar will fetch it. Only the obvious is judged (seed 000, "Loading and
 * Sending Images").
 * @throws XimilarError for what is no http or https address, has a refused file ending, or is a page
 * of a file-sharing service
 */
export function imageAddress(text: string): string {
	const address = text.trim();
	const url = parseUrl(address);
	if (!url || !['http:', 'https:'].includes(url.protocol)) {
		fail(
			'The address does not begin with http:// or https://',
			'Enter the public address of the image file itself.',
			{ kind: 'imageAddress' },
		);
	}
	const ending = REFUSED_ENDING.exec(decodeSafely(url.pathname))?.[1];
	if (ending)
		fail(`Ximilar does not take ${ending.toUpperCase()} files`, WAY_OUT, { kind: 'image' });
	const page = sharingPage(url);
	if (page) {
		fail(
			`The address leads to a page of ${page}, not to the image file`,
			'Use a direct link to the file. No credit was used.',
			{ kind: 'imageAddress' },
		);
	}
	return url.href;
}

function sharingPage(url: URL): string | undefined {
	const host = url.hostname.replace(/^www\./, '');
	if (host === 'drive.google.com' || host === 'docs.google.com' || host === 'photos.google.com') {
		return 'Google Drive';
	}
	const direct = url.searchParams.get('dl') === '1' || url.searchParams.has('raw');
	return host === 'dropbox.com' && !direct ? 'Dropbox' : undefined;
}

function decodeSafely(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/** What stands in an output for image bytes that an answer echoes: their type and size. */
export function describeBytes(base64: string): string {
	const plain = base64.replace(/^data:[^,]*,/, '');
	const format = formatOf(Buffer.from(plain.slice(0, 2048), 'base64'));
	const bytes = Math.floor((plain.replace(/=+$/, '').length * 3) / 4);
	return describeImage(format ?? 'unknown', bytes);
}

/** An image in words: its format (as {@link formatOf} names it) and its size. */
export function describeImage(format: string, bytes: number): string {
	return `[${format} image, ${bytes} bytes]`;
}

/**
 * An answer without image bytes: `_base64` and `base64` fields and data URLs, at any depth, are
 * replaced by their type and size.
 */
export function withoutBytes<T>(answer: T): T {
	if (typeof answer === 'string') {
		return (/^data:image\/[^,]*;base64,/.test(answer) ? describeBytes(answer) : answer) as T;
	}
	if (Array.isArray(answer)) return answer.map(withoutBytes) as T;
	if (typeof answer !== 'object' || answer === null) return answer;
	return Object.fromEntries(
		Object.entries(answer).map(([key, value]) => [
			key,
			/^_?base64$/.test(key) && typeof value === 'string'
				? describeBytes(value)
				: withoutBytes(value),
		]),
	) as T;
}
