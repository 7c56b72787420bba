import {
	beginReading,
	failPage,
	planPage,
	takePage,
	withReading,
	type Plan,
	type Reading,
} from '../../nodes/XimilarVlm/trigger/reading';
import {
	startingAt,
	withProofs,
	type ListState,
	type Proof,
} from '../../nodes/XimilarVlm/trigger/state';
import { provesNewestFirst, type Listed } from '../../nodes/XimilarVlm/trigger/walk';
import { DAY, HOUR, MINUTE } from './triggerWorld';

/** The trigger's reading of a list, page by page. */

const START = 100 * DAY;
const NOW = START + 30 * DAY;

const entry = (at: number, created = at): Listed => ({
	id: `at ${at}`,
	status: 'DONE',
	at: START + at,
	created: START + created,
	fingerprint: '',
});

/** The pages of a list by number; `fails` cannot be read. */
type Pages = Array<Listed[] | 'fails'>;

interface Poll {
	state?: ListState;
	numbered?: boolean;
	/** How many pages there is time for. */
	time?: number;
	now?: number;
	gap?: number;
}

/** One poll: the pages that were read, by part and number, and the state after it. */
function poll(
	pages: Pages,
	{ state = startingAt(START), numbered = false, time = 100, now = NOW, gap = MINUTE }: Poll = {},
) {
	let reading: Reading = beginReading(state, { numbered, gap });
	const read: string[] = [];
	for (
		let plan: Plan | undefined;
		(plan = planPage(reading, { now, hasTime: read.length < time }));
	) {
		const number = Number(plan.position?.page ?? 0);
		read.push(`${plan.part} ${number}`);
		const page = pages[number];
		if (page === 'fails') {
			reading = failPage(reading, plan, new Error('It fails'), now);
			continue;
		}
		const next = number + 1 < pages.length ? { page: number + 1 } : undefined;
		reading = takePage(reading, plan, page && { entries: page, next, clock: now }, now).reading;
	}
	return { read, reading, state: withReading(state, reading) };
}

/** So many pages of entries that were there before the start. */
const old = (count: number): Listed[][] =>
	Array.from({ length: count }, (_, page) => [entry(-page * MINUTE - 1)]);

test.each<[string, Pages, Poll, string[]]>([
	['an empty list is one page', [[]], {}, ['first 0']],
	['a short list is read whole', old(3), {}, ['first 0', 'fresh 1', 'fresh 2']],
	['a long one as far as there is time', old(9), { time: 3 }, ['first 0', 'fresh 1', 'fresh 2']],
	[
		'a minute has ten pages without news beyond the first, an hour more',
		old(50),
		{},
		['first 0', ...Array.from({ length: 10 }, (_, page) => `fresh ${page + 1}`)],
	],
	['a page that fails ends the walk', [[], 'fails', []], {}, ['first 0', 'fresh 1']],
	['a list without its first page is left', ['fails', []], {}, ['first 0']],
])('%s', (_, pages, options, expected) => {
	expect(poll(pages, options).read).toEqual(expected);
});

test('an hour between two polls has six hundred pages', () => {
	expect(poll(old(1000), { gap: HOUR, time: 2000 }).read).toHaveLength(601);
});

describe('numbered pages', () => {
	const settledAfter = (options: Poll) => {
		const { reading, state, read } = poll(old(3), { ...options, numbered: true });
		return { read, watermark: withProofs(state, reading.proofs, NOW).watermark };
	};
	const since = START + 20 * DAY;
	const state = { ...startingAt(START), newest: since };
	const reading = ['first 0', 'fresh 1', 'fresh 2'];

	test('are read three times by a rare poll, which settles all but the last hour', () => {
		const { read, watermark } = settledAfter({ state, gap: DAY });
		expect(read).toEqual([...reading, ...reading, ...reading]);
		expect(watermark).toBe(since - HOUR);
	});

	test('are read once where the next poll comes soon', () => {
		expect(settledAfter({ state, gap: HOUR })).toEqual({ read: reading, watermark: START });
	});

	test('are read as often as there is time for', () => {
		const { read, watermark } = settledAfter({ state, gap: DAY, time: 5 });
		expect(read).toEqual([...reading, 'first 0', 'fresh 1']);
		expect(watermark).toBe(START);
	});

	test('are left when the one that fails is met again', () => {
		const { read, state: after } = poll([[], 'fails'], { numbered: true, gap: DAY });
		expect(read).toEqual(['first 0', 'fresh 1']);
		expect(after.fault).toMatchObject({ depth: 1, failures: 1 });
	});

	test('a list of one page needs one reading', () => {
		expect(poll(old(1), { numbered: true, gap: DAY }).read).toEqual(['first 0']);
	});
});

test('a scan goes on where it stood, after the first page, and takes turns with what is new', () => {
	const pages: Pages = [...old(3), [entry(1)], ...old(20)];
	const { state } = poll(pages, { time: 3 });
	expect(state.scan).toMatchObject({ pages: 3, next: { page: 3 } });
	const news: Pages = [[entry(3)], [entry(2)], [], [entry(1)], ...old(20)];
	expect(poll(news, { state, time: 6 }).read).toEqual([
		'first 0',
		'scan 3',
		'fresh 1',
		'scan 4',
		'fresh 2',
		'scan 5',
	]);
});

