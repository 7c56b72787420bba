import type { IDataObject } from 'n8n-workflow';
import nock from 'nock';
import { XimilarVlm } from '../../nodes/XimilarVlm/XimilarVlm.node';
import { API, jsonOf, runNode, type Job } from './workflow';

const REQUESTS = '/vlm/v2/request/';

/** A request of the service below: its statuses, one for each look that the node may take. */
interface Life {
	/** Milliseconds after the start of the test; the last one stays. */
	statuses: Array<[number, string]>;
	response?: unknown;
	workspace?: string;
}

/** A service with these requests. Other people's requests are open in it as well. */
function service(lives: Record<string, Life>, { others = 0, broken = [] as string[] } = {}) {
	const start = Date.now();
	const calls = { list: 0, history: 0, status: 0, whole: 0 };
	const counted = () => calls.list + calls.history + calls.status + calls.whole;
	const whole = (id: string) => {
		const { statuses, response = { seen: id }, workspace = 'main' } = lives[id]!;
		const [, status] = statuses.filter(([from]) => Date.now() - start >= from).at(-1)!;
		return {
			id,
			status,
			task_id: 't',
			version: 2,
			workspace,
			response: status === 'CREATED' || status === 'PROCESSING' ? null : response,
			usage: status === 'DONE' ? { total_tokens: 9, processing_time: 1 } : null,
			retry_count: 1,
		};
	};
	const entries = (keep: (status: string) => boolean, workspace: string) =>
		Object.keys(lives)
			.map(whole)
			.filter(
				(entry) =>
					entry.status !== 'DELETED' && keep(entry.status) && entry.workspace === workspace,
			);
	const pageOf = (all: unknown[], uri: string) => {
		const { searchParams } = new URL(uri, API);
		const page = Number(searchParams.get('page') ?? 1);
		const size = Number(searchParams.get('page_size'));
		searchParams.set('page', String(page + 1));
		return {
			results: all.slice((page - 1) * size, page * size),
			next:
				page * size < all.length ? `${API}${uri.split('?')[0]}?${searchParams.toString()}` : null,
		};
	};
	const strangers = Array.from({ length: others }, (_, at) => ({
		id: `other${at}`,
		status: 'CREATED',
	}));
	nock(API)
		.persist()
		.get((uri) => uri.startsWith(REQUESTS))
		.optionally()
		.reply((uri): [number, object] => {
			const { pathname, searchParams } = new URL(uri, API);
			const workspace = searchParams.get('workspace') ?? 'main';
			const [id = '', more] = pathname.slice(REQUESTS.length).split('/');
			const kind =
				id === '' ? 'list' : id === 'history' ? 'history' : more === 'status' ? 'status' : 'whole';
			calls[kind]++;
			if (broken.includes(kind)) return [404, { detail: 'Broken' }];
			if (kind === 'list') {
				const status = searchParams.get('status')!;
				const own = entries((one) => one === status, workspace).map(
					({ response: _, ...entry }) => entry,
				);
				return [200, pageOf(status === 'CREATED' ? [...strangers, ...own] : own, uri)];
			}
			if (kind === 'history')
				return [
					200,
					pageOf(
						entries((one) => one === 'DONE', workspace),
						uri,
					),
				];
			if (!(id in lives) || whole(id).status === 'DELETED') return [404, { detail: 'Not found.' }];
			return [200, kind === 'status' ? { status: whole(id).status } : whole(id)];
		});
	return { calls, counted };
}

const wait = async (parameters: IDataObject, job: Partial<Job> = {}) =>
	await runNode({
		node: new XimilarVlm(),
		parameters: { resource: 'request', operation: 'wait', ...parameters } as Job['parameters'],
		...job,
	});

const many = (count: number, life: (at: number) => Life): Record<string, Life> =>
	Object.fromEntries(Array.from({ length: count }, (_, at) => [`r${at}`, life(at)]));

const itemsOf = (lives: Record<string, Life>) => Object.keys(lives).map((id) => ({ json: { id } }));

const always = (status: string, more: Partial<Life> = {}): Life => ({
	statuses: [[0, status]],
	...more,
});

