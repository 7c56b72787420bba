/** vlm/v2/request/ (seed 003, Request Endpoints). */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { now } from '../../clock';
import { refuse } from '../../errors';
import { oneOf, optional, requiredUuid } from '../../fields';
import { PAGE_QUERY, paginate } from '../../paging';
import { answerUnprinted, inPath, readCall, writeCall } from '../../recognition/call';
import type { State } from '../../state';
import { bill, isFinal, release } from './finish';
import { historyRoute } from './history';
import { inOrder } from './order';
import { listedStatus, presentInList, presentRequest, presentSubmitted } from './present';
import { STATUSES, type VlmRequest } from './state';
import { checkInlineImages, enqueue, FIELDS, requestIn } from './submit';
import type { Workers } from './workers';

const REQUESTS = '/vlm/v2/request/';

/** The request that the path names, without a search: there may be thousands. */
function named(state: State, call: FastifyRequest, workspace: string): VlmRequest {
	const { id } = call.params as { id: string };
	const request = state.vlm.requests[id.toLowerCase()];
	return inPath(request ? [request] : [], call, workspace);
}

function submitRoute(app: FastifyInstance, state: State, workers: Workers): void {
	app.post(REQUESTS, async (call, reply) => {
		const { body, workspace } = writeCall(call, FIELDS);
		const request = requestIn(state, call, body, workspace);
		await checkInlineImages(request.request, workers.eyes, call.strict);
		state.vlm.requests[request.id] = request;
		state.report.submissions++;
		enqueue(state, request);
		workers.wake();
		void reply.code(201);
		return presentSubmitted(request);
	});
}

/** A list that is walked through page by page keeps its order; the first page begins a new walk. */
function listOrder(state: State, query: Record<string, string>) {
	if (query.page === undefined) state.vlm.listShuffle = randomUUID();
	return { by: state.settings.vlmListOrder, shuffle: state.vlm.listShuffle };
}

function readRoutes(app: FastifyInstance, state: State): void {
	const find = (call: FastifyRequest) => named(state, call, readCall(call).workspace);

	app.get(REQUESTS, (call) => {
		const filters = ['page_size', 'status', 'task_id'];
		const { query, workspace } = readCall(call, [...PAGE_QUERY, ...filters]);
		const status = optional(query.status, 'status', (one, name) => oneOf(one, name, STATUSES));
		const task = optional(query.task_id, 'task_id', requiredUuid);
		const requests = Object.values(state.vlm.requests).filter(
			(one) =>
				one.workspace === workspace &&
				(!status || listedStatus(state, one) === status) &&
				(!task || one.task_id === task),
		);
		const ordered = inOrder(requests, listOrder(state, query));
		return paginate(state, call, ordered, (one) => presentInList(state, one));
	});

	app.get(`${REQUESTS}:id/`, (call) => presentRequest(find(call)));
	app.get(`${REQUESTS}:id/status/`, (call) => ({ status: find(call).status }));
}

/** "The status is reset to CREATED and the previous response, usage, and timing fields are cleared". */
function resubmit(state: State, request: VlmRequest): void {
	const { work } = request;
	if (!isFinal(request.status)) {
		refuse(400, { detail: `A request that is ${request.status} cannot be resubmitted.` });
	}
	// What was done is paid for, and may be asked for a second time before the bill came.
	if (request.status === 'DONE') bill(state, request, now(state.clock));
	Object.assign(request, {
		status: 'CREATED',
		response: null,
		usage: null,
		started_at: null,
		completed_at: null,
	});
	work.run++;
	work.billed = false;
	enqueue(state, request);
}

/** "a DONE request can only be deleted after it has been billed" */
function requireDeletable({ status, work }: VlmRequest): void {
	if (status === 'PROCESSING') {
		refuse(400, { detail: 'A request that is PROCESSING cannot be deleted.' });
	}
	if (status === 'DONE' && !work.billed) {
		refuse(400, { detail: 'A DONE request cannot be deleted before it has been billed.' });
	}
}

function remove(state: State, request: VlmRequest): void {
	requireDeletable(request);
	release(state, request);
	state.vlm.queue = state.vlm.queue.filter((id) => id !== request.id);
	delete state.vlm.requests[request.id];
}

function writeRoutes(app: FastifyInstance, state: State, workers: Workers): void {
	app.post(`${REQUESTS}:id/resubmit/`, (call, reply) => {
		const { workspace } = writeCall(call, []);
		const request = named(state, call, workspace);
		resubmit(state, request);
		workers.wake();
		return answerUnprinted(state, reply, presentSubmitted(request));
	});

	app.delete(`${REQUESTS}:id/`, (call, reply) => {
		const { workspace } = readCall(call);
		remove(state, named(state, call, workspace));
		return reply.code(204).send();
	});
}

export function requestRoutes(app: FastifyInstance, state: State, workers: Workers): void {
	submitRoute(app, state, workers);
	readRoutes(app, state);
	historyRoute(app, state);
	writeRoutes(app, state, workers);
}
