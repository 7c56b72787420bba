import { z } from 'zod';
import type { Api } from '../../shared/api/client';
import { at } from '../../shared/api/entities';
import { fail } from '../../shared/api/error';
import { objectOrEmpty, sampleObjectSchema } from '../../shared/api/schemas';
import { ids } from '../../shared/engine/locator';
import { operation } from '../../shared/engine/operation';
import { sampleFields, samples } from '../entities';
import { byOrder } from './images';

/** The detection objects of a sample. */

/** "A sample can have at most 10 detection objects" (seed 003). */
const MAX_OBJECTS = 10;

const detectionObjectIds = () =>
	ids('detection object', {
		displayName: 'Detection Object IDs',
		required: true,
		placeholder: 'e.g. f6a7b8c9-d0e1-2345-f678-901234567890',
		description:
			'The IDs of the objects. Separate several with commas, or use an expression that returns a list.',
	});

/** GET sample/ID/sample-objects/ (seed 003), a plain list: by their order, which it need not keep. */
async function objectsOfSample(api: Api, sample: string) {
	const objects = await api.get(
		at(samples, sample, 'sample-objects/'),
		z.array(sampleObjectSchema),
	);
	return objects.sort(byOrder);
}

export const getObjects = operation({
	name: 'Get Objects',
	action: 'Get detection objects of sample',
	description: 'Get the detection objects of a sample with their labels and bounding boxes',
	fields: sampleFields(),
	workspace: true,
	simplify: (object) => ({
		detection_object_id: object.detection_object_id,
		label_name: object.label_name,
		bbox: object.bbox,
		order: object.order,
		text: object.text,
		image_id: object.image_id,
		image_url: object.image_url,
		thumbnail_url: object.thumb_url,
		workspace: object.workspace,
	}),
	run: async ({ api }, { sample }) => await objectsOfSample(api, sample),
});

export const addObjects = operation({
	name: 'Add Objects',
	action: 'Add detection objects to sample',
	description:
		'Add detection objects to a sample (10 at most); those that it already has are skipped',
	fields: { ...sampleFields(), detectionObjects: detectionObjectIds() },
	workspace: true,
	run: async ({ api, withLock }, { sample, detectionObjects }) => {
		const added = await withLock(
			`sample ${sample}`,
			async () => await addMissingObjects(api, sample, detectionObjects),
		);
		const already_there = detectionObjects.filter((id) => !added.includes(id));
		return { sample_id: sample, added, already_there };
	},
});

/**
 * Adds those objects that the sample does not have: POST sample/ID/add-objects/ (seed 003). Not sent
 * again when its answer is lost, because no document says that an object that is there already is
 * passed over; a second run looks again.
 */
async function addMissingObjects(api: Api, sample: string, given: string[]): Promise<string[]> {
	const present = (await objectsOfSample(api, sample)).map((one) => one.detection_object_id);
	const missing = given.filter((id) => !present.includes(id));
	if (present.length + missing.length > MAX_OBJECTS) {
		fail(
			`A sample can have ${MAX_OBJECTS} detection objects at most: it has ${present.length}, and ${missing.length} more are given`,
			'Give fewer, or remove some first. Nothing was sent.',
		);
	}
	if (missing.length) {
		const body = { detection_object_ids: missing };
		await api.post(at(samples, sample, 'add-objects/'), objectOrEmpty, body);
	}
	return missing;
}

export const removeObjects = operation({
	name: 'Remove Objects',
	action: 'Remove detection objects from sample',
	description: 'Remove detection objects from a sample; the objects themselves stay',
	fields: { ...sampleFields(), detectionObjects: detectionObjectIds() },
	workspace: true,
	run: async ({ api, withLock }, { sample, detectionObjects }) => {
		const removed = await withLock(
			`sample ${sample}`,
			async () => await removePresentObjects(api, sample, detectionObjects),
		);
		const not_there = detectionObjects.filter((id) => !removed.includes(id));
		return { sample_id: sample, removed, not_there };
	},
});

/**
 * Removes those objects that the sample has: POST sample/ID/remove-objects/ (seed 003), which tells
 * only how many it removed. Removing what is removed already does no harm: a lost call is sent again.
 * @returns their IDs
 */
async function removePresentObjects(api: Api, sample: string, given: string[]): Promise<string[]> {
	const objects = await objectsOfSample(api, sample);
	const present = new Set(objects.map((one) => one.detection_object_id));
	const found = given.filter((id) => present.has(id));
	if (found.length) {
		const body = { detection_object_ids: found };
		await api.post(at(samples, sample, 'remove-objects/'), objectOrEmpty, body, {
			idempotent: true,
		});
	}
	return found;
}
