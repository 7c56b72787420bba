import nock from 'nock';
import { describeSingleCalls, picked, type SingleCall, type Thing } from '../singleCalls';
import { API, byId, jsonOf } from '../workflow';
import {
	IMAGES,
	LABEL,
	LABELS,
	TASKS,
	WORKSPACE,
	imageOf,
	labelOf,
	recognition,
	taskOf,
} from './recognition';

/** Operations that are one call on one thing. */

const things = {
	label: picked(LABELS, 'Label'),
	task: picked(TASKS, 'Task'),
	trainingImage: { list: IMAGES, label: 'Training Image ID', value: (id) => id } as Thing,
};

const deletes: Pick<SingleCall<string>, 'method' | 'answer' | 'result'> = {
	method: 'DELETE',
	answer: [204],
	result: [{ deleted: true }],
};

describeSingleCalls(recognition, things, [
	{
		resource: 'label',
		operation: 'get',
		method: 'GET',
		answer: [200, labelOf('a')],
		result: [labelOf('a')],
	},
	{
		resource: 'label',
		operation: 'update',
		parameters: { updateFields: { description: '', name: ' Dog ', outputName: 'hund' } },
		method: 'PATCH',
		body: { description: '', name: 'Dog', output_name: 'hund' },
		answer: [200, labelOf('a')],
		result: [labelOf('a')],
	},
	{ resource: 'label', operation: 'delete', ...deletes },
	{
		title: 'label delete, with its images',
		resource: 'label',
		operation: 'delete',
		parameters: { options: { deleteImages: true } },
		...deletes,
		path: '/wipe',
	},
	{
		resource: 'task',
		operation: 'get',
		parameters: { simplify: false },
		method: 'GET',
		answer: [200, taskOf('a')],
		result: [taskOf('a')],
	},
	{
		resource: 'task',
		operation: 'update',
		parameters: { simplify: false, updateFields: { version: 3 } },
		method: 'PATCH',
		body: { production_version: 3 },
		answer: [200, taskOf('a')],
		result: [taskOf('a')],
	},
	{ resource: 'task', operation: 'delete', ...deletes },
	{
		resource: 'task',
		operation: 'addLabel',
		parameters: { label: byId(LABEL) },
		method: 'POST',
		path: '/add-label/',
		body: { label_id: LABEL },
		answer: [200],
		result: [{ task_id: 'a', label_id: LABEL, added: [LABEL] }],
	},
	{
		resource: 'task',
		operation: 'removeLabel',
		parameters: { label: byId(LABEL) },
		method: 'POST',
		path: '/remove-label/',
		body: { label_id: LABEL },
		answer: [200, taskOf('a')],
		result: [{ task_id: 'a', label_id: LABEL, removed: [LABEL] }],
	},
	{
		resource: 'task',
		operation: 'train',
		method: 'POST',
		path: '/train/',
		answer: [200, { detail: 'Training was added to the queue' }],
		result: [{ task_id: 'a', started: true, detail: 'Training was added to the queue' }],
		idempotent: false,
	},
	{
		resource: 'trainingImage',
		operation: 'get',
		parameters: { simplify: false },
		method: 'GET',
		answer: [200, imageOf('a')],
		result: [imageOf('a')],
	},
	{ resource: 'trainingImage', operation: 'delete', ...deletes },
	{
		resource: 'trainingImage',
		operation: 'addLabel',
		parameters: { label: byId(LABEL) },
		method: 'POST',
		path: '/add-label/',
		body: { label_id: LABEL },
		answer: [200, imageOf('a')],
		result: [{ training_image_id: 'a', label_id: LABEL, added: [LABEL] }],
	},
	{
		resource: 'trainingImage',
		operation: 'removeLabel',
		parameters: { label: byId(LABEL) },
		method: 'POST',
		path: '/remove-label/',
		body: { label_id: LABEL },
		answer: [204],
		result: [{ training_image_id: 'a', label_id: LABEL, removed: [LABEL] }],
	},
]);

test.each(Object.entries(things))(
	'a deletion of a %s whose answer was lost, and that then finds nothing, was done',
	async (resource, { list, value }) => {
		nock(API).delete(`${list}a/`).reply(500, {}, { 'Retry-After': '0' });
		nock(API).delete(`${list}a/`).reply(404, { detail: 'Not found.' });
		const { items } = await recognition(resource, 'delete', { [resource]: value('a') as string });
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
				description: 'Add what to change, and its new value.',
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
	])('of a %s reject %j', async (resource, updateFields, message) => {
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
		expect(jsonOf(items)).toEqual([{ task_id: 'a', started: true }]);
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
		['meta_data', { sku: 7 }],
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
