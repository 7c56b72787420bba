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

/**
 * Makes a value that several items of a run need once for each key, and anew after a failure.
 * @param shared the run's `shared`
 */
export async function memoize<T>(
	shared: Map<string, Promise<unknown>>,
	key: string,
	make: () => Promise<T>,
): Promise<T> {
	const known = shared.get(key);
	if (known) return (await known) as T;
	const making = make();
	shared.set(key, making);
	making.catch(() => shared.delete(key));
	return await making;
}

/**
 * Lets the items of a run that share a key work one after the other, in the order of their calls.
 * @param shared the run's `shared`
 */
export async function withLock<T>(
	shared: Map<string, Promise<unknown>>,
	key: string,
	work: () => Promise<T>,
): Promise<T> {
	const turn = (shared.get(key) ?? Promise.resolve()).then(work, work);
	shared.set(key, turn);
	return await turn;
}
