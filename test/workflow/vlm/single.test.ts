import nock from 'nock';
import { describeSingleCalls, picked } from '../singleCalls';
import { API, byId, jsonOf } from '../workflow';
import {
	DATASET,
	PROMPT,
	TASK,
	WORKSPACE,
	dataset,
	explain,
	grade,
	imageId,
	prompt,
	sample,
	sampleImage,
	task,
	run,
} from './vlm';

/** Operations that are one call on one thing. */

const raw = { simplify: false };

const object = {
	id: 'e5f6a7b8-c9d0-1234-ef56-789012345678',
	detection_object_id: 'f6a7b8c9-d0e1-2345-f678-901234567890',
	image_id: imageId(1),
	image_url: 'https://images.ximilar.com/...',
	thumb_url: 'https://images.ximilar.com/.../thumb',
	label_name: 'car',
	label_color: '#FF0000',
	bbox: [100, 150, 400, 350],
	text: null,
	order: 0,
	meta_data: {},
	workspace: WORKSPACE,
};

const things = {
	dataset: picked('/vlm/v2/dataset/', 'Dataset'),
	prompt: picked('/vlm/v2/prompt/', 'Prompt'),
	sample: picked('/vlm/v2/sample/', 'Sample'),
	task: picked('/vlm/v2/task/', 'Task'),
	variable: picked('/vlm/v2/variable/', 'Variable'),
};

const notAssigned = {
	error: expect.stringMatching(
		/^The prompts of the task could not be assigned: Ximilar did not find the task gone or the prompt [\w-]+ in the default workspace$/,
	) as string,
	message: expect.stringContaining('assign its prompts there'),
};

describeSingleCalls(run, things, [
	{
		resource: 'dataset',
		operation: 'get',
		parameters: raw,
		method: 'GET',
		answer: [200, dataset],
		result: [dataset],
	},
	{
		resource: 'prompt',
		operation: 'get',
		method: 'GET',
		answer: [200, prompt],
		result: [prompt],
	},
	{
		resource: 'prompt',
		operation: 'update',
		parameters: { updateFields: { content: 'Provide structured JSON output.' } },
		method: 'PATCH',
		body: { content: 'Provide structured JSON output.' },
		answer: [200, prompt],
		result: [prompt],
	},
	{
		title: 'prompt update, which empties what is cleared',
		resource: 'prompt',
		operation: 'update',
		parameters: {
			updateFields: { content: '', description: '', format: 'none', name: ' New name ' },
		},
		method: 'PATCH',
		body: { content: '', description: '', format: null, name: 'New name' },
		answer: [200, prompt],
		result: [prompt],
	},
	{
		resource: 'prompt',
		operation: 'delete',
		method: 'DELETE',
		answer: [204],
		result: [{ deleted: true }],
	},
	{
		resource: 'task',
		operation: 'get',
		parameters: raw,
		method: 'GET',
		answer: [200, task],
		result: [task],
	},
	{
		resource: 'task',
		operation: 'train',
		parameters: raw,
		method: 'POST',
		path: '/train/',
		answer: [200, task],
		result: [{ task_id: 'a', started: true, ...task }],
		idempotent: false,
	},
	{
		resource: 'task',
		operation: 'addDataset',
		parameters: { dataset: byId(DATASET) },
		method: 'POST',
		path: '/add-dataset/',
		body: { dataset_id: DATASET },
		answer: [200, { detail: 'Dataset was added' }],
		result: [{ task_id: 'a', dataset_id: DATASET, added: [DATASET] }],
	},
	{
		resource: 'task',
		operation: 'removeDataset',
		parameters: { dataset: byId(DATASET) },
		method: 'POST',
		path: '/remove-dataset/',
		body: { dataset_id: DATASET },
		answer: [204],
		result: [{ task_id: 'a', dataset_id: DATASET, removed: [DATASET] }],
	},
	{
		title: 'task update, which assigns and removes prompts',
		resource: 'task',
		operation: 'update',
		parameters: {
			...raw,
			systemPromptChange: 'assigned',
			systemPrompt: byId(PROMPT),
			userPromptChange: 'removed',
		},
		method: 'PATCH',
		body: { system_prompt_id: PROMPT, user_prompt_id: null },
		answer: [200, { ...task, user_prompt_id: null }],
		result: [{ ...task, user_prompt_id: null }],
		notFound: notAssigned,
	},
	{
		title: 'task update, of the user prompt alone',
		resource: 'task',
		operation: 'update',
		parameters: { ...raw, userPromptChange: 'assigned', userPrompt: byId(PROMPT) },
		method: 'PATCH',
		body: { user_prompt_id: PROMPT },
		answer: [200],
		result: [{ id: 'a', user_prompt_id: PROMPT }],
		notFound: notAssigned,
	},
	{
		resource: 'variable',
		operation: 'get',
		parameters: raw,
		method: 'GET',
		answer: [200, grade],
		result: [grade],
	},
	{
		resource: 'sample',
		operation: 'get',
		parameters: raw,
		method: 'GET',
		answer: [200, sample],
		result: [sample],
	},
	{
		resource: 'sample',
		operation: 'getImages',
		parameters: raw,
		method: 'GET',
		path: '/sample-images/',
		answer: [200, [sampleImage(imageId(1), 0), sampleImage(imageId(2), 1)]],
		result: [sampleImage(imageId(1), 0), sampleImage(imageId(2), 1)],
	},
	{
		resource: 'sample',
		operation: 'getObjects',
		parameters: raw,
		method: 'GET',
		path: '/sample-objects/',
		answer: [200, [object]],
		result: [object],
	},
	{
		resource: 'sample',
		operation: 'setTest',
		parameters: { ...raw, test: true },
		method: 'POST',
		path: '/set-test/',
		answer: [200],
		result: [{ id: 'a', test: true }],
	},
	{
		title: 'sample setTest, back to training',
		resource: 'sample',
		operation: 'setTest',
		parameters: { ...raw, test: false },
		method: 'POST',
		path: '/set-untest/',
		answer: [200, sample],
		result: [sample],
	},
	{
		resource: 'sample',
		operation: 'setType',
		parameters: { ...raw, sampleType: 'multi_ordered' },
		method: 'PATCH',
		body: { type: 'multi_ordered' },
		answer: [200, { ...sample, type: 'multi_ordered' }],
		result: [{ ...sample, type: 'multi_ordered' }],
	},
	{
		resource: 'sample',
		operation: 'addInputMetadata',
		parameters: { ...raw, inputMetadata: '{"style": "elegant"}' },
		method: 'PATCH',
		body: { input_meta_data: { style: 'elegant' } },
		answer: [200, sample],
		result: [sample],
	},
]);

