import type { IDataObject } from 'n8n-workflow';
import nock from 'nock';
import { API, jsonOf, type Job } from '../workflow';
import {
	IMAGES,
	LABEL,
	LABELS,
	TASKS,
	WORKSPACE,
	byId,
	imageOf,
	labelOf,
	recognition,
	rows,
	taskOf,
} from './recognition';

/** Operations on one thing that its ID names: what they send, give, refuse and repeat. */

interface Case {
	title?: string;
	resource: 'label' | 'task' | 'trainingImage';
	operation: string;
	/** Beside the picker of the thing itself. */
	parameters?: IDataObject;
	options?: IDataObject;
	method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
	/** Behind the thing's ID. */
	path?: string;
	body?: nock.DataMatcherMap;
	answer: [status: number, body?: (id: string) => unknown];
	result: (id: string) => IDataObject;
	/** Not sent again after it may have been carried out. */
	once?: true;
}

const GONE: Case['answer'] = [204];
const deleted = () => ({ deleted: true });

const cases: Case[] = [
	{
		resource: 'label',
		operation: 'get',
		method: 'GET',
		answer: [200, labelOf],
		result: labelOf,
	},
	{
		resource: 'label',
		operation: 'update',
		parameters: { updateFields: { description: '', name: ' Dog ', outputName: 'hund' } },
		method: 'PATCH',
		body: { description: '', name: 'Dog', output_name: 'hund' },
		answer: [200, labelOf],
		result: labelOf,
	},
	{ resource: 'label', operation: 'delete', method: 'DELETE', answer: GONE, result: deleted },
	{
		title: 'label delete, with its images',
		resource: 'label',
		operation: 'delete',
		options: { deleteImages: true },
		method: 'DELETE',
		path: '/wipe',
		answer: GONE,
		result: deleted,
	},
	{
		resource: 'task',
		operation: 'get',
		parameters: { simplify: false },
		method: 'GET',
		answer: [200, taskOf],
		result: taskOf,
	},
	{
		resource: 'task',
		operation: 'update',
		parameters: { simplify: false, updateFields: { version: 3 } },
		method: 'PATCH',
		body: { production_version: 3 },
		answer: [200, taskOf],
		result: taskOf,
	},
	{ resource: 'task', operation: 'delete', method: 'DELETE', answer: GONE, result: deleted },
	{
		resource: 'task',
		operation: 'addLabel',
		parameters: { label: byId(LABEL) },
		method: 'POST',
		path: '/add-label/',
		body: { label_id: LABEL },
		answer: [200],
		result: (task) => ({ task, label: LABEL, added: true }),
	},
	{
		resource: 'task',
		operation: 'removeLabel',
		parameters: { label: byId(LABEL) },
		method: 'POST',
		path: '/remove-label/',
		body: { label_id: LABEL },
		answer: [200, taskOf],
		result: (task) => ({ task, label: LABEL, removed: true }),
	},
	{
		resource: 'task',
		operation: 'train',
		method: 'POST',
		path: '/train/',
		answer: [200, () => ({ detail: 'Training was added to the queue' })],
		result: (task) => ({ task, started: true, detail: 'Training was added to the queue' }),
		once: true,
	},
	{
		resource: 'trainingImage',
		operation: 'get',
		parameters: { simplify: false },
		method: 'GET',
		answer: [200, imageOf],
		result: imageOf,
	},
	{
		resource: 'trainingImage',
		operation: 'delete',
		method: 'DELETE',
		answer: GONE,
		result: deleted,
	},
	{
		resource: 'trainingImage',
		operation: 'addLabel',
		parameters: { label: byId(LABEL) },
		method: 'POST',
		path: '/add-label/',
		body: { label_id: LABEL },
		answer: [200, imageOf],
		result: (trainingImage) => ({ trainingImage, label: LABEL, added: true }),
	},
	{
		resource: 'trainingImage',
		operation: 'removeLabel',
		parameters: { label: byId(LABEL) },
		method: 'POST',
		path: '/remove-label/',
		body: { label_id: LABEL },
		answer: [204],
		result: (trainingImage) => ({ trainingImage, label: LABEL, removed: true }),
	},
];

