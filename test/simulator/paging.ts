/** Pages of a list: `{count, next, previous, results}` (seed 003, List Prompts). */
import type { FastifyRequest } from 'fastify';
import { refuse, refuseField } from './errors';
import type { State } from './state';

const MAX_PAGE_SIZE = 100;

/** The query parameters that `paginate` reads. */
export const PAGE_QUERY = ['page'] as const;

/** An absolute link to this call with other query parameters; null removes one. */
export function linkTo(
	state: State,
	request: FastifyRequest,
	change: Record<string, string | null>,
): string {
	const origin = state.settings.nextOrigin ?? `${request.protocol}://${request.host}`;
	const url = new URL(request.url, origin);
	for (const [name, value] of Object.entries(change)) {
		if (value === null) url.searchParams.delete(name);
		else url.searchParams.set(name, value);
	}
	return url.href;
}

/** What a cursor says to whoever can read it: this service, and its faults. */
export function encodeCursor<T extends { page: number }>(cursor: T): string {
	return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

/** What `encodeCursor` was given; undefined for anything that it did not make. */
export function decodeCursor(text: string): { page: number } | undefined {
	try {
		return JSON.parse(Buffer.from(text, 'base64url').toString()) as { page: number } | undefined;
	} catch {
		return undefined;
	}
}

/** The number of the page that a query asks for, by number or by cursor. */
export function pageNumber({ page, cursor }: Record<string, string | undefined>): number {
	return cursor === undefined ? Number(page ?? 1) : (decodeCursor(cursor)?.page ?? 1);
}

function wholeNumber(text: string | undefined): number | undefined {
	return text !== undefined && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

/** The page size that a query asks for with `page_size`, or the usual one. */
export function pageSizeOf(state: State, query: Record<string, string>): number {
	const asked = query.page_size === undefined ? undefined : wholeNumber(query.page_size);
	if (query.page_size !== undefined && asked === undefined) {
		refuseField('page_size', 'A valid integer is required.');
	}
	return Math.min(asked ?? state.settings.pageSize, MAX_PAGE_SIZE);
}

/** The page of `items` that the request's `page` (and `page_size`, where a call takes it) names. */
export function paginate<T, R>(
	state: State,
	request: FastifyRequest,
	items: T[],
	present: (item: T) => R,
): { count: number; next: string | null; previous: string | null; results: R[] } {
	const query = request.query as Record<string, string>;
	const size = pageSizeOf(state, query);
	const pages = Math.max(1, Math.ceil(items.length / size));
	const page = query.page === undefined ? 1 : wholeNumber(query.page);
	if (page === undefined || page > pages) refuse(404, { detail: 'Invalid page.' });
	return {
		count: items.length,
		next: page < pages ? linkTo(state, request, { page: String(page + 1) }) : null,
		previous:
			page > 1 ? linkTo(state, request, { page: page > 2 ? String(page - 1) : null }) : null,
		results: items.slice((page - 1) * size, page * size).map(present),
	};
}
