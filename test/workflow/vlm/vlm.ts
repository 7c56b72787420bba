import type { IDataObject } from 'n8n-workflow';
import nock from 'nock';
import { XimilarVlm } from '../../../nodes/XimilarVlm/XimilarVlm.node';
import { API, byId, runNode, type Job, type Outcome } from '../workflow';

export { byId };

/** Things of the VLM seed (003), and runs of the VLM node on them. */

export const TASK = 'dbb498ba-cf24-4400-9897-d5196444a880';
export const DATASET = '8797c273-b1d3-4e6f-82bb-adfb719415fe';
export const SAMPLE = 'c3d4e5f6-a7b8-9012-cdef-345678901234';
export const PROMPT = 'a1b2c3d4-e5f6-7890-abcd-ef1234567890';
export const GRADE = 'f82b01ed-e65d-4730-a458-2966cbf86994';
export const EXPLAIN = '7b661f0e-7c00-4b59-b334-aca2a0249e2f';
export const WORKSPACE = '748e50e4-d081-4924-b9e7-f500aac6a71d';

export const prompt = {
	id: PROMPT,
	name: 'Product Analysis System Prompt',
	description: 'System prompt for product image analysis',
	content: 'You are a helpful assistant that analyzes product images.',
	type: 'system',
	format: null,
	workspace: WORKSPACE,
};

export const task = {
	id: TASK,
	name: 'My Custom Task',
	created: '2025-12-17T14:59:34.529951Z',
	description: 'Custom VLM task for structured image analysis',
	auto_deploy: true,
	production_version: 0,
	last_version: 0,
	max_tokens: 1000,
	datasets: [DATASET],
	dataset_count: 1,
	training_params: {},
	training_time: 180,
	system_prompt_id: PROMPT,
	user_prompt_id: 'b2c3d4e5-f6a7-8901-bcde-f12345678901',
	system_prompt: 'You are a helpful assistant...',
	user_prompt: 'Analyse the image[s]...',
	workspace: WORKSPACE,
};

export const dataset = {
	id: DATASET,
	name: 'My Training Dataset',
	description: 'Training samples for the task',
	version: '2025-12-21',
	created_date: '2025-12-17T10:30:00.000000Z',
	result_format: 'json',
	default_input_meta_data: { category: 'jacket' },
	meta_data: {},
	samples_count: 150,
	variables_count: 2,
	system_prompt_id: PROMPT,
	user_prompt_id: 'b2c3d4e5-f6a7-8901-bcde-f12345678901',
	result_template_id: '05dea907-3a59-4f77-93f0-07a922422bbf',
	system_prompt: 'You are a helpful assistant...',
	user_prompt: 'Analyse the image[s]...',
	result_template: '{"grade": {{grade}}, "explain": "{{explain}}"}',
	workspace: WORKSPACE,
};

export const grade = {
	id: GRADE,
	dataset: DATASET,
	dataset_name: 'My Training Dataset',
	name: 'grade',
	type: 'float',
	required: true,
	min_value: 0,
	max_value: 10,
	step_size: 0.5,
};

export const explain = {
	id: EXPLAIN,
	dataset: DATASET,
	dataset_name: 'My Training Dataset',
	name: 'explain',
	type: 'string',
	required: false,
};

export const condition = {
	id: '11111111-2222-3333-4444-555555555555',
	dataset: DATASET,
	name: 'condition',
	type: 'string',
	required: false,
	choices: 'mint,near_mint,good',
	default_value: 'good',
};

export const sample = {
	id: SAMPLE,
	dataset: DATASET,
	dataset_name: 'My Training Dataset',
	test: false,
	name: 'Sample 1',
	description: null,
	type: 'multi_random',
	created_date: '2025-12-18T09:15:00.000000Z',
	result_template: '{"grade": {{grade}}}',
	user_prompt: 'Analyse the image[s]...',
	input_meta_data: { style: 'elegant', category: 'jacket' },
	meta_data: {},
	images_count: 2,
	objects_count: 0,
	variables_count: 2,
	dataset_variables_config: { grade: { id: GRADE, type: 'float', required: true } },
	workspace: WORKSPACE,
};

/** The ID of the image at a place, as a UUID. */
export const imageId = (place: number) =>
	`a1b2c3d4-0000-4000-8000-${String(place).padStart(12, '0')}`;

export const sampleImage = (image_id: string, order: number) => ({
	id: `d4e5f6a7-b8c9-0123-def4-${String(order).padStart(12, '0')}`,
	image_id,
	img_path: 'https://images.ximilar.com/...',
	thumb: 'https://images.ximilar.com/.../thumb',
	text: null,
	order,
	resize: null,
	meta_data: {},
	workspace: WORKSPACE,
});

/** A page of a list. */
export const page = (results: unknown[], next: string | null = null) => ({
	count: results.length,
	next,
	previous: null,
	results,
});

export async function run(
	resource: string,
	operation: string,
	parameters: IDataObject = {},
	job: Partial<Job> = {},
): Promise<Outcome> {
	return await runNode({
		node: new XimilarVlm(),
		parameters: { resource, operation, ...parameters } as Job['parameters'],
		...job,
	});
}

/** The dataset's variables, read once. */
export const variables = (...of: IDataObject[]) =>
	nock(API).get('/vlm/v2/variable/').query({ dataset: DATASET }).reply(200, page(of));

/** Answers a call that writes, every time, and gives the bodies that came. */
export function taking(
	path: string,
	answer: (body: IDataObject, call: number) => nock.ReplyFnResult = () => [200, {}],
): IDataObject[] {
	const bodies: IDataObject[] = [];
	nock(API)
		.persist()
		.post(path)
		.optionally()
		.reply((_uri, body) => {
			bodies.push(body as IDataObject);
			return answer(body as IDataObject, bodies.length);
		});
	return bodies;
}
