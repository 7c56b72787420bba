/** VLM tasks: reading, prompts, datasets, training. */
import { call, runSimulator } from '../caller';
import { IDS } from '../state';
import { VLM_IDS } from './ids';

const simulator = runSimulator();
const TASKS = '/vlm/v2/task/';
const TASK = `${TASKS}${VLM_IDS.task}/`;
const UNTRAINED = `${TASKS}${VLM_IDS.untrainedTask}/`;

async function get(path: string) {
	return (await call(simulator, path)).body;
}

async function post(path: string, body?: unknown) {
	return await call(simulator, path, { method: 'POST', body });
}

async function assign(body: unknown) {
	return await call(simulator, TASK, { method: 'PATCH', body });
}

describe('reading', () => {
	it('answers one as printed', async () => {
		expect(await get(TASK)).toEqual({
			id: 'dbb498ba-cf24-4400-9897-d5196444a880',
			name: 'My Custom Task',
			created: '2025-12-17T14:59:34.529951Z',
			description: 'Custom VLM task for structured image analysis',
			auto_deploy: true,
			production_version: 2,
			last_version: 2,
			max_tokens: 1000,
			datasets: ['8797c273-b1d3-4e6f-82bb-adfb719415fe'],
			dataset_count: 1,
			training_params: {},
			training_time: 180,
			system_prompt_id: 'a1b2c3d4-e5f6-7890-abcd-ef1234567890',
			user_prompt_id: 'b2c3d4e5-f6a7-8901-bcde-f12345678901',
			system_prompt: expect.stringMatching(/^You are a helpful assistant/),
			user_prompt: expect.stringMatching(/^Analyse the image\[s\]/),
			workspace: '748e50e4-d081-4924-b9e7-f500aac6a71d',
		});
	});

	it('lists them by workspace and name', async () => {
		const names = async (query: string) =>
			(await get(`${TASKS}${query}`)).results.map(({ name }: { name: string }) => name);
		expect(await names('')).toEqual(['My Custom Task', 'Captions', 'Inspection']);
		expect(await names('?search=cap')).toEqual(['Captions']);
		expect(await names(`?workspace=${IDS.secondWorkspace}`)).toEqual(['Warehouse check']);
		expect((await call(simulator, `${TASKS}?page_size=1`)).status).toBe(400);
	});

	it('does not find those of another workspace', async () => {
		const path = `${TASKS}${VLM_IDS.warehouseTask}/`;
		expect((await call(simulator, path)).status).toBe(404);
		expect((await get(`${path}?workspace=${IDS.secondWorkspace}`)).name).toBe('Warehouse check');
	});
});

describe('prompts', () => {
	it('are assigned and taken away one by one', async () => {
		const changed = await assign({ system_prompt_id: null });
		expect(changed.status).toBe(200);
		expect(changed.body).toMatchObject({
			system_prompt_id: null,
			system_prompt: null,
			user_prompt_id: VLM_IDS.userPrompt,
		});
		await assign({ system_prompt_id: VLM_IDS.systemPrompt });
		expect(await get(TASK)).toMatchObject({
			system_prompt_id: VLM_IDS.systemPrompt,
			system_prompt: expect.stringMatching(/^You are/),
		});
	});

	it.each([
		['of the wrong type', { system_prompt_id: VLM_IDS.userPrompt }, 400, 'system_prompt_id'],
		['that do not exist', { user_prompt_id: VLM_IDS.task }, 404, 'user_prompt_id'],
		['that are no IDs', { user_prompt_id: 'nonsense' }, 400, 'user_prompt_id'],
		['by another name', { prompt_id: VLM_IDS.userPrompt }, 400, 'prompt_id'],
	])('%s are refused', async (_, body, status, field) => {
		const answer = await assign(body);
		expect([answer.status, Object.keys(answer.body)]).toEqual([status, [field]]);
		expect((await get(TASK)).system_prompt_id).toBe(VLM_IDS.systemPrompt);
	});

	it('cannot be assigned when the service knows no such call', async () => {
		simulator.control.changeSettings({ vlmTaskUpdate: 'refused' });
		const answer = await assign({ system_prompt_id: null });
		expect([answer.status, answer.body]).toEqual([405, { detail: 'Method "PATCH" not allowed.' }]);
		expect((await get(TASK)).system_prompt_id).toBe(VLM_IDS.systemPrompt);
	});
});

