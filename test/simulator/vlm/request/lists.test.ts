/** The list and the history of requests: filters, pages, orders, and what shows late. */
import { type Answer, call } from '../../caller';
import { IDS } from '../../state';
import { VLM_IDS } from '../ids';
import type { FinishedInput } from '../control';
import { REQUESTS, runRequests } from './caller';

const { simulator, submitted, detail, pass } = runRequests();
const { control } = simulator;
const HISTORY = `${REQUESTS}history/`;

/** IDs that can be told apart at a glance. */
function idOf(number: number): string {
	return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

function numbersOf(results: Array<{ id: string }>): number[] {
	return results.map(({ id }) => Number(id.slice(-12)));
}

/** Finished requests by number, the first the oldest unless said otherwise. */
function add(count: number, each: (number: number) => FinishedInput = () => ({})): void {
	const start = Date.UTC(2026, 0, 14);
	const numbers = Array.from({ length: count }, (_, index) => index + 1);
	control.vlm.addRequests(
		...numbers.map((number) => ({
			id: idOf(number),
			completed_at: start + number * 1000,
			...each(number),
		})),
	);
}

async function walk(path: string, between?: (page: number) => void): Promise<number[]> {
	const seen: number[] = [];
	let next: string | null = path;
	for (let page = 1; next; page++) {
		const answer: Answer = await call(simulator, next);
		expect(answer.status).toBe(200);
		seen.push(...numbersOf(answer.body.results));
		next = answer.body.next;
		between?.(page);
	}
	return seen;
}

describe('the list', () => {
	it('shows requests without their payloads', async () => {
		const webhook = { url: 'https://example.com/hook', headers: { 'X-Secret': 'abc' } };
		control.vlm.addRules({ status: 'FAILED' });
		const id = await submitted({ webhook });
		pass(1000);
		const { body } = await call(simulator, REQUESTS);
		expect(body).toEqual({
			count: 1,
			next: null,
			previous: null,
			results: [
				{
					id,
					status: 'FAILED',
					task_id: VLM_IDS.task,
					version: 2,
					system_prompt_id: null,
					user_prompt_id: null,
					retry_count: 0,
					created: '2026-01-15T00:00:00.000000Z',
					started_at: '2026-01-15T00:00:00.050000Z',
					completed_at: '2026-01-15T00:00:00.250000Z',
					workspace: IDS.defaultWorkspace,
				},
			],
		});
	});

	it('is filtered by status, task and workspace, as printed', async () => {
		add(6, (number) => ({
			status: number % 2 === 0 ? 'DONE' : 'NOT_SUPPORTED',
			task_id: [VLM_IDS.task, VLM_IDS.captionTask, VLM_IDS.warehouseTask][number % 3],
		}));
		await submitted();
		const list = async (query: string) =>
			numbersOf((await call(simulator, `${REQUESTS}${query}`)).body.results);
		expect(await list(`?status=DONE&task_id=${VLM_IDS.task}`)).toEqual([6]);
		expect(await list('?status=NOT_SUPPORTED')).toEqual([3, 1]);
		expect(await list('?status=CREATED')).toHaveLength(1);
		expect(await list(`?workspace=${IDS.secondWorkspace}`)).toEqual([5, 2]);
		for (const query of ['?status=done', '?task_id=x', '?search=x', '?page_size=0']) {
			expect((await call(simulator, `${REQUESTS}${query}`)).status).toBe(400);
		}
	});

	it('has pages of the size asked for', async () => {
		add(5);
		const { body } = await call(simulator, `${REQUESTS}?page_size=2&status=DONE`);
		expect(body).toMatchObject({
			count: 5,
			next: `${simulator.url}${REQUESTS}?page_size=2&status=DONE&page=2`,
		});
		expect(await walk(`${REQUESTS}?page_size=2&status=DONE`)).toEqual([5, 4, 3, 2, 1]);
	});
});

describe('the history', () => {
	it('shows what is DONE with response and usage, without the payload', async () => {
		const id = await submitted({ webhook: { url: `${simulator.url}/hook` } });
		add(2, (number) => ({ status: number === 1 ? 'FAILED' : 'DONE' }));
		pass(1000);
		const { body } = await call(simulator, `${HISTORY}?task_id=${VLM_IDS.task}&page_size=20`);
		const { request: _, ...rest } = await detail(id);
		expect(body).toMatchObject({ next: null, previous: null, results: [rest, { id: idOf(2) }] });
		expect(body.results[0]).toEqual(rest);
		expect(Object.keys(body)).toEqual(['next', 'previous', 'results']);
	});

	it('is walked by an opaque cursor in an absolute address that keeps the query', async () => {
		add(5, (number) => ({ task_id: number === 3 ? VLM_IDS.captionTask : VLM_IDS.task }));
		const first = await call(simulator, `${HISTORY}?task_id=${VLM_IDS.task}&page_size=2`);
		const next = new URL(first.body.next);
		expect(next.origin).toBe(simulator.url);
		expect([...next.searchParams.keys()].sort()).toEqual(['cursor', 'page_size', 'task_id']);
		expect(next.searchParams.get('cursor')).not.toContain(idOf(4));
		expect(await walk(`${HISTORY}?task_id=${VLM_IDS.task}&page_size=2`)).toEqual([5, 4, 2, 1]);
		control.changeSettings({ nextOrigin: 'http://elsewhere.example' });
		const elsewhere = await call(simulator, `${HISTORY}?page_size=2`);
		expect(elsewhere.body.next).toMatch(/^http:\/\/elsewhere\.example\/vlm/);
	});

	it('has pages of twenty, a hundred at most', async () => {
		add(150);
		const size = async (query: string) =>
			(await call(simulator, `${HISTORY}${query}`)).body.results.length;
		expect([await size(''), await size('?page_size=100'), await size('?page_size=500')]).toEqual([
			20, 100, 100,
		]);
		expect(await walk(`${HISTORY}?page_size=50`)).toHaveLength(150);
		for (const query of ['?page_size=0', '?page_size=x', '?page=2', '?status=DONE']) {
			expect((await call(simulator, `${HISTORY}${query}`)).status).toBe(400);
		}
	});

	it('refuses a cursor that it has not made', async () => {
		for (const cursor of ['x', 'e30', Buffer.from('null').toString('base64url')]) {
			const answer = await call(simulator, `${HISTORY}?cursor=${cursor}`);
			expect([answer.status, answer.body]).toEqual([404, { detail: 'Invalid cursor' }]);
		}
	});

	it('holds what shares a time, across pages, each once', async () => {
		add(7, () => ({ completed_at: '2026-01-14T12:00:00.5Z' }));
		const seen = await walk(`${HISTORY}?page_size=2`);
		expect([...seen].sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
	});

	it('tells times apart that differ by a millionth of a second', async () => {
		add(3, (number) => ({ completed_at: `2026-01-14T12:00:00.00000${number}Z` }));
		const { body } = await call(simulator, HISTORY);
		expect(body.results.map((one: { completed_at: string }) => one.completed_at)).toEqual([
			'2026-01-14T12:00:00.000003Z',
			'2026-01-14T12:00:00.000002Z',
			'2026-01-14T12:00:00.000001Z',
		]);
	});

	it('does not show twice, or skip, when requests finish between the pages', async () => {
		add(4);
		const late = (page: number) => {
			if (page === 1) control.vlm.addRequests({ id: idOf(9) });
		};
		expect(await walk(`${HISTORY}?page_size=2`, late)).toEqual([4, 3, 2, 1]);
		expect(await walk(HISTORY)).toEqual([9, 4, 3, 2, 1]);
	});

	it('shows a request that finished again in its new place', async () => {
		add(3);
		const [again] = control.vlm.addRequests({
			id: idOf(1),
			completed_at: Date.UTC(2026, 0, 14, 12),
		});
		expect(again!.created).toBe('2026-01-13T23:59:56.000000Z');
		expect(await walk(HISTORY)).toEqual([1, 3, 2]);
	});
});

describe('orders', () => {
	const backwards = (number: number) => ({ created: Date.UTC(2026, 0, 13) - number * 1000 });

	it.each([
		['completed_desc', [4, 3, 2, 1]],
		['completed_asc', [1, 2, 3, 4]],
		['created_desc', [1, 2, 3, 4]],
		['created_asc', [4, 3, 2, 1]],
	] as const)('%s', async (order, expected) => {
		add(4, backwards);
		control.changeSettings({ vlmListOrder: order, vlmHistoryOrder: order });
		expect(await walk(`${REQUESTS}?page_size=3`)).toEqual(expected);
		expect(await walk(`${HISTORY}?page_size=3`)).toEqual(expected);
	});

	it.each([REQUESTS, HISTORY])('shuffled once: each walk through %s is the same', async (path) => {
		add(30);
		control.changeSettings({ vlmListOrder: 'shuffled_once', vlmHistoryOrder: 'shuffled_once' });
		const first = await walk(`${path}?page_size=7`);
		expect([...first].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
		expect(first).not.toEqual([...first].sort((a, b) => a - b));
		expect(first).not.toEqual([...first].sort((a, b) => b - a));
		expect(await walk(`${path}?page_size=10`)).toEqual(first);
	});

	it.each([REQUESTS, HISTORY])(
		'shuffled: each walk through %s is whole, and another',
		async (path) => {
			add(30);
			control.changeSettings({ vlmListOrder: 'shuffled', vlmHistoryOrder: 'shuffled' });
			const first = await walk(`${path}?page_size=7`);
			const second = await walk(`${path}?page_size=7`);
			expect(second).not.toEqual(first);
			for (const seen of [first, second]) {
				expect(seen).toHaveLength(30);
				expect(new Set(seen).size).toBe(30);
			}
		},
	);

	it('does not change during a walk through the history', async () => {
		add(4, backwards);
		const change = () => void control.changeSettings({ vlmHistoryOrder: 'created_asc' });
		control.changeSettings({ vlmHistoryOrder: 'completed_asc' });
		expect(await walk(`${HISTORY}?page_size=1`, change)).toEqual([1, 2, 3, 4]);
	});
});

describe('late visibility', () => {
	const listed = async () => (await call(simulator, REQUESTS)).body.results[0];
	const inHistory = async () => (await call(simulator, HISTORY)).body.results.length;

	it('hides a finish from list and history for a while, not from its own calls', async () => {
		control.changeSettings({ vlmQueueMs: 0, vlmProcessMs: 1000, vlmVisibleAfterMs: 5000 });
		const id = await submitted();
		pass(5999);
		expect((await detail(id)).status).toBe('DONE');
		expect(await listed()).toMatchObject({ status: 'PROCESSING', completed_at: null });
		expect((await call(simulator, `${REQUESTS}?status=DONE`)).body.count).toBe(0);
		expect(await inHistory()).toBe(0);
		pass(1);
		expect(await listed()).toMatchObject({
			status: 'DONE',
			completed_at: '2026-01-15T00:00:01.000000Z',
		});
		expect(await inHistory()).toBe(1);
	});

	it('can be that of a rule, or of a request that was added', async () => {
		control.changeSettings({ vlmQueueMs: 0, vlmProcessMs: 1000 });
		control.vlm.addRules({ status: 'FAILED', visibleAfterMs: 2000 });
		await submitted();
		pass(2999);
		expect((await listed()).status).toBe('PROCESSING');
		pass(1);
		expect((await listed()).status).toBe('FAILED');
		add(1, () => ({ visible_at: Date.UTC(2026, 0, 15, 0, 1) }));
		expect(await inHistory()).toBe(0);
		pass(60_000);
		expect(await inHistory()).toBe(1);
	});
});
