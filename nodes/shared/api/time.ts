import { sleep } from 'n8n-workflow';
import { fail } from './error';

/** How long a slice of a wait is, in milliseconds: a cancelled execution ends within one. */
const SLICE = 200;

/** What says stop: an execution's abort signal, or {@link deadline}. */
export type AbortFlag = Pick<AbortSignal, 'aborted'>;

/** A signal that says stop after a time. It needs no timer: waits look at it in slices. */
export function deadline(milliseconds: number): AbortFlag {
	const end = Date.now() + milliseconds;
	return {
		get aborted() {
			return Date.now() >= end;
		},
	};
}

/** @throws XimilarError when the execution was stopped */
export function throwIfAborted(signal: AbortFlag | undefined): void {
	if (signal?.aborted) fail('The execution was stopped', 'Run the workflow again to continue.');
}

/**
 * Waits, in slices, because the `sleep` of older n8n versions does not heed a signal.
 * @param milliseconds how long
 * @throws XimilarError as soon as the signal says stop
 */
export async function wait(milliseconds: number, signal?: AbortFlag): Promise<void> {
	const end = Date.now() + milliseconds;
	throwIfAborted(signal);
	for (let left = milliseconds; left > 0; left = end - Date.now()) {
		await sleep(Math.min(SLICE, left));
		throwIfAborted(signal);
	}
}

/**
 * A promise's result, or `late()` after a time: the `timeout` of n8n's HTTP helper starts anew with
 * every byte, so a server that dribbles would never end it. What comes too late is dropped.
 * @param milliseconds how long to wait
 */
export async function withTimeout<T>(
	promise: Promise<T>,
	milliseconds: number,
	late: () => never,
	signal?: AbortFlag,
): Promise<T> {
	let settled = false;
	const watched = promise.finally(() => {
		settled = true;
	});
	watched.catch(() => undefined);
	const end = Date.now() + milliseconds;
	const clock = async (): Promise<never> => {
		while (!settled && Date.now() < end) {
			await sleep(Math.min(SLICE, end - Date.now()));
			throwIfAborted(signal);
		}
		return late();
	};
	const ticking = clock();
	ticking.catch(() => undefined);
	return await Promise.race([watched, ticking]);
}
