import fc from 'fast-check';
import { createClient, DEFAULT_PATIENCE } from '../../../nodes/shared/api/client';
import {
	answered,
	begun,
	createLimiter,
	ended,
	firstState,
	hasRoom,
	placeIn,
	refused,
	type LimitState,
} from '../../../nodes/shared/api/limiter';
import { mapLimit } from '../../../nodes/shared/api/concurrency';
import { anySchema } from '../../../nodes/shared/api/schemas';
import { connectionIn, serverOf, virtualWorld } from './pressure';

/** How many calls are under way at once: the rules, the queue, and what both make of a server. */

/** As many calls under way as may be. */
function filled(state: LimitState): LimitState {
	return hasRoom(state) ? filled(begun(state)) : state;
}

/** So many calls that tell of the limit of now are answered, and others begin in their place. */
function answeredTimes(state: LimitState, count: number, time: number, now = 0): LimitState {
	const place = { limit: state.limit, position: Infinity };
	return Array.from({ length: count }).reduce<LimitState>(
		(last) => filled(answered(filled(last), place, time, now)),
		state,
	);
}

/** More calls, which bring as much more. */
const grown = (state: LimitState) => answeredTimes(state, state.limit / 4, 100);

describe('the limit', () => {
	test.each([
		[1, 1],
		[3, 3],
		[4, 4],
		[64, 4],
	])('begins, of %i that are allowed, at %i', (max, limit) => {
		expect(firstState(max).limit).toBe(limit);
	});

	test('grows fourfold while that brings more', () => {
		const four = filled(firstState(256));
		const sixteen = grown(four);
		expect([four, sixteen, grown(sixteen)].map(({ limit }) => limit)).toEqual([4, 16, 64]);
	});

	test.each([
		['no more', 400, 4],
		['hardly more', 340, 4],
		['a little more', 330, 8],
		['no more than twice as many can have brought', 170, 8],
		['more than those', 165, 64],
		['four times as much', 100, 64],
	])('of four times the calls that bring %s', (_, time, limit) => {
		const sixteen = grown(filled(firstState(64)));
		expect(answeredTimes(sixteen, 8, time).limit).toBe(limit);
	});

	test('of four times the calls that begin slowly is judged by those that follow them', () => {
		const sixteen = grown(filled(firstState(64)));
		const doubted = answeredTimes(sixteen, 4, 200);
		expect(doubted).toMatchObject({ limit: 16, level: { calls: 0 } });
		const early = { limit: 16, position: doubted.level.skipped };
		expect(answered(doubted, early, 1, 0).level).toEqual(doubted.level);
		expect(answeredTimes(doubted, 4, 100).limit).toBe(64);
		expect(answeredTimes(doubted, 4, 200).limit).toBe(8);
	});

	test('is judged by those calls only that were begun when half of them were there', () => {
		let state = begun(firstState(64));
		const places = [placeIn(state)];
		while (hasRoom(state)) {
			state = begun(state);
			places.push(placeIn(state));
		}
		expect(places.map(({ position }) => position)).toEqual([1, 2, 3, 4]);
		const early = answered(state, places[1]!, 1, 0);
		expect(early).toEqual({ ...state, running: 3 });
		expect(answered(state, places[2]!, 1, 0)).not.toEqual(early);
	});

	test('is taken back twice, when the one before was no better either', () => {
		const sixtyFour = answeredTimes(grown(filled(firstState(64))), 4, 150);
		const sixteen = answeredTimes(sixtyFour, 64, 600);
		expect([sixtyFour.limit, sixteen.limit]).toEqual([64, 16]);
		expect(answeredTimes(sixteen, 16, 400).limit).toBe(4);
	});

	test('between the two is kept where more than it bring no more, and left where they do', () => {
		const eight = answeredTimes(grown(filled(firstState(16))), 16, 200);
		expect([eight.limit, answeredTimes(eight, 8, 100).limit]).toEqual([8, 8]);
		expect(answeredTimes(eight, 8, 120).limit).toBe(16);
		expect(answeredTimes(eight, 8, 200).limit).toBe(4);
	});

	test('is tried again at once when the lower one turns out to be slower than it seemed', () => {
		const four = answeredTimes(grown(filled(firstState(64))), 16, 390);
		expect(four.limit).toBe(4);
		const sixteen = answeredTimes(four, 4, 390);
		expect([sixteen.limit, answeredTimes(sixteen, 16, 390).limit]).toEqual([16, 32]);
	});

	test('is told by enough calls of its own only', () => {
		const sixteen = grown(filled(firstState(64)));
		expect(answeredTimes(sixteen, 3, 900).limit).toBe(16);
		// Those that were begun at four say nothing of sixteen.
		const stale = { limit: 4, position: Infinity };
		const later = Array.from({ length: 17 }).reduce<LimitState>(
			(state) => answered(filled(state), stale, 900, 0),
			sixteen,
		);
		expect(later).toMatchObject({ limit: 16, level: { calls: 0 } });
	});

	test('does not grow where there is nothing to do', () => {
		const place = { limit: 4, position: Infinity };
		const none = answered(answered(begun(begun(firstState(16))), place, 1, 0), place, 1, 0);
		expect(none).toMatchObject({ limit: 4, running: 0, level: { calls: 0 } });
	});

	test('never exceeds what is allowed', () => {
		let state = filled(firstState(6));
		for (let call = 0; call < 50; call++) state = answeredTimes(state, 1, 100);
		expect(state.limit).toBe(6);
	});

	test.each([
		[4, 1, 3],
		[4, 2, 2],
		[16, 8, 8],
		[16, 16, 1],
	])('of %i calls, after %i refusals, is %i', (max, refusals, limit) => {
		let state: LimitState = { ...filled(firstState(max)), limit: max, running: max };
		for (let call = 0; call < refusals; call++) state = refused(state, 0);
		expect(state.limit).toBe(limit);
	});

	test('stays after a call that ended otherwise', () => {
		const four = filled(firstState(16));
		expect(ended(four)).toEqual({ ...four, running: 3 });
	});

	describe('that was found', () => {
		const found = filled(refused(filled(firstState(16)), 0));
		const answerAt = (state: LimitState, now: number) => answeredTimes(state, 1, 100, now);
		/** When one call more was tried, second by second, and refused. */
		const triedAt = () => {
			let state = found;
			const times: number[] = [];
			for (let second = 1; second <= 260; second++) {
				const next = answerAt(state, second * 1000);
				const hasGrown = next.limit > state.limit;
				if (hasGrown) times.push(second);
				state = hasGrown ? filled(refused(next, second * 1000 + 30)) : next;
			}
			return times;
		};

		test('is tried out with one call more, ever more rarely while that is refused', () => {
			expect(triedAt()).toEqual([10, 31, 72, 133, 194, 255]);
		});

		test('is looked for anew when one call more is borne', () => {
			const tried = answeredTimes(found, 3, 100, 10_000);
			expect([found.limit, tried.limit]).toEqual([3, 4]);
			const borne = answeredTimes(tried, 4, 100, 11_000);
			const more = answeredTimes(borne, 2, 100, 12_000);
			expect([borne.limit, more.limit]).toEqual([8, 16]);
			// A refusal ends that, and the next pause is a short one again.
			const probe = { at: 23_000, pause: 10_000, next: 16 };
			expect(refused(more, 13_000)).toMatchObject({ limit: 15, probe });
		});

		test('is tried out with twice as many, where a server does not refuse but brings no more', () => {
			const four = answeredTimes(grown(filled(firstState(64))), 16, 400, 1000);
			const known = answeredTimes(four, 4, 100, 2000);
			expect([four.limit, known.limit]).toEqual([4, 4]);
			const tried = answeredTimes(known, 1, 100, 11_000);
			const back = answeredTimes(tried, 8, 200, 12_000);
			expect([tried.limit, back.limit]).toEqual([8, 4]);
			// Later the next time.
			expect(back.probe).toEqual({ at: 32_000, pause: 20_000, next: 8 });
		});

		test('is not tried out while fewer are under way', () => {
			expect(answered(ended(found), { limit: 3, position: Infinity }, 100, 60_000).limit).toBe(3);
		});
	});

	test('is between one and what is allowed, whatever happens', () => {
		const event = fc.record({
			kind: fc.constantFrom('begin', 'answer', 'refuse', 'end'),
			time: fc.integer({ min: 0, max: 100_000 }),
			age: fc.integer({ min: 0, max: 5 }),
		});
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 64 }), fc.array(event), (max, events) => {
				let state = firstState(max);
				const limits: number[] = [];
				let now = 0;
				for (const { kind, time, age } of events) {
					now += time;
					limits.push(state.limit);
					if (kind === 'begin') state = hasRoom(state) ? begun(state) : state;
					else if (!state.running) continue;
					else if (kind === 'answer') {
						const limit = limits[limits.length - 1 - age] ?? state.limit;
						state = answered(state, { limit, position: age < 3 ? Infinity : 0 }, time, now);
					} else state = kind === 'refuse' ? refused(state, now) : ended(state);
					expect(state.limit).toBeGreaterThanOrEqual(1);
					expect(state.limit).toBeLessThanOrEqual(max);
					expect(state.running).toBeGreaterThanOrEqual(0);
					// What is under way is never interrupted: it can be more than may be after a step back.
					expect(state.running).toBeLessThanOrEqual(max);
				}
			}),
		);
	});
});

