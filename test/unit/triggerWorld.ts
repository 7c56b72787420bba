import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { entryOf, type ListedRequest } from '../../nodes/XimilarVlm/trigger/lists';
import { LATENESS } from '../../nodes/XimilarVlm/trigger/state';
import type { ListPage } from '../../nodes/XimilarVlm/trigger/walk';

/** A service with requests that finish, as the trigger sees it at any moment. */

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const STATUS = 'FAILED';

/** One processing of a request, from its submission or resubmission on. */
export interface Finish {
	id: string;
	account: number;
	created: number;
	/** When it was submitted or resubmitted. */
	began: number;
	at: number;
	/** When it stands in the list, until it was resubmitted or deleted. */
	from: number;
	until: number;
	/** Which processing of its request it is: the list's entry differs by it. */
	retry: number;
	/** Nobody tells its completed_at. */
	untold: boolean;
}

export interface World {
	finishes: Finish[];
	order: 'oldestFirst' | 'newestFirst' | 'created' | 'createdLast' | 'shuffled';
	pageSize: number;
	/** Pages by number: an entry that leaves shifts the others forward, past a reading. */
	numbered: boolean;
	/** The list does not tell completed_at: it takes a second call for each entry. */
	timeless: boolean;
	/** The list does not tell enough: each finish takes a second call. */
	details: boolean;
	/** How far the clock that the service shows is off. */
	skew: number;
}

/** A request's life: its first processing, and those after resubmissions. */
interface Life {
	account: number;
	created: number;
	untold: boolean;
	spans: Array<{ duration: number; delay: number; stay: number }>;
}

const rarely = <T>(usual: T, arbitrary: fc.Arbitrary<T>, weight = 4) =>
	fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary });

const lifeArbitrary = (horizon: number): fc.Arbitrary<Life> =>
	fc.record({
		account: rarely(0, fc.constant(1)),
		created: fc.nat(Math.round(horizon / MINUTE)).map((minutes) => minutes * MINUTE),
		untold: rarely(false, fc.constant(true), 12),
		spans: fc.array(
			fc.record({
				duration: fc.integer({ min: 1, max: 40 }).map((steps) => steps * 30 * SECOND),
				delay: fc.oneof(fc.constant(0), fc.nat(LATENESS), fc.constant(LATENESS)),
				/** Until it leaves the list again, if it does. */
				stay: rarely(Infinity, fc.nat(Math.max(40 * MINUTE, horizon))),
			}),
			{ minLength: 1, maxLength: 3 },
		),
	});

export const worldArbitrary = (horizon: number): fc.Arbitrary<World> =>
	fc.record({
		finishes: fc.array(lifeArbitrary(horizon), { maxLength: 32, size: 'max' }).map(finishesOf),
		order: fc.constantFrom<World['order'][]>(
			'oldestFirst',
			'newestFirst',
			'created',
			'createdLast',
			'shuffled',
		),
		pageSize: fc.integer({ min: 1, max: 5 }),
		numbered: rarely(false, fc.constant(true)),
		timeless: rarely(false, fc.constant(true)),
		details: fc.boolean(),
		skew: rarely(0, fc.constantFrom(-20 * MINUTE, -SECOND, SECOND, 20 * MINUTE)),
	});

function finishesOf(lives: Life[]): Finish[] {
	return lives.flatMap(({ account, created, untold, spans }, index) => {
		const finishes: Finish[] = [];
		let began = created;
		for (const [retry, { duration, delay, stay }] of spans.entries()) {
			const at = began + duration + 1;
			const [from, until] = [at + delay, at + stay];
			const id = `request-${index}`;
			finishes.push({ id, account, created, began, at, from, until, retry, untold });
			if (until === Infinity) break;
			began = until;
		}
		return finishes;
	});
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

/** What an account's list shows at a moment, in its order. */
export function listAt(
	{ finishes, order }: World,
	account: number,
	now: number,
	{ seed = '', left = now } = {},
): Array<[string, Finish]> {
	const sortable = (time: number) => String(time).padStart(15, '0');
	const last = 10 ** 12;
	const place = ({ id, at, created, retry }: Finish) => {
		const byOrder = {
			oldestFirst: sortable(at),
			newestFirst: sortable(last - at),
			created: sortable(created),
			createdLast: sortable(last - created),
			shuffled: md5(`${seed} ${id} ${retry}`),
		};
		return `${byOrder[order]} ${id} ${retry}`;
	};
	return finishes
		.filter((finish) => finish.account === account && finish.from <= now && left < finish.until)
		.map((finish): [string, Finish] => [place(finish), finish])
		.sort(([a], [b]) => (a < b ? -1 : 1));
}

export interface Position {
	seed: string;
	page: number;
	after: string;
}

/**
 * A page of the list.
 * @param left the moment as of which entries have left it
 */
export function pageAt(
	world: World,
	account: number,
	now: number,
	{
		position,
		size,
		seed,
		left,
	}: { position?: Position; size: number; seed: string; left?: number },
): ListPage<ListedRequest> {
	const start = position ?? { seed, page: 0, after: '' };
	const all = listAt(world, account, now, { seed: start.seed, left });
	const from = world.numbered
		? start.page * size
		: all.filter(([place]) => place <= start.after).length;
	const entries = all.slice(from, from + size);
	const next = {
		seed: start.seed,
		page: start.page + 1,
		after: entries.at(-1)?.[0] ?? start.after,
		page_size: size,
	};
	return {
		entries: entries.map(([, finish]) => listed(world, finish)),
		...(from + size < all.length ? { next } : {}),
		clock: now + world.skew,
	};
}

function listed({ timeless, details }: World, finish: Finish): ListedRequest {
	return entryOf(requestOf(finish, !timeless && !finish.untold), !details);
}

const isoOf = (time: number) => new Date(time).toISOString();

function requestOf(
	{ id, created, began, at, retry }: Finish,
	told: boolean,
	status: string = STATUS,
) {
	return {
		id,
		status,
		created: isoOf(created),
		started_at: isoOf(began),
		completed_at: told ? isoOf(at) : null,
		retry_count: retry,
	};
}

/** A request by its ID; undefined when it was deleted. */
export function requestAt({ finishes }: World, id: string, now: number): ListedRequest | undefined {
	const finish = finishes.find((one) => one.id === id && one.began <= now && now < one.until);
	if (!finish) return undefined;
	const done = finish.at <= now;
	return entryOf(requestOf(finish, done && !finish.untold, done ? STATUS : 'PROCESSING'), true);
}

/** The lists of requests that are still to finish, or whose finish does not show yet. */
export function unfinishedAt({ finishes }: World, account: number, now: number): ListedRequest[] {
	return finishes
		.filter((one) => one.account === account && one.began <= now && now < one.from)
		.filter((one) => now < one.until)
		.map((one) => entryOf(requestOf(one, false, 'PROCESSING')));
}

/** What tells a finish from others where nobody tells when it was: then once is enough. */
export const nameOf = ({ id, at, untold }: Pick<Finish, 'id' | 'at' | 'untold'>) =>
	`${id} ${untold ? 'at an unknown time' : `at ${at}`}`;

/** The name of what the trigger emitted. */
export const nameOfEmitted = ({ id, at }: ListedRequest) =>
	nameOf({ id, at: at!, untold: at === undefined });
