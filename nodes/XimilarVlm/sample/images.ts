import { z } from 'zod';
import { aboutImage, type ImageValues } from '../../shared/engine/imageFields';
import type { Run } from '../../shared/engine/operation';
import { path } from '../../shared/api/address';
import type { Api } from '../../shared/api/client';
import { fail } from '../../shared/api/error';
import { objectOrEmpty, sampleImageSchema, type SampleImage } from '../../shared/api/schemas';
import { uploadImage } from '../../shared/api/trainingImages';

/** An image of a new sample: in the workspace already, or a file that has to go there first. */
export type GivenImage = { id: string } | { name: string; bytes: Buffer };

/** The values of `sampleImageFields`. */
export interface SampleImageValues extends Omit<ImageValues, 'imageSource'> {
	imageSource: ImageValues['imageSource'] | 'ids' | 'none';
	trainingImages?: string[];
}

/**
 * The images of an item, in their order, all loaded: a file that Ximilar does not take is refused
 * before anything is made.
 */
export async function givenImages(run: Run, values: SampleImageValues): Promise<GivenImage[]> {
	const { imageSource, trainingImages = [], ...where } = values;
	if (imageSource === 'none') return [];
	if (imageSource === 'ids') return trainingImages.map((id) => ({ id }));
	const loaded: GivenImage[] = [];
	for (const { name, loadFile } of run.images({ imageSource, ...where })) {
		try {
			loaded.push({ name, bytes: (await loadFile()).bytes });
		} catch (error) {
			throw aboutImage(name, error);
		}
	}
	return loaded;
}

/** Uploads an image into the workspace, once: the same image has the same ID. */
export async function uploaded(
	api: Api,
	{ name, bytes }: { name: string; bytes: Buffer },
	noresize: boolean | undefined,
): Promise<string> {
	try {
		const image = await uploadImage(api, bytes, { noresize: noresize || undefined });
		return 'existingId' in image ? image.existingId : (image.created.id as string);
	} catch (error) {
		throw aboutImage(name, error);
	}
}

/** The images of a sample: GET sample/ID/sample-images/ (seed 003), a plain list. */
export async function imagesOfSample(api: Api, sample: string): Promise<SampleImage[]> {
	return await api.get(path`vlm/v2/sample/${sample}/sample-images/`, z.array(sampleImageSchema));
}

/**
 * Adds images to a sample by one call, in their order: POST sample/ID/add-images/ (seed 003). It is
 * not sent again when its answer is lost: no document says that an image that is there already is
 * passed over. So {@link addMissingImages} looks first, which makes a second run safe.
 */
export async function addImages(api: Api, sample: string, imageIds: string[]): Promise<void> {
	await api.post(path`vlm/v2/sample/${sample}/add-images/`, objectOrEmpty, { image_ids: imageIds });
}

/**
 * Adds those images that the sample does not have.
 * @returns their IDs
 */
export async function addMissingImages(
	api: Api,
	sample: string,
	imageIds: string[],
): Promise<string[]> {
	const present = new Set((await imagesOfSample(api, sample)).map(({ image_id }) => image_id));
	const missing = imageIds.filter((id) => !present.has(id));
	if (missing.length) await addImages(api, sample, missing);
	return missing;
}

/**
 * Reads the images back, where their order matters (type multi_ordered).
 * @throws XimilarError when they do not stand in the given order
 */
export async function checkOrder(api: Api, sample: string, imageIds: string[]): Promise<void> {
	const present = (await imagesOfSample(api, sample))
		.sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
		.map(({ image_id }) => image_id)
		.filter((id) => imageIds.includes(id));
	if (present.join() === imageIds.join()) return;
	fail(
		`The images do not stand in the given order, but as: ${present.join(', ')}`,
		'Put them in order in the Ximilar App, or set the Type of the sample to a random order.',
	);
}
