import { getEventListeners } from 'node:events';
import { z } from 'zod';
import { base64OfBytes } from '../../../nodes/shared/api/body';
import { checked, createClient, type Api, type Connection } from '../../../nodes/shared/api/client';
import { XimilarError } from '../../../nodes/shared/api/error';
import { anySchema, entitySchema } from '../../../nodes/shared/api/schemas';
import { connectionTo, lost, never, TOKEN, type Answer, type Reaction } from './fakes';

/** The client without n8n: what it sends, what it repeats, and what it makes of answers. */

const call = {
	get: async (api: Api) => await api.get('thing/a/', anySchema),
	post: async (api: Api) => await api.post('thing/', anySchema, { a: 1 }),
	'idempotent post': async (api: Api) =>
		await api.post('thing/', anySchema, { a: 1 }, { idempotent: true }),
	patch: async (api: Api) => await api.patch('thing/a/', anySchema, { a: 1 }),
	put: async (api: Api) => await api.put('thing/a/', anySchema, { a: 1 }),
	delete: async (api: Api) => await api.delete('thing/a/'),
};
type Name = keyof typeof call;
const names = Object.keys(call) as Name[];
const idempotent = names.filter((name) => name !== 'post');

/** Makes a call of a service that reacts like this. */
async function make(name: Name, ...reactions: Reaction[]) {
	const world = connectionTo(...reactions);
	const result = await call[name](createClient(world.connection)).catch((error: unknown) => error);
	const error = result instanceof XimilarError ? result : undefined;
	if (result instanceof Error && !error) throw result;
	return { ...world, result, error };
}

const OK: Answer = { body: { id: 'a' } };

const sevenFields = z.object({
	...Object.fromEntries([...'abcdef'].map((field) => [field, z.string()])),
	g: z.object({ h: z.string() }),
});

describe('a request', () => {
	test.each([
		['get', 'GET', 'thing/a/?page=2&all=true', undefined],
		['post', 'POST', 'thing/', '{"name":"é"}'],
		['patch', 'PATCH', 'thing/a/', '{"name":null}'],
		['put', 'PUT', 'thing/a/', '{"name":"b"}'],
		['delete', 'DELETE', 'thing/a/?hard=1', undefined],
	] as const)('by %s has its method, address and body', async (name, method, path, body) => {
		const { connection, requests } = connectionTo(OK);
		const api = createClient(connection);
		await {
			get: async () =>
				await api.get('thing/a/', anySchema, { page: 2, all: true, left_out: undefined }),
			post: async () => await api.post('thing/', anySchema, { name: 'é' }),
			patch: async () => await api.patch('thing/a/', anySchema, { name: null }),
			put: async () => await api.put('thing/a/', anySchema, { name: 'b' }),
			delete: async () => await api.delete('thing/a/', { hard: 1 }),
		}[name]();
		expect(requests).toEqual([
			expect.objectContaining({
				method,
				url: `https://api.example/base/${path}`,
				headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
			}),
		]);
		expect(requests[0]!.body).toBe(body);
	});

	test.each([
		[undefined, ['?page=2', '{"a":1}', '{"b":1}', '{"c":1}', '?d=1']],
		[
			'w',
			[
				'?workspace=w&page=2',
				'{"a":1,"workspace":"w"}',
				'{"b":1,"workspace":"w"}',
				'{"c":1,"workspace":"w"}',
				'?workspace=w&d=1',
			],
		],
	])('within workspace %s names it where the service wants it', async (workspace, named) => {
		const { connection, requests } = connectionTo(OK, OK, OK, OK, OK);
		const api = createClient(connection).inWorkspace(workspace);
		await api.get('x/', anySchema, { page: 2 });
		await api.post('x/', anySchema, { a: 1 });
		await api.patch('x/', anySchema, { b: 1 });
		await api.put('x/', anySchema, { c: 1 });
		await api.delete('x/', { d: 1 });
		expect(requests.map(({ url, body }) => body ?? new URL(url).search)).toEqual(named);
	});

	test('within another workspace names that one alone', async () => {
		const { connection, requests } = connectionTo(OK);
		await createClient(connection).inWorkspace('v').inWorkspace('w').get('x/', anySchema);
		expect(new URL(requests[0]!.url).search).toBe('?workspace=w');
	});

	test('is not sent when the credential cannot be used', async () => {
		const { connection, requests } = connectionTo();
		const bad = new XimilarError('The API token is empty', 'Enter it.', { kind: 'credential' });
		const api = createClient({ ...connection, account: async () => await Promise.reject(bad) });
		await expect(api.get('x/', anySchema)).rejects.toBe(bad);
		expect(requests).toEqual([]);
	});
});

