import { fail } from './error';

/** Resolves after some milliseconds; handed in, because nodes may not set timers themselves. */
export type Sleep = (milliseconds: number) => Promise<void>;

/** Milliseconds for a request that carries whole images: it goes up over a line of any speed. */
export const UPLOAD_TIMEOUT = 300_000;

/** @throws XimilarError of kind `aborted` when the execution was stopped */
export function throwIfAborted(signal: AbortSignal | undefined): void {
	if (signal?.aborted) {
		fail('The execution was stopped', 'Run the workflow again to continue.', { kind: 'aborted' });
	}
}

/**
 * A promise's result, or an error as soon as a signal says stop. What comes later is dropped.
 * @throws XimilarError of kind `aborted`
 */
export async function unlessAborted<T>(
	promise: Promise<T>,
	signal: AbortSignal | undefined,
): Promise<T> {
	if (!signal) return await promise;
	// A signal of its own: Node takes many listeners of one signal for a leak, and warns.
	return await untilAbort(promise, AbortSignal.any([signal]), () => throwIfAborted(signal));
}

/**
 * Waits, and ends at once when the signal says stop.
 * @throws XimilarError of kind `aborted`
 */
export async function wait(
	sleep: Sleep,
	milliseconds: number,
	signal: AbortSignal | undefined,
): Promise<void> {
	if (milliseconds > 0) await unlessAborted(sleep(milliseconds), signal);
	else throwIfAborted(signal);
}

/**
 * A promise's result, or what `late` throws after a time: the `timeout` of n8n's HTTP helper starts
 * anew with every byte, so a server that dribbles would never end it.
 * @throws XimilarError of kind `aborted` when `signal` says stop before
 */
export async function withTimeout<T>(
	promise: Promise<T>,
	milliseconds: number,
	late: () => never,
	signal: AbortSignal | undefined,
): Promise<T> {
	return await unlessAborted(untilAbort(promise, AbortSignal.timeout(milliseconds), late), signal);
}

/** The listener is taken off again: a signal outlives many calls. */
async function untilAbort<T>(
	promise: Promise<T>,
	signal: AbortSignal,
	onAbort: () => void,
): Promise<T> {
	return await new Promise<T>((resolve, reject) => {
		const stop = () => {
			try {
				onAbort();
			} catch (error) {
				reject(error as Error);
			}
		};
		signal.addEventListener('abort', stop, { once: true });
		promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
		// The promise is listened to all the same: its rejection must not go unhandled.
		if (signal.aborted) stop();
	});
}