const rowsOf = async (resource: string, operation: string, path: string, answer: unknown) => {
	nock(API)
		.get(`/vlm/v2/${resource}/a/${path}`)
		.reply(200, answer as nock.Body);
	const { items } = await run(resource, operation, { [resource]: byId('a') });
	return Object.entries(items[0]!.json);
};

describe('Simplify', () => {
	test('makes a row of a dataset', async () => {
		expect(await rowsOf('dataset', 'get', '', dataset)).toEqual([
			['id', DATASET],
			['name', 'My Training Dataset'],
			['samples_count', 150],
			['variables_count', 2],
			['result_format', 'json'],
			['system_prompt_id', PROMPT],
			['user_prompt_id', dataset.user_prompt_id],
			['result_template_id', dataset.result_template_id],
			['default_input_meta_data', { category: 'jacket' }],
			['workspace', WORKSPACE],
		]);
	});

	test('makes a row of a task', async () => {
		expect(await rowsOf('task', 'get', '', task)).toEqual([
			['id', TASK],
			['name', 'My Custom Task'],
			['production_version', 0],
			['last_version', 0],
			['dataset_ids', [DATASET]],
			['system_prompt_id', PROMPT],
			['user_prompt_id', task.user_prompt_id],
			['system_prompt', task.system_prompt],
			['user_prompt', task.user_prompt],
			['workspace', WORKSPACE],
		]);
	});

	test('makes a row of a variable: its rules, where it has them', async () => {
		const variable = { ...explain, choices: null, max_length: 200, workspace: WORKSPACE };
		expect(await rowsOf('variable', 'get', '', variable)).toEqual([
			['id', explain.id],
			['name', 'explain'],
			['type', 'string'],
			['required', false],
			['max_length', 200],
			['dataset_id', DATASET],
			['dataset_name', 'My Training Dataset'],
			['workspace', WORKSPACE],
		]);
	});

	test('makes a row of a sample', async () => {
		expect(await rowsOf('sample', 'get', '', sample)).toEqual([
			['id', sample.id],
			['name', 'Sample 1'],
			['test', false],
			['type', 'multi_random'],
			['images_count', 2],
			['objects_count', 0],
			['variables_count', 2],
			['input_meta_data', sample.input_meta_data],
			['dataset_id', DATASET],
			['workspace', WORKSPACE],
		]);
	});

	test('makes a row of a detection object', async () => {
		expect(await rowsOf('sample', 'getObjects', 'sample-objects/', [object])).toEqual([
			['detection_object_id', object.detection_object_id],
			['label_name', 'car'],
			['bbox', [100, 150, 400, 350]],
			['order', 0],
			['text', null],
			['image_id', object.image_id],
			['image_url', object.image_url],
			['thumbnail_url', object.thumb_url],
			['workspace', WORKSPACE],
		]);
	});

	test('makes rows of images, in their order', async () => {
		const shown = ['b', 'a'].map((id, order) => sampleImage(id, order));
		nock(API)
			.get('/vlm/v2/sample/a/sample-images/')
			.reply(200, [...shown].reverse());
		const { items } = await run('sample', 'getImages', { sample: byId('a') });
		expect(jsonOf(items)).toEqual(
			shown.map((image) => ({
				image_id: image.image_id,
				order: image.order,
				url: image.img_path,
				thumbnail_url: image.thumb,
				text: image.text,
				resize: image.resize,
				meta_data: image.meta_data,
				workspace: image.workspace,
			})),
		);
	});

	test('makes a row of a training that has started, whatever is answered', async () => {
		for (const [answer, row] of [
			['', { task_id: 'a', started: true }],
			[task, { task_id: 'a', started: true }],
			[{ detail: 'Queued' }, { task_id: 'a', started: true, detail: 'Queued' }],
		] as const) {
			nock(API)
				.post('/vlm/v2/task/a/train/')
				.reply(200, answer as nock.Body);
			const { items } = await run('task', 'train', { task: byId('a') });
			expect(JSON.parse(JSON.stringify(items[0]!.json))).toEqual(row);
		}
	});

	test('makes a row of what a change answers', async () => {
		nock(API).post('/vlm/v2/sample/a/set-test/').reply(200);
		const { items } = await run('sample', 'setTest', { sample: byId('a'), test: true });
		expect(JSON.parse(JSON.stringify(items[0]!.json))).toEqual({ id: 'a', test: true });
	});
});

