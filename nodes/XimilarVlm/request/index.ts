import { at, REQUEST } from '../../shared/api/entities';
import { requestStatusSchema } from '../../shared/api/schemas';
import { choice } from '../../shared/engine/field';
import { listOperation } from '../../shared/engine/listOperation';
import { operation, type Resource } from '../../shared/engine/operation';
import { requests, vlmTasks } from '../entities';
import {
	doneRequest,
	FAILED_STATUSES,
	hasFailed,
	HISTORY,
	isFinal,
	listedRequest,
	OPEN_STATUSES,
	perhapsRequest,
	requestRow,
} from './answer';
import { deleteRequest } from './delete';
import { requestId } from './fields';
import { submit } from './submit';
import { wait } from './wait';

/** What the service gives in a page at most (seed 003, "Request History"). */
const maxPageSize = 100;

const status = () =>
	choice(
		{ displayName: 'Status', default: 'DONE', description: 'The status of the requests' },
		[...OPEN_STATUSES, 'DONE' as const, ...FAILED_STATUSES]
			.sort()
			.map((value) => ({ name: value, value })),
	);

const task = () =>
	vlmTasks.optionalPicker({ description: 'The task that the requests were submitted to' });

const getAll = listOperation(
	{ ...REQUEST, schema: listedRequest },
	{
		description: 'Get requests with their statuses, without their images and answers',
		filters: { status: status(), task: task() },
		query: ({ task: task_id, ...rest }) => ({ ...rest, task_id }),
		maxPageSize,
		simplify: requestRow,
	},
);

const getHistory = listOperation(
	{ ...REQUEST, path: HISTORY, schema: doneRequest },
	{
		name: 'Get History',
		action: 'Get history of requests',
		description: 'Get the requests that are done, with their answers and what they cost',
		filters: { task: task() },
		query: ({ task: task_id }) => ({ task_id }),
		maxPageSize,
		simplify: requestRow,
	},
);

const getStatus = operation({
	name: 'Get Status',
	action: 'Get status of request',
	description: 'Get the status of a request, without its images and answer',
	fields: { requestId: requestId() },
	workspace: true,
	run: async ({ api }, { requestId: id }) => {
		const { status } = await api.get(at(REQUEST, id, 'status/'), requestStatusSchema);
		return { id, status, finished: isFinal(status), failed: hasFailed(status) };
	},
});

const resubmit = operation({
	name: 'Resubmit',
	action: 'Resubmit request',
	description: 'Process a finished request again under the same ID; its former answer is cleared',
	fields: { requestId: requestId() },
	workspace: true,
	simplify: requestRow,
	run: async ({ api }, { requestId: id }) => {
		// Not sent again when its answer is lost: a fast request may have finished in between, and a
		// second call would clear the new answer and have it billed once more.
		const answer = await api.post(at(REQUEST, id, 'resubmit/'), perhapsRequest);
		return { id, status: 'CREATED', ...answer };
	},
});

export const request: Resource = {
	name: 'Request',
	operations: {
		delete: deleteRequest,
		get: requests.get('Get a request with its status and, when it is done, its answer'),
		getAll,
		getHistory,
		getStatus,
		resubmit,
		submit,
		wait,
	},
};