/** The parameter that names the thing itself. */
const named = (resource: string, id: string) => ({
	[resource]: resource === 'trainingImage' ? id : byId(id),
});

const LISTS = { label: LABELS, task: TASKS, trainingImage: IMAGES };

describe.each(cases.map((one) => [one.title ?? `${one.resource} ${one.operation}`, one] as const))(
	'%s',
	(_, one) => {
		const { resource, operation, method, path = '/', body, answer } = one;
		const [status, answerOf = () => ''] = answer;

		const run = async (id: string, job: Partial<Job> = {}, options: IDataObject = {}) =>
			await recognition(
				resource,
				operation,
				{ ...named(resource, id), ...one.parameters, options: { ...one.options, ...options } },
				job,
			);

		const call = (id: string, sent = body) =>
			nock(API).intercept(`${LISTS[resource]}${id}${path}`, method, sent);

		const answered = (interceptor: nock.Interceptor) =>
			interceptor.reply(status, answerOf('a') as nock.Body);

		test('sends its call, and gives its result', async () => {
			answered(call('a'));
			const { items, error } = await run('a');
			expect(error).toBeUndefined();
			expect(items).toEqual([{ json: one.result('a'), pairedItem: { item: 0 } }]);
		});

		test('names another workspace than the default one', async () => {
			const reads = method === 'GET' || method === 'DELETE';
			answered(
				reads
					? call('a').query({ workspace: WORKSPACE })
					: call('a', { ...body, workspace: WORKSPACE }),
			);
			const { items } = await run('a', {}, { workspace: byId(WORKSPACE) });
			expect(jsonOf(items)).toEqual([one.result('a')]);
		});

		test('an item that cannot be done leaves the others under Continue On Fail', async () => {
			call('gone').reply(404, { detail: 'Not found.' });
			answered(call('a'));
			const { items } = await run('={{ $json.id }}', {
				items: rows({ id: 'gone' }, { id: '' }, { id: 'a' }),
				onError: 'continueRegularOutput',
			});
			expect(items).toEqual([
				{
					json: {
						error: 'Ximilar did not find it: Not found.',
						message: expect.stringContaining('It may have been deleted'),
					},
					pairedItem: { item: 0 },
				},
				{
					json: { error: expect.stringMatching(/^[\w ]+ is empty$/), message: expect.any(String) },
					pairedItem: { item: 1 },
				},
				{ json: one.result('a'), pairedItem: { item: 2 } },
			]);
		});

		test(`is ${one.once ? 'not ' : ''}sent again after status 500`, async () => {
			call('a').reply(500, { detail: 'Busy' }, { 'Retry-After': '0' });
			if (!one.once) answered(call('a'));
			const { items, error } = await run('a');
			expect(jsonOf(items)).toEqual(one.once ? [] : [one.result('a')]);
			expect(error?.message).toBe(
				one.once ? 'Ximilar could not answer (status 500): Busy' : undefined,
			);
		});
	},
);

test.each([
	['label', LABELS],
	['task', TASKS],
	['trainingImage', IMAGES],
])(
	'a deletion of a %s whose answer was lost, and that then finds nothing, was done',
	async (resource, path) => {
		nock(API).delete(`${path}a/`).reply(500, {}, { 'Retry-After': '0' });
		nock(API).delete(`${path}a/`).reply(404, { detail: 'Not found.' });
		const { items } = await recognition(resource, 'delete', named(resource, 'a'));
		expect(jsonOf(items)).toEqual([{ deleted: true }]);
	},
);

describe('updates', () => {
	test.each(['label', 'task'])(
		'of a %s send nothing when nothing is to be changed',
		async (resource) => {
			const { error } = await recognition(resource, 'update', {
				[resource]: byId('a'),
				updateFields: {},
			});
			expect(error).toMatchObject({
				message: 'Update Fields is empty',
				description: 'Add what shall be changed, and its new value.',
			});
		},
	);

	test('a field whose expression gives nothing is left out', async () => {
		nock(API).patch(`${LABELS}a/`, { name: 'Dog' }).reply(200, labelOf('a'));
		const { items } = await recognition('label', 'update', {
			label: byId('a'),
			updateFields: { name: 'Dog', description: '={{ $json.nothing }}' },
		});
		expect(items).toHaveLength(1);
	});

	test.each([
		['label', { name: '={{ " " }}' }, 'Name is empty'],
		['task', { version: '={{ -1 }}' }, 'Model Version must be at least 0'],
		['task', { version: '={{ 1.5 }}' }, 'Model Version must be a whole number'],
	])('of a %s refuse %j', async (resource, updateFields, message) => {
		const { error } = await recognition(resource, 'update', {
			[resource]: byId('a'),
			updateFields,
		});
		expect(error!.message).toBe(message);
	});
});

