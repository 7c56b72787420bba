import {
	deepCopy,
	type IDataObject,
	type INodeExecutionData,
	type IPollFunctions,
} from 'n8n-workflow';
import { nodeError } from '../../shared/engine/errors';
import type { Source, Values } from '../../shared/engine/field';
import { createClient } from '../../shared/api/client';
import { isTransient, XimilarError, fail } from '../../shared/api/error';
import { deadline } from '../../shared/api/time';
import { requestRow } from '../request/answer';
import { triggerFields } from './fields';
import { listsOf, type Found } from './lists';
import { read, type List } from './reading';
import {
	byCompletion,
	keyOf,
	settleAll,
	startingAt,
	type Finish,
	type ListState,
	type States,
} from './state';

/** A poll as n8n calls it: at activation, at each start of n8n, and on schedule (`n8n.md`, Polling). */

/** n8n's durable mode throws a poll away after 45 seconds. */
const LONGEST_POLL = 30_000;
/** The first poll after an activation or a start of n8n: a user, or other workflows, wait for it. */
const LONGEST_FIRST_POLL = 10_000;
/** The part of that time after which no further page is begun. */
const FOR_PAGES = 0.7;

const HOUR = 3_600_000;
const SHOWN_IN_TEST = 5;

type Output = Values<ReturnType<typeof triggerFields>>['output'];

/**
 * n8n's durable mode runs the polls that were due side by side, after a start for example, each with
 * a copy of the same state: all of them would emit the same. There, one that begins while another
 * runs, or before its state is surely saved, leaves everything to the next one.
 */
const busyUntil = new Map<string, number>();
const HANDOVER = 2_000;

/** The contexts that have polled: n8n keeps one from an activation to the next. */
const contexts = new WeakSet<IPollFunctions>();

/** Gives an item for each request that has finished since the last poll; null when none has. */
export async function poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
	const mode = contexts.has(this) ? 'schedule' : this.getActivationMode();
	contexts.add(this);
	const isStart = mode === 'init' || mode === 'leadershipChange';
	const longest = isStart || mode === 'activate' ? LONGEST_FIRST_POLL : LONGEST_POLL;
	const isCopy =
		this.getMode() !== 'manual' && !isSavedAtActivation(this.getWorkflowStaticData('node'));
	const place = [this.getWorkflow().id, this.getNode().id].join(' ');
	if (isCopy) {
		if (!isStart && mode !== 'activate' && (busyUntil.get(place) ?? 0) > Date.now()) return null;
		busyUntil.set(place, Infinity);
	}
	try {
		return await pollFor(this, Math.min(longest, budgetOf(this)));
	} catch (error) {
		// n8n would try to start the workflow at growing intervals, where its schedule is at hand.
		if (isStart && isTransient(error)) return null;
		throw nodeError(this.getNode(), withoutHeaderName(error));
	} finally {
		if (isCopy) busyUntil.set(place, Date.now() + HANDOVER);
	}
}

async function pollFor(
	context: IPollFunctions,
	milliseconds: number,
): Promise<INodeExecutionData[][] | null> {
	const end = deadline(milliseconds);
	const pagesEnd = deadline(milliseconds * FOR_PAGES);
	// The service's clock, as far as its answers show it: completed_at is by that one.
	let ahead = 0;
	const clock = () => Date.now() + ahead;
	const api = createClient(context, end, {
		maxTries: 3,
		timeout: 15_000,
		onAnswer: ({ date }) => {
			const shown = Date.parse(String(date));
			if (!Number.isNaN(shown)) ahead = shown - Date.now();
		},
	});
	const { event, output, filters, options } = valuesOf(context);
	const watch = { event, ...filters, details: output !== 'outcome' };
	const lists = listsOf(api, watch, clock);

	if (context.getMode() === 'manual') return [itemsOf(await latestOf(lists), output)];

	const store = context.getWorkflowStaticData('node');
	const isNew = lists.filter(({ key }) => !(key in statesIn(store)));
	if (isNew.length) {
		const hours = options.hoursBefore ?? 0;
		const begun = await Promise.all(
			isNew.map(async (list) => [list.key, await begin(list, hours, clock)] as const),
		);
		// Another poll may have begun meanwhile: its starting point stands.
		store.lists = { ...Object.fromEntries(begun), ...statesIn(store) } as unknown as IDataObject;
		if (!isSavedAtActivation(store)) return [[]];
		if (!hours && isNew.length === lists.length) return null;
	}

	const before = statesIn(store);
	const readings = await Promise.all(
		lists.map(async (list) => await read(list, before[list.key]!, () => !pagesEnd.aborted)),
	);
	// From here on nothing is waited for: no other poll comes between the state and the items.
	const { emitted, states } = settleAll(lists, { ...before, ...statesIn(store) }, readings);
	store.lists = states as unknown as IDataObject;
	if (emitted.length) return [itemsOf(emitted, output)];
	const broken = readings.find(({ fault, pages }) => fault && !(end.aborted && pages));
	if (broken) throw end.aborted ? lateAfter(milliseconds) : broken.fault;
	return null;
}