describe('prompts of a task', () => {
	const assign = { task: byId('a'), systemPromptChange: 'assigned', systemPrompt: byId('p') };

	test.each([
		[400, { system_prompt_id: ['Unknown field.'] }, 'Ximilar refused this: system_prompt_id'],
		[404, { detail: 'Not found.' }, 'Ximilar did not find the task a or the prompt p'],
		[405, { detail: 'Method "PATCH" not allowed.' }, 'Ximilar refused the request (status 405)'],
	])(
		'are assigned in the Ximilar App when the call is refused with %i',
		async (status, body, why) => {
			nock(API)
				.patch('/vlm/v2/task/a/')
				.reply(status, body as nock.Body);
			const { error } = await run('task', 'update', assign);
			expect(error!.message).toContain(`The prompts of the task could not be assigned: ${why}`);
			expect(error!.description).toContain('Ximilar App and assign its prompts there');
		},
	);

	test('that the service ignores without a word are told', async () => {
		nock(API)
			.patch('/vlm/v2/task/a/')
			.reply(200, { ...task, system_prompt_id: null });
		const { error } = await run('task', 'update', assign);
		expect(error!.message).toBe('Ximilar left the prompts of the task as they were');
		expect(error!.description).toContain('Ximilar App');
	});

	test('an error of another kind keeps its own words', async () => {
		nock(API).patch('/vlm/v2/task/a/').reply(403, { detail: 'No access.' });
		const { error } = await run('task', 'update', assign);
		expect(error!.message).toBe('This Ximilar account may not use this: No access.');
		expect(error!.description).toContain('in beta and open to selected accounts only');
	});

	test('nothing is sent when both are kept', async () => {
		const { error } = await run('task', 'update', { task: byId('a') });
		expect(error!.message).toBe('Both prompts are kept: nothing is to be changed');
	});

	test('a prompt to assign must be chosen', async () => {
		const { error } = await run('task', 'update', {
			...assign,
			systemPrompt: byId('={{ "" }}'),
		});
		expect(error!.message).toBe('System Prompt is empty');
	});
});

