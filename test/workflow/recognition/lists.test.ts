import type { IDataObject, INodeParameters } from 'n8n-workflow';
import nock from 'nock';
import { XimilarRecognition } from '../../../nodes/XimilarRecognition/XimilarRecognition.node';
import { API, byId, byUrl, editorOf, jsonOf, page, rows } from '../workflow';
import {
	IMAGES,
	LABEL,
	LABELS,
	TASK,
	TASKS,
	WORKSPACE,
	imageOf,
	labelOf,
	recognition,
	taskOf,
} from './recognition';

const getAll = async (resource: string, parameters: IDataObject = {}) =>
	await recognition(resource, 'getAll', { simplify: false, ...parameters });

describe.each([
	['label', LABELS, labelOf],
	['task', TASKS, taskOf],
	['trainingImage', IMAGES, imageOf],
])('Get Many of %s', (resource, path, entryOf) => {
	const entries = (...ids: string[]) => ids.map((id) => entryOf(id));
	const all = { returnAll: true };

	test.each([
		['no entry', []],
		['one entry', ['a']],
		['one page', ['a', 'b', 'c']],
	])('%s', async (_, ids) => {
		nock(API)
			.get(path)
			.reply(200, page(entries(...ids)));
		const { items, error } = await getAll(resource, all);
		expect(error).toBeUndefined();
		expect(jsonOf(items)).toEqual(entries(...ids));
		expect(items.every(({ pairedItem }) => JSON.stringify(pairedItem) === '{"item":0}')).toBe(true);
	});

	test('several pages, by links that name another scheme and host, which is never called', async () => {
		const link = (number: number) => `http://elsewhere.example${path}?page=${number}`;
		nock(API)
			.get(path)
			.reply(200, page(entries('a', 'b'), link(2)));
		nock(API)
			.get(path)
			.query({ page: 2 })
			.reply(200, page(entries('c', 'd'), link(3)));
		nock(API)
			.get(path)
			.query({ page: 3 })
			.reply(200, page(entries('e')));
		expect(jsonOf((await getAll(resource, all)).items)).toEqual(entries('a', 'b', 'c', 'd', 'e'));
	});

	test.each([
		[1, ['a']],
		[2, ['a', 'b']],
	])('no page is fetched that a limit of %i does not need', async (limit, ids) => {
		nock(API)
			.get(path)
			.reply(200, page(entries('a', 'b'), `${API}${path}?page=2`));
		expect(jsonOf((await getAll(resource, { limit })).items)).toEqual(entries(...ids));
	});

	test('a limit on the second page', async () => {
		nock(API)
			.get(path)
			.reply(200, page(entries('a', 'b'), `${API}${path}?page=2`));
		nock(API)
			.get(path)
			.query({ page: 2 })
			.reply(200, page(entries('c', 'd'), `${API}${path}?page=3`));
		expect(jsonOf((await getAll(resource, { limit: 3 })).items)).toEqual(entries('a', 'b', 'c'));
	});

	test('the limit is 50 when nothing is said', async () => {
		const ids = Array.from({ length: 60 }, (_, at) => `e${at}`);
		nock(API)
			.get(path)
			.reply(200, page(entries(...ids), `${API}${path}?page=2`));
		expect((await getAll(resource)).items).toHaveLength(50);
	});

	test('a list that fails is an item error, and the other items get theirs', async () => {
		nock(API)
			.get(path)
			.query({ workspace: 'w-1' })
			.reply(400, { workspace: ['Unknown.'] });
		nock(API)
			.get(path)
			.query({ workspace: 'w-2' })
			.reply(200, page(entries('a')));
		const { items } = await recognition(
			resource,
			'getAll',
			{ simplify: false, filters: { workspace: byId('={{ $json.workspace }}') } },
			{
				items: rows({ workspace: 'w-1' }, { workspace: 'w-2' }),
				onError: 'continueRegularOutput',
			},
		);
		expect(items).toEqual([
			{
				json: {
					error: 'Ximilar refused this: workspace: Unknown.',
					message: expect.stringContaining('Correct what is named above'),
				},
				pairedItem: { item: 0 },
			},
			{ json: entryOf('a'), pairedItem: { item: 1 } },
		]);
	});

	test('a limit that is none is rejected', async () => {
		const { error } = await getAll(resource, { limit: '={{ 0 }}' });
		expect(error!.message).toBe('Limit must be at least 1');
	});
});

