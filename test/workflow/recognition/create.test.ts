import type { IDataObject } from 'n8n-workflow';
import nock from 'nock';
import { API, byId, byUrl, files, jsonOf, png, rows } from '../workflow';
import {
	IMAGES,
	LABELS,
	TASKS,
	WORKSPACE,
	imageOf,
	labelOf,
	recognition,
	taskOf,
} from './recognition';

/** Calls that create something: what they send, and when they are sent again. */

describe.each([
	['label', LABELS, 'labelType', 'category', 'tag', labelOf],
	['task', TASKS, 'taskType', 'multi_class', 'multi_label', taskOf],
] as const)('Create %s', (resource, path, typeField, defaultType, otherType, entryOf) => {
	const create = async (parameters: IDataObject) =>
		await recognition(resource, 'create', { simplify: false, ...parameters });

	test('sends what is needed', async () => {
		nock(API).post(path, { name: 'Dog', type: defaultType }).reply(201, entryOf('a'));
		const { items, error } = await create({ name: ' Dog ' });
		expect(error).toBeUndefined();
		expect(items).toEqual([{ json: entryOf('a'), pairedItem: { item: 0 } }]);
	});

	test('sends all that is given', async () => {
		const own: [IDataObject, IDataObject] =
			resource === 'label' ? [{ outputName: 'hund' }, { output_name: 'hund' }] : [{}, {}];
		const body = { name: 'Dog', type: otherType, description: 'Barks', workspace: WORKSPACE };
		nock(API)
			.post(path, { ...body, ...own[1] })
			.reply(201, entryOf('a'));
		const { items } = await create({
			name: 'Dog',
			[typeField]: otherType,
			options: { description: 'Barks', workspace: byId(WORKSPACE), ...own[0] },
		});
		expect(jsonOf(items)).toEqual([entryOf('a')]);
	});

	test.each([
		[{ name: '={{ "" }}' }, 'Name is empty'],
		[{ name: '={{ ["a"] }}' }, 'Name must be text'],
		[{ name: 'Dog', [typeField]: '={{ "other" }}' }, 'Type cannot be "other"'],
		[
			{ name: 'Dog', options: { workspace: byUrl('={{ "a b" }}') } },
			'Workspace is not an ID: "a b"',
		],
	])('rejects %j', async (parameters, message) => {
		expect((await create(parameters)).error).toMatchObject({
			name: 'NodeOperationError',
			message,
			itemIndex: 0,
		});
	});

	test("the service's own words reach the user, and the other items are created", async () => {
		nock(API)
			.post(path, { name: 'Dog', type: defaultType })
			.reply(400, { name: ['This name is taken.'] });
		nock(API).post(path, { name: 'Cat', type: defaultType }).reply(201, entryOf('c'));
		const { items } = await recognition(
			resource,
			'create',
			{ simplify: false, name: '={{ $json.name }}' },
			{ items: rows({ name: 'Dog' }, { name: 'Cat' }), onError: 'continueRegularOutput' },
		);
		expect(jsonOf(items)).toEqual([
			{
				error: 'Ximilar refused this: name: This name is taken.',
				message: expect.any(String),
			},
			entryOf('c'),
		]);
	});
});

test('a task that was created is simplified to a row', async () => {
	nock(API).post(TASKS).reply(201, taskOf('a'));
	const { items } = await recognition('task', 'create', { name: 'Pets' });
	expect(items[0]!.json).toMatchObject({ id: 'a', trained: false, labels: ['dog'] });
	expect(items[0]!.json).not.toHaveProperty('created');
});

const items = [{ json: {}, binary: files({ data: { name: 'a.png', bytes: png('a') } }) }];

const CREATING = [
	['label', 'create', LABELS, { name: 'Dog' }, labelOf('a')],
	['task', 'create', TASKS, { name: 'Pets' }, taskOf('a')],
	['task', 'train', `${TASKS}a/train/`, { task: byId('a') }, taskOf('a')],
] as const;
const UPLOAD = ['trainingImage', 'upload', IMAGES, {}, imageOf('a')] as const;

const lost = (code: string) => Object.assign(new Error(code), { code });

// An upload is repeated, because the service takes an image once: see upload.test.ts.
describe.each(CREATING)('%s %s', (resource, operation, path, parameters) => {
	const run = async () => await recognition(resource, operation, parameters, { items });

	test('is not sent again after status 500', async () => {
		nock(API).post(path).reply(500, { detail: 'Busy' }, { 'Retry-After': '0' });
		const { error } = await run();
		expect(error!.message).toContain('Ximilar could not answer (status 500): Busy');
		expect(error!.description).toContain('look in the Ximilar App before you repeat it');
	});

	test('is not sent again after a lost connection', async () => {
		nock(API).post(path).replyWithError(lost('ECONNRESET'));
		const { error } = await run();
		expect(error!.message).toContain('The connection was lost before the whole answer arrived');
		expect(error!.description).toContain('It may have been carried out all the same');
	});
});

describe.each([...CREATING, UPLOAD])('%s %s', (resource, operation, path, parameters, answer) => {
	const run = async () => await recognition(resource, operation, parameters, { items });

	test.each([429, 503])('is sent again after status %i, which says when', async (status) => {
		nock(API).post(path).reply(status, {}, { 'Retry-After': '0' });
		nock(API).post(path).reply(201, answer);
		expect((await run()).items).toHaveLength(1);
	});

	test('is sent again after a connection that was never made', async () => {
		nock(API).post(path).replyWithError(lost('ECONNREFUSED'));
		nock(API).post(path).reply(201, answer);
		expect((await run()).items).toHaveLength(1);
	});
});
