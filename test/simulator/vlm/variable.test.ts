/** VLM datasets, their variables, and what values a variable takes. */
import { call, runSimulator } from '../caller';
import { IDS } from '../state';
import { VLM_IDS } from './ids';

const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const simulator = runSimulator();
const DATASETS = '/vlm/v2/dataset/';
const VARIABLES = '/vlm/v2/variable/';
const dataset = VLM_IDS.inspectionDataset;

async function create(body: object) {
	return await call(simulator, VARIABLES, { body: { dataset, name: 'added', ...body } });
}

describe('datasets', () => {
	it('are answered as printed', async () => {
		const answer = await call(simulator, `${DATASETS}${VLM_IDS.dataset}/`);
		expect(answer.body).toEqual({
			id: '8797c273-b1d3-4e6f-82bb-adfb719415fe',
			name: 'My Training Dataset',
			description: 'Training samples for the task',
			version: '2025-12-21',
			created_date: '2025-12-17T10:30:00.000000Z',
			result_format: 'json',
			default_input_meta_data: { category: 'jacket' },
			meta_data: {},
			samples_count: 1,
			variables_count: 2,
			system_prompt_id: 'a1b2c3d4-e5f6-7890-abcd-ef1234567890',
			user_prompt_id: 'b2c3d4e5-f6a7-8901-bcde-f12345678901',
			result_template_id: '05dea907-3a59-4f77-93f0-07a922422bbf',
			system_prompt: expect.stringMatching(/^You are a helpful assistant/),
			user_prompt: expect.stringMatching(/^Analyse the image\[s\]/),
			result_template: '{"grade": {{grade}}, "explain": "{{explain}}"}',
			workspace: '748e50e4-d081-4924-b9e7-f500aac6a71d',
		});
	});

	it('are listed by workspace, and know a format of their own', async () => {
		const { body } = await call(simulator, DATASETS);
		expect(body.results).toMatchObject([
			{ name: 'My Training Dataset', result_format: 'json' },
			{ name: 'Inspection Dataset', result_format: 'yaml', variables_count: 7 },
		]);
		const second = await call(simulator, `${DATASETS}?workspace=${IDS.secondWorkspace}`);
		expect(second.body.results).toMatchObject([{ name: 'Warehouse Dataset' }]);
		expect((await call(simulator, `${DATASETS}?search=x`)).status).toBe(400);
		expect((await call(simulator, `${DATASETS}${VLM_IDS.warehouseDataset}/`)).status).toBe(404);
	});
});

describe('variables', () => {
	it('of a dataset are listed as printed', async () => {
		const answer = await call(simulator, `${VARIABLES}?dataset=${VLM_IDS.dataset}`);
		expect(answer.body).toEqual({
			count: 2,
			next: null,
			previous: null,
			results: [
				{
					id: 'f82b01ed-e65d-4730-a458-2966cbf86994',
					dataset: VLM_IDS.dataset,
					dataset_name: 'My Training Dataset',
					name: 'grade',
					type: 'float',
					required: true,
					min_value: 0,
					max_value: 10,
					step_size: 0.5,
				},
				{
					id: '7b661f0e-7c00-4b59-b334-aca2a0249e2f',
					dataset: VLM_IDS.dataset,
					dataset_name: 'My Training Dataset',
					name: 'explain',
					type: 'string',
					required: false,
				},
			],
		});
	});

	it('of all datasets are listed in pages of the size asked for', async () => {
		const first = (await call(simulator, `${VARIABLES}?page_size=5`)).body;
		expect([first.count, first.results.length]).toEqual([9, 5]);
		const second = (await call(simulator, first.next)).body;
		expect(second.results).toHaveLength(4);
		const elsewhere = await call(simulator, `${VARIABLES}?workspace=${IDS.secondWorkspace}`);
		expect(elsewhere.body.count).toBe(0);
	});

	it('are read one by one', async () => {
		const answer = await call(simulator, `${VARIABLES}${VLM_IDS.condition}/`);
		expect(answer.body).toEqual({
			id: VLM_IDS.condition,
			dataset,
			dataset_name: 'Inspection Dataset',
			name: 'condition',
			type: 'string',
			required: false,
			description: 'Condition of the item',
			choices: 'mint,near_mint,excellent,good,poor',
			default_value: 'good',
		});
	});

	it('are created as printed', async () => {
		const body = {
			dataset: VLM_IDS.dataset,
			name: 'condition',
			type: 'string',
			required: false,
			description: 'Condition of the item',
			choices: 'mint,near_mint,excellent,good,poor',
		};
		const created = await call(simulator, VARIABLES, { body });
		expect(created.status).toBe(201);
		expect(created.body).toEqual({ ...body, id: UUID, dataset_name: 'My Training Dataset' });
		expect((await call(simulator, `${VARIABLES}${created.body.id}/`)).body).toEqual(created.body);
	});

	it.each([
		{ type: 'string', min_length: 0, max_length: 0 },
		{ type: 'string', min_length: 2, default_value: 'ab' },
		{ type: 'integer', min_value: -5, max_value: -5, default_value: -5 },
		{ type: 'float', min_value: 0.1, step_size: 0.1, default_value: 0.3 },
		{ type: 'float', min_value: 0.25, step_size: 0.5, default_value: 0.75 },
		{ type: 'boolean', required: true, default_value: false },
		{ type: 'array', min_length: 1, max_length: 2, default_value: ['a'] },
		{ type: 'object', default_value: { a: [1] } },
	])('are created with what their type allows: %j', async (body) => {
		const created = await create(body);
		expect([created.status, created.body]).toEqual([201, expect.objectContaining(body)]);
	});

	it.each<[string, object, string]>([
		['no dataset', { type: 'string', dataset: null }, 'dataset'],
		['no type', {}, 'type'],
		['an unknown type', { type: 'number' }, 'type'],
		['no name', { type: 'string', name: null }, 'name'],
		['a name with a blank in it', { type: 'string', name: 'two words' }, 'name'],
		['a name that begins with a digit', { type: 'string', name: '1st' }, 'name'],
		['a name with a dash in it', { type: 'string', name: 'near-mint' }, 'name'],
		['a name that is taken', { type: 'string', name: 'title' }, 'name'],
		['choices for a number', { type: 'integer', choices: '1,2' }, 'choices'],
		['choices in a list', { type: 'string', choices: ['a', 'b'] }, 'choices'],
		['a blank choice', { type: 'string', choices: 'a,,b' }, 'choices'],
		['a choice twice', { type: 'string', choices: 'a, b,a' }, 'choices'],
		['a minimum for a text', { type: 'string', min_value: 1 }, 'min_value'],
		['a minimum as a text', { type: 'float', min_value: '1' }, 'min_value'],
		['half a minimum for an integer', { type: 'integer', min_value: 0.5 }, 'min_value'],
		['a minimum over the maximum', { type: 'float', min_value: 2, max_value: 1 }, 'min_value'],
		['a step for an integer', { type: 'integer', step_size: 1 }, 'step_size'],
		['a step of zero', { type: 'float', step_size: 0 }, 'step_size'],
		['a length for a number', { type: 'float', max_length: 1 }, 'max_length'],
		['a length below zero', { type: 'string', min_length: -1 }, 'min_length'],
		['lengths the wrong way round', { type: 'array', min_length: 2, max_length: 1 }, 'min_length'],
		['required as a text', { type: 'string', required: 'yes' }, 'required'],
		['a default of another type', { type: 'integer', default_value: '1' }, 'default_value'],
		[
			'a default outside the limits',
			{ type: 'float', max_value: 1, default_value: 1.1 },
			'default_value',
		],
		[
			'a default off the steps from the minimum',
			{ type: 'float', min_value: 0.25, step_size: 0.5, default_value: 1 },
			'default_value',
		],
		['a misspelt field', { type: 'string', default: 'x' }, 'default'],
	])('are not created with %s', async (_, body, field) => {
		const answer = await create(body);
		expect([answer.status, Object.keys(answer.body)]).toEqual([400, [field]]);
		expect(simulator.state.vlm.variables).toHaveLength(9);
	});

	it('are created for a dataset that exists, in its workspace', async () => {
		const body = { dataset: VLM_IDS.warehouseDataset, type: 'string' };
		expect((await create(body)).status).toBe(404);
		expect((await create({ ...body, workspace: IDS.secondWorkspace })).status).toBe(201);
	});
});

