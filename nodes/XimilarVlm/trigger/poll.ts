import {
	deepCopy,
	type IDataObject,
	type INodeExecutionData,
	type IPollFunctions,
} from 'n8n-workflow';
import { createClient } from '../../shared/api/client';
import { createMemoize } from '../../shared/api/concurrency';
import { isTransient, XimilarError } from '../../shared/api/error';
import { connectionOf } from '../../shared/engine/connection';
import { nodeError } from '../../shared/engine/errors';
import { valuesOf, type Values } from '../../shared/engine/field';
import { withIds } from '../../shared/engine/naming';
import { requestRow } from '../request/answer';
import { collect, type Collected, type TriggerState } from './collect';
import { faultError, isDead, isToTell, slowError, type Occasion } from './faults';
import { triggerFields } from './fields';
import { accountKey, sourceOf, type List, type ListedRequest, type Source } from './lists';
import { latestOf } from './latest';
import { isBusy, isFirstPoll, markBusy, markDone, markTold, wasTold } from './memory';
import { PAGE_SIZE } from './reading';
import { settle } from './settle';
import { startingAt, type ListState } from './state';
import { FIRST_LIMIT, limitOf, LONGEST_LIMIT, partsOf } from './time';

/** A poll as n8n calls it: at activation, at each start of n8n, and on schedule (`n8n.md`, Polling). */

/** How long a server that asks for patience gets it, in milliseconds: the next poll comes anyway. */
const PATIENCE = 10_000;

const HOUR = 3_600_000;

type TriggerValues = Values<ReturnType<typeof triggerFields>>;

/** Gives an item for each request that has finished since the last poll; null when none has. */
export async function poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
	const mode = isFirstPoll(this) ? this.getActivationMode() : 'schedule';
	const isStart = mode === 'init' || mode === 'leadershipChange';
	const isFirst = isStart || mode === 'activate';
	const isTest = this.getMode() === 'manual';
	// A test writes no state, so it asks for none.
	const store = isTest ? undefined : this.getWorkflowStaticData('node');
	const isCopy = store !== undefined && !isSavedAtActivation(store);
	const gap = store ? Date.now() - stateIn(store).polledAt : 0;
	const limit = isFirst ? FIRST_LIMIT : limitOf(gap);
	const place = placeOf(this);
	// After a long time without a poll, one may take longer than the next is away.
	const isAlone = isCopy || limit > limitOf(0);
	if (isAlone) {
		if (!isFirst && isBusy(place)) return null;
		markBusy(place);
	}
	try {
		const occasion = isTest ? 'test' : mode === 'activate' ? 'activation' : 'schedule';
		return await pollFor(this, Math.min(limit, budgetOf(this)), occasion);
	} catch (error) {
		// n8n would try to start the workflow at growing intervals, where its schedule is at hand.
		if (isStart && isTransient(error)) return null;
		throw nodeError(this.getNode(), withoutHeaderName(error));
	} finally {
		if (isAlone) markDone(place, isCopy);
	}
}

async function pollFor(
	context: IPollFunctions,
	milliseconds: number,
	occasion: Occasion,
): Promise<INodeExecutionData[][] | null> {
	const begin = Date.now();
	const isWithin = (time: number) => Date.now() - begin < time;
	const { forPages, forRequests } = partsOf(milliseconds);
	const { event, output, filters, options } = triggerValues(context);
	const source = await connect(context, { event, filters }, AbortSignal.timeout(milliseconds));
	const slow = (error: unknown, list: List) => slowError(error, list, milliseconds, occasion);

	if (occasion === 'test')
		return [itemsOf(await latestOf(source, output !== 'outcome', slow), output)];

	const store = context.getWorkflowStaticData('node');
	const hours = options.hoursBefore ?? 0;
	const isNew = source.lists.filter(({ key }) => !(key in stateIn(store).lists));
	if (isNew.length) {
		const isActivation = occasion === 'activation';
		const begun = await beginAll(source, isNew, { hours, isActivation, slow });
		// Another poll may have begun meanwhile: its starting point stands.
		const { lists, ...rest } = stateIn(store);
		save(store, { ...rest, polledAt: Date.now(), lists: { ...begun, ...lists } });
		if (!isSavedAtActivation(store)) return [[]];
		if (!hours && isNew.length === source.lists.length) return null;
	}

	const collected = await collect(source, stateIn(store), {
		details: output !== 'outcome',
		now: Date.now,
		hasTime: () => isWithin(forPages),
		hasTimeToAsk: () => isWithin(forRequests),
	});
	// From here on nothing is waited for: no other poll comes between the state and the items.
	const keys = source.lists.map(({ key }) => key);
	const { emitted, state } = settle(stateIn(store), keys, collected, {
		now: Date.now(),
		clock: source.clock(),
	});
	throwWhatIsToTell(context, source, collected, slow);
	save(store, withTold(context, state));
	if (emitted.length) return [itemsOf(emitted, output)];
	if (collected.lists.every(isDead))
		throw slow(collected.lists[0]!.reading.error, source.lists[0]!);
	return null;
}

