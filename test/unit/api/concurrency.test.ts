import fc from 'fast-check';
import {
	bisect,
	createCoalescer,
	createLocks,
	createMemoize,
	createSemaphore,
	mapLimit,
} from '../../../nodes/shared/api/concurrency';

/** Lets everything happen that waits for nothing else. */
const settle = async () => await new Promise<void>((resolve) => setImmediate(resolve));

/** A piece of work that ends when it is told. */
function work<T = void>() {
	let [end, fail] = [(_: T) => {}, (_: Error) => {}];
	const done = new Promise<T>((resolve, reject) => ([end, fail] = [resolve, reject]));
	return { done, end: (value: T) => end(value), fail: (error: Error) => fail(error) };
}

describe('mapLimit', () => {
	test('does each entry once, never more at once than the limit', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.nat(3)),
				fc.integer({ min: 1, max: 5 }),
				async (pauses, limit) => {
					let running = 0;
					const done: number[] = [];
					await mapLimit(pauses.keys(), limit, async (at) => {
						expect(++running).toBeLessThanOrEqual(limit);
						for (let tick = 0; tick < pauses[at]!; tick++) await Promise.resolve();
						running--;
						done.push(at);
					});
					expect(done.sort((a, b) => a - b)).toEqual([...pauses.keys()]);
				},
			),
		);
	});

	test('begins in the order of the entries, as soon as there is room', async () => {
		const works = [work(), work(), work(), work()];
		const begun: number[] = [];
		const all = mapLimit(works.keys(), 2, async (at) => {
			begun.push(at);
			await works[at]!.done;
		});
		await settle();
		expect(begun).toEqual([0, 1]);
		works[1]!.end();
		await settle();
		expect(begun).toEqual([0, 1, 2]);
		for (const { end } of works) end();
		await all;
		expect(begun).toEqual([0, 1, 2, 3]);
	});

	test('begins nothing further after a failure, lets the others end, and throws it', async () => {
		const begun: number[] = [];
		let ended = 0;
		const failing = async (at: number) => {
			begun.push(at);
			await Promise.resolve();
			if (at === 1) throw new Error('no');
			await Promise.resolve();
			ended++;
		};
		await expect(mapLimit([0, 1, 2, 3, 4, 5], 2, failing)).rejects.toThrow('no');
		expect(begun).toEqual([0, 1]);
		expect(ended).toBe(1);
	});
});

describe('memoize', () => {
	test('makes a value once for each key, also for those who ask while it is made', async () => {
		const memoize = createMemoize();
		const made: string[] = [];
		const get = async (key: string) =>
			await memoize(key, async () => {
				made.push(key);
				await settle();
				return made.length;
			});
		expect(await Promise.all([get('a'), get('a'), get('b')])).toEqual([2, 2, 2]);
		expect(await get('a')).toBe(2);
		expect(made).toEqual(['a', 'b']);
	});

	test('tells a failure to all who wait, and tries anew afterwards', async () => {
		const memoize = createMemoize();
		const fail = async () => await Promise.reject(new Error('no'));
		const both = await Promise.allSettled([memoize('a', fail), memoize('a', async () => 1)]);
		expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
		expect(await memoize('a', async () => 2)).toBe(2);
	});
});

describe('withLock', () => {
	test('does work of one key one after the other, in the order of the calls', async () => {
		const withLock = createLocks();
		const works = [work(), work(), work()];
		const begun: number[] = [];
		const all = works.map(
			async ({ done }, at) =>
				await withLock('a', async () => {
					begun.push(at);
					await done;
					return at;
				}),
		);
		await settle();
		expect(begun).toEqual([0]);
		works[1]!.end();
		await settle();
		expect(begun).toEqual([0]);
		works[0]!.end();
		await settle();
		expect(begun).toEqual([0, 1, 2]);
		works[2]!.end();
		expect(await Promise.all(all)).toEqual([0, 1, 2]);
	});

	test('lets keys go side by side', async () => {
		const withLock = createLocks();
		const first = work();
		const waiting = withLock('a', async () => await first.done);
		expect(await withLock('b', async () => 2)).toBe(2);
		first.end();
		await waiting;
	});

	test('goes on after a failure, which is told to its own caller', async () => {
		const withLock = createLocks();
		const failing = withLock('a', async () => await Promise.reject(new Error('no')));
		const next = withLock('a', async () => 2);
		await expect(failing).rejects.toThrow('no');
		expect(await next).toBe(2);
	});
});

