/** Control of the VLM part over HTTP, as the tests of real n8n use it. */
import { call, runSimulator } from '../caller';
import { IDS } from '../state';
import { OBJECT_IDS, VLM_IDS } from './ids';

const simulator = runSimulator();
const REQUESTS = '/vlm/v2/request/';

async function admin(method: string, path: string, body?: unknown) {
	return await call(simulator, `/admin${path}`, { method, as: null, body });
}

async function submit(): Promise<string> {
	const url = `${simulator.url}/images/badge.gif`;
	const content = [{ type: 'image_url', image_url: { url } }];
	const request = { messages: [{ role: 'user', content }] };
	const answer = await call(simulator, REQUESTS, { body: { task_id: VLM_IDS.task, request } });
	return answer.body.id;
}

it('adds, shows and clears rules', async () => {
	const rule = { match: { task_id: VLM_IDS.task }, status: 'FAILED', retries: 1, times: 2 };
	expect((await admin('POST', '/vlm/rules', rule)).body).toEqual([{ ...rule, id: 1, used: 0 }]);
	await submit();
	expect((await admin('GET', '/vlm/rules')).body).toMatchObject([{ id: 1, used: 1 }]);
	expect((await admin('POST', '/vlm/rules', [{}, {}])).body).toMatchObject([{ id: 2 }, { id: 3 }]);
	expect((await admin('DELETE', '/vlm/rules')).body).toEqual([]);
	expect((await admin('POST', '/vlm/rules', { state: 'DONE' })).status).toBe(400);
});

it('drives the clock, and settles', async () => {
	await admin('PATCH', '/clock', { running: false, now: Date.UTC(2026, 0, 15) });
	await admin('PATCH', '/settings', { vlmQueueMs: 0, vlmProcessMs: 5000 });
	const id = await submit();
	await admin('PATCH', '/clock', { advance: 5000 });
	expect((await admin('POST', '/vlm/settle')).body).toEqual({ settled: true });
	const { body } = await admin('GET', `/vlm/requests/${id}`);
	expect(body).toMatchObject({ id, status: 'DONE', work: { billed: false, account: 'business' } });
	expect((await admin('GET', '/vlm/deliveries')).body).toEqual([]);
	expect((await admin('GET', `/vlm/requests/${VLM_IDS.task}`)).status).toBe(404);
});

describe('finished requests', () => {
	it('are added with as little or as much as is known', async () => {
		const id = '00000000-0000-4000-8000-000000000001';
		const whole = {
			id,
			task_id: VLM_IDS.warehouseTask,
			status: 'FAILED',
			created: '2026-01-15T00:00:00Z',
			started_at: '2026-01-15T00:00:01.5Z',
			completed_at: '2026-01-15T00:00:02.000001Z',
			response: { error: 'Broken.' },
			retry_count: 3,
		};
		const added = await admin('POST', '/vlm/requests', [whole, {}]);
		expect(added.body[0]).toMatchObject({
			...whole,
			created: '2026-01-15T00:00:00.000000Z',
			started_at: '2026-01-15T00:00:01.500000Z',
			usage: null,
			workspace: IDS.secondWorkspace,
		});
		expect(added.body[1]).toMatchObject({ status: 'DONE', task_id: VLM_IDS.task });
		const path = `${REQUESTS}${added.body[1].id}/`;
		expect((await call(simulator, path)).body).toEqual(added.body[1]);
		expect((await call(simulator, path, { method: 'DELETE' })).status).toBe(204);
	});

	it('do not take the place of one that is at work', async () => {
		const id = await submit();
		expect((await admin('POST', '/vlm/requests', { id })).status).toBe(400);
		expect((await call(simulator, `${REQUESTS}${id}/status/`)).body.status).toBe('CREATED');
	});

	it.each([
		{ status: 'PROCESSING' },
		{ completed_at: 'yesterday' },
		{ completed_at: '2026-13-01T00:00:00Z' },
		{ id: 'nonsense' },
		{ completed: 1 },
	])('are refused as %j', async (body) => {
		expect((await admin('POST', '/vlm/requests', body)).status).toBe(400);
		expect(simulator.state.vlm.requests).toEqual({});
	});

	it('are for tasks that exist', async () => {
		const task_id = VLM_IDS.dataset;
		expect((await admin('POST', '/vlm/requests', { task_id })).status).toBe(404);
	});

	it('that are old are forgotten like others', async () => {
		const completed_at = Date.now() - 15 * 24 * 60 * 60 * 1000;
		const added = await admin('POST', '/vlm/requests', [{ completed_at }, {}]);
		const { body } = await call(simulator, REQUESTS);
		expect(body.results).toMatchObject([{ id: added.body[1].id }]);
	});
});

it('adds datasets and tasks, which no call of the API does', async () => {
	const dataset = (await admin('POST', '/vlm/datasets', { name: 'Shop', format: 'json' })).body;
	const body = { name: 'Shop task', datasets: [dataset.id], version: -1 };
	const task = (await admin('POST', '/vlm/tasks', body)).body;
	expect((await call(simulator, `/vlm/v2/dataset/${dataset.id}/`)).body).toMatchObject({
		name: 'Shop',
		result_format: 'json',
	});
	expect((await call(simulator, `/vlm/v2/task/${task.id}/`)).body).toMatchObject({
		name: 'Shop task',
		datasets: [dataset.id],
		production_version: -1,
	});
	expect((await admin('POST', '/vlm/tasks', {})).status).toBe(400);
});

it('shows samples with their content', async () => {
	const object = { detection_object_ids: [OBJECT_IDS[3]] };
	await call(simulator, `/vlm/v2/sample/${VLM_IDS.sample}/add-objects/`, { body: object });
	const { body } = await admin('GET', `/vlm/samples?dataset=${VLM_IDS.dataset}`);
	expect(body).toEqual([
		{
			id: VLM_IDS.sample,
			dataset: VLM_IDS.dataset,
			name: 'Sample 1',
			test: false,
			type: 'multi_random',
			input_meta_data: { style: 'elegant', category: 'jacket' },
			meta_data: {},
			images: [],
			objects: [OBJECT_IDS[3]],
			values: { grade: 8.5, explain: 'A clean cut.' },
		},
	]);
	expect((await admin('GET', `/vlm/samples?dataset=${VLM_IDS.inspectionDataset}`)).body).toEqual(
		[],
	);
});
