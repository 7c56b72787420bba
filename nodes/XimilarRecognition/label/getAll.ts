import { optional } from '../../shared/engine/field';
import { listOperation } from '../../shared/engine/operation';
import { byName, taskPicker, workspacePicker } from '../../shared/fields';
import { entitySchema } from '../../shared/api/schemas';

export const getAll = listOperation({
	action: 'Get many labels',
	description: 'Get the labels of a workspace or of a task, or find a label by its name',
	path: 'recognition/v2/label/',
	schema: entitySchema,
	filters: {
		...byName.filters('e.g. T-shirt'),
		task: optional(taskPicker('The task whose labels are returned')),
		workspace: workspacePicker(),
	},
	query: byName.query,
	keep: byName.keep,
});
