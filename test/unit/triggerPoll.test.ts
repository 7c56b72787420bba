import type { ICredentialDataDecryptedObject, IDataObject, INodeParameters } from 'n8n-workflow';
import nock from 'nock';
import { activate } from '../workflow/activation';
import { API } from '../workflow/workflow';

/** The trigger in n8n-core's own polling context: its calls, its items, and its static data. */

const HISTORY = '/vlm/v2/request/history/';
const LIST = '/vlm/v2/request/';
const TASK = 'dbb498ba-cf24-4400-9897-d5196444a880';
const WORKSPACE = '748e50e4-d081-4924-b9e7-f500aac6a71d';

const NOW = Date.parse('2026-01-15T10:00:00Z');
const at = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString();
const DATE = { Date: new Date(NOW).toUTCString() };

const done = (id: string, minutes: number, more: IDataObject = {}) => ({
	id,
	status: 'DONE',
	task_id: TASK,
	version: 2,
	response: { price: minutes },
	usage: { total_tokens: 359, processing_time: 3.33 },
	created: at(minutes - 1),
	completed_at: at(minutes),
	...more,
});

const page = (results: unknown[], next: string | null = null) => ({ results, next });

const history = (results: unknown[], next: string | null = null, query: IDataObject = {}) =>
	nock(API)
		.get(HISTORY)
		.query({ page_size: '100', ...query } as Record<string, string>)
		.reply(200, page(results, next), DATE);

const failedList = (status: string, results: unknown[], query: IDataObject = {}) =>
	nock(API)
		.get(LIST)
		.query({ status, page_size: '100', ...query } as Record<string, string>)
		.reply(200, page(results), DATE);

let passed = 0;
const now = Date.now;

/** As if so many milliseconds had gone by. */
function pass(milliseconds: number): void {
	passed += milliseconds;
	jest.spyOn(Date, 'now').mockImplementation(() => now() + passed);
}

afterEach(() => jest.restoreAllMocks());

/** Activates on a history, and leaves the trigger ready for the next poll. */
async function activated(parameters: INodeParameters = {}, before: unknown[] = []) {
	const trigger = activate(parameters);
	history(before);
	expect(await trigger.poll()).toBeNull();
	return trigger;
}

