import type { Connection } from '../../../nodes/shared/api/client';
import { createSemaphore } from '../../../nodes/shared/api/concurrency';
import { createLimiter } from '../../../nodes/shared/api/limiter';
import type { HttpResponse } from '../../../nodes/shared/api/exchange';
import { virtualClock, type VirtualClock } from '../wait/clock';

/** A world in which time passes only when everything waits for it, and chance is always the same. */
export function virtualWorld(): VirtualClock {
	const clock = virtualClock();
	jest.spyOn(Date, 'now').mockImplementation(clock.now);
	let seed = 1;
	jest.spyOn(Math, 'random').mockImplementation(() => {
		seed = (seed * 48271) % 2147483647;
		return seed / 2147483647;
	});
	return clock;
}

/**
 * A service that works on so many requests at once, and refuses more.
 * @param settings.work milliseconds for one request
 * @param settings.spread by what part of that a request takes more or less, at most
 * @param settings.latency milliseconds of the way, there and back
 * @param settings.queues more requests are not refused, but wait for their turn
 */
export function serverOf(
	{ sleep, now }: VirtualClock,
	capacity: number,
	{ work = 350, spread = 0.1, latency = 15, headers = {}, queues = false } = {},
) {
	let underWay = 0;
	const queue = createSemaphore(capacity);
	const server = { answered: 0, refused: 0, most: 0, time: 0 };
	const transport = async (): Promise<HttpResponse> => {
		await sleep(latency);
		if (underWay >= capacity && !queues) {
			server.refused++;
			await sleep(latency);
			return { status: 429, headers, body: '{}' };
		}
		const start = now();
		server.most = Math.max(server.most, ++underWay);
		const giveBack = await queue.acquire(1);
		await sleep(work * (1 - spread + 2 * spread * Math.random()));
		giveBack();
		underWay--;
		server.answered++;
		server.time += now() - start;
		await sleep(latency);
		return { status: 200, headers: {}, body: '{}' };
	};
	return {
		server,
		transport,
		/** How many requests were there, queue included, on the average until now. */
		load: () => server.time / now(),
	};
}

/** What a client needs to reach that service. */
export function connectionIn(
	{ sleep }: VirtualClock,
	transport: Connection['transport'],
	max = 16,
): Connection {
	return {
		account: async () => ({ base: 'https://api.example', token: 'token' }),
		transport,
		sleep,
		limiter: createLimiter(max),
	};
}
