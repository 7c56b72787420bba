import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { collect, type TriggerState } from '../../nodes/XimilarVlm/trigger/collect';
import { entryOf, type ListedRequest, type Source } from '../../nodes/XimilarVlm/trigger/lists';
import { IDLE_PAGES_PER_MINUTE } from '../../nodes/XimilarVlm/trigger/reading';
import { settle } from '../../nodes/XimilarVlm/trigger/settle';
import { startingAt } from '../../nodes/XimilarVlm/trigger/state';
import { limitOf, partsOf } from '../../nodes/XimilarVlm/trigger/time';
import { DAY, HOUR, MINUTE, SECOND } from './triggerWorld';

/**
 * What the trigger costs, measured: a service that keeps two weeks of finished requests, and polls
 * at an interval that is kept. The rows stand in docs/reliability.md; UPDATE_DOCS=1 writes them.
 */

const KEPT = 14 * DAY;
/** How long a page takes. */
const PAGE_TAKES = 100;
/** How long n8n lets a poll take in its durable mode. */
const DURABLE_LIMIT = 36 * SECOND;

type Order = 'newest first' | 'oldest first' | 'by creation, newest first' | 'none';

interface Case {
	perDay: number;
	order: Order;
	interval: number;
	/** Pages by number, not by a cursor. */
	numbered?: boolean;
	/** n8n in its durable mode. */
	durable?: boolean;
	/** How long it is watched before it is measured, and how long it is measured. */
	days: [number, number];
}

/** An entry with its place in the list, and the bytes that it takes. */
interface Placed {
	entry: ListedRequest;
	at: number;
	place: number;
	bytes: number;
}

/** Numbers between 0 and 1 that are the same in each run. */
function randomNumbers(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
		return state / 2 ** 32;
	};
}

/** An entry without its place. */
type Unplaced = Omit<Placed, 'place'> & { created: number; chance: number };

/** All finishes of the time; one of a hundred is that of an old request that was resubmitted. */
function makeFinishes(perDay: number, days: number): Unplaced[] {
	const random = randomNumbers(7);
	const length = KEPT + days * DAY;
	return Array.from({ length: Math.round((perDay * length) / DAY) }, (_, index) => {
		const at = Math.floor((index + random()) * (DAY / perDay));
		const again = random() < 0.01;
		const takes = (5 + Math.floor(random() * 55)) * SECOND;
		const began = at - takes;
		const created = again ? began - Math.floor(random() * 10 * DAY) : began;
		const entry = entryOf(
			{
				id: `f47ac10b-58cc-4372-a567-${String(index).padStart(12, '0')}`,
				status: 'DONE',
				task_id: 'dbb498ba-cf24-4400-9897-d5196444a880',
				version: 2,
				response: { description: 'A wooden puzzle for kids.', price: 8.99 },
				usage: {
					prompt_tokens: 27,
					completion_tokens: 92,
					total_tokens: 359,
					processing_time: 3.33,
				},
				retry_count: 0,
				created: new Date(created).toISOString(),
				started_at: new Date(began).toISOString(),
				completed_at: new Date(at).toISOString(),
				workspace: '748e50e4-d081-4924-b9e7-f500aac6a71d',
			},
			true,
		);
		const bytes = JSON.stringify(entry.request).length;
		return { entry, at, created, chance: random(), bytes };
	});
}

const made = new Map<string, Unplaced[]>();

function finishesOf({ perDay, order, days: [before, after] }: Case): Placed[] {
	const key = `${perDay} ${before + after}`;
	const all = made.get(key) ?? makeFinishes(perDay, before + after);
	made.set(key, all);
	return all
		.map(({ created, chance, ...one }) => ({
			...one,
			place: {
				'newest first': -one.at,
				'oldest first': one.at,
				'by creation, newest first': -created,
				none: chance,
			}[order],
		}))
		.sort((a, b) => a.place - b.place);
}

/** How long a poll has for pages. */
function timeForPages({ interval, durable }: Case): number {
	return partsOf(Math.min(limitOf(interval), durable ? DURABLE_LIMIT : Infinity)).forPages;
}

