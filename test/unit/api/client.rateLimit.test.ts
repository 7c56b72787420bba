import { base64OfBytes, type Base64 } from '../../../nodes/shared/api/body';
import { createClient } from '../../../nodes/shared/api/client';
import type { HttpRequest, HttpResponse } from '../../../nodes/shared/api/exchange';
import { anySchema } from '../../../nodes/shared/api/schemas';
import { lost } from './fakes';
import { connectionIn, virtualWorld } from './pressure';

/** A rate limit is waited out by time, an upload that was cut is repeated: in virtual time. */

const MINUTE = 60_000;
const OK: HttpResponse = { status: 200, headers: {}, body: '{}' };
const limited = (retryAfter?: string): HttpResponse => ({
	status: 429,
	headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
	body: '{}',
});

/** A service that reacts by the time and the path, and the times at which requests came. */
function worldOf(react: (now: number, path: string) => HttpResponse, max?: number) {
	const world = virtualWorld();
	const times: number[] = [];
	const paths: string[] = [];
	const transport = async ({ url }: HttpRequest) => {
		const path = url.replace('https://api.example/', '');
		times.push(world.now());
		paths.push(path);
		await world.sleep(100);
		return react(world.now() - 100, path);
	};
	return { world, times, paths, connection: connectionIn(world, transport, max) };
}

describe('a rate limit', () => {
	test.each([
		['seconds', '120', 120_000],
		['parts of seconds', '1.5', 1500],
		['a date', new Date(120_000).toUTCString(), 119_900],
	])('is waited out as the service asks: %s', async (_, retryAfter, delay) => {
		const { world, times, connection } = worldOf((now) => (now === 0 ? limited(retryAfter) : OK));
		await world.run(createClient(connection).post('x/', anySchema));
		expect(times).toEqual([0, 100 + delay]);
	});

	test.each(['0', 'Thu, 01 Jan 1970 00:00:00 GMT', 'soon', undefined])(
		'with Retry-After %s is asked again after growing pauses of its own',
		async (retryAfter) => {
			const { world, times, connection } = worldOf((now) =>
				now < 4 * MINUTE ? limited(retryAfter) : OK,
			);
			await world.run(createClient(connection).post('x/', anySchema));
			const pauses = times.slice(1).map((time, at) => time - times[at]! - 100);
			expect(pauses[0]).toBeGreaterThanOrEqual(250);
			expect(Math.max(...pauses)).toBeGreaterThan(4000);
			expect(Math.max(...pauses)).toBeLessThanOrEqual(8000);
			expect(times.length).toBeLessThan(70);
		},
	);

	test('is waited out by time, however many tries that takes, and told with what was waited', async () => {
		const { world, times, connection } = worldOf(() => limited('0'));
		const call = createClient(connection, { patience: 2 * MINUTE }).post('x/', anySchema);
		await expect(world.run(call)).rejects.toMatchObject({
			kind: 'rateLimit',
			description: expect.stringMatching(/^Waited 1\d\d seconds without any answer\. /) as string,
		});
		expect(times.length).toBeGreaterThan(15);
		expect(world.now()).toBeLessThanOrEqual(2 * MINUTE + 100);
	});

	test('that lasts longer than the patience is not waited for', async () => {
		const { world, times, connection } = worldOf(() => limited('301'));
		await expect(world.run(createClient(connection).post('x/', anySchema))).rejects.toMatchObject({
			description: expect.stringContaining('Ximilar asks to wait 6 minutes more.') as string,
		});
		expect(times).toHaveLength(1);
	});

	test.each([undefined, '0', '0.9'])(
		'is not waited for without any patience, and nothing is said of waiting: %s',
		async (retryAfter) => {
			const { world, times, connection } = worldOf(() => limited(retryAfter));
			const call = createClient(connection, { patience: 0 }).post('x/', anySchema);
			await expect(world.run(call)).rejects.toMatchObject({
				kind: 'rateLimit',
				description: 'Nothing was done for this item. Run it again later.',
			});
			expect(times).toHaveLength(1);
		},
	);

	test('that lets a call through now and then is waited out longer than the patience', async () => {
		let last = 0;
		const { world, connection } = worldOf((now) => {
			if (now < last + 4 * MINUTE) return limited();
			last = now;
			return OK;
		});
		const api = createClient(connection);
		const calls = Array.from({ length: 5 }, async () => await api.post('x/', anySchema));
		await world.run(Promise.all(calls));
		expect(world.now()).toBeGreaterThan(20 * MINUTE);
	});

	test('keeps the calls that wait from being sent, until the one that was refused is answered', async () => {
		const { world, paths, connection } = worldOf((now) => (now < MINUTE ? limited('30') : OK), 1);
		const api = createClient(connection);
		await world.run(Promise.all(['a/', 'b/', 'c/'].map((path) => api.post(path, anySchema))));
		expect(paths).toEqual(['a/', 'a/', 'a/', 'b/', 'c/']);
	});

	test('that was not outwaited is not waited out again by each call that is left', async () => {
		const { world, times, connection } = worldOf(() => limited('0'));
		const api = createClient(connection, { patience: MINUTE });
		const calls = Array.from({ length: 30 }, async () => await api.post('x/', anySchema));
		await world.run(Promise.allSettled(calls));
		expect(world.now()).toBeLessThan(MINUTE + 30 * 200);
		expect(times.length).toBeLessThan(80);
	});

	test('that begins late leaves its whole patience to a call that waited for its turn', async () => {
		const { world, connection } = worldOf(
			(now, path) => (path === 'slow/' || now > 8 * MINUTE ? OK : limited()),
			1,
		);
		const slow = connection.transport;
		connection.transport = async (request) => {
			if (request.url.endsWith('slow/')) await world.sleep(4.5 * MINUTE);
			return await slow(request);
		};
		const api = createClient(connection, { timeout: 10 * MINUTE });
		await world.run(Promise.all([api.post('slow/', anySchema), api.post('late/', anySchema)]));
		expect(world.now()).toBeGreaterThan(8 * MINUTE);
	});
});