describe('a semaphore', () => {
	/** Lets all in at once, and gives who is inside, in the order in which they came in. */
	const enter = (size: number, weights: number[]) => {
		const semaphore = createSemaphore(size);
		const inside: number[] = [];
		const releases = new Map<number, (keep?: number) => void>();
		for (const [at, weight] of weights.entries()) {
			void semaphore.acquire(weight).then((release) => {
				inside.push(at);
				releases.set(at, release);
			});
		}
		return { inside, leave: (at: number, keep?: number) => releases.get(at)!(keep) };
	};

	test.each([
		['by count', 2, [1, 1, 1], [0, 1]],
		['by weight', 10, [4, 6, 1], [0, 1]],
		['in the order of the calls, though a later one would fit', 10, [8, 5, 1], [0]],
		['one that outweighs all of it alone', 10, [99, 1], [0]],
	])('lets in %s', async (_, size, weights, first) => {
		const { inside } = enter(size, weights);
		await settle();
		expect(inside).toEqual(first);
	});

	test('lets the next in when there is room again', async () => {
		const { inside, leave } = enter(10, [8, 5, 99, 1]);
		await settle();
		leave(0);
		await settle();
		expect(inside).toEqual([0, 1]);
		leave(1);
		await settle();
		expect(inside).toEqual([0, 1, 2]);
		leave(2);
		await settle();
		expect(inside).toEqual([0, 1, 2, 3]);
	});

	test('takes back a part, and the rest once', async () => {
		const { inside, leave } = enter(10, [10, 6, 4, 4]);
		await settle();
		leave(0, 4);
		await settle();
		expect(inside).toEqual([0, 1]);
		leave(0);
		leave(0);
		await settle();
		expect(inside).toEqual([0, 1, 2]);
	});

	test('never holds more than its size, and lets all in, in their order', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 1, max: 20 }),
				fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.nat(3)), { maxLength: 30 }),
				async (size, entries) => {
					const semaphore = createSemaphore(size);
					let held = 0;
					const begun: number[] = [];
					await Promise.all(
						entries.map(async ([weight, ticks], at) => {
							const release = await semaphore.acquire(weight);
							begun.push(at);
							held += Math.min(weight, size);
							expect(held).toBeLessThanOrEqual(size);
							for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
							held -= Math.min(weight, size);
							release();
						}),
					);
					expect(begun).toEqual([...entries.keys()]);
				},
			),
		);
	});
});

describe('bisect', () => {
	/** A service that takes no batch with one of these in it; gives the batches that it was asked for. */
	const trying = async (entries: string[], bad: string[]) => {
		const asked: string[] = [];
		await bisect(entries, async (some) => {
			asked.push(some.join(''));
			return some.some((entry) => bad.includes(entry)) ? 'split' : undefined;
		});
		return asked;
	};

	test.each([
		['abcd', '', ['abcd']],
		['abcd', 'c', ['abcd', 'ab', 'cd', 'c', 'd']],
		['abcde', 'e', ['abcde', 'abc', 'de', 'd', 'e']],
		['ab', 'ab', ['ab', 'a', 'b']],
		['a', 'a', ['a']],
	])('of %j, of which %j are bad, tries %j', async (entries, bad, batches) => {
		expect(await trying([...entries], [...bad])).toEqual(batches);
	});

	test('tries every entry that is bad alone, and every other one in a batch that goes well', async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), async (bad) => {
				const done: number[] = [];
				const alone: number[] = [];
				await bisect([...bad.keys()], async (some) => {
					if (!some.some((at) => bad[at])) return void done.push(...some);
					if (some.length === 1) alone.push(...some);
					return 'split';
				});
				const those = (wanted: boolean) => [...bad.keys()].filter((at) => bad[at] === wanted);
				expect(done).toEqual(those(false));
				expect(alone).toEqual(those(true));
			}),
		);
	});

	test('ends with an error of the work', async () => {
		const failing = async () => await Promise.reject(new Error('no'));
		await expect(bisect(['a', 'b'], failing)).rejects.toThrow('no');
	});
});

test('a coalescer does work for all that come while earlier work is under way, and hands on its errors', async () => {
	const groups: string[][] = [];
	const ask = createCoalescer(async (entries: string[]) => {
		groups.push(entries);
		await new Promise(setImmediate);
		if (entries.includes('bad')) throw new Error('Bad');
		return entries.length;
	});
	const first = ask('a');
	await Promise.resolve();
	const others = [ask('b'), ask('bad')];
	expect(await first).toBe(1);
	expect(await Promise.allSettled(others)).toMatchObject([
		{ reason: { message: 'Bad' } },
		{ reason: { message: 'Bad' } },
	]);
	expect(await ask('c')).toBe(1);
	expect(groups).toEqual([['a'], ['b', 'bad'], ['c']]);
});
