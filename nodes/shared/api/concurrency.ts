/**
 * Calls `work` for each entry, in their order, with at most `limit` under way at once. When one
 * throws, no further one begins, and the error is thrown once those under way have ended.
 */
export async function mapLimit<T>(
	entries: Iterable<T>,
	limit: number,
	work: (entry: T) => Promise<void>,
): Promise<void> {
	const queue = entries[Symbol.iterator]();
	let failure: { error: unknown } | undefined;
	const worker = async () => {
		for (let next = queue.next(); !next.done && !failure; next = queue.next()) {
			try {
				await work(next.value);
			} catch (error) {
				failure ??= { error };
			}
		}
	};
	await Promise.all(Array.from({ length: limit }, worker));
	if (failure) throw failure.error;
}

/** Makes a value once for each key, and anew after a failure. */
export type Memoize = <T>(key: string, make: () => Promise<T>) => Promise<T>;

/** @see Memoize */
export function createMemoize(): Memoize {
	const cache = new Map<string, Promise<unknown>>();
	return async <T>(key: string, make: () => Promise<T>): Promise<T> => {
		const known = cache.get(key);
		if (known) return (await known) as T;
		const making = make();
		cache.set(key, making);
		making.catch(() => cache.delete(key));
		return await making;
	};
}

/** A keyed mutex: work of the same key is done one after the other, in the order of the calls. */
export type WithLock = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** @see WithLock */
export function createLocks(): WithLock {
	const locks = new Map<string, Promise<unknown>>();
	return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
		const turn = (locks.get(key) ?? Promise.resolve()).then(work, work);
		locks.set(key, turn);
		return await turn;
	};
}

/**
 * Does work for entries together: for all that come while the work for those before is under way.
 * @param work is given the entries in the order in which they came; its result is that of each
 */
export function createCoalescer<T, R>(
	work: (entries: T[]) => Promise<R>,
): (entry: T) => Promise<R> {
	let waiting: { entries: T[]; result: Promise<R> } | undefined;
	let last: Promise<unknown> = Promise.resolve();
	const gather = () => {
		const entries: T[] = [];
		const result = last.then(async () => {
			waiting = undefined;
			return await work(entries);
		});
		last = result.catch(() => undefined);
		return { entries, result };
	};
	return async (entry) => {
		waiting ??= gather();
		waiting.entries.push(entry);
		return await waiting.result;
	};
}

/** A weighted semaphore: how much is under way at once is bounded, in the order of the calls. */
interface Semaphore {
	/**
	 * Waits until there is room.
	 * @param weight how much of the semaphore's size is taken; more than all of it counts as all
	 * @returns gives it back, all or all but so much, which is given back later
	 */
	acquire(weight: number): Promise<(keep?: number) => void>;
}

/** @param size how much may be under way at once, in the unit of the weights */
export function createSemaphore(size: number): Semaphore {
	let free = size;
	const waiting: Array<{ weight: number; start: () => void }> = [];
	const startNext = () => {
		for (let [first] = waiting; first && first.weight <= free; [first] = waiting) {
			waiting.shift();
			free -= first.weight;
			first.start();
		}
	};
	return {
		acquire: async (wanted) => {
			const weight = Math.min(wanted, size);
			await new Promise<void>((start) => {
				waiting.push({ weight, start });
				startNext();
			});
			let taken = weight;
			return (keep = 0) => {
				const kept = Math.min(keep, taken);
				free += taken - kept;
				taken = kept;
				startNext();
			};
		},
	};
}

/**
 * Does work with entries together, and halves them where it says so: one bad entry never spoils the
 * others.
 * @param work does it, or answers `split` when it must be tried with fewer entries
 */
export async function bisect<T>(
	entries: T[],
	work: (entries: T[]) => Promise<'split' | void>,
): Promise<void> {
	if ((await work(entries)) !== 'split' || entries.length < 2) return;
	const middle = Math.ceil(entries.length / 2);
	await bisect(entries.slice(0, middle), work);
	await bisect(entries.slice(middle), work);
}