describe('few requests', () => {
	test('are asked for their status, and for their answer once', async () => {
		const { calls } = service({
			a: {
				statuses: [
					[0, 'CREATED'],
					[800, 'PROCESSING'],
					[1800, 'DONE'],
				],
			},
		});
		const { items } = await wait({ requestIds: 'a' });
		expect(jsonOf(items)).toEqual([
			{
				seen: 'a',
				id: 'a',
				status: 'DONE',
				task_id: 't',
				version: 2,
				tokens: 9,
				seconds: 1,
				workspace: 'main',
			},
		]);
		expect(calls).toEqual({ list: 0, history: 0, status: 3, whole: 1 });
	}, 10_000);

	test('of several items and several an item come back in their places', async () => {
		service({ a: always('DONE'), b: always('DONE'), c: always('DONE') });
		const { items } = await wait(
			{ requestIds: '={{ $json.ids }}' },
			{
				items: [
					{ json: { ids: ['c', 'a'] } },
					{ json: { ids: 'b' } },
					{ json: { ids: [{ id: 'a' }] } },
				],
			},
		);
		expect(items.map(({ json, pairedItem }) => [json.id, pairedItem])).toEqual([
			['c', { item: 0 }],
			['a', { item: 0 }],
			['b', { item: 1 }],
			['a', { item: 2 }],
		]);
	});

	test.each([
		[
			'FAILED',
			'Request a ended as FAILED, after all retries of Ximilar: Out of memory',
			'operation Resubmit',
		],
		[
			'API_LIMIT_EXCEEDED',
			'Request a ended as API_LIMIT_EXCEEDED: a rate limit was hit, or there are too few credits: Out of memory',
			'Check the credits',
		],
		[
			'NOT_SUPPORTED',
			'Request a ended as NOT_SUPPORTED: Ximilar does not support the request or the model: Out of memory',
			'Check that the task is trained',
		],
	])('that end as %s are item errors with the reason', async (status, message, description) => {
		service({ a: always(status, { response: { error: 'Out of memory' } }), b: always('DONE') });
		const job = { items: [{ json: { id: 'a' } }, { json: { id: 'b' } }] };
		const kept = await wait(
			{ requestIds: '={{ $json.id }}' },
			{ ...job, onError: 'continueRegularOutput' },
		);
		expect(kept.items.map(({ json }) => json.error ?? json.id)).toEqual([message, 'b']);
		expect(kept.items[0]!.json.message).toContain("Ximilar's retry_count is 1.");
		nock.cleanAll();
		service({ a: always(status), b: always('DONE') });
		const failed = await wait({ requestIds: '={{ $json.id }}' }, job);
		expect(failed.error!.message).toContain(`Request a ended as ${status}`);
		expect(failed.error!.description).toContain(description);
	});

	test('of one item that fail leave its others', async () => {
		service({ a: always('FAILED'), b: always('DONE'), c: always('FAILED') });
		const { items } = await wait({ requestIds: 'a, b, c' }, { onError: 'continueRegularOutput' });
		expect(items.map(({ json }) => json.id ?? json.error)).toEqual([
			'b',
			expect.stringMatching(/^Request a ended .* \| Request c ended/),
		]);
	});

	test('deleted meanwhile, or never there, are said to be so', async () => {
		service({
			a: {
				statuses: [
					[0, 'CREATED'],
					[500, 'DELETED'],
				],
			},
		});
		const job: Partial<Job> = { onError: 'continueRegularOutput' };
		expect((await wait({ requestIds: 'a' }, job)).items[0]!.json).toEqual({
			error: 'Request a was deleted while it was waited for',
			message: 'Its status was CREATED before. Submit it anew if its answer is still wanted.',
		});
		expect((await wait({ requestIds: 'x' }, job)).items[0]!.json.error).toBe(
			'Ximilar did not find the request x in the default workspace',
		);
	}, 10_000);

	test('a fault that passes is waited out', async () => {
		nock(API).get(`${REQUESTS}a/status/`).times(4).reply(500, {}, { 'Retry-After': '0' });
		nock(API).get(`${REQUESTS}a/status/`).reply(200, { status: 'DONE' });
		nock(API)
			.get(`${REQUESTS}a/`)
			.reply(200, { id: 'a', status: 'DONE', response: { seen: 1 } });
		expect((await wait({ requestIds: 'a' })).items[0]!.json).toMatchObject({ seen: 1 });
	}, 10_000);

	test('a refused token ends it for all', async () => {
		nock(API)
			.get(/status/)
			.reply(401, { detail: 'Invalid token.' });
		const { error } = await wait({ requestIds: 'a' });
		expect(error!.message).toBe('Ximilar did not accept the API token');
	});
});