describe('the starting point', () => {
	test('is the activation by the service clock: what finished before starts nothing', async () => {
		const trigger = await activated({}, [done('a', -1), done('b', 0.001)]);
		history([done('c', 1), done('b', 0.001), done('a', -1)]);
		expect(await trigger.json()).toEqual([expect.objectContaining({ price: 1, id: 'c' })]);
	});

	test('is kept by n8n though the activation has no items', async () => {
		const trigger = await activated();
		expect(trigger.workflow.staticData.__dataChanged).toBe(true);
		const restarted = activate({}, { staticData: trigger.saved(), activation: 'init' });
		history([done('a', 1)]);
		expect(await restarted.json()).toHaveLength(1);
	});

	test('may lie some hours before: those come at once, in order of completion', async () => {
		const trigger = activate({ options: { hoursBefore: 2 } });
		const found = [done('c', -10), done('old', -121), done('b', -119), done('a', -60)];
		history(found);
		history(found);
		const items = await trigger.json();
		expect(items!.map(({ id }) => id)).toEqual(['b', 'a', 'c']);
		history(found);
		expect(await trigger.poll()).toBeNull();
	});

	test('goes with an empty execution where n8n commits state and items together', async () => {
		const trigger = activate({ options: { hoursBefore: 2 } });
		const staged: IDataObject = {};
		trigger.context.getWorkflowStaticData = () => staged;
		history([done('a', -10)]);
		expect(await trigger.poll()).toEqual([[]]);
		pass(3_000);
		history([done('a', -10)]);
		expect(await trigger.json()).toHaveLength(1);
		pass(3_000);
		history([done('a', -10)]);
		expect(await trigger.poll()).toBeNull();
	});

	test('polls that n8n runs side by side on copies of one state hand a finish over once', async () => {
		const trigger = activate();
		let saved: IDataObject = {};
		trigger.context.getWorkflowStaticData = () => saved;
		history([]);
		expect(await trigger.poll()).toEqual([[]]);
		pass(3_000);
		// What n8n's durable mode does after a start: each overdue poll gets a copy.
		const state = JSON.stringify(saved);
		const overdue = () => {
			const other = activate({}, { activation: 'update' });
			const copy = JSON.parse(state) as IDataObject;
			other.context.getWorkflowStaticData = () => copy;
			return { poll: other.poll, copy };
		};
		history([done('a', 1)]);
		const first = overdue();
		const outputs = await Promise.all([first.poll(), overdue().poll(), overdue().poll()]);
		expect(outputs.map((output) => output?.[0]!.length ?? 0)).toEqual([1, 0, 0]);
		// Its state may not be saved yet.
		expect(await overdue().poll()).toBeNull();
		pass(3_000);
		saved = first.copy;
		history([done('b', 2), done('a', 1)]);
		expect(await trigger.json()).toEqual([expect.objectContaining({ id: 'b' })]);
	});

	test('is another one for another task; the old state goes', async () => {
		const trigger = await activated();
		const other = activate(
			{ filters: { task: { __rl: true, mode: 'id', value: TASK } } },
			{
				staticData: trigger.saved(),
				activation: 'update',
			},
		);
		history([done('a', -5)], null, { task_id: TASK });
		expect(await other.poll()).toBeNull();
		history([done('b', 1)], null, { task_id: TASK });
		expect(await other.json()).toHaveLength(1);
		const { lists } = Object.values(other.saved())[0] as { lists: object };
		expect(Object.keys(lists)).toEqual([expect.stringMatching(`^DONE \\S{10} ${TASK} $`)]);
	});

	test('a change of the event keeps what is known of the lists that stay', async () => {
		const trigger = await activated();
		history([done('a', 1)]);
		await trigger.poll();
		const other = activate(
			{ event: 'finished', output: 'outcome' },
			{ staticData: trigger.saved() },
		);
		for (const status of ['API_LIMIT_EXCEEDED', 'FAILED', 'NOT_SUPPORTED']) {
			failedList(status, []);
			failedList(status, status === 'FAILED' ? [done('f', 2, { status })] : []);
		}
		history([done('a', 1)]);
		expect((await other.json())!.map(({ id }) => id)).toEqual(['f']);
	});
});

describe('items', () => {
	test('are simplified: the fields of the answer in front', async () => {
		const trigger = await activated();
		history([done('a', 1, { response: '{"name": "Puzzle"}' })]);
		expect(await trigger.json()).toEqual([
			{
				name: 'Puzzle',
				id: 'a',
				status: 'DONE',
				task_id: TASK,
				version: 2,
				tokens: 359,
				seconds: 3.33,
				created: at(0),
				completed_at: at(1),
			},
		]);
	});

	test('may be raw, without bytes and secrets', async () => {
		const trigger = await activated({ output: 'raw' });
		const url = `data:image/png;base64,${Buffer.from('89504e470d0a1a0a', 'hex').toString('base64')}`;
		const webhook = { url: 'https://x.test/hook?signature=geheim', headers: { 'X-Key': 'geheim' } };
		history([done('a', 1, { request: { messages: [{ url }] }, webhook })]);
		const [item] = (await trigger.json())!;
		expect(item).toMatchObject({
			response: { price: 1 },
			request: { messages: [{ url: '[PNG image, 8 bytes]' }] },
			webhook: { url: 'https://x.test/hook?[hidden]', headers: { 'X-Key': '[hidden]' } },
		});
		expect(JSON.stringify(item)).not.toContain('geheim');
	});

	test('of failed requests have the reason, from the request itself', async () => {
		const trigger = activate({ event: 'failed' });
		const failed = done('f', 1, { status: 'FAILED', response: undefined });
		for (const status of ['API_LIMIT_EXCEEDED', 'FAILED', 'NOT_SUPPORTED']) {
			failedList(status, []);
			failedList(status, status === 'FAILED' ? [failed] : []);
		}
		nock(API)
			.get(`${LIST}f/`)
			.reply(200, { ...failed, response: { detail: 'Out of memory' }, retry_count: 3 }, DATE);
		expect(await trigger.poll()).toBeNull();
		expect(await trigger.json()).toEqual([
			expect.objectContaining({
				id: 'f',
				status: 'FAILED',
				reason: 'Out of memory',
				retry_count: 3,
			}),
		]);
		for (const status of ['API_LIMIT_EXCEEDED', 'FAILED', 'NOT_SUPPORTED']) {
			failedList(status, status === 'FAILED' ? [failed] : []);
		}
		expect(await trigger.poll()).toBeNull();
	});
});