describe('values', () => {
	const sampleOf: Record<string, string> = {};

	async function add(variable: keyof typeof VLM_IDS, value: unknown) {
		if (variable === 'grade' || variable === 'explain') sampleOf[variable] = VLM_IDS.sample;
		else {
			const sample = await call(simulator, '/vlm/v2/sample/', { body: { dataset } });
			sampleOf[variable] = sample.body.id;
		}
		return await call(simulator, `/vlm/v2/sample/${sampleOf[variable]}/add-variable-value/`, {
			body: { dataset_variable: VLM_IDS[variable], value: { value } },
		});
	}

	it.each<[keyof typeof VLM_IDS, unknown]>([
		['grade', 8.5],
		['grade', 0],
		['grade', 10],
		['explain', ''],
		['title', 'Caf'],
		['title', '👍👍👍'],
		['condition', 'near_mint'],
		['pieces', 100],
		['price', 19.99],
		['price', 20],
		['damaged', false],
		['tags', ['a', 1, null]],
		['size', {}],
		['size', { width: { cm: 3 } }],
	])('%s takes %j', async (variable, value) => {
		const answer = await add(variable, value);
		expect(answer.body).toEqual({
			sample: sampleOf[variable],
			dataset_variable: VLM_IDS[variable],
			value: { value },
		});
		const sample = simulator.state.vlm.samples.find(({ id }) => id === sampleOf[variable])!;
		expect(sample.values[VLM_IDS[variable]]).toEqual(value);
	});

	it.each<[keyof typeof VLM_IDS, unknown, RegExp]>([
		['grade', '8.5', /grade: "8.5" is not of type float/],
		['grade', null, /type float/],
		['grade', 10.5, /above the maximum 10/],
		['grade', -0.5, /below the minimum 0/],
		['grade', 2.3, /not on a step of 0.5/],
		['explain', 1, /type string/],
		['title', 'ab', /shorter than 3/],
		['title', '👍👍', /shorter than 3/],
		['title', 'x'.repeat(81), /longer than 80/],
		['condition', 'Mint', /none of mint, near_mint/],
		['pieces', 1.5, /type integer/],
		['pieces', '1', /type integer/],
		['pieces', 101, /above/],
		['damaged', 'false', /type boolean/],
		['damaged', 0, /type boolean/],
		['tags', 'a,b', /type array/],
		['tags', [], /shorter than 1/],
		['tags', [1, 2, 3, 4], /longer than 3/],
		['size', '{"width": 3}', /type object/],
		['size', [1], /type object/],
	])('%s refuses %j', async (variable, value, text) => {
		const before = structuredClone(simulator.state.vlm.samples[0]!.values);
		const answer = await add(variable, value);
		expect([answer.status, answer.body]).toEqual([400, { value: [expect.stringMatching(text)] }]);
		const sample = simulator.state.vlm.samples.find(({ id }) => id === sampleOf[variable])!;
		expect(sample.values).toEqual(variable === 'grade' || variable === 'explain' ? before : {});
	});
});