describe('the timeout', () => {
	test('fails the item, with what to do', async () => {
		service({ a: always('PROCESSING') });
		const start = Date.now();
		const { error } = await wait({ requestIds: 'a', options: { timeout: 2 } });
		expect(Date.now() - start).toBeLessThan(3500);
		expect(error!.message).toBe('The answer to request a did not come within 2 seconds');
		expect(error!.description).toContain('It is PROCESSING now.');
	}, 10_000);

	test('or passes it on with its status, beside what is done', async () => {
		service({ a: always('RETRY'), b: always('DONE') });
		const { items } = await wait({
			requestIds: 'a, b',
			options: { timeout: 1, onTimeout: 'pass' },
		});
		expect(items.map(({ json }) => [json.id, json.status])).toEqual([
			['a', 'RETRY'],
			['b', 'DONE'],
		]);
	}, 10_000);

	test('is each item’s own', async () => {
		service({
			a: always('CREATED'),
			b: {
				statuses: [
					[0, 'CREATED'],
					[1500, 'DONE'],
				],
			},
		});
		const { items } = await wait(
			{ requestIds: '={{ $json.id }}', options: { timeout: '={{ $json.id === "a" ? 1 : 30 }}' } },
			{ items: [{ json: { id: 'a' } }, { json: { id: 'b' } }], onError: 'continueRegularOutput' },
		);
		expect(items.map(({ json }) => json.error ?? json.id)).toEqual([
			'The answer to request a did not come within 1 second',
			'b',
		]);
	}, 10_000);
});

test('cancelling ends a wait, also while a call is under way', async () => {
	const lives = many(20, () => always('PROCESSING'));
	// This one takes longer than the test may.
	nock(API).get(`${REQUESTS}slow/status/`).delay(120_000).reply(200, { status: 'DONE' });
	service(lives);
	for (const ids of [Object.keys(lives), ['slow']]) {
		const { run } = await wait(
			{ requestIds: '={{ $json.id }}' },
			{
				items: ids.map((id) => ({ json: { id } })),
				started: (cancel) => setTimeout(cancel, 700),
			},
		);
		expect(run.status).toBe('canceled');
	}
});

describe('500 requests together', () => {
	/** What one status call a request and tick would take, for the ticks that the node makes. */
	const naive = (lives: Record<string, Life>, ticks: number) => Object.keys(lives).length * ticks;

	test('that are done already take 9 calls', async () => {
		const lives = many(500, () => always('DONE'));
		const { calls, counted } = service(lives);
		const { items } = await wait({ requestIds: '={{ $json.id }}' }, { items: itemsOf(lives) });
		expect(items.map(({ json }) => json.id)).toEqual(Object.keys(lives));
		expect(calls).toEqual({ list: 3, history: 5, status: 0, whole: 0 });
		expect(counted()).toBeLessThanOrEqual(naive(lives, 1) / 10);
	}, 20_000);

	test('of which the raw data is wanted are asked for one by one, once', async () => {
		const lives = many(30, () => always('DONE'));
		const { calls } = service(lives);
		const { items } = await wait(
			{ requestIds: '={{ $json.id }}', simplify: false },
			{ items: itemsOf(lives) },
		);
		expect(items[29]!.json).toMatchObject({ id: 'r29', retry_count: 1 });
		expect(calls).toEqual({ list: 3, history: 0, status: 0, whole: 30 });
	});

	test('among many others that are open do not read all of those', async () => {
		const lives = many(10, () => ({
			statuses: [
				[0, 'CREATED'],
				[1500, 'DONE'],
			],
		}));
		const { calls, counted } = service(lives, { others: 5000 });
		const { items } = await wait({ requestIds: '={{ $json.id }}' }, { items: itemsOf(lives) });
		expect(items).toHaveLength(10);
		expect(calls.list).toBeLessThanOrEqual(4 * 4);
		expect(counted()).toBeLessThan(50);
	}, 20_000);

	test('of another workspace are found in its lists', async () => {
		const lives = many(40, () => ({
			statuses: [
				[0, 'CREATED'],
				[2000, 'DONE'],
			],
			workspace: 'other',
		}));
		const { calls } = service(lives);
		const { items } = await wait({ requestIds: '={{ $json.id }}' }, { items: itemsOf(lives) });
		expect(items).toHaveLength(40);
		// One tells where they are.
		expect(calls.whole).toBe(1);
	}, 20_000);

	test('whose lists cannot be had are asked for one by one', async () => {
		const lives = many(25, () => always('DONE'));
		const { calls } = service(lives, { broken: ['list', 'history'] });
		const { items } = await wait({ requestIds: '={{ $json.id }}' }, { items: itemsOf(lives) });
		expect(items).toHaveLength(25);
		expect(calls.whole + calls.status).toBeLessThan(31);
	}, 20_000);
});