describe('an upload', () => {
	const body = () =>
		({ image: base64OfBytes(Buffer.alloc(300_000)) }) as unknown as { image: string };

	/** Reads so much of each body before it reacts. */
	function cutting(slices: number, isCut: (call: number) => boolean) {
		const world = virtualWorld();
		let calls = 0;
		const transport = async ({ body: sent }: HttpRequest): Promise<HttpResponse> => {
			calls++;
			await world.sleep(100);
			const cut = isCut(calls);
			let read = 0;
			for await (const _ of (sent as Blob).stream() as unknown as AsyncIterable<string>) {
				if (cut && ++read >= slices) throw lost('EPIPE');
			}
			if (cut) throw lost('ECONNRESET');
			return OK;
		};
		return { world, api: createClient(connectionIn(world, transport)), calls: () => calls };
	}

	test('that was cut before its end is repeated, also when it creates something', async () => {
		const { world, api, calls } = cutting(3, (call) => call < 7);
		await world.run(api.post('x/', anySchema, body()));
		expect(calls()).toBe(7);
	});

	test('whose answer was lost is not repeated when it creates something', async () => {
		const { world, api, calls } = cutting(Infinity, () => true);
		await expect(world.run(api.post('x/', anySchema, body()))).rejects.toMatchObject({
			kind: 'connectionLost',
			description: expect.stringContaining('It may have been carried out all the same') as string,
		});
		expect(calls()).toBe(1);
	});

	test('that is cut each time is given up after the patience', async () => {
		const { world, api, calls } = cutting(1, () => true);
		await expect(world.run(api.post('x/', anySchema, body()))).rejects.toMatchObject({
			kind: 'connectionLost',
		});
		expect(calls()).toBeGreaterThan(20);
		expect(world.now()).toBeLessThanOrEqual(5 * MINUTE + 100);
	});

	test('that is cut each time is given up, however well others go on', async () => {
		const world = virtualWorld();
		let isOver = false;
		const transport = async ({ url, body: sent }: HttpRequest): Promise<HttpResponse> => {
			await world.sleep(1000);
			if (url.endsWith('cut/')) throw lost('EPIPE');
			for await (const _ of (sent as Blob).stream() as unknown as AsyncIterable<string>);
			return OK;
		};
		const api = createClient(connectionIn(world, transport));
		const cut = api.post('cut/', anySchema, body()).catch(() => {
			isOver = true;
		});
		const goOn = async () => {
			while (!isOver && world.now() < 60 * MINUTE) await api.post('x/', anySchema, body());
		};
		await world.run(Promise.all([cut, goOn()]));
		expect(world.now()).toBeLessThan(6 * MINUTE);
	});

	test('is no longer made when the answer came before its end', async () => {
		const { world, connection } = worldOf(() => OK);
		let sent: AsyncIterator<string> | undefined;
		const { transport } = connection;
		connection.transport = async (request) => {
			sent = ((request.body as Blob).stream() as unknown as AsyncIterable<string>)[
				Symbol.asyncIterator
			]();
			await sent.next();
			return await transport(request);
		};
		await world.run(createClient(connection).post('x/', anySchema, body()));
		await expect(sent!.next().then(() => sent!.next())).rejects.toMatchObject({ kind: 'aborted' });
	});

	test('begins when the one before is made, or has been for a while', async () => {
		const world = virtualWorld();
		const begun: number[] = [];
		const transport = async ({ url, body: sent }: HttpRequest): Promise<HttpResponse> => {
			const pace = url.endsWith('slow/') ? 100 : 1;
			let slices = 0;
			for await (const _ of (sent as Blob).stream() as unknown as AsyncIterable<string>) {
				if (slices++ === 0) begun.push(world.now());
				await world.sleep(pace);
			}
			return OK;
		};
		const api = createClient(connectionIn(world, transport));
		const paths = ['quick/', 'slow/', 'quick/'];
		await world.run(Promise.all(paths.map((path) => api.post(path, anySchema, body()))));
		const [first, second, third] = begun;
		expect(second! - first!).toBeGreaterThan(0);
		expect(second! - first!).toBeLessThan(30);
		expect(third! - second!).toBe(30);
	});

	test('that is cut after a long wait for its turn is repeated all the same', async () => {
		const world = virtualWorld();
		let calls = 0;
		const transport = async ({ url, body: sent }: HttpRequest): Promise<HttpResponse> => {
			calls++;
			await world.sleep(url.endsWith('slow/') ? 6 * MINUTE : 100);
			if (calls === 2) throw lost('EPIPE');
			for await (const _ of (sent as Blob).stream() as unknown as AsyncIterable<string>);
			return OK;
		};
		const api = createClient(connectionIn(world, transport, 1), { timeout: 10 * MINUTE });
		const paths = ['slow/', 'late/'];
		await world.run(Promise.all(paths.map((path) => api.post(path, anySchema, body()))));
		expect(calls).toBe(3);
	});

	test('that cannot be read is not repeated, and says why', async () => {
		const { world, api, calls } = cutting(Infinity, () => false);
		const broken = body();
		const image = broken.image as unknown as { -readonly [K in keyof Base64]: Base64[K] };
		image.slices = () => {
			throw new Error('No such file');
		};
		await expect(world.run(api.post('x/', anySchema, broken))).rejects.toMatchObject({
			kind: 'image',
			message: 'The image could not be read: No such file',
			description: 'Check the step that delivers the file, and run this item again.',
		});
		expect(calls()).toBe(1);
	});
});

afterEach(() => jest.restoreAllMocks());