describe('the queue', () => {
	/** Lets everything go on that can. */
	const settled = async () => await new Promise(setImmediate);

	function queueOf(max: number) {
		const limiter = createLimiter(max);
		const entered: string[] = [];
		const ask = async (name: string, again = false, signal?: AbortSignal) => {
			const slot = await limiter.acquire(again, signal);
			entered.push(name);
			return slot;
		};
		return { limiter, entered, ask };
	}

	test('begins calls in the order in which they ask, those that ask again first', async () => {
		const { ask, entered } = queueOf(1);
		const first = ask('first');
		const waiting = [ask('second'), ask('third'), ask('again', true)];
		(await first).release(true);
		for (const slot of [waiting[2]!, waiting[0]!, waiting[1]!]) (await slot).release(true);
		expect(entered).toEqual(['first', 'again', 'second', 'third']);
	});

	test('begins no more than may be', async () => {
		const { ask, entered } = queueOf(2);
		const slots = ['a', 'b', 'c', 'd'].map(async (name) => await ask(name));
		await settled();
		expect(entered).toEqual(['a', 'b']);
		(await slots[0]!).release(false);
		await settled();
		expect(entered).toEqual(['a', 'b', 'c']);
	});

	test('a refusal lets one at a time begin, where the server bears one', async () => {
		const { ask, entered } = queueOf(2);
		const slots = ['a', 'b', 'c', 'd'].map(async (name) => await ask(name));
		expect((await slots[0]!).refuse(true)).toBe(false);
		await settled();
		expect(entered).toEqual(['a', 'b']);
		(await slots[1]!).release(true);
		await settled();
		expect(entered).toEqual(['a', 'b', 'c']);
	});

	test('nothing begins before the only call was tried again that the server had too many with', async () => {
		const { ask, entered } = queueOf(1);
		const slot = await ask('refused');
		void ask('next');
		expect(slot.refuse(true)).toBe(true);
		expect(slot.refuse(true)).toBe(true);
		await settled();
		expect(entered).toEqual(['refused']);
		slot.release(true);
		await settled();
		expect(entered).toEqual(['refused', 'next']);
	});

	test('a refusal that is concluded only keeps no other call from beginning', async () => {
		const { ask, entered } = queueOf(1);
		const slot = await ask('cut');
		void ask('next');
		expect(slot.refuse(false)).toBe(false);
		await settled();
		expect(entered).toEqual(['cut', 'next']);
	});

	test('who gives up while waiting is not waited for', async () => {
		const { ask, entered } = queueOf(1);
		const stop = new AbortController();
		const slot = await ask('first');
		const given = ask('given up', false, stop.signal);
		void ask('next');
		stop.abort();
		await expect(given).rejects.toMatchObject({ kind: 'aborted' });
		slot.release(true);
		await settled();
		expect(entered).toEqual(['first', 'next']);
	});

	test('who gives up behind another lets that one in no earlier', async () => {
		const { ask, entered } = queueOf(1);
		const first = await ask('first');
		const second = ask('second');
		const stop = new AbortController();
		const third = ask('third', false, stop.signal);
		stop.abort();
		await expect(third).rejects.toMatchObject({ kind: 'aborted' });
		await settled();
		expect(entered).toEqual(['first']);
		first.release(true);
		(await second).release(true);
		(await ask('fourth')).release(true);
		expect(entered).toEqual(['first', 'second', 'fourth']);
	});

	test.each([
		['before it asks', (stop: AbortController) => stop.abort(), () => undefined],
		['just as it may begin', () => undefined, (stop: AbortController) => stop.abort()],
	])('who gives up %s gives its place to the next', async (_, before, after) => {
		const { ask, entered } = queueOf(1);
		const stop = new AbortController();
		before(stop);
		const given = ask('given up', false, stop.signal);
		void ask('next');
		after(stop);
		await expect(given).rejects.toMatchObject({ kind: 'aborted' });
		await settled();
		expect(entered).toEqual(['next']);
	});

	test('progress is an answer, neither a refusal nor a lost connection', async () => {
		const now = jest.spyOn(Date, 'now').mockReturnValue(1000);
		const { ask, limiter } = queueOf(3);
		const slots = await Promise.all([ask('a'), ask('b'), ask('c')]);
		now.mockReturnValue(2000);
		slots[0]!.refuse(true);
		slots[1]!.release(false);
		expect(limiter.lastProgress()).toBe(1000);
		now.mockReturnValue(3000);
		slots[2]!.release(true);
		expect(limiter.lastProgress()).toBe(3000);
	});
});

