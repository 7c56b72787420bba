import type { IDataObject } from 'n8n-workflow';
import nock from 'nock';
import { API, byId, jsonOf, page, rows, type Job } from '../workflow';
import { LABELS, TASKS, WORKSPACE, labelOf, recognition, taskOf } from './recognition';

/** Create with If Exists set to Return Existing: find or create by exact name. */

describe.each([
	['label', LABELS, 'labelType', 'category', 'tag', labelOf],
	['task', TASKS, 'taskType', 'multi_class', 'multi_label', taskOf],
] as const)(
	'Create %s, If Exists',
	(resource, path, typeField, defaultType, otherType, entryOf) => {
		const findOrCreate = async (parameters: IDataObject, job: Partial<Job> = {}) =>
			await recognition(
				resource,
				'create',
				{ simplify: false, options: { ifExists: 'return' }, ...parameters },
				job,
			);
		const named = (id: string, name: string, type: string | undefined = defaultType) =>
			entryOf(id, { name, type });

		test('"Create Another" looks for nothing', async () => {
			nock(API).post(path, { name: 'Dog', type: defaultType }).reply(201, named('b', 'Dog'));
			const { items } = await findOrCreate({ name: 'Dog', options: { ifExists: 'create' } });
			expect(jsonOf(items)).toEqual([named('b', 'Dog')]);
		});

		test('finds the one of exactly this name and type, on whatever page, and makes none', async () => {
			nock(API)
				.get(path)
				.query({ search: 'Dog' })
				.reply(
					200,
					page(
						[named('a', 'Dogs'), named('b', 'dog'), named('c', 'Dog', otherType)],
						`http://elsewhere.example${path}?page=2&search=Dog`,
					),
				);
			nock(API)
				.get(path)
				.query({ search: 'Dog', page: 2 })
				.reply(
					200,
					page([named('d', 'Dog'), named('e', 'Dog')], `${API}${path}?page=3&search=Dog`),
				);
			const { items, error } = await findOrCreate({ name: ' Dog ' });
			expect(error).toBeUndefined();
			expect(items).toEqual([
				{ json: { ...named('d', 'Dog'), already_existed: true }, pairedItem: { item: 0 } },
			]);
		});

		test('finds one whose type the list does not tell', async () => {
			const { type: _, ...entry } = named('a', 'Dog');
			nock(API)
				.get(path)
				.query({ search: 'Dog' })
				.reply(200, page([entry]));
			const { items } = await findOrCreate({ name: 'Dog' });
			expect(jsonOf(items)).toEqual([{ ...entry, already_existed: true }]);
		});

		test.each([
			['nothing is found', []],
			['names only contain it, or differ in case', [named('a', 'Dogs'), named('b', 'dog')]],
			['it is of another type', [named('a', 'Dog', otherType)]],
		])('creates it when %s', async (_, found) => {
			nock(API).get(path).query({ search: 'Dog' }).reply(200, page(found));
			nock(API)
				.post(path, { name: 'Dog', type: defaultType, description: 'Barks' })
				.reply(201, named('n', 'Dog'));
			const { items } = await findOrCreate({
				name: 'Dog',
				options: { ifExists: 'return', description: 'Barks' },
			});
			expect(jsonOf(items)).toEqual([{ ...named('n', 'Dog'), already_existed: false }]);
		});

		test('looks and creates in the workspace that is chosen', async () => {
			nock(API).get(path).query({ search: 'Dog', workspace: WORKSPACE }).reply(200, page([]));
			nock(API)
				.post(path, { name: 'Dog', type: otherType, workspace: WORKSPACE })
				.reply(201, named('n', 'Dog', otherType));
			const { items, error } = await findOrCreate({
				name: 'Dog',
				[typeField]: otherType,
				options: { ifExists: 'return', workspace: byId(WORKSPACE) },
			});
			expect(error).toBeUndefined();
			expect(items[0]!.json).toMatchObject({ id: 'n', already_existed: false });
		});

		test('of two items of one name, the second finds what the first made', async () => {
			nock(API).get(path).query({ search: 'Dog' }).reply(200, page([]));
			nock(API).post(path).delay(50).reply(201, named('n', 'Dog'));
			nock(API)
				.get(path)
				.query({ search: 'Dog' })
				.reply(200, page([named('n', 'Dog')]));
			const { items } = await findOrCreate(
				{ name: '={{ $json.name }}' },
				{ items: rows({ name: 'Dog' }, { name: 'Dog' }) },
			);
			expect(items.map(({ json: { id, already_existed } }) => [id, already_existed])).toEqual([
				['n', false],
				['n', true],
			]);
		});

		test('an item that fails makes nothing, and the others go on', async () => {
			nock(API)
				.get(path)
				.query({ search: 'Dog' })
				.reply(400, { search: ['Too short.'] });
			nock(API)
				.get(path)
				.query({ search: 'Cat' })
				.reply(200, page([named('c', 'Cat')]));
			const { items } = await findOrCreate(
				{ name: '={{ $json.name }}' },
				{ items: rows({ name: 'Dog' }, { name: 'Cat' }), onError: 'continueRegularOutput' },
			);
			expect(items).toEqual([
				{
					json: {
						error: 'Ximilar refused this: search: Too short.',
						message: expect.any(String),
					},
					pairedItem: { item: 0 },
				},
				{ json: { ...named('c', 'Cat'), already_existed: true }, pairedItem: { item: 1 } },
			]);
		});
	},
);

test('a task that was found is simplified to a row that says so', async () => {
	nock(API)
		.get(TASKS)
		.query({ search: 'Pets' })
		.reply(200, page([taskOf('a')]));
	const { items } = await recognition('task', 'create', {
		name: 'Pets',
		options: { ifExists: 'return' },
	});
	expect(items[0]!.json).toMatchObject({ id: 'a', already_existed: true, labels: ['dog'] });
	expect(items[0]!.json).not.toHaveProperty('created');
});
