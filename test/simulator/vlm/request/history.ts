/** GET vlm/v2/request/history/ (seed 003, Request History). */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { refuse } from '../../errors';
import { optional, requiredUuid } from '../../fields';
import { decodeCursor, encodeCursor, linkTo, pageSizeOf } from '../../paging';
import { readCall } from '../../recognition/call';
import type { State } from '../../state';
import { comparePositions, inOrder, type Order, type Position, positionOf } from './order';
import { listedStatus, presentInHistory } from './present';
import type { VlmRequest } from './state';

/** Where a walk through the pages stands. It holds the order, so that a walk ends as it began. */
interface Cursor {
	/** The number of the page. */
	page: number;
	order: Order;
	after: Position;
}

function decode(text: string): Cursor {
	const cursor = decodeCursor(text) as Partial<Cursor> | null | undefined;
	if (cursor?.order?.by && cursor.after?.length === 2) return cursor as Cursor;
	return refuse(404, { detail: 'Invalid cursor' });
}

function page(state: State, request: FastifyRequest, all: VlmRequest[]) {
	const query = request.query as Record<string, string>;
	const cursor = optional(query.cursor, 'cursor', (text) => decode(String(text)));
	const order: Order = cursor?.order ?? {
		by: state.settings.vlmHistoryOrder,
		shuffle: randomUUID(),
	};
	const rest = cursor
		? all.filter((one) => comparePositions(positionOf(one, order), cursor.after, order) > 0)
		: all;
	const size = pageSizeOf(state, query);
	const results = inOrder(rest, order).slice(0, size);
	const more = rest.length > size;
	const after = more ? positionOf(results.at(-1)!, order) : undefined;
	const next = after && encodeCursor<Cursor>({ page: (cursor?.page ?? 1) + 1, order, after });
	return {
		next: next ? linkTo(state, request, { cursor: next }) : null,
		// Walking back is not simulated: nothing here does it.
		previous: null,
		results: results.map(presentInHistory),
	};
}

export function historyRoute(app: FastifyInstance, state: State): void {
	app.get('/vlm/v2/request/history/', (request) => {
		const { query, workspace } = readCall(request, ['task_id', 'page_size', 'cursor']);
		const task = optional(query.task_id, 'task_id', requiredUuid);
		const done = Object.values(state.vlm.requests).filter(
			(one) =>
				one.workspace === workspace &&
				listedStatus(state, one) === 'DONE' &&
				(!task || one.task_id === task),
		);
		return page(state, request, done);
	});
}