describe('retry', () => {
	const transient = [408, 500, 502, 503, 504];

	test.each(idempotent.flatMap((name) => transient.map((status) => [name, status] as const)))(
		'%s is repeated after status %i',
		async (name, status) => {
			const { error, requests } = await make(name, { status }, OK);
			expect(error).toBeUndefined();
			expect(requests).toHaveLength(2);
			expect(requests[1]).toEqual(requests[0]);
		},
	);

	test.each(transient)('a POST that creates is not repeated after status %i', async (status) => {
		const { error, requests } = await make('post', { status, body: { detail: 'Busy' } });
		expect(requests).toHaveLength(1);
		expect(error!.status).toBe(status);
		expect(error!.message).toContain('Busy');
		expect(error!.description).toContain('It may have been carried out all the same');
	});

	test.each(['', '{}', '[]'])('a POST that creates, answered with "%s", may have', async (body) => {
		const { connection } = connectionTo({ status: 201, body });
		const error = await createClient(connection)
			.post('thing/', entitySchema, { a: 1 })
			.catch((thrown: unknown) => thrown as XimilarError);
		expect(error).toMatchObject({ kind: 'badAnswer', saysMore: true });
		expect((error as XimilarError).description).toContain('It may have been carried out');
	});

	test.each([400, 401, 402, 403, 404, 405, 409, 413, 422, 501])(
		'nothing is repeated after status %i',
		async (status) => {
			for (const name of names) {
				const { error, requests } = await make(name, { status });
				expect(error!.status).toBe(status);
				expect(requests).toHaveLength(1);
			}
		},
	);

	test.each([
		['429', { status: 429 }],
		['429 with Retry-After', { status: 429, headers: { 'retry-after': '1' } }],
		['503 with Retry-After', { status: 503, headers: { 'retry-after': '1' } }],
	])('everything is repeated after %s, by which nothing was done', async (_, answer) => {
		for (const name of names) {
			const { error, requests } = await make(name, answer, OK);
			expect(error).toBeUndefined();
			expect(requests).toHaveLength(2);
		}
	});

	test('a rate limit may come as HTTP 200', async () => {
		const { requests } = await make('post', { body: { status: { code: 429 } } }, OK);
		expect(requests).toHaveLength(2);
	});

	test.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH'])(
		'everything is repeated after %s, by which nothing was sent',
		async (code) => {
			for (const name of names) {
				const { error, requests } = await make(name, lost(code), OK);
				expect(error).toBeUndefined();
				expect(requests).toHaveLength(2);
			}
		},
	);

	test.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED', 'UNKNOWN'])(
		'what creates is not repeated after %s, as it may have been done',
		async (code) => {
			const { error, requests } = await make('post', lost(code));
			expect(requests).toHaveLength(1);
			expect(error!.description).toContain('It may have been carried out all the same');
			for (const name of idempotent) {
				const { error: none, requests: both } = await make(name, lost(code), OK);
				expect(none).toBeUndefined();
				expect(both).toHaveLength(2);
			}
		},
	);

	test.each([
		['its httpCode', { httpCode: 'ECONNREFUSED' }],
		['its messages', { messages: ['connect ECONNREFUSED 127.0.0.1:9'] }],
	])("n8n's own error says by %s that nothing was sent", async (_, more) => {
		const { requests } = await make('post', Object.assign(new Error('Failed'), more), OK);
		expect(requests).toHaveLength(2);
	});

	test('a certificate that is not accepted is not tried again', async () => {
		const { error, requests } = await make('get', lost('CERT_HAS_EXPIRED'));
		expect(error!.kind).toBe('certificate');
		expect(requests).toHaveLength(1);
	});

	test('the pauses grow, and end with the last error', async () => {
		const busy = { status: 500, body: { detail: 'Busy' } };
		const { connection, requests, sleeps } = connectionTo(busy, busy, busy, busy);
		const api = createClient(connection, { maxTries: 4 });
		await expect(api.get('x/', anySchema)).rejects.toMatchObject({ kind: 'server', status: 500 });
		expect(requests).toHaveLength(4);
		expect(sleeps).toHaveLength(3);
		expect(sleeps).toEqual([...sleeps].sort((a, b) => a - b));
		expect(sleeps[0]).toBeGreaterThan(0);
	});

	test.each([
		[0, [250, 500, 1000, 2000, 4000, 4000]],
		[1, [500, 1000, 2000, 4000, 8000, 8000]],
	])('the pauses double up to a limit, spread by chance: %d', async (chance, pauses) => {
		const random = jest.spyOn(Math, 'random').mockReturnValue(chance);
		const { connection, sleeps } = connectionTo(...Array<Answer>(7).fill({ status: 502 }));
		const calling = createClient(connection, { maxTries: 7 }).get('x/', anySchema);
		await expect(calling).rejects.toMatchObject({ status: 502 });
		random.mockRestore();
		expect(sleeps).toEqual(pauses);
	});

	test('a 500 is repeated as often as the call allows, whatever else failed before', async () => {
		const busy = { status: 500, body: { detail: 'Busy' } };
		const { connection, requests } = connectionTo(lost('ECONNRESET'), busy, OK);
		const options = { idempotent: true, maxTriesAfter500: 2 };
		await createClient(connection).post('x/', anySchema, {}, options);
		expect(requests).toHaveLength(3);

		const { connection: broken, requests: sent } = connectionTo(lost('ECONNRESET'), busy, busy, OK);
		const call = createClient(broken).post('x/', anySchema, {}, options);
		await expect(call).rejects.toMatchObject({ status: 500 });
		expect(sent).toHaveLength(3);
	});

	test('a service that cannot be reached is given up after four tries', async () => {
		const { error, requests } = await make('post', ...Array<Error>(4).fill(lost('ECONNREFUSED')));
		expect(error).toMatchObject({ kind: 'unreachable' });
		expect(requests).toHaveLength(4);
	});

	test('what a rate limit refused is no try', async () => {
		const refusals = Array<Answer>(5).fill({ status: 429 });
		const failures = Array<Answer>(3).fill({ status: 502 });
		const { error, requests } = await make('get', ...refusals, ...failures, OK);
		expect(error).toBeUndefined();
		expect(requests).toHaveLength(9);
	});

	test('one try is one try', async () => {
		const { connection, requests } = connectionTo({ status: 500 });
		const api = createClient(connection, { maxTries: 1 });
		await expect(api.get('x/', anySchema)).rejects.toMatchObject({ status: 500 });
		expect(requests).toHaveLength(1);
	});

	test('the service says how long to wait', async () => {
		const { sleeps } = await make('get', { status: 503, headers: { 'retry-after': '7' } }, OK);
		expect(sleeps).toEqual([7000]);
	});

	test('the service says until when to wait', async () => {
		const date = new Date(Date.now() + 60_000).toUTCString();
		const { sleeps } = await make('get', { status: 503, headers: { 'retry-after': date } }, OK);
		expect(sleeps).toHaveLength(1);
		expect(sleeps[0]).toBeGreaterThan(0);
		expect(sleeps[0]).toBeLessThanOrEqual(60_000);
	});

	test('a pause longer than a workflow should wait is told instead', async () => {
		const late = { status: 503, headers: { 'retry-after': '3600' } };
		const { error, requests, sleeps } = await make('get', late);
		expect([requests.length, sleeps]).toEqual([1, []]);
		expect(error!.description).toContain('Ximilar asks to wait');
	});

	test.each([401, 402])(
		'after status %i no further call is sent, as it would fail too',
		async (status) => {
			const { connection, requests, sleeps } = connectionTo({ status });
			const api = createClient(connection);
			for (const path of ['first/', 'second/']) {
				await expect(api.get(path, anySchema)).rejects.toMatchObject({ status });
			}
			expect([requests.length, sleeps]).toEqual([1, []]);
		},
	);
});

