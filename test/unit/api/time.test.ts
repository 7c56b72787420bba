import { getEventListeners } from 'node:events';
import { fail, XimilarError } from '../../../nodes/shared/api/error';
import { throwIfAborted, unlessAborted, wait, withTimeout } from '../../../nodes/shared/api/time';
import { never } from './fakes';

const ABORTED = {
	kind: 'aborted',
	message: 'The execution was stopped',
	description: 'Run the workflow again to continue.',
};
const late = () => fail('Too late', 'Be quicker.', { kind: 'timeout' });

/** Waits in each of the three ways, for a promise, under a signal. */
const waits: Array<
	[string, <T>(promise: Promise<T>, signal: AbortSignal | undefined) => Promise<T>]
> = [
	['unlessAborted', unlessAborted],
	['withTimeout', async (promise, signal) => await withTimeout(promise, 60_000, late, signal)],
];

describe.each(waits)('%s', (_, waitFor) => {
	test.each([
		['without a signal', undefined],
		['under a signal', new AbortController().signal],
	])('gives the result, or the error, %s', async (_title, signal) => {
		expect(await waitFor(Promise.resolve(7), signal)).toBe(7);
		const error = new Error('no');
		await expect(waitFor(Promise.reject(error), signal)).rejects.toBe(error);
	});

	test('ends as soon as the signal says stop', async () => {
		const stop = new AbortController();
		const waiting = waitFor(never(), stop.signal);
		stop.abort();
		await expect(waiting).rejects.toMatchObject(ABORTED);
	});

	test('ends at once when the signal said stop before, whatever becomes of the promise', async () => {
		const failing = async () => await Promise.reject(new Error('no'));
		for (const make of [never, async () => 7, failing]) {
			await expect(waitFor(make(), AbortSignal.abort())).rejects.toMatchObject(ABORTED);
		}
	});

	test('leaves no listener at any signal, which would keep it in memory', async () => {
		const { signal } = new AbortController();
		const add = jest.spyOn(EventTarget.prototype, 'addEventListener');
		await waitFor(Promise.resolve(7), signal);
		await waitFor(Promise.reject(new Error('no')), signal).catch(() => undefined);
		const signals = [signal, ...add.mock.contexts];
		add.mockRestore();
		expect(signals.length).toBeGreaterThan(2);
		expect(signals.flatMap((one) => getEventListeners(one as EventTarget, 'abort'))).toEqual([]);
	});
});

test('withTimeout ends with what `late` throws', async () => {
	await expect(withTimeout(never(), 5, late, undefined)).rejects.toMatchObject({
		kind: 'timeout',
		message: 'Too late',
	});
});

describe('wait', () => {
	test.each([
		[1500, [1500]],
		[0, []],
		[-1, []],
	])('%i ms sleeps %j', async (milliseconds, wanted) => {
		const slept: number[] = [];
		const sleep = async (asked: number) => void slept.push(asked);
		await wait(sleep, milliseconds, undefined);
		expect(slept).toEqual(wanted);
	});

	test.each([0, 1500])('of %i ms ends at once when the signal said stop before', async (time) => {
		await expect(wait(never, time, AbortSignal.abort())).rejects.toMatchObject(ABORTED);
	});

	test('ends as soon as the signal says stop', async () => {
		const stop = new AbortController();
		const waiting = wait(never, 1500, stop.signal);
		stop.abort();
		await expect(waiting).rejects.toMatchObject(ABORTED);
	});
});

test('throwIfAborted throws for a signal that said stop, and for no other', () => {
	throwIfAborted(undefined);
	throwIfAborted(new AbortController().signal);
	expect(() => throwIfAborted(AbortSignal.abort())).toThrow(XimilarError);
});
