import { choice, optional } from '../../shared/engine/field';
import { listOperation } from '../../shared/engine/operation';
import { taskPicker, workspacePicker } from '../../shared/fields';
import { FAILED_STATUSES, OPEN_STATUSES, listedRequest, REQUESTS, requestRow } from './answer';

const statuses = [...OPEN_STATUSES, 'DONE', ...FAILED_STATUSES].sort();

export const getAll = listOperation({
	action: 'Get many requests',
	description: 'Get requests with their statuses, without their images and answers',
	path: REQUESTS,
	schema: listedRequest,
	maxPageSize: 100,
	filters: {
		status: choice(
			{ displayName: 'Status', default: 'DONE', description: 'Where the requests stand' },
			statuses.map((status) => ({ name: status, value: status })),
		),
		task: optional(taskPicker('The task that the requests were submitted to')),
		workspace: workspacePicker(),
	},
	query: ({ task, ...rest }) => ({ ...rest, task_id: task }),
	simplify: requestRow,
});
