import type { IDataObject } from 'n8n-workflow';
import { mapLimit } from '../../shared/api/concurrency';
import { isFinal } from '../request/answer';
import { entryOf, type List, type ListedRequest, type Source } from './lists';
import { beginReading, failPage, planPage, takePage, type Reading } from './reading';
import { keyOf, type ListState } from './state';

/** What one poll reads: the pages of the lists, and single requests. */

/** A request that the next poll asks for by itself, by its ID. */
export interface Open {
	/** What is known of it, when it has finished and its details could not be read yet. */
	request?: IDataObject;
	/** That of its list's entry. */
	fingerprint?: string;
	/** How many polls could not read them. */
	failures?: number;
}

/** What the trigger remembers. Plain JSON. */
export interface TriggerState {
	lists: Record<string, ListState>;
	open: Record<string, Open>;
	/** Of which account and filters those are. */
	openOf: string;
	/** When the last poll ended, by this machine's clock. */
	polledAt: number;
}

/** What a poll read of a list. */
export interface ReadList {
	reading: Reading;
	found: ListedRequest[];
	/** Fingerprints of entries that were looked up. */
	fingerprints: string[];
	/** Not everything that was met could be kept: the next poll has to read the same pages again. */
	isCut: boolean;
}

export interface Collected {
	lists: ReadList[];
	/** Of which account and filters it is. */
	key: string;
	/** The lists of the state that the poll began with. */
	known: string[];
	open: Record<string, Open>;
	/** Requests that were asked for, and need not be asked for again unless they are open. */
	asked: string[];
}

/** What is open of an account and filters: another account's requests are none of it. */
export function openIn({ open, openOf }: TriggerState, key: string): Record<string, Open> {
	return openOf === key ? open : {};
}

/** How a poll reads. */
interface Terms {
	/** Items need more of a failed request than its list tells. */
	details: boolean;
	/** This machine's clock, for pauses. */
	now(): number;
	/** Whether another page may be begun. */
	hasTime(): boolean;
	/** Whether another request may be asked for. */
	hasTimeToAsk(): boolean;
}

const CALLS_AT_ONCE = 4;
/** Polls that try to read the details of a request before it is handed on without. */
const TRIES_FOR_DETAILS = 3;
/** So many failures in a row mean that no request can be read: the others are not asked for. */
const FAILURES_IN_A_ROW = 4;
const MAX_OPEN = 100;
const MAX_UNFINISHED = 300;

/** Reads what a poll has time for. What cannot be read is told in the readings. */
export async function collect(
	source: Source,
	state: TriggerState,
	terms: Terms,
): Promise<Collected> {
	const lookUp = createLookUp(source, openIn(state, source.key), terms);
	const gap = terms.now() - state.polledAt;
	const lists = await Promise.all(
		source.lists.map(
			async (list) =>
				await readList(
					list,
					beginReading(state.lists[list.key]!, { numbered: list.numbered, gap }),
					{ terms, lookUp },
				),
		),
	);
	await lookUp.unfinished(lists);
	return {
		lists,
		key: source.key,
		known: Object.keys(state.lists),
		open: lookUp.open,
		asked: [...lookUp.asked],
	};
}

async function readList(
	list: List,
	begun: Reading,
	{ terms, lookUp }: { terms: Terms; lookUp: LookUp },
): Promise<ReadList> {
	const read: ReadList = { reading: begun, found: [], fingerprints: [], isCut: false };
	const next = () =>
		read.isCut ? undefined : planPage(read.reading, { now: terms.now(), hasTime: terms.hasTime() });
	for (let plan = next(); plan; plan = next()) {
		try {
			const page = await list.readPage(plan.position, plan.pageSize);
			const { reading, unseen } = takePage(read.reading, plan, page, terms.now());
			read.reading = reading;
			const known = new Set(read.fingerprints);
			await mapLimit(unseen, CALLS_AT_ONCE, async (entry) => {
				if (!known.has(entry.fingerprint)) await lookUp.entry(entry, read);
			});
		} catch (error) {
			read.reading = failPage(read.reading, plan, error, terms.now());
		}
	}
	return read;
}

type LookUp = ReturnType<typeof createLookUp>;

/**
 * Asks for single requests: those whose lists do not tell enough, and those that are open. Short
 * functions in one scope, because all of them note what was asked for and how often that failed.
 */
