import { operation } from '../../shared/engine/operation';
import { workspaceOption } from '../../shared/fields';
import { path } from '../../shared/ximilar/address';
import { entitySchema } from '../../shared/ximilar/schemas';
import { inWorkspace } from '../../shared/ximilar/workspace';
import { datasetPicker } from '../fields';
import { datasetRow } from './row';

export const get = operation({
	name: 'Get',
	action: 'Get dataset',
	description: 'Get a dataset: how many samples and variables it has, and which prompts it uses',
	fields: { dataset: datasetPicker(), options: workspaceOption() },
	simplify: datasetRow,
	run: async ({ api }, { dataset, options }) =>
		await inWorkspace(api, options.workspace).get(path`vlm/v2/dataset/${dataset}/`, entitySchema),
});
