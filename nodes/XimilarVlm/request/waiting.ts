import type { IDataObject } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';
import type { Api, Query, Schema } from '../../shared/api/client';
import { mapLimit } from '../../shared/api/concurrency';
import { at, REQUEST } from '../../shared/api/entities';
import { isFatal, isTransient, XimilarError } from '../../shared/api/error';
import { getPage, type Page } from '../../shared/api/pages';
import { requestStatusSchema } from '../../shared/api/schemas';
import { throwIfAborted, wait } from '../../shared/api/time';
import type { Item } from '../../shared/engine/execution';
import {
	doneRequest,
	HISTORY,
	isFinal,
	listedRequest,
	OPEN_STATUSES,
	errorOfRequest,
	wholeRequest,
} from './answer';

/**
 * Waits for many requests with few calls. Up to {@link FEW}, each is asked for its status. More are
 * looked up in the lists of those that are not finished: what is not there any more has an answer,
 * and answers come by the hundred from the history; only what is not in there, as it failed or was
 * deleted, is asked for by itself.
 */

const FEW = 5;
const CALLS_AT_ONCE = 4;
const PAGE_SIZE = 100;
/** Requests that are open though no list shows them are asked for so many at a time. */
const UNLISTED_AT_ONCE = 20;

/** In seconds. */
const TIMEOUT = 600;
const INITIAL_BACKOFF = 1_000;
const GROWTH = 1.5;
const MAX_BACKOFF = 20_000;

/** Which lists show the requests. */
export interface Scope {
	task?: string;
	workspace?: string;
}

/** The requests of an item, and what its user said of the wait. */
export interface WaitingItem {
	item: Item<object>;
	ids: string[];
	/** Where the requests stood, when that is known. */
	status?: string;
	scope: Scope;
	options: { onTimeout?: 'fail' | 'pass'; timeout?: number };
	/** It has its results, or its refusal. */
	settled?: boolean;
}

/** What has become of a request. */
type Outcome = { request: IDataObject } | { refusal: unknown };

interface State {
	open: Map<string, Open>;
	outcomes: Map<string, Outcome>;
	/** Requests of which the user wants the raw data. */
	whole: Set<string>;
}

/** A request without an outcome yet. */
interface Open {
	id: string;
	status?: string;
	/** How often it was asked for by itself and found open, since a list has last shown it. */
	asked: number;
	/** Why the last call for it brought nothing. */
	fault?: XimilarError;
}

/**
 * Waits for the requests of all items, and ends each item when its own have finished.
 * @returns the items that were not waited for to the end, because the run ended
 */
export async function waitForAll(items: WaitingItem[]): Promise<WaitingItem[]> {
	const groups = new Map<string, WaitingItem[]>();
	for (const one of items) {
		const key = JSON.stringify([one.scope.task, one.scope.workspace]);
		groups.set(key, [...(groups.get(key) ?? []), one]);
	}
	await mapLimit(groups.values(), groups.size, waitForGroup);
	return items.filter(({ settled }) => !settled);
}

async function waitForGroup(group: WaitingItem[]): Promise<void> {
	const [{ item: run, scope }] = group as [WaitingItem];
	const start = Date.now();
	const deadlineOf = ({ options: { timeout = TIMEOUT } }: WaitingItem) => start + timeout * 1000;
	const state: State = { open: new Map(), outcomes: new Map(), whole: new Set() };
	for (const { ids, item, status } of group) {
		const { simplify } = item.values as { simplify?: boolean };
		for (const id of ids) {
			state.open.set(id, { id, status, asked: 0 });
			// The history may leave out what the raw data of a request has.
			if (!simplify) state.whole.add(id);
		}
	}
	const pollOnce = createPoller(run.api, run.signal, scope, state);

	const lookUntilSettled = async () => {
		let waiting = group;
		// Just submitted: they are not done yet, and may not even stand in the lists.
		if (group.every(({ status }) => status)) await wait(sleep, INITIAL_BACKOFF, run.signal);
		for (let pause = INITIAL_BACKOFF; ; pause = Math.min(pause * GROWTH, MAX_BACKOFF)) {
			await pollOnce();
			const now = Date.now();
			const isReady = (one: WaitingItem) =>
				now >= deadlineOf(one) || one.ids.every((id) => state.outcomes.has(id));
			waiting.filter(isReady).forEach((one) => settle(one, state));
			waiting = waiting.filter((one) => !isReady(one));
			if (!waiting.length) return;
			const wanted = new Set(waiting.flatMap(({ ids }) => ids));
			for (const id of state.open.keys()) if (!wanted.has(id)) state.open.delete(id);
			await wait(sleep, Math.min(pause, Math.min(...waiting.map(deadlineOf)) - now), run.signal);
		}
	};
	await lookUntilSettled().catch((error: unknown) => {
		if (!(error instanceof XimilarError)) throw error;
		// Cancelled, or refused for every call: it holds for all that are left.
		for (const { item, settled } of group) if (!settled) item.end({ errors: [error] });
	});
}

