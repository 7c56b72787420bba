import { operation } from '../../shared/engine/operation';
import { workspaceOption } from '../../shared/fields';
import { fail } from '../../shared/api/error';
import { inWorkspace } from '../../shared/api/workspace';
import { sampleFields } from '../fields';
import { inputMetadata } from './fields';
import { changeSample } from './marks';
import { sampleRow } from './row';

export const addInputMetadata = operation({
	name: 'Add Input Metadata',
	action: 'Add input metadata to sample',
	description: 'Add input metadata to a sample; Ximilar merges it with what is there',
	fields: { ...sampleFields(), inputMetadata: inputMetadata(), options: workspaceOption() },
	simplify: sampleRow,
	run: async ({ api }, { sample, inputMetadata: metadata, options }) => {
		if (!Object.keys(metadata).length) {
			fail('Input Metadata is empty', 'Enter a JSON object, e.g. {"category": "jacket"}.');
		}
		const changes = { input_meta_data: metadata };
		const answer = await changeSample(inWorkspace(api, options.workspace), sample, changes);
		return { id: sample, ...changes, ...answer };
	},
});
