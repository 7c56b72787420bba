import { operation } from '../../shared/engine/operation';
import { withLock } from '../../shared/api/concurrency';
import { workspaceOption } from '../../shared/fields';
import { path } from '../../shared/api/address';
import type { Api } from '../../shared/api/client';
import { fail } from '../../shared/api/error';
import { objectOrEmpty } from '../../shared/api/schemas';
import { inWorkspace } from '../../shared/api/workspace';
import { sampleFields } from '../fields';
import { detectionObjectIds } from './fields';
import { objectsOfSample } from './objects';

/** "A sample can have at most 10 detection objects" (seed 003). */
const MAX_OBJECTS = 10;

export const addObjects = operation({
	name: 'Add Objects',
	action: 'Add detection objects to sample',
	description: 'Add detection objects to a sample, each once; it can have ten at most',
	fields: { ...sampleFields(), detectionObjects: detectionObjectIds(), options: workspaceOption() },
	run: async ({ api, shared }, { sample, detectionObjects, options }) => {
		const added = await withLock(
			shared,
			`sample ${sample}`,
			async () =>
				await addMissingObjects(inWorkspace(api, options.workspace), sample, detectionObjects),
		);
		return { sample, added, alreadyThere: detectionObjects.filter((id) => !added.includes(id)) };
	},
});

/**
 * Adds those objects that the sample does not have: POST sample/ID/add-objects/ (seed 003). Not sent
 * again when its answer is lost, because no document says that an object that is there already is
 * passed over; a second run looks again.
 */
async function addMissingObjects(api: Api, sample: string, ids: string[]): Promise<string[]> {
	const present = (await objectsOfSample(api, sample)).map((one) => one.detection_object_id);
	const missing = ids.filter((id) => !present.includes(id));
	if (present.length + missing.length > MAX_OBJECTS) {
		fail(
			`A sample can have ${MAX_OBJECTS} detection objects at most: it has ${present.length}, and ${missing.length} more are given`,
			'Give fewer, or remove some first. Nothing was sent.',
		);
	}
	if (missing.length) {
		const body = { detection_object_ids: missing };
		await api.post(path`vlm/v2/sample/${sample}/add-objects/`, objectOrEmpty, body);
	}
	return missing;
}
