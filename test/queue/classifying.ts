import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import type { Service } from '../bench/service';
import { byId, filesNode, ximilarNode } from '../e2e/harness/links';
import { numbered, photo } from '../images/photo';
import type { Report } from '../simulator/pressure';
import { IDS } from '../simulator/state';
import type { Cluster } from './cluster';
import { itemsOf, type Job, type Part } from './job';

/** Images of one execution, as files of a folder. */
export interface Folder {
	name: string;
	path: string;
	images: Array<{ name: string; file: Buffer; hash: string }>;
}

/** Images in an execution. */
const IN_PART = 50;

/** Makes folders of images that all differ: thumbnails, and among twenty a photo of 300 kB. */
export async function makeFolders(base: string, images: number): Promise<Folder[]> {
	const thumbnail = await sharp(await photo('shop'))
		.resize(160)
		.jpeg()
		.toBuffer();
	const folders: Folder[] = [];
	for (let first = 0; first < images; first += IN_PART) {
		const name = `part-${String(first / IN_PART).padStart(2, '0')}`;
		const folder: Folder = { name, path: path.join(base, name), images: [] };
		await mkdir(folder.path, { recursive: true });
		for (let at = first; at < Math.min(first + IN_PART, images); at++) {
			const file = numbered(at % 20 === 0 ? await photo('shop') : thumbnail, at);
			const image = `image-${String(at).padStart(5, '0')}.jpg`;
			const hash = createHash('sha256').update(file).digest('hex');
			folder.images.push({ name: image, file, hash });
			await writeFile(path.join(folder.path, image), file);
		}
		folders.push(folder);
	}
	return folders;
}

/** Classify, with the images from a folder that each worker reads, or uploaded to main's webhook. */
export function classifyJob(
	{ credentials }: Cluster,
	service: Service,
	folders: Folder[],
	from: 'folders' | 'uploads',
): Job {
	const classify = (fields: string) =>
		ximilarNode(
			'Recognition',
			'image',
			'classify',
			{ task: byId(IDS.coloursTask), binaryPropertyName: fields },
			{ credentials },
		);
	const report = async () => await service.control<Report>('GET', 'report');
	return {
		title: `Classify, images from ${from}`,
		links:
			from === 'folders'
				? [filesNode('={{ $json.body.folder }}/*.jpg'), classify('data')]
				: [classify('image*')],
		parts: folders.map((folder) => partOf(folder, from)),
		results: (execution) =>
			itemsOf(execution, 'Ximilar')
				.filter(({ json }) => typeof json.label === 'string')
				.map(({ json }) => String(json.image)),
		done: async () => {
			const { images } = await report();
			return new Map(
				folders.flatMap((folder) =>
					folder.images.map(({ name, hash }) => [name, images[hash] ?? 0] as const),
				),
			);
		},
		progress: async () => (await report()).records,
	};
}

function partOf({ name, path: folder, images }: Folder, from: 'folders' | 'uploads'): Part {
	const keys = images.map((image) => image.name);
	if (from === 'folders') return { name, keys, body: { folder } };
	const body = new FormData();
	for (const [at, { name: image, file }] of images.entries()) {
		body.set(`image${at}`, new File([new Uint8Array(file)], image, { type: 'image/jpeg' }));
	}
	return { name, keys, body };
}