describe('a place among the calls under way', () => {
	/** Notes what is done with places. */
	function placesOf({ connection, ...world }: ReturnType<typeof connectionTo>) {
		const noted: string[] = [];
		const limiter: Connection['limiter'] = {
			...connection.limiter,
			acquire: async (isRetry) => {
				noted.push(isRetry ? 'again' : 'first');
				return {
					release: (isAnswered) => void noted.push(isAnswered ? 'answered' : 'given back'),
					refuse: (isSaid) => {
						noted.push(isSaid ? 'refused' : 'cut');
						return false;
					},
				};
			},
		};
		return { ...world, noted, api: createClient({ ...connection, limiter }) };
	}

	test.each<[string, Reaction, string[]]>([
		['an answer', OK, ['first', 'answered']],
		['a failure', { status: 502 }, ['first', 'answered', 'again', 'answered']],
		['a rate limit', { status: 429 }, ['first', 'refused', 'again', 'answered']],
		['no connection', lost('ECONNRESET'), ['first', 'given back', 'again', 'answered']],
	])('ends with %s', async (_, reaction, all) => {
		const { api, noted } = placesOf(connectionTo(reaction, OK));
		await api.get('x/', anySchema);
		expect(noted).toEqual(all);
	});

	test('ends with a connection that was closed before all was out', async () => {
		const { api, noted } = placesOf(connectionTo(lost('EPIPE'), OK));
		const image = base64OfBytes(Buffer.alloc(9)) as unknown as string;
		await api.post('x/', anySchema, { image });
		expect(noted).toEqual(['first', 'cut', 'again', 'answered']);
	});

	test('is left to others while the call waits for what has to be known first', async () => {
		const { api, noted, requests } = placesOf(connectionTo(OK));
		const pending = [Promise.resolve(), undefined];
		await api.post('x/', anySchema, {}, { check: () => pending.shift() });
		expect(noted).toEqual(['first', 'given back', 'first', 'answered']);
		expect(requests).toHaveLength(1);
	});

	test('is given back when the call is not to be made', async () => {
		const { api, noted, requests } = placesOf(connectionTo());
		const check = () => {
			throw new XimilarError('No', 'Never.');
		};
		await expect(api.post('x/', anySchema, {}, { check })).rejects.toThrow('No');
		expect(noted).toEqual(['first', 'given back']);
		expect(requests).toEqual([]);
	});
});

