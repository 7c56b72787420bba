import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { cacheFolder } from '../e2e/harness/install';

/** A folder of photographs as the cases want them. */
export interface Photos {
	folder: string;
	/** The files' names, sorted. */
	names: string[];
	/** The SHA-256 of each image, and how often it is among the files. */
	hashes: Map<string, number>;
}

interface Kind {
	width: number;
	height: number;
	/** So many different images; more files are further names of the same ones. */
	different: number;
}

/** Of noise, so that they do not compress: the size in pixels makes the size in bytes. */
const kinds = {
	'300kB': { width: 840, height: 622, different: 1000 },
	'20MB': { width: 6800, height: 5130, different: 10 },
} satisfies Record<string, Kind>;

export type PhotoSize = keyof typeof kinds;

/** Gives so many photographs of about that size, from the cache or made now. */
export async function photos(size: PhotoSize, count: number): Promise<Photos> {
	const base = path.join(cacheFolder(), 'bench-photos');
	const different = Math.min(count, kinds[size].different);
	const originals = await folderOnce(path.join(base, `${size}-originals`), async (folder) => {
		for (let at = 0; at < kinds[size].different; at++) {
			await writeFile(path.join(folder, `${number(at)}.jpg`), await noise(kinds[size]));
		}
	});
	const folder = await folderOnce(path.join(base, `${size}-${count}`), async (target) => {
		for (let at = 0; at < count; at++) {
			const original = path.join(originals, `${number(at % different)}.jpg`);
			await link(original, path.join(target, `photo-${number(at)}.jpg`));
		}
	});
	const hashes = new Map<string, number>();
	for (let at = 0; at < different; at++) {
		const bytes = await readFile(path.join(originals, `${number(at)}.jpg`));
		const times = Math.floor(count / different) + (at < count % different ? 1 : 0);
		hashes.set(createHash('sha256').update(bytes).digest('hex'), times);
	}
	return { folder, names: (await readdir(folder)).sort(), hashes };
}

function number(at: number): string {
	return String(at).padStart(5, '0');
}

async function noise({ width, height }: Kind): Promise<Buffer> {
	const pixels = randomBytes(width * height * 3);
	return await sharp(pixels, { raw: { width, height, channels: 3 } })
		.jpeg({ quality: 75 })
		.toBuffer();
}

/** Fills a folder unless it is there; one that was interrupted is never taken for a whole one. */
async function folderOnce(
	folder: string,
	fill: (folder: string) => Promise<void>,
): Promise<string> {
	if (existsSync(folder)) return folder;
	await mkdir(path.dirname(folder), { recursive: true });
	const partial = await mkdtemp(`${folder}.partial-`);
	try {
		await fill(partial);
		await rename(partial, folder);
	} finally {
		await rm(partial, { recursive: true, force: true });
	}
	return folder;
}