describe('what is rejected before the call', () => {
	test('an update of a prompt without a change', async () => {
		const { error } = await run('prompt', 'update', { prompt: byId('a'), updateFields: {} });
		expect(error!.message).toBe('Update Fields is empty');
	});

	test.each([
		['a format that there is not', { format: '={{ "pdf" }}' }, 'Format cannot be "pdf"'],
		['an empty name', { name: '={{ " " }}' }, 'Name is empty'],
	])('%s of a prompt', async (_, updateFields, message) => {
		const { error } = await run('prompt', 'update', { prompt: byId('a'), updateFields });
		expect(error!.message).toBe(message);
	});

	test.each([
		['{"style": elegant}', 'Input Metadata is not valid JSON', '(line 1, column 11) at: elegant}'],
		['{\n"style": "a",\n}', 'Input Metadata is not valid JSON', '(line 3, column 1)'],
		['[1]', 'Input Metadata must be a JSON object', 'It is a list'],
		['{}', 'Input Metadata is empty', 'Enter a JSON object'],
		['', 'Input Metadata is empty', 'Enter a JSON object'],
	])('input metadata %j', async (text, message, description) => {
		const { error } = await run(
			'sample',
			'addInputMetadata',
			{ sample: byId('a'), inputMetadata: '={{ $json.text }}' },
			{ items: [{ json: { text } }] },
		);
		expect(error!.message).toBe(message);
		expect(error!.description).toContain(description);
	});

	test('input metadata may be an object', async () => {
		nock(API)
			.patch('/vlm/v2/sample/a/', { input_meta_data: { style: 'elegant' } })
			.reply(200, sample);
		const { items } = await run(
			'sample',
			'addInputMetadata',
			{ sample: byId('a'), inputMetadata: '={{ $json.meta }}' },
			{ items: [{ json: { meta: { style: 'elegant' } } }] },
		);
		expect(items[0]!.json.id).toBe(sample.id);
	});

	test('IDs that cannot be some', async () => {
		const { error } = await run('sample', 'removeObjects', {
			sample: byId('a'),
			detectionObjects: 'o1, o_2',
		});
		expect(error!.message).toBe('Detection Object IDs is not an ID: "o_2"');
	});

	test('no ID at all', async () => {
		const { error } = await run('sample', 'removeObjects', {
			sample: byId('a'),
			detectionObjects: '={{ [] }}',
		});
		expect(error!.message).toBe('Detection Object IDs is empty');
	});
});

test.each([
	['a list', ['o1', 'o2']],
	['objects', [{ id: 'o1' }, { id: 'o2', name: 'x' }]],
	['JSON text', '["o1", "o2"]'],
	['lines', 'o1\no2\n'],
	['one twice', ['o1', 'o2', 'o1']],
])('IDs are taken from %s', async (_, given) => {
	const present = ['o1', 'o2'].map((detection_object_id) => ({ detection_object_id }));
	nock(API).get('/vlm/v2/sample/a/sample-objects/').reply(200, present);
	nock(API)
		.post('/vlm/v2/sample/a/remove-objects/', { detection_object_ids: ['o1', 'o2'] })
		.reply(200, { removed: 2 });
	const { items } = await run(
		'sample',
		'removeObjects',
		{ sample: byId('a'), detectionObjects: '={{ $json.given }}' },
		{ items: [{ json: { given } }] },
	);
	expect(items[0]!.json.removed).toEqual(['o1', 'o2']);
});

test('a sample is taken from its link in the Ximilar App', async () => {
	const link = `https://app.ximilar.com/vlm/workspace/${WORKSPACE}/sample/${sample.id}`;
	nock(API).get(`/vlm/v2/sample/${sample.id}/`).reply(200, sample);
	const { items } = await run('sample', 'get', {
		sample: { __rl: true, mode: 'url', value: link },
	});
	expect(items[0]!.json.id).toBe(sample.id);
});

test('an answer without what is vital names it', async () => {
	nock(API).get('/vlm/v2/variable/a/').reply(200, { id: 'a', name: 'grade' });
	const { error } = await run('variable', 'get', { variable: byId('a') });
	expect(error!.message).toBe("Ximilar's answer lacks what this operation needs: type (Required)");
});
