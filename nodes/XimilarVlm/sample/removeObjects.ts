import { operation } from '../../shared/engine/operation';
import { workspaceOption } from '../../shared/fields';
import { path } from '../../shared/ximilar/address';
import { looseSchema } from '../../shared/ximilar/schemas';
import { inWorkspace } from '../../shared/ximilar/workspace';
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
			looseSchema,
			{ detection_object_ids: detectionObjects },
			{ repeatable: true },
		);
		return { sample, ...answer };
	},
});
