import type { Query } from '../../shared/api/client';
import { XimilarError } from '../../shared/api/error';
import {
	countSeen,
	hashesIn,
	READINGS,
	unseen,
	type Fault,
	type Finish,
	type ListState,
	type Proof,
} from './state';
import {
	advance,
	latestIn,
	placeOf,
	provesNewestFirst,
	type Listed,
	type ListPage,
	type Walk,
} from './walk';

/**
 * How a poll reads a list of which nobody promises the order: a reducer over its pages. Pure: no
 * clock, no calls.
 * 1. The first page.
 * 2. The scan that an earlier poll left unfinished, in turn with the following.
 * 3. On from the first page while pages bring unseen finishes; where it was proved that the list
 *    shows what finished last first, down to the watermark, and that is all.
 * 4. What an earlier poll left unread of such pages, and the last page, where that gets new entries.
 * 5. On with the scan, while there is time, over a few pages that bring nothing unseen.
 */

type Part = 'first' | 'fresh' | 'rest' | 'tail' | 'scan';

/** A page to be read next. */
export interface Plan {
	part: Part;
	/** Its query; the first page when it is undefined. */
	position?: Query;
	/** Of the first page. */
	pageSize: number;
}

/** What a poll has read of a list. */
export interface Reading {
	readonly before: ListState;
	/** Pages are numbered, not led to by a cursor. */
	readonly numbered: boolean;
	/** How many pages without unseen finishes are read beyond the first ones. */
	readonly idlePages: number;
	/** How often the list is read whole, where there is time. */
	readonly readings: number;
	readonly isUnseen: (finish: Finish) => boolean;
	readonly isKnown: (fingerprint: string) => boolean;
	pages: number;
	idle: number;
	pageSize: number;
	newest: number;
	newestFirst: boolean;
	/** The latest time that the service's clock and its finishes showed. */
	reached?: number;
	/** An entry did not tell when it was completed. */
	hasUntimed: boolean;
	/** A walk that this poll began, and whether its last page brought anything unseen. */
	fresh?: Walk;
	freshNews: boolean;
	rest?: Walk;
	scan?: Walk;
	tail?: Query;
	/** Pages of the scan, of those in `pages`. */
	scanPages: number;
	hasReadTail: boolean;
	proofs: Proof[];
	/** Every finish that could be met was met by this poll alone. */
	isWhole: boolean;
	fault?: Fault;
	/** Why the page of this poll could not be read. */
	error?: unknown;
}

const MINUTE = 60_000;
export const PAGE_SIZE = 100;
const SMALLEST_PAGE = 10;
/** Pages without unseen finishes, for each minute between two polls. */
export const IDLE_PAGES_PER_MINUTE = 10;
const MAX_BACKOFF = 60 * MINUTE;
/** From such a gap between two polls on, one poll reads a list of numbered pages as often as proves it. */
const RARE = 12 * 60 * MINUTE;
/** After so many failures, another way to the page is tried: a new scan. */
const FAILURES_BEFORE_NEW_SCAN = 6;

/**
 * A poll's reading of a list, with nothing read yet.
 * @param gap milliseconds since the poll before
 */
export function beginReading(
	before: ListState,
	{ numbered, gap }: { numbered: boolean; gap: number },
): Reading {
	const known = new Set(hashesIn(before.fingerprints));
	const { newest, newestFirst, rest, scan, tail, fault } = before;
	const expected = countSeen(before) + SMALLEST_PAGE;
	return {
		before,
		numbered,
		idlePages: Math.max(1, Math.round(gap / MINUTE)) * IDLE_PAGES_PER_MINUTE,
		readings: numbered && gap >= RARE ? READINGS : 1,
		isUnseen: unseen(before),
		isKnown: (fingerprint) => known.has(fingerprint),
		pages: 0,
		idle: 0,
		// Down to the watermark there is what was seen, and what little has come since.
		pageSize: newestFirst ? Math.min(PAGE_SIZE, Math.ceil(expected / 10) * 10) : PAGE_SIZE,
		newest,
		newestFirst,
		hasUntimed: false,
		freshNews: false,
		rest: rest && { ...rest, isOld: true },
		scan: scan && { ...scan, isOld: true },
		tail,
		scanPages: 0,
		hasReadTail: false,
		proofs: [],
		isWhole: false,
		fault,
	};
}

