import { operation } from '../../shared/engine/operation';
import { workspaceOption } from '../../shared/fields';
import { path } from '../../shared/api/address';
import { objectOrEmpty } from '../../shared/api/schemas';
import { inWorkspace } from '../../shared/api/workspace';
import { sampleFields } from '../fields';
import { detectionObjectIds } from './fields';

export const removeObjects = operation({
	name: 'Remove Objects',
	action: 'Remove detection objects from sample',
	description: 'Take detection objects out of a sample; the objects themselves stay',
	fields: { ...sampleFields(), detectionObjects: detectionObjectIds(), options: workspaceOption() },
	run: async ({ api }, { sample, detectionObjects, options }) => {
		// Taking out what is out already does no harm: a lost call is sent again.
		const answer = await inWorkspace(api, options.workspace).post(
			path`vlm/v2/sample/${sample}/remove-objects/`,
			objectOrEmpty,
			{ detection_object_ids: detectionObjects },
			{ idempotent: true },
		);
		return { sample, ...answer };
	},
});
