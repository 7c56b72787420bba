import { waitForAll } from '../../../nodes/XimilarVlm/request/waiting';
import { virtualClock } from './clock';
import { itemsOf } from './items';
import { always, many, service } from './service';

const settings = { foundAnywhere: true, nameless: true };

test('the timeout is judged between the calls of a poll', async () => {
	const clock = virtualClock();
	const lives = many(1000, () => always('PROCESSING', { workspace: 'other' }));
	// Each of them has to be asked for by itself.
	const { api, calls } = service(clock, lives, { ...settings, broken: ['history'] });
	const { items, ended } = itemsOf(Object.keys(lives), api, { options: { timeout: 1 } });
	await clock.run(waitForAll(items, clock));
	expect(ended.size).toBe(1000);
	expect(ended.get('r0')!.errors).toEqual([
		'The answer to request r0 did not come within 1 second',
	]);
	// Four at once, a tenth of a second each: one batch may be under way at the deadline.
	expect(clock.now()).toBeLessThanOrEqual(1100);
	expect(calls.status + calls.whole).toBeLessThanOrEqual(4 * 11);
});

test('also while finished requests are read one by one', async () => {
	const clock = virtualClock();
	const lives = many(1000, () => always('DONE'));
	const { api, calls } = service(clock, lives);
	const { items, ended } = itemsOf(Object.keys(lives), api, {
		options: { timeout: 5 },
		simplify: false,
	});
	await clock.run(waitForAll(items, clock));
	expect(clock.now()).toBeLessThanOrEqual(5100);
	const done = [...ended.values()].filter(({ rows }) => rows.length).length;
	expect(done).toBe(calls.whole);
	expect(done).toBeGreaterThan(100);
	expect(ended.size).toBe(1000);
});

test('a service that is silent does not keep an item waiting', async () => {
	const clock = virtualClock();
	const { api } = service(clock, { a: always('CREATED') }, { silent: ['status'] });
	const { items, ended } = itemsOf(['a'], api, { options: { timeout: 1, onTimeout: 'pass' } });
	await clock.run(waitForAll(items, clock));
	expect(ended.get('a')).toEqual({ rows: [{ id: 'a', status: null }], errors: [] });
});

test.each([
	['between two polls', 'sleeping'],
	['while a call is under way', 'calling'],
])('the end of the run ends a wait %s', async (_, when) => {
	const clock = virtualClock();
	const stop = new AbortController();
	const { api } = service(
		clock,
		many(8, () => always('CREATED')),
	);
	let reached = () => {};
	const isReached = new Promise<void>((resolve) => (reached = resolve));
	// Neither a pause nor a call ever ends by itself from here on.
	const never = async () => {
		reached();
		return await new Promise<never>(() => {});
	};
	const stuckApi = { ...api, inWorkspace: () => ({ ...api, get: never }) };
	const stuckClock = { now: clock.now, sleep: never };
	const { items, ended } = itemsOf(['r0', 'r1'], when === 'calling' ? stuckApi : api, {
		signal: stop.signal,
	});
	const work = waitForAll(items, when === 'calling' ? clock : stuckClock);
	const both = Promise.all([work, isReached.then(() => stop.abort())]);
	const [unfinished] = await clock.run(both);
	expect(unfinished).toEqual(items);
	expect([...ended.values()].map(({ errors }) => errors)).toEqual([
		['The execution was stopped'],
		['The execution was stopped'],
	]);
});

test('500 requests that finish one after the other take a tenth of the calls', async () => {
	const clock = virtualClock();
	const lives = many(500, (at) => ({
		statuses: [
			[0, 'CREATED'],
			[at * 6, 'PROCESSING'],
			[500 + at * 8, at % 100 === 99 ? 'FAILED' : 'DONE'],
		],
	}));
	const { api, calls } = service(clock, lives);
	const { items, ended } = itemsOf(Object.keys(lives), api);
	await clock.run(waitForAll(items, clock));
	expect([...ended.values()].filter(({ rows }) => rows.length)).toHaveLength(495);
	expect([...ended.values()].filter(({ errors }) => errors.length)).toHaveLength(5);
	const all = calls.open + calls.history + calls.status + calls.whole;
	// Asking for each takes at least a status at one poll, and its answer.
	expect(all).toBeLessThanOrEqual((500 * 2) / 10);
	expect(calls.whole).toBeLessThanOrEqual(30);
});

test('what a list does not show is asked for its status before anything large is read', async () => {
	const clock = virtualClock();
	const lives = many(200, () => ({
		statuses: [
			[0, 'PROCESSING'],
			[60_000, 'DONE'],
		],
		workspace: 'other',
	}));
	const { api, calls } = service(clock, lives, { ...settings });
	const { items, ended } = itemsOf(Object.keys(lives), api);
	await clock.run(waitForAll(items, clock));
	expect([...ended.values()].every(({ rows }) => rows[0]?.status === 'DONE')).toBe(true);
	// One to find out that the lists do not show them, and each once when it is done.
	expect(calls.whole).toBe(201);
});