describe('a list that does not tell completed_at', () => {
	const entry = (id: string, more: IDataObject = {}) => ({ id, status: 'FAILED', ...more });
	const rest = (times: number) => {
		for (const status of ['API_LIMIT_EXCEEDED', 'NOT_SUPPORTED']) {
			nock(API)
				.get(LIST)
				.query({ status, page_size: '100' })
				.times(times)
				.reply(200, page([]), DATE);
		}
	};
	const whole = (id: string, minutes: number) =>
		nock(API)
			.get(`${LIST}${id}/`)
			.reply(200, done(id, minutes, { status: 'FAILED', response: null }), DATE);

	test('costs one call for each request, and none for those there at the start', async () => {
		const trigger = activate({ event: 'failed' });
		rest(4);
		failedList('FAILED', [entry('old')]);
		expect(await trigger.poll()).toBeNull();
		failedList('FAILED', [entry('old'), entry('f')]);
		whole('f', 1);
		expect((await trigger.json())!.map(({ id }) => id)).toEqual(['f']);
		failedList('FAILED', [entry('old'), entry('f')]);
		expect(await trigger.poll()).toBeNull();
		failedList('FAILED', [entry('old'), entry('f', { retry_count: 1 })]);
		whole('f', 3);
		expect((await trigger.json())!.map(({ id }) => id)).toEqual(['f']);
	});

	test('leaves a request that was resubmitted meanwhile for later', async () => {
		const trigger = activate({ event: 'failed' });
		rest(3);
		failedList('FAILED', []);
		await trigger.poll();
		failedList('FAILED', [entry('f')]);
		nock(API)
			.get(`${LIST}f/`)
			.reply(200, done('f', 1, { status: 'PROCESSING' }), DATE);
		expect(await trigger.poll()).toBeNull();
		failedList('FAILED', [entry('f')]);
		whole('f', 2);
		expect(await trigger.json()).toHaveLength(1);
	});

	test('and a request that does not either is handed on by its ID and status, once', async () => {
		const trigger = activate({ event: 'failed' });
		rest(3);
		failedList('FAILED', []);
		await trigger.poll();
		failedList('FAILED', [entry('f')]);
		nock(API).get(`${LIST}f/`).reply(200, entry('f'), DATE);
		expect(await trigger.json()).toEqual([expect.objectContaining({ id: 'f', status: 'FAILED' })]);
		// In another state the entry is looked up once more, and is the same finish all the same.
		failedList('FAILED', [entry('f', { billed: true })]);
		nock(API).get(`${LIST}f/`).reply(200, entry('f'), DATE);
		expect(await trigger.poll()).toBeNull();
	});
});