describe('datasets', () => {
	const datasets = async () => (await get(TASK)).datasets;

	it('are connected and disconnected, twice like once', async () => {
		const body = { dataset_id: VLM_IDS.inspectionDataset };
		for (let round = 0; round < 2; round++) {
			const answer = await post(`${TASK}add-dataset/`, body);
			expect(answer.body.dataset_count).toBe(2);
		}
		expect(await datasets()).toEqual([VLM_IDS.dataset, VLM_IDS.inspectionDataset]);
		await post(`${TASK}remove-dataset/`, { dataset_id: VLM_IDS.dataset });
		await post(`${TASK}remove-dataset/`, { dataset_id: VLM_IDS.dataset });
		expect(await datasets()).toEqual([VLM_IDS.inspectionDataset]);
	});

	it('must be there, in the same workspace', async () => {
		for (const dataset_id of [VLM_IDS.warehouseDataset, VLM_IDS.task]) {
			expect((await post(`${TASK}add-dataset/`, { dataset_id })).status).toBe(404);
		}
		expect((await post(`${TASK}add-dataset/`, {})).body).toEqual({
			dataset_id: ['This field is required.'],
		});
		expect(await datasets()).toEqual([VLM_IDS.dataset]);
	});

	it('are connected by calls that may answer nothing', async () => {
		simulator.control.changeSettings({ unprintedAnswers: 'empty' });
		const answer = await post(`${TASK}add-dataset/`, { dataset_id: VLM_IDS.inspectionDataset });
		expect([answer.status, answer.text]).toEqual([204, '']);
		expect(await datasets()).toHaveLength(2);
	});
});

describe('training', () => {
	const later = (ms: number) => simulator.control.changeClock({ running: false, advance: ms });
	const versions = async (path: string) => {
		const { last_version, production_version } = await get(path);
		return [last_version, production_version];
	};

	it('takes its time, and raises the version', async () => {
		simulator.control.changeSettings({ trainingMs: 60_000 });
		later(0);
		expect((await post(`${TASK}train/`)).status).toBe(200);
		later(59_999);
		expect(await versions(TASK)).toEqual([2, 2]);
		later(1);
		expect(await versions(TASK)).toEqual([3, 3]);
		expect((await get(TASK)).training_time).toBe(60);
	});

	it('waits for the one before', async () => {
		simulator.control.changeSettings({ trainingMs: 60_000 });
		later(0);
		await post(`${TASK}train/`);
		await post(`${TASK}train/`);
		later(60_000);
		expect(await versions(TASK)).toEqual([3, 3]);
		later(60_000);
		expect(await versions(TASK)).toEqual([4, 4]);
	});

	it('can fail', async () => {
		simulator.control.changeSettings({ trainingMs: 0, trainingFails: true });
		await post(`${TASK}train/`);
		expect(await versions(TASK)).toEqual([2, 2]);
	});

	it('needs a training sample in a connected dataset', async () => {
		const sample = async (test: boolean) =>
			await post('/vlm/v2/sample/', { dataset: VLM_IDS.inspectionDataset, test });
		await sample(true);
		const refused = await post(`${UNTRAINED}train/`);
		expect([refused.status, refused.body.detail]).toEqual([
			400,
			expect.stringContaining('no training samples'),
		]);
		await sample(false);
		simulator.control.changeSettings({ trainingMs: 0 });
		expect((await post(`${UNTRAINED}train/`)).status).toBe(200);
		expect(await versions(UNTRAINED)).toEqual([1, 1]);
	});

	it('deploys nothing where that is left to people', async () => {
		simulator.state.vlm.tasks[0]!.auto_deploy = false;
		simulator.control.changeSettings({ trainingMs: 0 });
		await post(`${TASK}train/`);
		expect(await versions(TASK)).toEqual([3, 2]);
	});
});