describe('against a server, in virtual time', () => {
	/** Milliseconds of a call, its way there and back included. */
	const CALL = 380;

	/** So many calls of one execution. */
	const execution = (
		world: ReturnType<typeof virtualWorld>,
		transport: ReturnType<typeof serverOf>['transport'],
		calls: number,
	) => {
		const api = createClient(connectionIn(world, transport));
		return Array.from(
			{ length: calls },
			async () => await api.post('x/', anySchema).then(() => world.now()),
		);
	};

	test.each([
		[1, 1.3],
		[2, 1.3],
		[4, 1.15],
		[8, 1.15],
		[16, 1.15],
	])(
		'of capacity %i all calls are answered in at most %f times what they need',
		async (capacity, factor) => {
			const world = virtualWorld();
			const { server, transport } = serverOf(world, capacity);
			await world.run(Promise.all(execution(world, transport, 200)));
			expect(server.answered).toBe(200);
			expect(server.most).toBe(capacity);
			// All but one of the first sixteen at worst, and a few of those that were tried out later.
			expect(server.refused).toBeLessThanOrEqual(25);
			expect(world.now()).toBeLessThanOrEqual((factor * 200 * CALL) / capacity);
		},
	);

	describe.each([
		['refuses more', false],
		['lets more wait', true],
	])('that %s', (_, queues) => {
		describe.each([
			['alike', 0, 1.5],
			['not quite alike', 0.2, 1.5],
			// The more unequal they are, the less is known of how many are of use.
			['of unequal sizes', 0.8, 3],
		])('calls that are %s', (__, spread, most) => {
			test.each([
				[1, 1.3],
				[2, 1.3],
				[4, 1.15],
				[8, 1.15],
				[16, 1.15],
			])('at capacity %i take at most %f times as long as at best', async (capacity, factor) => {
				const best = await timeOf(capacity, { queues, spread }, capacity);
				const { time, load } = await timeOf(capacity, { queues, spread });
				expect(time).toBeLessThanOrEqual(factor * best.time);
				// It begins with four, whatever the server bears.
				expect(load).toBeLessThanOrEqual(most * Math.max(4, capacity));
			});
		});
	});

	/**
	 * How long 200 calls take, and what the server saw of them.
	 * @param known what the server bears, for a client that is told
	 */
	async function timeOf(
		capacity: number,
		settings: { queues: boolean; spread: number },
		known?: number,
	) {
		const world = virtualWorld();
		const { server, transport, load } = serverOf(world, capacity, settings);
		const calls = Array.from({ length: 200 });
		await world.run(
			known === undefined
				? Promise.all(execution(world, transport, calls.length)).then(() => undefined)
				: mapLimit(calls, known, async () => void (await transport())),
		);
		expect(server.answered).toBe(calls.length);
		return { time: world.now(), load: load() };
	}

	test.each([
		[1, [150, 150, 150]],
		[2, [150, 150, 150]],
		[4, [20, 200, 600]],
		[8, [150, 150, 150]],
		[16, [20, 200, 600]],
	])('of capacity %i all calls of three executions (%j) are answered', async (capacity, sizes) => {
		const world = virtualWorld();
		const { server, transport } = serverOf(world, capacity);
		const ends = await world.run(
			Promise.all(
				sizes.map(async (calls) => await Promise.all(execution(world, transport, calls))),
			),
		);
		const all = sizes.reduce((sum, calls) => sum + calls);
		expect(server.answered).toBe(all);
		expect(server.refused).toBeLessThanOrEqual(all / 4);
		expect(world.now()).toBeLessThanOrEqual((1.6 * all * CALL) / capacity);
		// None starves: without an answer for five minutes, an execution gives up.
		for (const times of ends) {
			const sorted = [0, ...times].sort((a, b) => a - b);
			const waits = sorted.slice(1).map((time, at) => time - sorted[at]!);
			expect(Math.max(...waits)).toBeLessThanOrEqual(DEFAULT_PATIENCE / 3);
		}
	});

	test('of which others take all, a little more is tried again as soon as they have ended', async () => {
		const world = virtualWorld();
		const { server, transport } = serverOf(world, 16);
		const others = execution(world, transport, 100);
		await world.run(others[20]!);
		const late = execution(world, transport, 600);
		await world.run(Promise.all([...others, ...late]));
		expect(server.most).toBe(16);
		expect(world.now()).toBeLessThanOrEqual((1.6 * 700 * CALL) / 16);
	});
});

afterEach(() => jest.restoreAllMocks());
