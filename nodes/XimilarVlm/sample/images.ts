import { z } from 'zod';
import type { Api } from '../../shared/api/client';
import { at } from '../../shared/api/entities';
import { fail } from '../../shared/api/error';
import { objectOrEmpty, sampleImageSchema, type SampleImage } from '../../shared/api/schemas';
import { ids } from '../../shared/engine/locator';
import { operation } from '../../shared/engine/operation';
import { sampleFields, samples } from '../entities';

/** The images of a sample. */

export const trainingImageIds = () =>
	ids('training image', {
		displayName: 'Training Image IDs',
		required: true,
		placeholder: 'e.g. 185c2019-1182-439c-900b-9f29c3f35926',
		description:
			'The IDs of uploaded images, in their order. Separate several with commas, or use an expression that returns a list.',
	});

/** GET sample/ID/sample-images/ (seed 003), a plain list. */
async function imagesOfSample(api: Api, sample: string): Promise<SampleImage[]> {
	return await api.get(at(samples, sample, 'sample-images/'), z.array(sampleImageSchema));
}

export const getImages = operation({
	name: 'Get Images',
	action: 'Get images of sample',
	description: 'Get the images of a sample with their order, addresses and texts',
	fields: sampleFields(),
	workspace: true,
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
		return { sample, added, alreadyThere: trainingImages.filter((id) => !added.includes(id)) };
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

/** The IDs of a sample's images, in their order, which a list need not keep. */
export async function orderedImageIds(api: Api, sample: string): Promise<string[]> {
	return (await imagesOfSample(api, sample))
		.sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
		.map(({ image_id }) => image_id);
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
