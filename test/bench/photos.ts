import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';

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

/** Photographs that are made when they are first asked for, in a folder that its owner removes. */
export interface PhotoStore {
	/** Where so many of a size are, or will be. */
	folderOf: (size: PhotoSize, count: number) => string;
	get: (size: PhotoSize, count: number) => Promise<Photos>;
}

export function photoStore(root: string): PhotoStore {
	const folderOf = (size: PhotoSize, count: number) => path.join(root, `${count}-${size}`);
	const originals = { '300kB': [], '20MB': [] } as Record<PhotoSize, Original[]>;
	const sets = new Map<string, Promise<Photos>>();
	const fill = async (size: PhotoSize, count: number): Promise<Photos> => {
		const different = Math.min(count, kinds[size].different);
		await addOriginals(path.join(root, `${size}-originals`), originals[size], size, different);
		const folder = folderOf(size, count);
		await mkdir(folder, { recursive: true });
		const files = Array.from({ length: count }, (_, at) => ({
			name: `photo-${number(at)}.jpg`,
			original: originals[size][at % different]!,
		}));
		const hashes = new Map<string, number>();
		for (const { name, original } of files) {
			await link(original.file, path.join(folder, name));
			hashes.set(original.hash, (hashes.get(original.hash) ?? 0) + 1);
		}
		return { folder, names: files.map(({ name }) => name), hashes };
	};
	return {
		folderOf,
		get: async (size, count) => {
			const folder = folderOf(size, count);
			if (!sets.has(folder)) sets.set(folder, fill(size, count));
			return await sets.get(folder)!;
		},
	};
}

interface Original {
	file: string;
	hash: string;
}

/** Makes different photographs until there are enough of them. */
async function addOriginals(folder: string, all: Original[], size: PhotoSize, wanted: number) {
	await mkdir(folder, { recursive: true });
	while (all.length < wanted) {
		const next = Array.from({ length: Math.min(cpus().length, wanted - all.length) }, (_, at) =>
			path.join(folder, `${number(all.length + at)}.jpg`),
		);
		const made = next.map(async (file) => {
			const bytes = await noise(kinds[size]);
			await writeFile(file, bytes);
			return { file, hash: createHash('sha256').update(bytes).digest('hex') };
		});
		all.push(...(await Promise.all(made)));
	}
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
