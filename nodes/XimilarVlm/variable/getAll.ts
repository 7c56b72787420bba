import { optional } from '../../shared/engine/field';
import { listOperation } from '../../shared/engine/operation';
import { byName, workspacePicker } from '../../shared/fields';
import { variableSchema } from '../../shared/api/schemas';
import { datasetPicker } from '../fields';
import { VARIABLES } from './list';
import { variableRow } from './row';

export const getAll = listOperation({
	action: 'Get many variables',
	description: 'Get the variables of a dataset or of a workspace, or find a variable by its name',
	path: VARIABLES,
	schema: variableSchema,
	filters: {
		dataset: optional(datasetPicker('The dataset whose variables are returned')),
		name: byName.exact('e.g. condition'),
		workspace: workspacePicker(),
	},
	query: ({ dataset, workspace }) => ({ dataset, workspace }),
	keep: byName.keep,
	simplify: variableRow,
});