describe('a deletion that finds nothing', () => {
	test.each([
		['a deletion that is refused', 'delete', 400],
		['a change that finds nothing', 'patch', 404],
	] as const)('is no excuse for %s', async (_, name, status) => {
		const { error } = await make(name, { status: 500 }, { status });
		expect(error).toMatchObject({ status });
	});

	const gone = { status: 404, body: { detail: 'Not found.' } };

	test.each([
		['a lost connection', lost('ECONNRESET')],
		['status 500', { status: 500 }],
	])('after %s was done by the earlier try', async (_, reaction) => {
		expect((await make('delete', reaction, gone)).result).toEqual({ deleted: true });
	});

	test.each([
		['', []],
		['after a rate limit ', [{ status: 429 }]],
		['after no connection ', [lost('ECONNREFUSED')]],
	])('%sis an error, as nothing was done before', async (_, reactions) => {
		expect((await make('delete', ...reactions, gone)).error).toMatchObject({ kind: 'notFound' });
	});
});

describe('a deletion that is answered with success', () => {
	test.each(['', '{"deleted": 1}', 'OK'])('and "%s" is done', async (body) => {
		expect((await make('delete', { body })).result).toEqual({ deleted: true });
	});

	test.each([
		['a web page', '<!doctype html><p>Log in', 'badAnswer'],
		['a status that says no', { status: { code: 403, text: 'No' } }, 'forbidden'],
	])('and %s is not', async (_, body, kind) => {
		expect((await make('delete', { body })).error).toMatchObject({ kind });
	});

	test('and half an answer is asked for again', async () => {
		const gone = { status: 404, body: { detail: 'Not found.' } };
		expect((await make('delete', { body: '{"dele' }, gone)).result).toEqual({ deleted: true });
	});
});

