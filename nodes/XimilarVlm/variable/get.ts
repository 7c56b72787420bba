import { operation } from '../../shared/engine/operation';
import { workspaceOption } from '../../shared/fields';
import { path } from '../../shared/api/address';
import { variableSchema } from '../../shared/api/schemas';
import { inWorkspace } from '../../shared/api/workspace';
import { datasetOfList, variablePicker } from '../fields';
import { variableRow } from './row';

export const get = operation({
	name: 'Get',
	action: 'Get variable',
	description: 'Get a variable of a dataset with its type and its rules',
	fields: {
		dataset: datasetOfList('The dataset whose variables the list of Variable shows'),
		variable: variablePicker(),
		options: workspaceOption(),
	},
	simplify: variableRow,
	run: async ({ api }, { variable, options }) =>
		await inWorkspace(api, options.workspace).get(
			path`vlm/v2/variable/${variable}/`,
			variableSchema,
		),
});
