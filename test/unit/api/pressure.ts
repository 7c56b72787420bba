import type { Connection } from '../../../nodes/shared/api/client';
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
 * @param settings.work milliseconds for one request, a tenth more or less
 * @param settings.latency milliseconds of the way, there and back
 */
export function serverOf(
	{ sleep }: VirtualClock,
	capacity: number,
	{ work = 350, latency = 15, headers = {} } = {},
) {
	let underWay = 0;
	const server = { answered: 0, refused: 0, most: 0 };
	const transport = async (): Promise<HttpResponse> => {
		await sleep(latency);
		if (underWay >= capacity) {
			server.refused++;
			await sleep(latency);
			return { status: 429, headers, body: '{}' };
		}
		server.most = Math.max(server.most, ++underWay);
		await sleep(work * (0.9 + 0.2 * Math.random()));
		underWay--;
		server.answered++;
		await sleep(latency);
		return { status: 200, headers: {}, body: '{}' };
	};
	return { server, transport };
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
