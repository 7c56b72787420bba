import { listOperation } from '../../shared/engine/operation';
import { byName, workspacePicker } from '../../shared/fields';
import { entitySchema } from '../../shared/api/schemas';
import { taskRow } from './row';

export const getAll = listOperation({
	action: 'Get many tasks',
	description: 'Get the vision language tasks of a workspace, or find a task by its name',
	path: 'vlm/v2/task/',
	schema: entitySchema,
	filters: { ...byName.filters('e.g. Card grading'), workspace: workspacePicker() },
	query: byName.query,
	keep: byName.keep,
	simplify: taskRow,
});