describe('filters', () => {
	test.each([
		['label', LABELS, { search: 'dog' }, { search: 'dog' }],
		['label', LABELS, { search: '' }, {}],
		['label', LABELS, { task: byId(TASK) }, { task: TASK }],
		['label', LABELS, { task: byId('') }, {}],
		['label', LABELS, { workspace: byId(WORKSPACE) }, { workspace: WORKSPACE }],
		['task', TASKS, { search: 'pets' }, { search: 'pets' }],
		['trainingImage', IMAGES, { label: byId(LABEL) }, { labels: LABEL }],
		['trainingImage', IMAGES, { withoutLabel: byId(LABEL) }, { not_labels: LABEL }],
		['trainingImage', IMAGES, { verified: 2 }, { verified: 2 }],
		['trainingImage', IMAGES, { test: true, real: false }, { test: true, real: false }],
		['trainingImage', IMAGES, { workspace: byId(WORKSPACE) }, { workspace: WORKSPACE }],
		['trainingImage', IMAGES, {}, {}],
	])('of %s (%s): %j', async (resource, path, filters, query) => {
		nock(API).get(path).query(query).reply(200, page([]));
		expect((await getAll(resource, { filters })).error).toBeUndefined();
	});

	test.each([
		['label', { task: byUrl('={{ "a b" }}') }, 'Task is not an ID: "a b"'],
		['label', { name: '={{ "" }}' }, 'Exact Name is empty'],
		['trainingImage', { verified: '={{ -1 }}' }, 'Verifications must be at least 0'],
		['trainingImage', { test: '={{ "maybe" }}' }, 'Test must be true or false'],
		['trainingImage', { withoutLabel: byUrl('={{ "a/b" }}') }, /^Without Label is not a link/],
	])('of %s that cannot be used are named: %j', async (resource, filters, message) => {
		expect((await getAll(resource, { filters })).error!.message).toMatch(message);
	});

	test.each([
		['label', LABELS, labelOf],
		['task', TASKS, taskOf],
	])(
		'an exact name of a %s is searched for, and looked for on page after page',
		async (resource, path, entryOf) => {
			const named = (id: string, name: string) => entryOf(id, { name });
			nock(API)
				.get(path)
				.query({ search: 'Dog' })
				.reply(
					200,
					page([named('a', 'Dogs'), named('b', 'dog')], `${API}${path}?page=2&search=Dog`),
				);
			nock(API)
				.get(path)
				.query({ search: 'Dog', page: 2 })
				.reply(200, page([named('c', 'Hot Dog'), named('d', 'Dog')], `${API}${path}?page=3`));
			const { items } = await getAll(resource, { limit: 1, filters: { name: ' Dog ' } });
			expect(jsonOf(items)).toEqual([named('d', 'Dog')]);
		},
	);

	test('an exact name that nothing has gives nothing', async () => {
		nock(API)
			.get(LABELS)
			.query({ search: 'Dog' })
			.reply(200, page([labelOf('a', { name: 'Dogs' })]));
		const { items, error } = await getAll('label', { filters: { name: 'Dog' } });
		expect(error).toBeUndefined();
		expect(items).toEqual([]);
	});
});

describe('Simplify', () => {
	test('a task', async () => {
		nock(API)
			.get(TASKS)
			.reply(200, page([taskOf('a', { production_version: 4 })]));
		const { items } = await recognition('task', 'getAll');
		expect(items[0]!.json).toMatchObject({ id: 'a', trained: true, labels: ['dog'] });
		expect(items[0]!.json).not.toHaveProperty('created');
	});

	test('a training image, also where the list leaves out labels and metadata', async () => {
		const short = imageOf('b', { labels: undefined, meta_data: undefined });
		nock(API)
			.get(IMAGES)
			.reply(200, page([imageOf('a', { labels: [{ id: LABEL, name: 'dog' }] }), short]));
		const { items } = await recognition('trainingImage', 'getAll');
		expect(items.map(({ json }) => json.labels)).toEqual([['dog'], undefined]);
		expect(items[1]!.json).toMatchObject({ id: 'b', width: 640, test: false });
	});
});

describe('pickers', () => {
	const node = new XimilarRecognition();
	const searchLabels = node.methods.listSearch.searchLabels!;

	test('labels are searched on the server, page by page', async () => {
		const editor = editorOf(node, { resource: 'label', operation: 'get' });
		nock(API)
			.get(LABELS)
			.query({ search: 'do' })
			.reply(200, page([labelOf('a')], `http://elsewhere.example${LABELS}?page=2&search=do`));
		const first = await searchLabels.call(editor, 'do');
		expect(first.results).toEqual([{ name: 'dog', value: 'a' }]);

		nock(API)
			.get(LABELS)
			.query({ search: 'do', page: 2 })
			.reply(200, page([labelOf('b', { name: 'condor' })]));
		const second = await searchLabels.call(editor, 'do', first.paginationToken as string);
		expect(second).toEqual({ results: [{ name: 'condor', value: 'b' }] });
	});

	test.each(['options', 'filters'])('labels of the workspace chosen in %s', async (group) => {
		nock(API).get(LABELS).query({ workspace: WORKSPACE }).reply(200, page([]));
		const editor = editorOf(node, {
			resource: 'label',
			operation: 'get',
			[group]: { workspace: byId(WORKSPACE) },
		} as INodeParameters);
		expect(await searchLabels.call(editor)).toEqual({ results: [] });
	});

	test('every list that a picker names is there', () => {
		const { listSearch } = node.methods;
		const named = JSON.stringify(node.description).matchAll(/"searchListMethod":"(\w+)"/g);
		const names = new Set([...named].map(([, name]) => name));
		expect([...names].sort()).toEqual(Object.keys(listSearch).sort());
	});
});