/** A list's state at the starting point: now by the service's clock, or some hours before. */
async function begin(list: List<Found>, hours: number, clock: () => number): Promise<ListState> {
	const finishes: Finish[] = [];
	const fingerprints: string[] = [];
	await list.readPage(undefined, {
		take: (finish) => finishes.push(finish),
		isNew: () => false,
		isKnown: (fingerprint) => fingerprints.push(fingerprint) > 0,
		remember: () => undefined,
	});
	const start = clock() - hours * HOUR;
	// The clock is shown in seconds: what is there already has finished before the start.
	return hours ? startingAt(start) : startingAt(start, finishes, fingerprints);
}

/** The latest finishes, for a test run: no state is read or written. */
async function latestOf(lists: Array<List<Found>>): Promise<Found[]> {
	const firstPages = async (isNew: (finish: Finish) => boolean) => {
		const found: Found[] = [];
		for (const list of lists) {
			let lookups = 0;
			await list.readPage(undefined, {
				take: (finish) => found.push(finish),
				isNew,
				isKnown: () => lookups++ >= SHOWN_IN_TEST,
				remember: () => undefined,
			});
		}
		return found.sort(byCompletion).slice(-SHOWN_IN_TEST);
	};
	const shown = new Set((await firstPages(() => false)).map(keyOf));
	if (!shown.size) {
		fail(
			'Ximilar has no finished request to show',
			'Submit a request and wait until it has finished, or check Event and Filters.',
		);
	}
	return (await firstPages((finish) => shown.has(keyOf(finish)))).filter((finish) =>
		shown.has(keyOf(finish)),
	);
}

function itemsOf(finishes: Found[], output: Output): INodeExecutionData[] {
	const shown = { answer: requestRow, outcome, raw: (request: IDataObject) => request }[output];
	return finishes.map(({ request }) => ({ json: shown(request) }));
}

function outcome({ id, status, task_id: task, version, created, completed_at }: IDataObject) {
	return { id, status, task, version, created, completed_at };
}

/** A copy: n8n hands out its own objects. */
function statesIn(store: IDataObject): States {
	return store.lists ? (deepCopy(store.lists) as unknown as States) : {};
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
	return getPollBudgetMs?.() ?? LONGEST_POLL;
}

function valuesOf(context: IPollFunctions): Values<ReturnType<typeof triggerFields>> {
	const source: Source = {
		parameter: (path) => context.getNodeParameter(path, null) as unknown,
		item: () => ({}),
	};
	const read = Object.entries(triggerFields()).map(([name, field]) => [
		name,
		field.read(source.parameter(name), source, name),
	]);
	return Object.fromEntries(read) as Values<ReturnType<typeof triggerFields>>;
}

function lateAfter(milliseconds: number): XimilarError {
	return new XimilarError(
		`Ximilar did not answer within ${milliseconds / 1000} seconds`,
		'The next poll goes on where this one stood. If it persists, ask Ximilar.',
	);
}

/** n8n gives up on a workflow at its start when a message has this word in it. */
function withoutHeaderName(error: unknown): unknown {
	if (!(error instanceof XimilarError)) return error;
	return new XimilarError(
		error.message.replaceAll('Authorization', 'token'),
		error.description,
		error,
	);
}
