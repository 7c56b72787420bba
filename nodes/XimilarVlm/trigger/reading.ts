import type { Query } from '../../shared/api/client';
import { fail } from '../../shared/api/error';
import { hashesIn, unseen, type Finish, type ListState, type Reading, type Scan } from './state';

/**
 * How a poll reads a list of which nobody promises the order. Three steps:
 * 1. one page of the sweep that an earlier poll left unfinished, so that it ends one day;
 * 2. from the first page on while pages bring anything new: where the newest come first, that is
 *    all that is fresh;
 * 3. on with the sweep (the old one, or the one just begun), while there is time, over a few pages
 *    that bring nothing.
 */

/** What comes while a page is read. */
export interface PageHooks<F extends Finish> {
	/** Takes the page's finishes, in the list's order. */
	take(finish: F): void;
	/** Whether a finish is worth a closer look. */
	isNew(finish: Finish): boolean;
	/** Whether an entry with this print was looked up before; remembers it otherwise. */
	isKnown(fingerprint: string): boolean;
	remember(fingerprint: string): void;
}

/** A list of finished requests. */
export interface List<F extends Finish> {
	/** Stands for the list in the state: another filter makes another list. */
	key: string;
	/** How long after its completion a finish may stay out of a complete reading. */
	allowedLateness: number;
	/**
	 * Reads a page. One whose reading breaks off does not count, but what it gave until then does.
	 * @param position the query of the page; the first page when it is undefined
	 * @returns where the list goes on, and the service's clock when it gave the page; undefined when
	 * the position is not known any more
	 */
	readPage(
		position: Query | undefined,
		hooks: PageHooks<F>,
	): Promise<{ next?: Query; clock: number } | undefined>;
}

const CIRCLE: Parameters<typeof fail> = [
	"Ximilar's list leads in a circle",
	'A page of finished requests names an earlier one as the next. Report it to Ximilar.',
];

/** Pages without anything new that a poll reads beyond the first ones. */
const IDLE_PAGES = 10;
/** The same for a list whose newest come first: there, the sweep is a safety net only. */
const IDLE_PAGES_WHEN_NEWEST_FIRST = 1;

/**
 * Reads what a poll has time for.
 * @param hasTime whether another page may be begun; the first one is read in any case
 */
export async function read<F extends Finish>(
	list: List<F>,
	state: ListState,
	hasTime: () => boolean,
): Promise<Reading<F>> {
	const isNew = unseen(state);
	const known = new Set(hashesIn(state.fingerprints));
	const reading: Reading<F> = {
		found: [],
		newest: state.newest,
		newestFirst: state.newestFirst,
		fingerprints: [],
		pages: 0,
	};

	async function readPage(scan: Scan | undefined): Promise<{ news: boolean; rest?: Scan }> {
		const before = reading.found.length;
		const times = scan?.last === undefined ? [] : [scan.last];
		const page = await list.readPage(scan?.next, {
			isNew,
			take: (finish) => {
				times.push(finish.at);
				reading.newest = Math.max(reading.newest, finish.at);
				if (isNew(finish)) reading.found.push(finish);
			},
			isKnown: (fingerprint) => known.has(fingerprint),
			remember: (fingerprint) => {
				known.add(fingerprint);
				reading.fingerprints.push(fingerprint);
			},
		});
		const news = reading.found.length > before;
		if (!page) return { news };
		reading.pages++;
		// A completed_at ahead of the service's clock proves nothing about the time.
		const reached = Math.min(page.clock, reading.newest);
		reading.reached = Math.max(reading.reached ?? -Infinity, reached);
		const since = scan?.since ?? reached;
		const inOrder = times.every((time, index) => index === 0 || time <= times[index - 1]!);
		const newestFirst = (scan?.newestFirst ?? true) && inOrder;
		if (!newestFirst) reading.newestFirst = false;
		if (page.next) {
			return { news, rest: { since, next: page.next, last: times.at(-1), newestFirst } };
		}
		reading.complete = Math.max(reading.complete ?? -Infinity, since);
		reading.newestFirst = newestFirst;
		return { news };
	}

	/** Reads on from a sweep's position, at least one page. */
	async function walk(
		from: Scan | undefined,
		keep: (rest: Scan | undefined) => void,
		shouldContinue: (news: boolean) => boolean,
	): Promise<{ news: boolean }> {
		const visited = new Set(from ? [JSON.stringify(from.next)] : []);
		for (let at = from; ;) {
			const { news, rest } = await readPage(at);
			keep(rest);
			if (!rest || !hasTime() || !shouldContinue(news)) return { news };
			const position = JSON.stringify(rest.next);
			if (visited.has(position)) fail(...CIRCLE);
			visited.add(position);
			at = rest;
		}
	}

	let old = state.scan;
	let fresh: Scan | undefined;
	const keepOld = (rest: Scan | undefined) => (old = rest);
	const keepFresh = (rest: Scan | undefined) => (fresh = rest);

	async function readAll(): Promise<void> {
		if (old) await walk(old, keepOld, () => false);
		if (reading.pages && !hasTime()) return;
		const { news } = await walk(undefined, keepFresh, (more) => more);
		// The list was read to its end, or time ended amid the news: their rest comes first.
		if (!fresh || news) old = undefined;
		if (!hasTime()) return;
		let idle = 0;
		const shouldContinue = (more: boolean) =>
			more || ++idle < (reading.newestFirst ? IDLE_PAGES_WHEN_NEWEST_FIRST : IDLE_PAGES);
		if (old) await walk(old, keepOld, shouldContinue);
		else if (fresh) await walk(fresh, keepFresh, shouldContinue);
	}

	try {
		await readAll();
	} catch (fault) {
		reading.fault = fault;
	}
	reading.scan = old ?? fresh;
	return reading;
}