describe('stop', () => {
	const aborted = { kind: 'aborted' };

	test('nothing is sent when it was said before', async () => {
		const { connection, requests } = connectionTo();
		const api = createClient({ ...connection, signal: AbortSignal.abort() });
		await expect(api.get('x/', anySchema)).rejects.toMatchObject(aborted);
		expect(requests).toEqual([]);
	});

	test('a call under way ends at once, and is not repeated', async () => {
		const stop = new AbortController();
		const { connection } = connectionTo();
		let sent = 0;
		const transport = async () => {
			sent++;
			setImmediate(() => stop.abort());
			return await never();
		};
		const api = createClient({ ...connection, transport, signal: stop.signal });
		await expect(api.get('x/', anySchema)).rejects.toMatchObject(aborted);
		expect(sent).toBe(1);
	});

	test.each([
		['was stopped', 60_000, true],
		['took too long', 1, false],
	])('the request of a call that %s is ended', async (_, timeout, isStopped) => {
		const stop = new AbortController();
		const { connection } = connectionTo();
		let ended: AbortSignal | undefined;
		const transport: Connection['transport'] = async ({ signal }) => {
			ended = signal;
			if (isStopped) setImmediate(() => stop.abort());
			return await never();
		};
		const world = { ...connection, transport, signal: stop.signal };
		const api = createClient(world, { timeout, maxTries: 1 });
		const kind = isStopped ? 'aborted' : 'timeout';
		await expect(api.get('x/', anySchema)).rejects.toMatchObject({ kind });
		expect(ended!.aborted).toBe(true);
	});

	test('a call that fails because it was stopped is told as stopped', async () => {
		const stop = new AbortController();
		const { connection } = connectionTo();
		const transport = async () => {
			stop.abort();
			return await Promise.reject(lost('ECONNRESET'));
		};
		const api = createClient({ ...connection, transport, signal: stop.signal });
		await expect(api.get('x/', anySchema)).rejects.toMatchObject(aborted);
	});

	test('a creating call under way is waited for, unless the execution is cancelled', async () => {
		const [stop, cancel] = [new AbortController(), new AbortController()];
		const { connection } = connectionTo();
		const transport = async () => {
			stop.abort();
			return await new Promise<never>((_, reject) => {
				setImmediate(() => reject(lost('ECONNRESET')));
			});
		};
		const signals = { signal: stop.signal, cancelSignal: cancel.signal };
		const told = createClient({ ...connection, transport, ...signals }).post('x/', anySchema);
		await expect(told).rejects.toMatchObject({ kind: 'connectionLost', saysMore: true });
		const cancelled = { ...connection, transport, cancelSignal: cancel.signal };
		const pending = createClient(cancelled).post('x/', anySchema);
		cancel.abort();
		await expect(pending).rejects.toMatchObject(aborted);
	});

	test('a creating call that is not all out yet is ended, as the service cannot have begun', async () => {
		const stop = new AbortController();
		const { connection } = connectionTo();
		let slices = 0;
		const transport: Connection['transport'] = async ({ body }) => {
			for await (const _ of (body as Blob).stream() as unknown as AsyncIterable<Buffer>) {
				if (++slices === 3) stop.abort();
			}
			return { status: 201, headers: {}, body: '{}' };
		};
		const api = createClient({ ...connection, transport, signal: stop.signal });
		const image = base64OfBytes(Buffer.alloc(1_000_000)) as unknown as string;
		const error = await api.post('x/', anySchema, { image }).catch((thrown: unknown) => thrown);
		expect(error).toMatchObject({ ...aborted, saysMore: false });
		expect(slices).toBe(3);
	});

	test('a pause ends at once, and nothing further is sent', async () => {
		const stop = new AbortController();
		const { connection, requests } = connectionTo({ status: 500 });
		const sleep = async () => {
			stop.abort();
			await never();
		};
		const api = createClient({ ...connection, sleep, signal: stop.signal });
		await expect(api.get('x/', anySchema)).rejects.toMatchObject(aborted);
		expect(requests).toHaveLength(1);
	});

	test('the signal keeps no listener of calls that are over', async () => {
		const { signal } = new AbortController();
		const { connection } = connectionTo({ status: 500 }, OK, lost('ECONNRESET'), OK);
		const api = createClient({ ...connection, signal });
		await api.get('x/', anySchema);
		await api.get('x/', anySchema);
		expect(getEventListeners(signal, 'abort')).toEqual([]);
	});
});