function createLookUp(source: Source, before: Record<string, Open>, terms: Terms) {
	const open: Record<string, Open> = {};
	const asked = new Set<string>();
	const lookedUp = new Set<string>();
	let failuresInARow = 0;

	/** A request; undefined when it was deleted, `unknown` when it cannot be read. */
	async function get(id: string): Promise<ListedRequest | undefined | 'unknown'> {
		if (failuresInARow >= FAILURES_IN_A_ROW) return 'unknown';
		try {
			const request = await source.getRequest(id);
			failuresInARow = 0;
			return request;
		} catch {
			failuresInARow++;
			return 'unknown';
		}
	}

	/** Leaves a finished request to the next poll. */
	function postpone(entry: ListedRequest, failures: number, read: ReadList): void {
		if (Object.keys(open).length < MAX_OPEN) {
			const { id, fingerprint } = entry;
			open[id] = { request: light(entry), fingerprint, failures };
		} else read.isCut = true;
	}

	/** A finished request, as its list tells it, with what its items need. */
	async function entry(listed: ListedRequest, read: ReadList): Promise<void> {
		const { id, status, at, fingerprint } = listed;
		const failures = before[id]?.failures ?? 0;
		if (at !== undefined && (listed.isWhole || !terms.details)) {
			asked.add(id);
			return void read.found.push(listed);
		}
		if (lookedUp.has(keyOf(listed))) return;
		if (!terms.hasTimeToAsk()) return postpone(listed, failures, read);
		lookedUp.add(keyOf(listed));
		asked.add(id);
		let whole = await get(id);
		if (whole === 'unknown') {
			if (failures + 1 < TRIES_FOR_DETAILS) return postpone(listed, failures + 1, read);
			whole = listed;
		}
		// Deleted or resubmitted meanwhile; or finished anew, which the list will show by itself.
		if (whole?.status !== status) return;
		if (at !== undefined && Math.abs((whole.at ?? at) - at) > 1000) return;
		read.found.push({ ...whole, at: at ?? whole.at, fingerprint });
		if (at === undefined) read.fingerprints.push(fingerprint);
	}

	/** A request that was unfinished when the poll before saw it, and is not in those lists any more. */
	async function finished(id: string, lists: ReadList[]): Promise<void> {
		asked.add(id);
		const request = terms.hasTimeToAsk() ? await get(id) : 'unknown';
		if (request === 'unknown' || (request && !isFinal(request.status))) {
			open[id] = {};
			return;
		}
		const index = source.lists.findIndex(({ status }) => status === request?.status);
		if (request && index >= 0) {
			// No entry of a list is known of it.
			lists[index]!.found.push({ ...request, fingerprint: '' });
		}
	}

	/** Asks for what is open, and notes what is still to finish. */
	async function unfinished(lists: ReadList[]): Promise<void> {
		const left = Object.entries(before).filter(([id]) => !asked.has(id));
		await mapLimit(
			left.filter(([, { request }]) => request),
			CALLS_AT_ONCE,
			async ([, { request, fingerprint }]) => {
				const known = { ...entryOf(request!), fingerprint: fingerprint! };
				const index = source.lists.findIndex(({ status }) => status === known.status);
				if (index >= 0) await entry(known, lists[index]!);
			},
		);
		const waiting = left.filter(([, { request }]) => !request).map(([id]) => id);
		// What a poll meets whole cannot be missed; but the next one may not be whole any more.
		const isWhole = lists.every(({ reading }) => reading.isWhole);
		if (!terms.details || (isWhole && !waiting.length)) {
			for (const id of waiting) asked.add(id);
			return;
		}
		const listed = await source.getUnfinished().catch(() => undefined);
		if (!listed) return;
		const ids = new Set(listed.map(({ id }) => id));
		await mapLimit(
			waiting.filter((id) => !ids.has(id)),
			CALLS_AT_ONCE,
			async (id) => await finished(id, lists),
		);
		const noted = isWhole ? waiting.filter((id) => ids.has(id)) : [...ids];
		for (const id of noted.slice(0, MAX_UNFINISHED)) open[id] ??= {};
	}

	return { open, asked, entry, unfinished };
}

/** What a list tells of a request, without what it need not tell. */
function light({ request }: ListedRequest): IDataObject {
	const { id, status, task_id, version, retry_count, workspace } = request;
	const { created, started_at, completed_at } = request;
	return {
		...{ id, status, task_id, version, retry_count, workspace },
		...{ created, started_at, completed_at },
	};
}
