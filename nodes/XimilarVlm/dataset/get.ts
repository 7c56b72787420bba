import { operation } from '../../shared/engine/operation';
import { workspaceOption } from '../../shared/fields';
import { path } from '../../shared/api/address';
import { entitySchema } from '../../shared/api/schemas';
import { inWorkspace } from '../../shared/api/workspace';
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