describe('pages', () => {
	test('are followed by their cursor, whether an address or not', async () => {
		const trigger = await activated();
		history(
			[done('a', 1)],
			'https://api.ximilar.com/vlm/v2/request/history/?cursor=x&page_size=100',
		);
		history([done('b', 2)], 'bare', { cursor: 'x' });
		history([done('c', 3)], null, { cursor: 'bare' });
		expect((await trigger.json())!.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
	});

	test('that fail half way leave what came before, and are read by the next poll', async () => {
		const trigger = await activated();
		history([done('a', 1)], `${API}${HISTORY}?cursor=x&page_size=100`);
		nock(API)
			.get(HISTORY)
			.query({ cursor: 'x', page_size: '100' })
			.times(3)
			.reply(500, {}, { 'Retry-After': '0' });
		expect((await trigger.json())!.map(({ id }) => id)).toEqual(['a']);
		// At once, only the first page is read.
		history([done('a', 1)], `${API}${HISTORY}?cursor=x&page_size=100`);
		expect(await trigger.json()).toBeNull();
		pass(61_000);
		history([done('a', 1)], `${API}${HISTORY}?cursor=x&page_size=100`);
		history([done('b', 2)], null, { cursor: 'x' });
		expect((await trigger.json())!.map(({ id }) => id)).toEqual(['b']);
	});

	test('whose cursor is not known any more are read from the first on', async () => {
		const trigger = await activated();
		history([done('a', 1)], `${API}${HISTORY}?cursor=x&page_size=100`);
		nock(API)
			.get(HISTORY)
			.query({ cursor: 'x', page_size: '100' })
			.reply(404, { detail: 'Invalid' });
		expect(await trigger.json()).toHaveLength(1);
		history([done('b', 2), done('a', 1)]);
		expect((await trigger.json())!.map(({ id }) => id)).toEqual(['b']);
	});

	test('that lead in a circle are told, and do not stop what is on the first one', async () => {
		const trigger = await activated();
		const next = `${API}${HISTORY}?cursor=x&page_size=100`;
		history([], next);
		history([], next, { cursor: 'x' });
		expect(await trigger.poll()).toBeNull();
		pass(2 * 3_600_000);
		history([done('a', 1)], next);
		history([], next, { cursor: 'x' });
		await expect(trigger.poll()).rejects.toThrow("Ximilar's list leads in a circle");
		history([done('a', 1)], next);
		expect(await trigger.json()).toHaveLength(1);
	});

	test('of other tasks and workspaces are passed over where the service ignores the filters', async () => {
		const picked = { __rl: true, mode: 'id', value: TASK };
		const filters = { task: picked, workspace: { ...picked, value: WORKSPACE } };
		const trigger = activate({ filters });
		const query = { task_id: TASK, workspace: WORKSPACE };
		history([], null, query);
		await trigger.poll();
		const others = [done('a', 1, { task_id: 'other' }), done('b', 1, { workspace: 'v' })];
		history([...others, done('c', 1, { workspace: WORKSPACE })], null, query);
		expect((await trigger.json())!.map(({ id }) => id)).toEqual(['c']);
	});
});

describe('faults', () => {
	const fail = (status: number, body: object = {}) =>
		nock(API)
			.get(HISTORY)
			.query(true)
			.times(status >= 500 ? 3 : 1)
			.reply(status, body, { 'Retry-After': '0' });

	test('fail an activation with what to do', async () => {
		fail(401, { detail: 'Invalid token. Authorization needed.' });
		const failing = activate().poll();
		await expect(failing).rejects.toThrow('Ximilar did not accept the API token');
		await expect(failing).rejects.not.toThrow('Authorization');
	});

	test('that pass are no matter at a start of n8n, and are one on schedule', async () => {
		const { saved } = await activated();
		const trigger = activate({}, { staticData: saved(), activation: 'init' });
		const before = trigger.saved();
		fail(500);
		expect(await trigger.poll()).toBeNull();
		const marksOf = (state: IDataObject) => {
			const { lists } = Object.values(state)[0] as { lists: Record<string, IDataObject> };
			return Object.values(lists).map(({ watermark, seen }) => [watermark, seen]);
		};
		expect(marksOf(trigger.saved())).toEqual(marksOf(before));
		fail(500);
		await expect(trigger.poll()).rejects.toThrow('Ximilar could not answer');
		history([done('a', 1)]);
		expect(await trigger.json()).toHaveLength(1);
	});

	test('that last are told at a start of n8n as well', async () => {
		const { saved } = await activated();
		const trigger = activate({}, { staticData: saved(), activation: 'init' });
		fail(403, { detail: 'No.' });
		await expect(trigger.poll()).rejects.toThrow('This Ximilar account may not use this: No.');
	});

	test('of one list leave the others: nothing is lost', async () => {
		const trigger = activate({ event: 'finished', output: 'outcome' });
		const statuses = ['API_LIMIT_EXCEEDED', 'FAILED', 'NOT_SUPPORTED'];
		for (const status of statuses) failedList(status, []);
		history([]);
		await trigger.poll();
		fail(500);
		for (const status of statuses) {
			failedList(status, status === 'FAILED' ? [done('f', 1, { status })] : []);
		}
		expect((await trigger.json())!.map(({ id }) => id)).toEqual(['f']);
		history([done('d', 0.5)]);
		for (const status of statuses) {
			failedList(status, status === 'FAILED' ? [done('f', 1, { status })] : []);
		}
		expect((await trigger.json())!.map(({ id }) => id)).toEqual(['d']);
	});

	test('a service that is too slow for the time that n8n gives is told', async () => {
		const { saved } = await activated();
		const trigger = activate({}, { staticData: saved(), activation: 'update' });
		Object.assign(trigger.context, { getPollBudgetMs: () => 300 });
		nock(API).get(HISTORY).query(true).delay(2000).reply(200, page([]));
		await expect(trigger.poll()).rejects.toThrow('Ximilar did not answer within 1 second');
	});
});

describe('the time limit of a poll', () => {
	const MINUTE = 60_000;

	beforeEach(() => pass(0));

	const limitAfter = async (gap: number, budget?: number) => {
		const trigger = await activated();
		if (budget) Object.assign(trigger.context, { getPollBudgetMs: () => budget });
		pass(gap);
		const limits = jest.spyOn(AbortSignal, 'timeout');
		history([]);
		await trigger.poll();
		return Math.round(limits.mock.calls[0]![0] / 1000);
	};

	test.each([
		['a minute', MINUTE, undefined, 30],
		['an hour', 60 * MINUTE, undefined, 30],
		['six hours', 6 * 60 * MINUTE, undefined, 180],
		['a day', 24 * 60 * MINUTE, undefined, 300],
		['a day, where n8n gives less', 24 * 60 * MINUTE, 36_000, 36],
	])('after %s', async (_, gap, budget, seconds) => {
		expect(await limitAfter(gap, budget)).toBe(seconds);
	});

	test('a poll after a long pause is not joined by those that fall due meanwhile', async () => {
		const trigger = await activated();
		pass(24 * 60 * MINUTE);
		history([done('a', 1)]);
		const outputs = await Promise.all([trigger.json(), trigger.json()]);
		expect(outputs).toEqual([[expect.objectContaining({ id: 'a' })], null]);
		// Once it has ended, the next one reads at once.
		history([done('b', 2), done('a', 1)]);
		expect(await trigger.json()).toEqual([expect.objectContaining({ id: 'b' })]);
	});
});

describe('a fault that stays', () => {
	const statuses = ['API_LIMIT_EXCEEDED', 'FAILED', 'NOT_SUPPORTED'];
	const lists = (status?: string, results: unknown[] = []) => {
		for (const one of statuses) failedList(one, one === status ? results : []);
	};
	const dead = (status: string) =>
		nock(API).get(LIST).query({ status, page_size: '100' }).reply(403, { detail: 'No.' });
	const othersThan = (status: string) => {
		for (const one of statuses) if (one !== status) failedList(one, []);
	};

	beforeEach(() => pass(0));

	test('of a list is told after an hour, once, while another list flows', async () => {
		const trigger = activate({ event: 'finished' });
		lists();
		history([]);
		await trigger.poll();
		const pollWith = async (...results: unknown[]) => {
			history(results);
			othersThan('FAILED');
			dead('FAILED');
			return await trigger.json();
		};
		const found = [done('a', 1)];
		expect(await pollWith(...found)).toHaveLength(1);
		pass(59 * 60_000);
		expect(await pollWith(...found)).toBeNull();
		pass(2 * 60_000);
		found.unshift(done('b', 2));
		const telling = pollWith(...found);
		await expect(telling).rejects.toThrow(
			'Ximilar has not given the list of FAILED requests for 61 minutes: This Ximilar account may not use this: No.',
		);
		expect((await pollWith(...found))!.map(({ id }) => id)).toEqual(['b']);
		pass(2 * 3_600_000);
		expect(await pollWith(...found)).toBeNull();
		// When it can be read again, nothing is lost, and the next fault is told anew.
		history(found);
		lists('FAILED', [done('f', 1.5, { status: 'FAILED' })]);
		nock(API)
			.get(`${LIST}f/`)
			.reply(200, done('f', 1.5, { status: 'FAILED' }), DATE);
		expect((await trigger.json())!.map(({ id }) => id)).toEqual(['f']);
		await pollWith(...found);
		pass(2 * 3_600_000);
		await expect(pollWith(...found)).rejects.toThrow('for 120 minutes');
	});

	test('of a deep page is tried at growing intervals, and told once, while the first page flows', async () => {
		const trigger = await activated({ output: 'outcome' });
		const next = `${API}${HISTORY}?cursor=x&page_size=100`;
		let tries = 0;
		nock(API)
			.get(HISTORY)
			.query({ cursor: 'x', page_size: '100' })
			.times(100)
			.reply(() => {
				tries++;
				return [403, { detail: 'No.' }];
			});
		const triesIn = async (minutes: number) => {
			const before = tries;
			for (let minute = 0; minute < minutes; minute++) {
				pass(60_000);
				history([done(`r${minute}`, minute)], next);
				await trigger.poll().catch(({ message }: Error) => told.push(message));
			}
			return tries - before;
		};
		const told: string[] = [];
		expect(await triesIn(16)).toBe(5);
		// The poll that tells of it leaves its state to the next one, which tries as well.
		expect(await triesIn(60)).toBe(3);
		expect(told).toEqual([expect.stringContaining('a page of the list of DONE requests for 6')]);
		await triesIn(150);
		expect(told).toHaveLength(1);
		history([done('new', 300)], next);
		expect((await trigger.json())!.map(({ id }) => id)).toEqual(['new']);
		nock.cleanAll();
	});

	test('of the details of a request costs the reason, not the request', async () => {
		const trigger = activate({ event: 'failed' });
		lists();
		await trigger.poll();
		const failed = done('f', 1, { status: 'FAILED', response: undefined });
		nock(API).get(`${LIST}f/`).times(3).reply(403, { detail: 'No.' });
		const row = expect.objectContaining({ id: 'f' });
		for (const come of [null, null, [row], null]) {
			lists('FAILED', [failed]);
			expect(await trigger.json()).toEqual(come);
		}
	});

	test('of a list hides nothing of the others in a test run', async () => {
		const trigger = activate({ event: 'finished' }, { mode: 'manual' });
		history([done('a', 1)]);
		othersThan('FAILED');
		dead('FAILED');
		expect((await trigger.json())!.map(({ id }) => id)).toEqual(['a']);
	});

	test('of the activation says what was slow, and what to do', async () => {
		const trigger = activate();
		Object.assign(trigger.context, { getPollBudgetMs: () => 200 });
		nock(API).get(HISTORY).query(true).delay(2000).reply(200, page([]));
		const slow = trigger.poll();
		await expect(slow).rejects.toThrow('when asked for DONE requests');
		await expect(slow).rejects.toMatchObject({
			description: expect.stringMatching(/^Activate the workflow again\. .*choose a Task/),
		});
	});
});

test('with Only the Outcome, no request is downloaded', async () => {
	const trigger = activate({ event: 'failed', output: 'outcome' });
	for (let poll = 0; poll < 2; poll++) {
		for (const status of ['API_LIMIT_EXCEEDED', 'FAILED', 'NOT_SUPPORTED']) {
			failedList(status, status === 'FAILED' && poll ? [done('f', 1, { status })] : []);
		}
	}
	await trigger.poll();
	expect(await trigger.json()).toHaveLength(1);
});

test('another token or address is another account: it begins anew', async () => {
	const { saved } = await activated();
	const base = 'http://localhost:4711';
	const credentials: ICredentialDataDecryptedObject[] = [
		{ apiToken: 'another' },
		{ baseUrl: base },
	];
	for (const credential of credentials) {
		const trigger = activate({}, { staticData: saved(), activation: 'update', credential });
		const of = (results: unknown[]) =>
			nock(String(credential.baseUrl ?? API))
				.get(HISTORY)
				.query({ page_size: '100' })
				.reply(200, page(results), DATE);
		// Finished since the other account's last poll, and before this one is watched.
		of([done('theirs', 0)]);
		expect(await trigger.poll()).toBeNull();
		of([done('new', 1), done('theirs', 0)]);
		expect((await trigger.json())!.map(({ id }) => id)).toEqual(['new']);
		expect(JSON.stringify(trigger.saved())).not.toContain('another');
	}
});

test('two polls at a time emit a finish once', async () => {
	const trigger = await activated();
	history([done('a', 1)]);
	history([done('b', 2), done('a', 1)]);
	const [first, second] = await Promise.all([trigger.json(), trigger.json()]);
	const ids = [...(first ?? []), ...(second ?? [])].map(({ id }) => id);
	expect(ids.sort()).toEqual(['a', 'b']);
});

describe('a test run', () => {
	const manual = (parameters: INodeParameters = {}) => activate(parameters, { mode: 'manual' });

	test('shows the latest five and writes no state', async () => {
		const trigger = manual();
		const found = [3, 9, 1, 7, 5, 8, 2].map((minutes) => done(`r${minutes}`, minutes));
		history(found);
		expect((await trigger.json())!.map(({ id }) => id)).toEqual(['r3', 'r5', 'r7', 'r8', 'r9']);
		expect(trigger.saved()).toEqual({});
	});

	test('of failed requests looks a few up', async () => {
		const statuses = ['API_LIMIT_EXCEEDED', 'FAILED', 'NOT_SUPPORTED'];
		for (const status of statuses) {
			failedList(
				status,
				status === 'FAILED' ? [done('f', 1, { status, response: undefined })] : [],
			);
		}
		nock(API)
			.get(`${LIST}f/`)
			.reply(200, done('f', 1, { status: 'FAILED', response: { detail: 'Odd' } }));
		expect((await manual({ event: 'failed' }).json())![0]).toMatchObject({ reason: 'Odd' });
	});

	test('without anything to show says so', async () => {
		history([]);
		await expect(manual().poll()).rejects.toThrow('Ximilar has no finished request to show');
	});
});

test('the state of 3,000 finishes stays small', async () => {
	const trigger = await activated();
	const many = Array.from({ length: 3000 }, (_, index) => done(`r${index}`, 1 + index / 1000));
	for (let start = 0; start < many.length; start += 100) {
		const next =
			start + 100 < many.length ? `${API}${HISTORY}?cursor=${start + 100}&page_size=100` : null;
		history(many.slice(start, start + 100), next, start ? { cursor: String(start) } : {});
	}
	expect(await trigger.json()).toHaveLength(3000);
	expect(JSON.stringify(trigger.saved()).length).toBeLessThan(31_000);
});