interface Measured {
	calls: number;
	bytes: number;
	/** The largest, in characters of JSON. */
	state: number;
	/** The longest, in polls. */
	delay: number;
	emitted: number;
	expected: number;
}

async function measure(one: Case): Promise<Measured> {
	const all = finishesOf(one);
	const byId = new Map(all.map((finish) => [finish.entry.id, finish]));
	let now = KEPT;
	let [calls, bytes] = [0, 0];
	let takes = 0;
	const indexed = all.map((finish, index) => ({ ...finish, index }));
	let shown = { time: NaN, entries: indexed };
	const shownAt = (time: number) => {
		if (shown.time !== time) {
			shown = { time, entries: indexed.filter(({ at }) => at <= time && at > time - KEPT) };
		}
		return shown.entries;
	};
	const source: Source = {
		key: 'watched',
		clock: () => now,
		lists: [
			{
				key: 'list',
				status: 'DONE',
				numbered: !!one.numbered,
				readPage: async (query, pageSize) => {
					calls++;
					takes += PAGE_TAKES;
					const size = Number(query?.page_size ?? pageSize);
					const shown = shownAt(now);
					const after = Number(query?.after ?? -Infinity);
					// The place of a cursor is that of the last entry; a number counts from the first.
					const start = one.numbered
						? Number(query?.page ?? 0) * size
						: query
							? shown.findIndex(({ index }) => index > after)
							: 0;
					const entries = shown.slice(start, start + size);
					const more = start + size < shown.length;
					bytes += entries.reduce((sum, entry) => sum + entry.bytes, 100);
					const next = more
						? { after: entries.at(-1)!.index, page: Number(query?.page ?? 0) + 1, page_size: size }
						: undefined;
					return { entries: entries.map(({ entry }) => entry), next, clock: now };
				},
			},
		],
		getRequest: async (id) => {
			calls++;
			const found = byId.get(id)!;
			bytes += found.bytes;
			return found.at <= now
				? found.entry
				: entryOf({ ...found.entry.request, status: 'PROCESSING', completed_at: null });
		},
		getUnfinished: async () => {
			calls += 3;
			const open = all.filter(({ entry, at }) => entry.began! <= now && now < at);
			bytes += 300 + open.length * 350;
			return open.map(({ entry }) => entry);
		},
	};
	let state: TriggerState = {
		lists: { list: startingAt(now) },
		open: {},
		openOf: 'watched',
		polledAt: now,
	};
	const measured: Measured = { calls: 0, bytes: 0, state: 0, delay: 0, emitted: 0, expected: 0 };
	const from = KEPT + one.days[0] * DAY;
	const until = from + one.days[1] * DAY;
	let polls = 0;
	while (now < until) {
		now += one.interval;
		takes = 0;
		if (now <= from) [calls, bytes] = [0, 0];
		else polls++;
		const terms = {
			details: true,
			now: () => now,
			hasTime: () => takes < timeForPages(one),
			hasTimeToAsk: () => true,
		};
		const collected = await collect(source, state, terms);
		const { emitted, state: next } = settle(state, ['list'], collected, { now, clock: now });
		state = next;
		if (now <= from) continue;
		measured.emitted += emitted.length;
		measured.state = Math.max(measured.state, JSON.stringify(state).length);
		for (const { at } of emitted) {
			measured.delay = Math.max(measured.delay, Math.ceil((now - at!) / one.interval));
		}
	}
	measured.expected = all.filter(({ at }) => at > from && at <= until).length;
	return { ...measured, calls: calls / polls, bytes: bytes / polls };
}

/** What is promised: two scans of all pages, which get half of those that a poll reads. */
function promisedDelay(one: Case): number {
	const { perDay, order, interval } = one;
	if (order === 'newest first') return 2;
	const pages = Math.ceil((perDay * KEPT) / DAY / 100) + 1;
	const perPoll = Math.min(
		timeForPages(one) / PAGE_TAKES,
		(IDLE_PAGES_PER_MINUTE * interval) / MINUTE,
	);
	return 2 * Math.ceil((2 * pages) / perPoll) + 2;
}

