/**
 * Calls `work` for each entry, in their order, with at most `limit` under way at once. When one
 * throws, no further one begins, and the error is thrown once those under way have ended.
 */
export async function inParallel<T>(
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
