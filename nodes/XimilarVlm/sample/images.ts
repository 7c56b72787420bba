import { z } from 'zod';
import type { Api } from '../../shared/api/client';
import { at } from '../../shared/api/entities';
import { fail } from '../../shared/api/error';
import { objectOrEmpty, sampleImageSchema, type SampleImage } from '../../shared/api/schemas';
import { ids } from '../../shared/engine/locator';
import { operation } from '../../shared/engine/operation';
import { sampleFields, samples } from '../entities';

/** The images of a sample. */

/** For sorting what a sample consists of. */
export const byOrder = (a: { order?: number | null }, b: { order?: number | null }) =>
	(a.order ?? 0) - (b.order ?? 0);

export const trainingImageIds = () =>
	ids('training image', {
		displayName: 'Training Image IDs',
		required: true,
		placeholder: 'e.g. 185c2019-1182-439c-900b-9f29c3f35926',
		description:
			'The IDs of uploaded images, in their order. Separate several with commas, or use an expression that returns a list.',
	});

/** GET sample/ID/sample-images/ (seed 003), a plain list: by their order, which it need not keep. */
async function imagesOfSample(api: Api, sample: string): Promise<SampleImage[]> {
	const images = await api.get(at(samples, sample, 'sample-images/'), z.array(sampleImageSchema));
	return images.sort(byOrder);
}

export const getImages = operation({
	name: 'Get Images',
	action: 'Get images of sample',
	description: 'Get the images of a sample with their order, addresses and texts',
	fields: sampleFields(),
	workspace: true,
	simplify: (image) => ({
		image_id: image.image_id,
		order: image.order,
		url: image.img_path,
		thumbnail_url: image.thumb,
		text: image.text,
		resize: image.resize,
		meta_data: image.meta_data,
		workspace: image.workspace,
	}),
	run: async ({ api }, { sample }) => await imagesOfSample(api, sample),
});

export const addImagesToSample = operation({
	name: 'Add Images',
	action: 'Add images to sample',
	description: 'Add uploaded images to a sample; images that it already has are skipped',
	fields: { ...sampleFields(), trainingImages: trainingImageIds() },
	workspace: true,
	run: async ({ api, withLock }, { sample, trainingImages }) => {
		const added = await withLock(
			`sample ${sample}`,
			async () => await addMissingImages(api, sample, trainingImages),
		);
		const already_there = trainingImages.filter((id) => !added.includes(id));
		return { sample_id: sample, added, already_there };
	},
});

/**
 * Adds images to a sample by one call, in their order: POST sample/ID/add-images/ (seed 003). It is
 * not sent again when its answer is lost: no document says that an image that is there already is
 * passed over. So {@link addMissingImages} looks first, which makes a second run safe.
 */
export async function addImages(api: Api, sample: string, imageIds: string[]): Promise<void> {
	await api.post(at(samples, sample, 'add-images/'), objectOrEmpty, { image_ids: imageIds });
}

/**
 * Adds those images that the sample does not have.
 * @returns their IDs
 */
async function addMissingImages(api: Api, sample: string, imageIds: string[]): Promise<string[]> {
	const present = new Set((await imagesOfSample(api, sample)).map(({ image_id }) => image_id));
	const missing = imageIds.filter((id) => !present.has(id));
	if (missing.length) await addImages(api, sample, missing);
	return missing;
}

/** The IDs of a sample's images, in their order. */
export async function orderedImageIds(api: Api, sample: string): Promise<string[]> {
	return (await imagesOfSample(api, sample)).map(({ image_id }) => image_id);
}

/**
 * For a sample whose images have an order (type multi_ordered). The API adds images at the end only,
 * and has no call that removes or moves one (seed 003).
 * @throws XimilarError when images do not stand in the wanted order
 */
export function failOnOrder(present: string[], wanted: string[]): void {
	const order = present.filter((id) => wanted.includes(id));
	if (order.join() === wanted.join()) return;
	fail(
		`The images do not stand in the given order, but as: ${order.join(', ')}`,
		'The API adds images at the end only. Put them in order in the Ximilar App; or delete the sample there and run this item again, which makes it anew in order.',
	);
}
