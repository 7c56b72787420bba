import { createLimiter } from '../../../nodes/shared/api/limiter';

test('a pause ends for those who wait, also when a timer wakes them a little early', async () => {
	// Timers count from when the event loop last looked at its clock, which a busy process does late.
	const early = async (milliseconds: number) =>
		await new Promise<void>((resolve) => void setTimeout(resolve, milliseconds / 2));
	const limiter = createLimiter(1, early);
	limiter.pause(20);
	const slot = await limiter.acquire(false, undefined);
	slot.release('answered');
	expect(limiter.isBusy()).toBe(false);
}, 5_000);