test('while a page fails, those before it are read; it is tried again after a pause', () => {
	const pages: Pages = [[entry(2)], [entry(1)], 'fails', []];
	const first = poll(pages);
	expect(first.state.fault).toMatchObject({ depth: 2, failures: 1, retryAt: NOW + MINUTE });
	const second = poll(pages, { state: first.state, now: NOW + 30_000 });
	expect(second.read).toEqual(['first 0', 'fresh 1']);
	const third = poll(pages, { state: second.state, now: NOW + MINUTE });
	expect(third.state.fault).toMatchObject({ since: NOW, failures: 2, retryAt: NOW + 3 * MINUTE });
	const mended: Pages = [[entry(2)], [entry(1)], [], []];
	const last = poll(mended, { state: third.state, now: NOW + HOUR });
	expect(last.state.fault).toBeUndefined();
	expect(last.reading.proofs).not.toEqual([]);
});

test('after six failures the scan begins anew', () => {
	let state = poll([...old(2), 'fails']).state;
	for (let failures = 1; failures < 6; failures++) {
		expect(state.scan).toBeDefined();
		state = poll([...old(2), 'fails'], { state, now: NOW + failures * HOUR }).state;
	}
	expect(state.fault).toMatchObject({ failures: 6 });
	expect(state.scan).toMatchObject({ pages: 2 });
	expect(state.scan!.since).toBe(state.newest);
});

describe('the order', () => {
	/** Twenty finishes in the order of completion, as pages of five; some crossed their creation. */
	const newestFirst = (created: (place: number) => number): Listed[][] =>
		[0, 5, 10, 15].map((start) =>
			[0, 1, 2, 3, 4].map((place) => entry((100 - start - place) * HOUR, created(start + place))),
		);
	const crossed = (place: number) => (100 - place - (place % 3 ? 0 : 4)) * HOUR;

	test.each<[string, Listed[][], boolean]>([
		['is believed when it is not that of creation', newestFirst(crossed), true],
		['is not when it may be that of creation', newestFirst((place) => -place), false],
		['is not when it may be that of creation, reversed', newestFirst((place) => place), false],
		['is not for a few entries', newestFirst(crossed).slice(0, 2), false],
		['is not when one entry is out of it', [...newestFirst(crossed), [entry(101 * HOUR)]], false],
	])('%s', (_, pages, expected) => {
		expect(poll(pages).state.newestFirst).toBe(expected);
	});

	test('once believed, a quiet poll is a small page; an entry out of order ends it', () => {
		const pages = newestFirst(crossed);
		const { state, reading } = poll(pages);
		const settled = withProofs(state, reading.proofs, reading.reached);
		const later = poll([pages[0]!, pages[1]!], { state: { ...settled, seen: {} } });
		expect(later.read).toEqual(['first 0']);
		expect(beginReading({ ...settled, seen: {} }, { numbered: false, gap: 0 }).pageSize).toBe(10);
		const broken = poll([[entry(HOUR), entry(200 * HOUR)], []], { state: settled });
		expect(broken.state.newestFirst).toBe(false);
	});
});

test('provesNewestFirst wants an entry created earlier, and one created later', () => {
	const walk = {
		...{ since: 0, next: {}, pages: 1, newestFirst: true, descents: 12, head: 0 },
		...{ hasCreatedEarlier: true, hasCreatedLater: true },
	};
	expect(provesNewestFirst(walk)).toBe(true);
	expect(provesNewestFirst({ ...walk, hasCreatedEarlier: false })).toBe(false);
	expect(provesNewestFirst({ ...walk, hasCreatedLater: false })).toBe(false);
	expect(provesNewestFirst({ ...walk, descents: 11 })).toBe(false);
});

test.each<[string, Proof[], number]>([
	['one reading in one go', [{ kind: 'exact', since: HOUR }], HOUR - 15 * MINUTE],
	['one of numbered pages proves nothing', [{ kind: 'numbered', since: 9 * HOUR }], 0],
	[
		'three of them cover an hour',
		[3, 4, 5].map((hours) => ({ kind: 'numbered', since: hours * HOUR })),
		3 * HOUR - 15 * MINUTE,
	],
	[
		'and an hour is covered',
		[3, 3.25, 3.5].map((hours) => ({ kind: 'numbered', since: hours * HOUR })),
		2.5 * HOUR,
	],
	[
		'slow ones cover a day',
		[40, 41, 42].map((hours) => ({ kind: 'slow', since: hours * HOUR })),
		18 * HOUR,
	],
])('the watermark: %s', (_, proofs, expected) => {
	expect(withProofs(startingAt(0), proofs).watermark).toBe(expected);
});

test('the watermark does not pass a finish that is met and not emitted yet', () => {
	const proofs: Proof[] = [{ kind: 'exact', since: 9 * HOUR }];
	expect(withProofs(startingAt(0), proofs, 0, [HOUR]).watermark).toBe(HOUR - 1);
});
