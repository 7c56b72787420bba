import { sleep, type IDataObject } from 'n8n-workflow';
import type { Api } from '../../shared/api/client';
import { mapLimit } from '../../shared/api/concurrency';
import { at, REQUEST } from '../../shared/api/entities';
import { duration, fail, isFatal, sentences, XimilarError } from '../../shared/api/error';
import { getPage } from '../../shared/api/pages';
import { requestStatusSchema } from '../../shared/api/schemas';
import { throwIfAborted, wait, withTimeout, type Sleep } from '../../shared/api/time';
import type { Item } from '../../shared/engine/execution';
import { doneRequest, HISTORY, listedRequest, wholeRequest } from './answer';
import { apply, CALLS_AT_ONCE, isPageCall, plan, type Answer, type Call } from './polling';
import { beginPoll, keepOnly, stateOf, type State } from './pollState';

/** Waits for the requests of many items together: polls until each item is ended. */

/** In seconds. */
const TIMEOUT = 600;
const INITIAL_BACKOFF = 1_000;
const GROWTH = 1.5;
const MAX_BACKOFF = 20_000;
/** How long before a deadline the last poll begins, so that it can end in time. */
const LAST_POLL = 1_000;

/** The requests of an item, and what its user said of the wait. */
export interface WaitingItem {
	item: Pick<Item<object>, 'api' | 'signal' | 'values' | 'end' | 'report'>;
	ids: string[];
	/** The names of their images, where they are known. */
	imageNames?: string[];
	/** Where the requests stood, when that is known. */
	status?: string;
	/** Which lists show the requests. */
	scope: { task?: string; workspace?: string };
	options: { onTimeout?: 'fail' | 'pass'; timeout?: number };
}

/** Handed in, so that a test needs no time. */
interface Clock {
	now(): number;
	sleep: Sleep;
}

/**
 * Waits for the requests of all items, and ends each item when its own have finished.
 * @returns the items that were not waited for to the end, because the run ended
 */
export async function waitForAll(
	items: WaitingItem[],
	clock: Clock = { now: Date.now, sleep },
): Promise<WaitingItem[]> {
	const groups = new Map<string, WaitingItem[]>();
	for (const one of items) {
		const key = JSON.stringify([one.scope.task, one.scope.workspace]);
		groups.set(key, groups.get(key) ?? []);
		groups.get(key)!.push(one);
	}
	const unfinished: WaitingItem[] = [];
	await mapLimit(groups.values(), groups.size, async (group) => {
		unfinished.push(...(await waitForGroup(group, clock)));
	});
	return unfinished;
}

async function waitForGroup(
	group: WaitingItem[],
	{ now, sleep: pause }: Clock,
): Promise<WaitingItem[]> {
	const start = now();
	const deadlineOf = ({ options: { timeout = TIMEOUT } }: WaitingItem) => start + timeout * 1000;
	const [{ item: run, scope }] = group as [WaitingItem];
	const { signal } = run;
	let state = stateOf(group.flatMap(trackedOf), scope);
	let waiting = group;

	const timeLeft = () => Math.min(...waiting.map(deadlineOf)) - now();
	const endReady = () => {
		const isReady = (one: WaitingItem) =>
			now() >= deadlineOf(one) || one.ids.every((id) => state.requests.get(id)?.outcome);
		const ready = waiting.filter(isReady);
		if (!ready.length) return;
		waiting = waiting.filter((one) => !ready.includes(one));
		for (const one of ready) endItem(one, state);
		state = keepOnly(state, new Set(waiting.flatMap(({ ids }) => ids)));
	};

	try {
		// Just submitted: they are not done yet, and may not even stand in the lists.
		if (group.every(({ status }) => status)) await wait(pause, INITIAL_BACKOFF, signal);
		for (let backoff = INITIAL_BACKOFF; ; backoff = Math.min(backoff * GROWTH, MAX_BACKOFF)) {
			state = beginPoll(state);
			for (let calls = plan(state); calls.length; calls = plan(state)) {
				const answers = await answersTo(calls, run, scope.workspace, timeLeft());
				state = apply(state, answers);
				endReady();
			}
			if (!waiting.length) return [];
			const untilLastPoll = timeLeft() - LAST_POLL;
			await wait(pause, untilLastPoll > 0 ? Math.min(backoff, untilLastPoll) : timeLeft(), signal);
			endReady();
		}
	} catch (error) {
		// Cancelled, or refused for every call: it holds for all that are left.
		for (const { item } of waiting) item.end({ errors: [error] });
		return waiting;
	}
}

function trackedOf({ ids, item, status }: WaitingItem) {
	const { simplify } = item.values as { simplify?: boolean };
	return ids.map((id) => ({ id, status, raw: !simplify }));
}

/** @throws XimilarError when the run has ended, or every further call would fail too */
async function answersTo(
	calls: Call[],
	{ api, signal }: WaitingItem['item'],
	workspace: string | undefined,
	timeLeft: number,
): Promise<Answer[]> {
	const answers: Answer[] = [];
	await mapLimit(calls, CALLS_AT_ONCE, async (call) => {
		const answer = answerTo(api, workspace, call);
		// A call that takes too long does not keep an item waiting beyond its time.
		const inTime = withTimeout(answer, Math.ceil(Math.max(timeLeft, LAST_POLL)), tooLate, signal);
		answers.push(
			await inTime.catch((error: unknown) => {
				throwIfAborted(signal);
				if (isFatal(error)) throw error;
				return isPageCall(call) ? { call } : { call, error };
			}),
		);
	});
	return answers;
}

const tooLate = () =>
	fail('Ximilar did not answer in time', 'Try again later.', { kind: 'timeout' });

async function answerTo(api: Api, workspace: string | undefined, call: Call): Promise<Answer> {
	if (isPageCall(call)) {
		const here = api.inWorkspace(call.workspace);
		const [path, schema] =
			call.kind === 'open' ? [REQUEST.path, listedRequest] : [HISTORY, doneRequest];
		return { call, page: await getPage(here, path, schema, call.query) };
	}
	const here = api.inWorkspace(workspace);
	const request =
		call.kind === 'status'
			? await here.get(at(REQUEST, call.id, 'status/'), requestStatusSchema)
			: await here.get(at(REQUEST, call.id), wholeRequest);
	return { call, request };
}

/** Hands an item what has become of its requests. */
function endItem({ item, ids, imageNames, options }: WaitingItem, { requests }: State): void {
	const rows: IDataObject[] = [];
	const errors: unknown[] = [];
	const named = imageNames ? { image_names: imageNames } : {};
	for (const id of ids) {
		const { outcome, status, fault } = requests.get(id)!;
		if (outcome && 'request' in outcome) rows.push({ ...named, ...outcome.request });
		else if (outcome) errors.push(outcome.error);
		else if (options.onTimeout === 'pass') rows.push({ ...named, id, status: status ?? null });
		else errors.push(late(id, options.timeout, status, fault));
	}
	item.end({ rows, errors });
}

function late(id: string, timeout = TIMEOUT, status?: string, fault?: XimilarError): XimilarError {
	return new XimilarError(
		`The answer to request ${id} did not come within ${duration(timeout * 1000)}`,
		sentences(
			'It goes on in Ximilar: wait for it again with the operation Wait, or raise Timeout',
			status ? `It is ${status} now` : '',
			fault ? `The last call for it brought nothing: ${fault.message}` : '',
		),
		{ kind: 'timeout' },
	);
}