/** The page to be read next; undefined when the poll is done with the list. */
export function planPage(
	reading: Reading,
	{ now, hasTime }: { now: number; hasTime: boolean },
): Plan | undefined {
	const { fresh, rest, scan, tail, fault, error, pageSize } = reading;
	if (error && fault?.depth === 0) return undefined;
	if (!reading.pages) return { part: 'first', pageSize };
	const may = (walk: Walk | undefined) =>
		walk !== undefined && !(fault && walk.pages >= fault.depth && now < fault.retryAt);
	const on = (part: Part, { next: position }: { next: Query }): Plan => ({
		part,
		position,
		pageSize,
	});
	if (reading.isWhole) {
		const isProved = reading.proofs.length >= reading.readings || reading.pages === 1;
		if (isProved || !hasTime) return undefined;
		if (!fresh) return { part: 'first', pageSize: PAGE_SIZE };
		return may(fresh) ? on('fresh', fresh) : undefined;
	}
	// It gets half of the pages, and one at least, so that it ends one day.
	const isScansTurn = may(scan) && reading.scanPages * 2 < reading.pages;
	if (isScansTurn && !reading.scanPages) return on('scan', scan!);
	if (!hasTime) return undefined;
	if (isScansTurn && reading.idle < reading.idlePages) return on('scan', scan!);
	// It did not reach down: that costs one small page, not many.
	if (pageSize < PAGE_SIZE) return { part: 'first', pageSize: PAGE_SIZE };
	if ((reading.freshNews || reading.newestFirst) && may(fresh)) return on('fresh', fresh!);
	if (may(rest)) return on('rest', rest!);
	if (tail && !reading.hasReadTail) return on('tail', { next: tail });
	if (reading.idle >= reading.idlePages) return undefined;
	if (may(scan)) return on('scan', scan!);
	return !scan && may(fresh) ? on('fresh', fresh!) : undefined;
}

/**
 * The reading after a page, and the page's unseen entries.
 * @param page undefined when its position is not known any more
 */
export function takePage<E extends Listed>(
	reading: Reading,
	plan: Plan,
	page: ListPage<E> | undefined,
	now: number,
): { reading: Reading; unseen: E[] } {
	const marked: Reading = {
		...reading,
		scanPages: reading.scanPages + (plan.part === 'scan' ? 1 : 0),
		hasReadTail: reading.hasReadTail || plan.part === 'tail',
	};
	if (!page) {
		return { reading: { ...marked, ...without(plan.part) }, unseen: [] };
	}
	const found = page.entries.filter((entry) =>
		// A time that the list does not tell may be told by the request.
		entry.at === undefined ? !reading.isKnown(entry.fingerprint) : reading.isUnseen(entry),
	);
	const news = found.length > 0;
	const newest = Math.max(reading.newest, ...page.entries.map(({ at }) => at ?? -Infinity));
	// A completed_at ahead of the service's clock proves nothing about the time.
	const reached = Math.min(page.clock, newest);
	const next: Reading = {
		...marked,
		pages: reading.pages + 1,
		pageSize: plan.pageSize,
		hasUntimed: reading.hasUntimed || page.entries.some(({ at }) => at === undefined),
		newest,
		reached: Math.max(reading.reached ?? -Infinity, reached),
		idle: reading.idle + (news || plan.part === 'first' || plan.part === 'tail' ? 0 : 1),
	};
	if (plan.part === 'tail') return { reading: withTail(next, plan, page), unseen: found };
	const part = plan.part === 'first' ? 'fresh' : plan.part;
	const before = plan.part === 'first' ? undefined : reading[part];
	const walk = advance(before, page, next);
	if (page.next && before?.mark === placeOf(page.next)) {
		return { reading: failCircle(next, part, walk, now), unseen: found };
	}
	return { reading: withWalk(next, { ...plan, part }, walk, page, news), unseen: found };
}