describe('an answer', () => {
	test('passes with fields that nobody knows', async () => {
		const { connection } = connectionTo({ body: { id: 'a', new: [1] } });
		expect(await createClient(connection).get('x/', entitySchema)).toEqual({ id: 'a', new: [1] });
	});

	test('without a vital field names it, and where it came from', async () => {
		const { connection, requests } = connectionTo({ body: { name: 'a' } });
		await expect(
			createClient(connection).get('x/', entitySchema, { page: 2 }),
		).rejects.toMatchObject({
			kind: 'badAnswer',
			message: "Ximilar's answer lacks what this operation needs: id (Required)",
			description: expect.stringContaining('The answer came from x/.'),
		});
		expect(requests).toHaveLength(1);
	});

	test('without many vital fields names five of them, and one that is none itself', () => {
		const missing = (value: unknown) => () => checked(sevenFields, value, 'x/?page=2');
		const named = [...'abcde'].map((field) => `${field} (Required)`).join(', ');
		const lacks = "Ximilar's answer lacks what this operation needs: ";
		expect(missing({})).toThrow(
			expect.objectContaining({
				message: lacks + named,
				description: expect.stringMatching(/^The answer came from x\/\. Check API Base URL /),
			}),
		);
		expect(missing(null)).toThrow(`${lacks}the answer (Expected object, received null)`);
		expect(
			missing({ ...Object.fromEntries([...'abcdef'].map((key) => [key, ''])), g: {} }),
		).toThrow(`${lacks}g.h (Required)`);
	});

	test('that there is no such thing says which, by what was asked', async () => {
		const none = { status: 404 };
		const { connection } = connectionTo(none, none);
		const api = createClient(connection).inWorkspace('w1');
		for (const calling of [
			api.post('x/', anySchema, { label_id: 'l1' }),
			api.get('x/', anySchema, { label_id: 'l1' }),
		]) {
			await expect(calling).rejects.toThrow(
				'Ximilar did not find the label l1 in the workspace w1',
			);
		}
	});

	test('may be empty where nothing is vital', async () => {
		expect((await make('post', { status: 204, body: '' })).result).toBeUndefined();
	});

	test.each([
		['is no JSON', 'Hello', 'The answer was not JSON'],
		['is a web page', '<!doctype html><p>Hello', 'The answer was a web page (HTML)'],
	])('that %s is not asked for again', async (_, body, message) => {
		const { error, requests } = await make('get', { body });
		expect(requests).toHaveLength(1);
		expect(error!.kind).toBe('badAnswer');
		expect(error!.message).toContain(message);
	});

	test('that was cut off is asked for again, unless that creates something', async () => {
		const cut = { body: '{"id": "a' };
		expect((await make('get', cut, OK)).requests).toHaveLength(2);
		const { error, requests } = await make('post', cut);
		expect(requests).toHaveLength(1);
		expect(error!.message).toBe("Ximilar's answer was cut off on the way");
		expect(error!.description).toContain('It may have been carried out all the same');
	});

	test.each([
		['cut JSON', '{"detail": "Not fou', ': Not fou…'],
		['cut JSON without a text', '{"det', ''],
		['something like JSON', '{detail}', ''],
		['text', 'Not here', ': Not here'],
		['a web page', '<!doctype html><p>Not here', ''],
		['XML', '<?xml version="1.0"?><Error>Not here</Error>', ''],
	])('of a refusal that is %s is told in words', async (_, body, reason) => {
		const { error } = await make('get', { status: 400, body });
		expect(error!.message).toBe(`Ximilar refused this${reason}`);
	});

	test('of HTTP 200 that says it failed has failed, and may have been billed', async () => {
		const { error, requests } = await make('idempotent post', {
			body: { status: { code: 500, text: 'Broken' } },
		});
		expect(requests).toHaveLength(1);
		expect(error).toMatchObject({ kind: 'server', status: 500 });
		expect(error!.message).toContain('Broken');
	});

	test('that leads elsewhere is not followed', async () => {
		const { error, requests } = await make('get', {
			status: 302,
			headers: { location: 'https://elsewhere.example/' },
		});
		expect(requests).toHaveLength(1);
		expect(error!.kind).toBe('refused');
		expect(error!.description).toContain('https://elsewhere.example/');
	});

	test('tells its headers, and when it came, each try its own', async () => {
		const seen: unknown[] = [];
		const { connection } = connectionTo({ status: 500, headers: { n: 1 } }, { headers: { n: 2 } });
		const limits = {
			onRequest: () => void seen.push('begins'),
			onResponse: (headers: unknown) => void seen.push(headers),
			onEnd: () => void seen.push('ends'),
		};
		await createClient(connection, limits).get('x/', anySchema);
		expect(seen).toEqual(['begins', { n: 1 }, 'ends', 'begins', { n: 2 }, 'ends']);
	});

	test('that never comes is not waited for longer than the call allows', async () => {
		const { connection, requests } = connectionTo('never');
		const calling = createClient(connection).post('x/', anySchema, {}, { timeout: 20 });
		await expect(calling).rejects.toMatchObject({
			kind: 'timeout',
			status: undefined,
			description: expect.stringContaining('It may have been carried out all the same'),
		});
		expect(requests).toEqual([expect.objectContaining({ timeout: 20 })]);
	});
});

describe('the token', () => {
	test.each([
		['an answer', { status: 400, body: { detail: `Token ${TOKEN} is odd` } }],
		['an answer that is no JSON', { body: `Token ${TOKEN} is odd` }],
		['a redirect', { status: 301, headers: { location: `https://x.example/${TOKEN}` } }],
		['a lost connection', new Error(`Token ${TOKEN} is odd`)],
	])('is taken out of what %s echoes', async (_, reaction) => {
		const { error } = await make('post', reaction);
		const { message, description, stack, cause } = error!;
		const shown = [message, description, stack, JSON.stringify(cause)].join(' ');
		expect(shown).toContain('[API token]');
		expect(shown).not.toContain(TOKEN);
	});
});
