import { listOperation } from '../../shared/engine/operation';
import { byName, workspacePicker } from '../../shared/fields';
import { entitySchema } from '../../shared/api/schemas';
import { datasetRow } from './row';

export const getAll = listOperation({
	action: 'Get many datasets',
	description: 'Get the datasets of a workspace, or find a dataset by its name',
	path: 'vlm/v2/dataset/',
	schema: entitySchema,
	filters: { name: byName.exact('e.g. Graded cards'), workspace: workspacePicker() },
	query: ({ workspace }) => ({ workspace }),
	keep: byName.keep,
	simplify: datasetRow,
});