/** The lists to watch, of the account that the credential is for. */
async function connect(
	context: IPollFunctions,
	{ event, filters: watched }: Pick<TriggerValues, 'event' | 'filters'>,
	signal: AbortSignal,
): Promise<Source> {
	// The service's clock, as far as its answers show it: completed_at is by that one.
	let ahead = 0;
	const onResponse = ({ date }: Record<string, unknown>) => {
		const shown = Date.parse(String(date));
		if (!Number.isNaN(shown)) ahead = shown - Date.now();
	};
	const connection = connectionOf(context, { signal });
	const clients = {
		lists: createClient(connection, {
			maxTries: 3,
			patience: PATIENCE,
			timeout: 15_000,
			onResponse,
		}),
		// One that cannot be read must not take the time of all others.
		requests: createClient(connection, {
			maxTries: 2,
			patience: PATIENCE,
			timeout: 8_000,
			onResponse,
		}),
	};
	const account = accountKey(await connection.account());
	const { filters } = await withIds({ filters: watched }, clients.requests, createMemoize());
	return sourceOf(clients, { event, ...filters, account }, () => Date.now() + ahead);
}

interface Beginning {
	hours: number;
	isActivation: boolean;
	slow(error: unknown, list: List): unknown;
}

/**
 * The states of lists at the starting point: now by the service's clock, or some hours before.
 * @throws when none of them can be read; at an activation, where the user is there, when any cannot
 */
async function beginAll(
	source: Source,
	lists: List[],
	{ hours, isActivation, slow }: Beginning,
): Promise<Record<string, ListState>> {
	const pages = await Promise.allSettled(
		lists.map(async (list) => await list.readPage(undefined, PAGE_SIZE)),
	);
	const failures = pages.flatMap((page, index) =>
		page.status === 'rejected' ? [slow(page.reason, lists[index]!)] : [],
	);
	if (failures.length && (isActivation || failures.length === pages.length)) throw failures[0];
	const start = source.clock() - hours * HOUR;
	const states = pages.map((page, index) => {
		// The clock is shown in seconds: what is there already has finished before the start.
		const entries = (page.status === 'fulfilled' && !hours && page.value?.entries) || [];
		const fingerprints = entries.filter(({ at }) => at === undefined);
		return [
			lists[index]!.key,
			startingAt(
				start,
				entries,
				fingerprints.map(({ fingerprint }) => fingerprint),
			),
		];
	});
	return Object.fromEntries(states) as Record<string, ListState>;
}

/**
 * Tells of a page that cannot be read, or of a list while others can. The poll's finishes are left
 * to the next one: n8n takes an error or items, not both.
 */
function throwWhatIsToTell(
	context: IPollFunctions,
	{ lists }: Source,
	collected: Collected,
	slow: Beginning['slow'],
): void {
	if (collected.lists.every(isDead)) return;
	for (const [index, read] of collected.lists.entries()) {
		const { error, fault } = read.reading;
		const key = faultKey(context, lists[index]!.key, fault?.since);
		if (!isToTell(read, Date.now()) || wasTold(key)) continue;
		markTold(key);
		const cause = slow(error, lists[index]!);
		if (!(cause instanceof XimilarError)) throw cause;
		throw faultError(lists[index]!, fault!, cause, Date.now());
	}
}

function withTold(context: IPollFunctions, state: TriggerState): TriggerState {
	for (const [key, { fault }] of Object.entries(state.lists)) {
		if (fault && wasTold(faultKey(context, key, fault.since))) fault.told = true;
	}
	return state;
}

const placeOf = (context: IPollFunctions) =>
	[context.getWorkflow().id, context.getNode().id].join(' ');

const faultKey = (context: IPollFunctions, list: string, since = 0) =>
	[placeOf(context), list, since].join(' ');

function itemsOf(finishes: ListedRequest[], output: TriggerValues['output']): INodeExecutionData[] {
	const shown = { answer: requestRow, outcome, raw: (request: IDataObject) => request }[output];
	return finishes.map(({ request }) => ({ json: shown(request) }));
}

function outcome({
	id,
	status,
	task_id,
	version,
	created,
	completed_at,
	workspace,
}: IDataObject): IDataObject {
	return { id, status, task_id, version, created, completed_at, workspace };
}

/** A copy: n8n hands out its own objects. */
function stateIn(store: IDataObject): TriggerState {
	const { lists = {}, open = {}, openOf = '', polledAt = 0 } = store;
	return deepCopy({ lists, open, openOf, polledAt }) as unknown as TriggerState;
}

function save(store: IDataObject, state: TriggerState): void {
	Object.assign(store, state);
}

/**
 * n8n saves what a poll without items leaves behind once the workflow is active, but not in its
 * durable mode, where a poll's state is a plain copy: there, the starting point has to go with an
 * empty execution (`n8n.md`, Polling).
 */
function isSavedAtActivation(store: IDataObject): boolean {
	return '__dataChanged' in store;
}

function budgetOf(context: IPollFunctions): number {
	const { getPollBudgetMs } = context as { getPollBudgetMs?: () => number };
	return getPollBudgetMs?.() ?? LONGEST_LIMIT;
}

function triggerValues(context: IPollFunctions): TriggerValues {
	return valuesOf(triggerFields(), {
		parameter: (path) => context.getNodeParameter(path, null) as unknown,
		item: () => ({}),
	});
}

/** n8n gives up on a workflow at its start when a message has this word in it. */
function withoutHeaderName(error: unknown): unknown {
	return error instanceof XimilarError
		? error.with({ message: error.message.replaceAll('Authorization', 'token') })
		: error;
}
