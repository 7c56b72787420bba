/** The log of calls: what was asked, by whom, and what came of it. Tokens are never kept. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isObject } from './fields';
import { isKnownPath } from './paths';
import type { State } from './state';

export interface LoggedRequest {
	number: number;
	method: string;
	path: string;
	/** The path as the simulator knows it, `/recognition/v2/task/:id/`; null for an unknown path. */
	route: string | null;
	query: unknown;
	/** All but Authorization. */
	headers: Record<string, unknown>;
	/** The account whose token was sent, `unknown` for another token, null without one. */
	token: string | null;
	/** Records in the body, null when it has none. */
	records: number | null;
	/** The body as parsed, long texts cut; null when there was none or it was no JSON. */
	body: unknown;
	/** Milliseconds since 1970, real time. */
	startedAt: number;
	endedAt: number | null;
	/** The answer's, even if it was lost on the way; null as long as there is none. */
	status: number | null;
	/** It counts for the capacity of the service, from its first byte until its answer. */
	holds: boolean;
	/** IDs of the faults that had a hand in it. */
	faults: number[];
	/** A fault ended the connection. */
	cut: boolean;
	/** The connection ended before the answer was out. */
	aborted: boolean;
}

const LONGEST_TEXT = 300;

function shortened(value: unknown): unknown {
	if (typeof value === 'string' && value.length > LONGEST_TEXT) {
		// A mere slice would keep the whole text in memory, which may be a photo.
		const start = Buffer.from(value.slice(0, 40)).toString();
		return `${start}... (${value.length} characters)`;
	}
	if (Array.isArray(value)) return value.map(shortened);
	if (isObject(value)) {
		return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, shortened(field)]));
	}
	return value;
}

function tokenName(state: State, authorization: string | undefined): string | null {
	if (authorization === undefined) return null;
	const account = state.accounts.find(({ token }) => authorization === `Token ${token}`);
	return account?.name ?? 'unknown';
}

/** A call's place among those that are counted together. */
export function routeKey(entry: Pick<LoggedRequest, 'method' | 'route' | 'path'>): string {
	return `${entry.method} ${entry.route ?? entry.path}`;
}

export function logStart(state: State, request: FastifyRequest): LoggedRequest {
	const { authorization, ...headers } = request.headers;
	const entry: LoggedRequest = {
		number: ++state.calls,
		method: request.method,
		path: request.url.split('?')[0]!,
		route: isKnownPath(request) ? request.routeOptions.url! : null,
		query: request.query,
		headers,
		token: tokenName(state, authorization),
		records: null,
		body: null,
		startedAt: Date.now(),
		endedAt: null,
		status: null,
		holds: false,
		faults: [],
		cut: false,
		aborted: false,
	};
	state.requests.push(entry);
	state.open.add(entry);
	const key = routeKey(entry);
	const open = [...state.open].filter((one) => routeKey(one) === key);
	state.peaks[key] = Math.max(state.peaks[key] ?? 0, open.length);
	dropOld(state);
	return entry;
}

/** Keeps the log from growing; of what leaves it, only the number of calls a route remains. */
function dropOld({ requests, dropped, settings }: State): void {
	while (requests.length > settings.logSize) {
		const key = routeKey(requests.shift()!);
		dropped[key] = (dropped[key] ?? 0) + 1;
	}
}

export function logBody(entry: LoggedRequest, body: unknown): void {
	entry.body = shortened(body) ?? null;
	if (isObject(body) && Array.isArray(body.records)) entry.records = body.records.length;
}

export function logEnd(state: State, entry: LoggedRequest, reply: FastifyReply): void {
	state.open.delete(entry);
	entry.endedAt = Date.now();
	entry.aborted = !reply.raw.writableFinished;
	entry.holds = false;
	if (entry.status === null && !entry.cut) state.report.aborted++;
}

/**
 * The log for tests: the last calls whose path contains `path`, and how many there were by route since
 * the start. Of those that the log holds no more, the route is all that is known: they count by that.
 */
export function logReport(state: State, path = '') {
	const requests = state.requests.filter((entry) => entry.path.includes(path));
	const counts: Record<string, number> = {};
	for (const entry of requests) counts[routeKey(entry)] = (counts[routeKey(entry)] ?? 0) + 1;
	for (const [key, count] of Object.entries(state.dropped)) {
		if (key.includes(path)) counts[key] = (counts[key] ?? 0) + count;
	}
	return { requests, counts, peaks: state.peaks };
}
