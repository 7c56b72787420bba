import { optional } from '../../shared/engine/field';
import { listOperation } from '../../shared/engine/operation';
import { taskPicker, workspacePicker } from '../../shared/fields';
import { doneRequest, HISTORY, requestRow } from './answer';

export const getHistory = listOperation({
	name: 'Get History',
	action: 'Get history of requests',
	description: 'Get the requests that are done, with their answers and what they cost',
	path: HISTORY,
	schema: doneRequest,
	maxPageSize: 100,
	filters: {
		task: optional(taskPicker('The task that the requests were submitted to')),
		workspace: workspacePicker(),
	},
	query: ({ task, ...rest }) => ({ ...rest, task_id: task }),
	simplify: requestRow,
});
