/** What the model sees of images: a few facts, always the same for the same image. */
import { createHash } from 'node:crypto';
import { type Image, inspect } from '../../images';
import { fetched } from '../../records';
import type { State } from '../../state';
import { dataUrl } from './messages';

export interface Sight {
	/** Of the file; of the address where that is all there is. */
	sha256: string;
	/** Kept for a look at the media type. */
	format: string;
	/** `640x480` */
	size: string;
	colour: string;
}

export type Look = { sight: Sight } | { refused: string };

/** Looks at one image. Addresses are downloaded, or else made up from their text. */
export type Eyes = (url: string, fetchImages: boolean) => Promise<Look>;

/** Thousands of requests are often about the same few images. */
const REMEMBERED = 1000;

/** Mean colours of product images, by name. */
const COLOURS: Array<[name: string, rgb: Image['mean']]> = [
	['Red', [190, 60, 65]],
	['Green', [60, 150, 80]],
	['Blue', [60, 90, 185]],
	['Yellow', [205, 175, 55]],
	['Grey', [125, 125, 125]],
];

function colourOf(mean: Image['mean']): string {
	const distance = (rgb: Image['mean']) => Math.hypot(...rgb.map((value, i) => value - mean[i]!));
	return COLOURS.reduce((best, one) => (distance(one[1]) < distance(best[1]) ? one : best))[0];
}

function hashOf(data: Buffer | string): string {
	return createHash('sha256').update(data).digest('hex');
}

function imagined(url: string): Sight {
	const sha256 = hashOf(url);
	const colour = COLOURS[parseInt(sha256.slice(0, 8), 16) % COLOURS.length]![0];
	return { sha256, format: 'JPEG', size: '640x480', colour };
}

async function lookAt(bytes: Buffer, decoded: boolean): Promise<Look> {
	const inspection = await inspect(bytes, decoded);
	if ('refused' in inspection) return inspection;
	const { sha256, format, width, height, mean } = inspection.image;
	return { sight: { sha256, format, size: `${width}x${height}`, colour: colourOf(mean) } };
}

export function openEyes(state: State): Eyes {
	const seen = new Map<string, Promise<Look>>();
	const remember = async (bytes: Buffer): Promise<Look> => {
		const key = hashOf(bytes);
		if (!seen.has(key)) {
			if (seen.size >= REMEMBERED) seen.delete(seen.keys().next().value!);
			seen.set(key, lookAt(bytes, state.settings.decode));
		}
		return await seen.get(key)!;
	};
	return async (url, fetchImages) => {
		const inline = dataUrl(url);
		if (inline) return await remember(inline.bytes);
		if (!fetchImages) return { sight: imagined(url) };
		const answer = await fetched(url);
		return 'bytes' in answer ? await remember(answer.bytes) : answer;
	};
}