const ORDERS: Order[] = ['newest first', 'by creation, newest first', 'oldest first', 'none'];
const CASES: Case[] = ORDERS.flatMap((order) => [
	{ perDay: 50, order, interval: MINUTE, days: [0.15, 0.25] },
	{ perDay: 5000, order, interval: MINUTE, days: [0.15, 0.25] },
	{ perDay: 5000, order, interval: HOUR, days: [1, 1] },
	{ perDay: 5000, order, interval: HOUR, days: [2, 1], numbered: true },
	...(order === 'newest first' ? [] : slowOrders(order)),
	{ perDay: 5000, order, interval: DAY, days: [10, 10] },
	{ perDay: 5000, order, interval: DAY, days: [10, 10], numbered: true },
	...(order === 'newest first' ? [] : durableOrders(order)),
]);

function slowOrders(order: Order): Case[] {
	return [
		{ perDay: 5000, order, interval: 3 * HOUR, days: [2, 2], numbered: true },
		{ perDay: 5000, order, interval: 6 * HOUR, days: [3, 3] },
	];
}

/** n8n's durable mode gives a poll no more time, however rare it is. */
function durableOrders(order: Order): Case[] {
	return [
		{ perDay: 5000, order, interval: 6 * HOUR, days: [4, 4], durable: true },
		{ perDay: 5000, order, interval: DAY, days: [10, 10], durable: true },
	];
}

const nameOf = (interval: number) => {
	const [count, unit] = interval < HOUR ? [interval / MINUTE, 'minute'] : [interval / HOUR, 'hour'];
	return interval === DAY ? '1 day' : `${count} ${unit}${count === 1 ? '' : 's'}`;
};

const kilobytes = (bytes: number) => (bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0);

const HEAD = [
	'| Order of the list | Finishes a day | Poll every | Calls a poll | kB a poll | State, kB at most | Delay, polls at most | Promised |',
	'| --- | --: | --- | --: | --: | --: | --: | --: |',
];

const DOCS = path.join(__dirname, '../../docs/reliability.md');
const BEGIN = '<!-- trigger table -->';
const END = '<!-- end of the trigger table -->';
const compact = (text: string) =>
	text
		.replace(/-+/g, '-')
		.replace(/[ \t]+/g, ' ')
		.trim();

/** All rows take minutes: a few are always measured. */
const isAll = process.env.UPDATE_DOCS ?? process.env.PROPERTY_RUNS;
const measuredCases = CASES.filter(
	({ order, interval, numbered }) =>
		isAll || (interval === HOUR && (order === 'newest first' || (order === 'none' && numbered))),
);

test('calls, bytes, state and delay are what the documentation says', async () => {
	const rows: string[] = [];
	for (const one of measuredCases) {
		const measured = await measure(one);
		const { perDay, interval } = one;
		const { numbered, durable } = one;
		const order = `${one.order}${numbered ? ', numbered pages' : ''}${durable ? ', durable mode' : ''}`;
		rows.push(
			`| ${order} | ${perDay} | ${nameOf(interval)} | ${measured.calls.toFixed(1)} | ${kilobytes(measured.bytes)} | ${kilobytes(measured.state)} | ${measured.delay} | ${promisedDelay(one)} |`,
		);
		expect([order, interval, measured.delay > promisedDelay(one)]).toEqual([
			order,
			interval,
			false,
		]);
		if (!durable || interval < DAY) {
			expect([order, interval, measured.state > 100_000]).toEqual([order, interval, false]);
		}
	}
	if (process.env.UPDATE_DOCS) {
		const [before, rest] = readFileSync(DOCS, 'utf8').split(BEGIN);
		const table = [...HEAD, ...rows].join('\n');
		writeFileSync(DOCS, `${before}${BEGIN}\n\n${table}\n\n${END}${rest!.split(END)[1]}`);
	}
	const written = compact(readFileSync(DOCS, 'utf8'));
	for (const row of rows) expect(written).toContain(compact(row));
}, 600_000);