/** The reading after a page that could not be read. */
export function failPage(reading: Reading, { part }: Plan, error: unknown, now: number): Reading {
	if (part === 'tail') return { ...reading, tail: undefined };
	const walk = part === 'first' ? undefined : reading[part];
	return withFault(reading, walk?.pages ?? 0, error, now);
}

/** A list whose pages lead in a circle has an end that cannot be read. */
function failCircle(reading: Reading, part: Part, { pages }: Walk, now: number): Reading {
	const error = new XimilarError(
		"Ximilar's list leads in a circle",
		'A page of finished requests names an earlier one as the next. Report it to Ximilar.',
		{ kind: 'badAnswer' },
	);
	return { ...withFault(reading, pages, error, now), ...without(part) };
}

/** @param depth how many pages come before the one that failed */
function withFault(reading: Reading, depth: number, error: unknown, now: number): Reading {
	const { fault: before } = reading;
	const repeated = before && depth > 0 === before.depth > 0 ? before : undefined;
	const failures = (repeated?.failures ?? 0) + 1;
	const fault: Fault = {
		depth: Math.min(depth, repeated?.depth ?? depth),
		since: repeated?.since ?? now,
		failures,
		retryAt: now + Math.min(MAX_BACKOFF, MINUTE * 2 ** (failures - 1)),
		...(repeated?.told ? { told: true } : {}),
	};
	const isGivenUp = depth > 0 && failures % FAILURES_BEFORE_NEW_SCAN === 0;
	return {
		...reading,
		error: depth ? (reading.error ?? error) : error,
		fault,
		...(isGivenUp ? { rest: undefined, scan: undefined } : {}),
	};
}

/**
 * The state with what the next poll has to know of a reading.
 * @param state the one at the end of the poll: another poll may have ended meanwhile
 */
export function withReading(state: ListState, reading: Reading): ListState {
	const { before, isWhole, fresh, freshNews, scan, tail, fault } = reading;
	return {
		...state,
		newest: Math.max(state.newest, reading.newest),
		newestFirst: reading.newestFirst && (state.newestFirst || !before.newestFirst),
		scan: isWhole ? undefined : (scan ?? fresh),
		rest: isWhole ? undefined : scan && fresh && freshNews ? fresh : reading.rest,
		tail,
		fault,
	};
}

/** The last page once more, and those that have come behind it. */
function withTail(reading: Reading, { position }: Plan, { next }: ListPage<Listed>): Reading {
	return { ...reading, tail: next ?? position, hasReadTail: !next };
}

function without(part: Part): Partial<Reading> {
	return part === 'first' ? {} : { [part]: undefined };
}

/** The reading after a page of one of its walks. */
function withWalk(
	reading: Reading,
	{ part, position }: { part: 'fresh' | 'rest' | 'scan'; position?: Query },
	walk: Walk,
	page: ListPage<Listed>,
	news: boolean,
): Reading {
	const isEnd = !page.next;
	const newestFirst =
		walk.newestFirst &&
		(reading.newestFirst || (isEnd && part !== 'rest' && provesNewestFirst(walk)));
	const isDown = newestFirst && (walk.last?.at ?? Infinity) <= reading.before.watermark;
	const isComplete = (isEnd || isDown) && part !== 'rest';
	const { fault } = reading;
	const isOver =
		fault && (isComplete || walk.pages > fault.depth) && fault.failures < FAILURES_BEFORE_NEW_SCAN;
	const next: Reading = {
		...reading,
		newestFirst,
		[part]: isEnd || isDown || (part === 'rest' && !news) ? undefined : walk,
		...(part === 'fresh' ? { freshNews: news } : {}),
		...(isOver || (fault && isComplete) || fault?.depth === 0 ? { fault: undefined } : {}),
	};
	if (!isComplete) return next;
	// The last page is where new entries come when it has finishes later than the first one's.
	const tail = isEnd ? (latestIn(page) > walk.head ? position : undefined) : reading.tail;
	const kind = !reading.numbered || walk.pages === 1 ? 'exact' : walk.isOld ? 'slow' : 'numbered';
	return {
		...next,
		tail,
		proofs: [...reading.proofs, { kind, since: walk.since }],
		isWhole: reading.isWhole || !walk.isOld,
	};
}
