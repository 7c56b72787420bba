/** How images are packed into requests: pure, so that it can be tried without any call. */

/** Something to send, with its size in bytes. */
export interface Sized {
	bytes: number;
	/** Entries with the same key can share a request. */
	key: string;
	/** How many entries of this key fill a request. */
	batchSize: number;
}

/** Entries that wait for others to share a request with, by their keys, oldest first. */
export type Open<E extends Sized> = ReadonlyMap<string, readonly E[]>;

export const bytesIn = (entries: readonly Sized[]): number =>
	entries.reduce((sum, { bytes }) => sum + bytes, 0);

/**
 * Adds an entry to those that wait.
 * @param maxBytes a request is sent before its entries exceed this; so are those of different keys
 * together
 * @returns the requests that are ready now, in order, and what waits on
 */
export function pack<E extends Sized>(
	open: Open<E>,
	entry: E,
	maxBytes: number,
): { ready: E[][]; open: Open<E> } {
	const next = new Map(open);
	const ready: E[][] = [];
	const close = (key: string) => {
		ready.push([...next.get(key)!]);
		next.delete(key);
	};
	const waiting = next.get(entry.key) ?? [];
	if (waiting.length && bytesIn(waiting) + entry.bytes > maxBytes) close(entry.key);
	const batch = [...(next.get(entry.key) ?? []), entry];
	next.set(entry.key, batch);
	if (batch.length >= entry.batchSize) close(entry.key);
	for (const key of [...next.keys()]) {
		if (bytesIn([...next.values()].flat()) <= maxBytes) break;
		close(key);
	}
	return { ready, open: next };
}
