import { listOperation } from '../../shared/engine/operation';
import { byName, workspacePicker } from '../../shared/fields';
import { entitySchema } from '../../shared/api/schemas';
import { taskRow } from './row';

export const getAll = listOperation({
	action: 'Get many tasks',
	description: 'Get the recognition tasks of a workspace, or find a task by its name',
	path: 'recognition/v2/task/',
	schema: entitySchema,
	filters: { ...byName.filters('e.g. Product colours'), workspace: workspacePicker() },
	query: byName.query,
	keep: byName.keep,
	simplify: taskRow,
});