/** Hands an item what has become of its requests. */
function settle(one: WaitingItem, { open, outcomes }: State): void {
	const { item, ids, options } = one;
	one.settled = true;
	const rows: IDataObject[] = [];
	const errors: unknown[] = [];
	for (const id of ids) {
		const outcome = outcomes.get(id);
		if (outcome && 'request' in outcome) rows.push(outcome.request);
		else if (outcome) errors.push(outcome.refusal);
		else if (options.onTimeout === 'pass') rows.push({ id, status: open.get(id)?.status ?? null });
		else errors.push(late(id, open.get(id), options.timeout));
	}
	item.end({ rows, errors });
}

function late(id: string, { status, fault }: Partial<Open> = {}, timeout = TIMEOUT): XimilarError {
	const standing = status ? ` It is ${status} now.` : '';
	const hindered = fault ? ` The last call for it brought nothing: ${fault.message}.` : '';
	return new XimilarError(
		`The answer to request ${id} did not come within ${timeout} seconds`,
		`It goes on in Ximilar: wait for it again with the operation Wait, or raise Timeout.${standing}${hindered}`,
	);
}

/**
 * Makes the function that looks once at all requests that are open, and moves those that have
 * finished to the outcomes.
 */
function createPoller(
	anywhere: Api,
	signal: AbortSignal,
	{ task, workspace }: Scope,
	{ open, outcomes, whole }: State,
): () => Promise<void> {
	const api = anywhere.inWorkspace(workspace);
	// A request of another workspace is in no list of this one, until its answer names its own.
	const workspaces = new Set([workspace]);
	/** The lists were read as far as needed, so what they do not show is not in them. */
	let complete = false;

	const conclude = (id: string, outcome: Outcome) => {
		outcomes.set(id, outcome);
		open.delete(id);
	};

	const finish = (id: string, request: IDataObject) => {
		const done = request.status === 'DONE';
		conclude(id, done ? { request } : { refusal: errorOfRequest({ ...request, id }) });
	};

	/** Makes a call for one request; a fault that passes is left to the next look. */
	const ask = async (id: string, call: (one: Open) => Promise<void>) => {
		const one = open.get(id)!;
		try {
			await call(one);
			one.fault = undefined;
		} catch (error) {
			throwIfAborted(signal);
			if (isTransient(error)) one.fault = error;
			else conclude(id, { refusal: isMissing(error) ? missing(one, error) : error });
		}
	};

	const askForAll = async (one: Open) => {
		const request = await api.get(at(REQUEST, one.id), wholeRequest);
		if (isFinal(request.status)) return finish(one.id, request);
		one.status = String(request.status);
		one.asked++;
		if (complete && typeof request.workspace === 'string') workspaces.add(request.workspace);
	};

	const askForStatus = async (one: Open) => {
		const { status } = await api.get(at(REQUEST, one.id, 'status/'), requestStatusSchema);
		one.status = String(status);
		if (isFinal(status)) await askForAll(one);
	};

	const unlessForAll = (error: unknown): undefined => {
		throwIfAborted(signal);
		if (isFatal(error)) throw error;
	};

	/**
	 * Reads pages while `goOn` wants more of them. A fault ends it, and only makes a look poorer.
	 * @returns whether the list was read to its end
	 */
	const readPages = async (
		list: string,
		schema: Schema<IDataObject>,
		query: Query,
		shouldContinue: (entries: IDataObject[]) => boolean,
	): Promise<boolean> => {
		let next: Query | undefined = { task_id: task, page_size: PAGE_SIZE, ...query };
		while (next) {
			const page: Page<IDataObject> | undefined = await getPage(
				anywhere.inWorkspace(undefined),
				list,
				schema,
				next,
			).catch(unlessForAll);
			if (!page || !shouldContinue(page.results)) return false;
			next = page.next;
		}
		return true;
	};

	/**
	 * Notes the statuses of requests that the lists of unfinished ones show. These are read in the
	 * order in which a request goes through them, so that none slips past.
	 * @returns whether every open request is now known to be listed or not
	 */
	const readOpenLists = async (listed: Set<string>): Promise<boolean> => {
		// Where others have many requests under way, asking for ours one by one is less.
		let pagesLeft = open.size / 10 + OPEN_STATUSES.length * workspaces.size;
		const isAll = () => listed.size === open.size;
		for (const here of workspaces) {
			for (const status of OPEN_STATUSES) {
				if (isAll()) return true;
				const query = { status, workspace: here };
				const toTheEnd = await readPages(REQUEST.path, listedRequest, query, (entries) => {
					for (const entry of entries) {
						const one = open.get(String(entry.id));
						if (!one || isFinal(entry.status)) continue;
						Object.assign(one, { status: entry.status ?? status, asked: 0, fault: undefined });
						listed.add(one.id);
					}
					return !isAll() && --pagesLeft >= 1;
				});
				if (!toTheEnd && !isAll()) return false;
			}
		}
		return true;
	};

	/** Takes answers from the history, as long as its pages hold enough of them. */
	const readHistory = async (wanted: Set<string>): Promise<void> => {
		for (const here of workspaces) {
			let pagesInVain = 1 + wanted.size / 20;
			await readPages(HISTORY, doneRequest, { workspace: here }, (entries) => {
				const found = entries.filter(({ id }) => wanted.delete(String(id)));
				for (const request of found) finish(String(request.id), request);
				if (!found.length) pagesInVain--;
				return wanted.size > 0 && pagesInVain >= 1;
			});
		}
	};

	return async () => {
		if (open.size <= FEW) {
			await mapLimit([...open.keys()], CALLS_AT_ONCE, (id) => ask(id, askForStatus));
			return;
		}
		const listed = new Set<string>();
		complete = await readOpenLists(listed);
		const unlisted = () => [...open.values()].filter(({ id }) => !listed.has(id));
		const wanted = unlisted().filter(({ id }) => !whole.has(id));
		if (wanted.length > FEW) await readHistory(new Set(wanted.map(({ id }) => id)));
		const rest = unlisted().sort((a, b) => a.asked - b.asked);
		const withLock = rest.filter(({ asked }) => !complete || asked > 0).slice(0, UNLISTED_AT_ONCE);
		const due = complete ? [...rest.filter(({ asked }) => !asked), ...withLock] : withLock;
		await mapLimit(due, CALLS_AT_ONCE, async ({ id }) => await ask(id, askForAll));
	};
}

function isMissing(error: unknown): error is XimilarError {
	return error instanceof XimilarError && error.status === 404;
}

/** A request that was there before was deleted; of another one, nobody knows. */
function missing({ id, status }: Open, refusal: XimilarError): XimilarError {
	return status
		? new XimilarError(
				`Request ${id} was deleted while it was waited for`,
				`Its status was ${status} before. Submit it anew if its answer is still wanted.`,
				{ kind: 'notFound', status: 404, cause: refusal },
			)
		: new XimilarError(
				`Ximilar has no request ${id}`,
				'Check the ID and the Workspace. A finished request is deleted two weeks after it finished.',
				{ kind: 'notFound', status: 404, cause: refusal },
			);
}
