/** Lists: pages, search, workspaces. */
import { type Answer, call, runSimulator } from './caller';
import { IDS } from './state';

const simulator = runSimulator();
const TASKS = '/recognition/v2/task/';

async function names(path: string, as: 'business' | 'empty' = 'business'): Promise<string[]> {
	const answer = await call(simulator, path, { as });
	return answer.body.results.map((task: { name: string }) => task.name);
}

describe('pages', () => {
	it('are linked by absolute addresses that keep the query', async () => {
		simulator.control.changeSettings({ pageSize: 1 });
		const seen: string[] = [];
		let path: string | null = `${simulator.url}${TASKS}?search=PRODUCT`;
		while (path) {
			const { body }: Answer = await call(simulator, path);
			expect(body.count).toBe(2);
			seen.push(...body.results.map((task: { name: string }) => task.name));
			path = body.next;
			if (path) expect(path).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/.*search=PRODUCT/);
		}
		expect(seen).toEqual(['Product colours', 'Product tags']);
		const second = await call(simulator, `${TASKS}?page=2`);
		expect(second.body.previous).toBe(`${simulator.url}${TASKS}`);
	});

	it('end exactly at the last result', async () => {
		simulator.control.changeSettings({ pageSize: 3 });
		expect((await call(simulator, TASKS)).body).toMatchObject({ count: 3, next: null });
	});

	it('can name another host', async () => {
		simulator.control.changeSettings({ pageSize: 1, nextOrigin: 'http://elsewhere.example' });
		expect((await call(simulator, TASKS)).body.next).toBe(
			`http://elsewhere.example${TASKS}?page=2`,
		);
	});

	it('that do not exist are refused', async () => {
		for (const page of ['2', '0', 'x', '-1']) {
			const answer = await call(simulator, `${TASKS}?page=${page}`);
			expect([answer.status, answer.body]).toEqual([404, { detail: 'Invalid page.' }]);
		}
	});
});

describe('workspaces', () => {
	it('are the default one unless another is named', async () => {
		expect(await names(TASKS)).toEqual(['Product colours', 'Product tags', 'Cats and dogs']);
		expect(await names(`${TASKS}?workspace=${IDS.secondWorkspace}`)).toEqual(['Warehouse photos']);
		expect(await names(TASKS, 'empty')).toEqual([]);
	});

	it('hold for a single task as well', async () => {
		const path = `${TASKS}${IDS.warehouseTask}/`;
		expect((await call(simulator, path)).status).toBe(404);
		expect((await call(simulator, `${path}?workspace=${IDS.secondWorkspace}`)).status).toBe(200);
	});

	it('of others are unknown', async () => {
		for (const id of [IDS.emptyWorkspace, 'nonsense']) {
			const answer = await call(simulator, `${TASKS}?workspace=${id}`);
			expect([answer.status, Object.keys(answer.body)]).toEqual([400, ['workspace']]);
		}
	});

	it('are listed for their members', async () => {
		const answer = await call(simulator, '/account/v2/workspace/');
		expect(answer.body).toEqual([
			{ id: IDS.defaultWorkspace, name: 'Default workspace' },
			{ id: IDS.secondWorkspace, name: 'Second workspace' },
		]);
	});
});

it('refuses query parameters that no document names', async () => {
	const answer = await call(simulator, `${TASKS}?serach=x`);
	expect([answer.status, answer.body]).toEqual([400, { serach: ['Unknown query parameter.'] }]);
});