describe('task', () => {
	test.each([
		['get', 'get', {}],
		['update', 'patch', { updateFields: { name: 'Pets' } }],
	] as const)('%s is simplified to a row', async (operation, method, parameters) => {
		nock(API)[method](`${TASKS}a/`).reply(200, taskOf('a'));
		const { items } = await recognition('task', operation, { task: byId('a'), ...parameters });
		expect(jsonOf(items)).toEqual([
			{
				id: 'a',
				name: 'Pets',
				type: 'multi_class',
				trained: false,
				production_version: -1,
				last_train_status: 'CREATED',
				labels: ['dog'],
				description: 'Cats and dogs',
				workspace: WORKSPACE,
			},
		]);
	});

	test('Train passes on why a task cannot train, and tells the rule', async () => {
		const detail = 'Label "cat" needs at least 20 images, it has 3.';
		nock(API).post(`${TASKS}a/train/`).reply(400, { detail });
		const { error } = await recognition('task', 'train', { task: byId('a') });
		expect(error!.message).toBe(`Ximilar refused this: ${detail}`);
		expect(error!.description).toMatch(
			/^A task can train when it has at least two labels, and each of them at least 20 training images\./,
		);
	});

	test('Train tells the rule where the service gives no reason', async () => {
		nock(API).post(`${TASKS}a/train/`).reply(400);
		const { error } = await recognition('task', 'train', { task: byId('a') });
		expect(error!.message).toBe('Ximilar refused this');
		expect(error!.description).toContain('at least two labels');
	});

	test('Train tells the rule for nothing but what was refused as bad', async () => {
		nock(API).post(`${TASKS}a/train/`).reply(403, { detail: 'Not allowed' });
		const { error } = await recognition('task', 'train', { task: byId('a') });
		expect(error!.description).not.toContain('two labels');
	});

	test('Train takes an empty answer', async () => {
		nock(API).post(`${TASKS}a/train/`, '').reply(204);
		const { items } = await recognition('task', 'train', { task: byId('a') });
		expect(jsonOf(items)).toEqual([{ task: 'a', started: true }]);
	});
});

test('a training image is simplified to a row', async () => {
	const labels = [
		{ id: LABEL, name: 'dog' },
		{ id: 'x', name: 'cat' },
	];
	const more = { labels, meta_data: { sku: 7 }, test_image: true, verifyCount: 2 };
	nock(API).get(`${IMAGES}a/`).reply(200, imageOf('a', more));
	const { items } = await recognition('trainingImage', 'get', { trainingImage: 'a' });
	expect(Object.entries(items[0]!.json)).toEqual([
		['id', 'a'],
		['labels', ['dog', 'cat']],
		['test', true],
		['real', false],
		['verifications', 2],
		['metadata', { sku: 7 }],
		['width', 640],
		['height', 480],
		['url', 'https://images.example/a.jpg'],
		['thumbnail_url', 'https://images.example/a-thumb.jpg'],
		['workspace', WORKSPACE],
	]);
});

test('a training image is taken from its link in the Ximilar App', async () => {
	const link = `https://app.ximilar.com/recognition/workspace/${WORKSPACE}/image/${LABEL}`;
	nock(API).get(`${IMAGES}${LABEL}/`).reply(200, imageOf(LABEL));
	const { items } = await recognition('trainingImage', 'get', { trainingImage: link });
	expect(items[0]!.json.id).toBe(LABEL);
});

test('an answer without what is vital names it', async () => {
	nock(API).get(`${LABELS}a/`).reply(200, { name: 'dog' });
	const { error } = await recognition('label', 'get', { label: byId('a') });
	expect(error!.message).toBe("Ximilar's answer lacks what this operation needs: id (Required)");
});
