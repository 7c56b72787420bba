import type { IDataObject, INodeProperties } from 'n8n-workflow';
import nock from 'nock';
import { XimilarRecognition } from '../../nodes/XimilarRecognition/XimilarRecognition.node';
import { XimilarVlm } from '../../nodes/XimilarVlm/XimilarVlm.node';
import { nodesOfPackage } from '../../tools/nodes';
import { recognition } from './recognition/recognition';
import { run as vlm } from './vlm/vlm';
import { API, byId, editorOf, jsonOf, rows, type Job } from './workflow';

const node = new XimilarRecognition();
const { listSearch } = node.methods;
const [searchTasks, searchWorkspaces] = [listSearch.searchTasks!, listSearch.searchWorkspaces!];
const classify = { resource: 'image', operation: 'classify' };

test('a search is made on the server, and goes on where its page token says', async () => {
	const editor = editorOf(node, classify);
	nock(API)
		.get('/recognition/v2/task/')
		.query({ search: 'col' })
		.reply(200, {
			count: 2,
			// Another scheme and host than the one called: only the query is used.
			next: 'http://elsewhere.example/recognition/v2/task/?page=2&search=col',
			results: [{ id: 'a', name: 'Product colours', production_version: 3 }],
		});
	const first = await searchTasks.call(editor, 'col');
	expect(first.results).toEqual([{ name: 'Product colours', value: 'a' }]);

	nock(API)
		.get('/recognition/v2/task/')
		.query({ search: 'col', page: 2 })
		.reply(200, { next: null, results: [{ id: 'b', name: 'Colours 2', production_version: -1 }] });
	const second = await searchTasks.call(editor, 'col', first.paginationToken as string);
	expect(second).toEqual({ results: [{ name: 'Colours 2 (not trained yet)', value: 'b' }] });
});

test('the workspace that is chosen in the node holds for its lists', async () => {
	const workspace = byId('w-1');
	nock(API).get('/recognition/v2/task/').query({ workspace: 'w-1' }).reply(200, { results: [] });
	const editor = editorOf(node, { ...classify, options: { workspace } });
	expect((await searchTasks.call(editor)).results).toEqual([]);
});

test('workspaces are searched by name', async () => {
	nock(API)
		.get('/account/v2/workspace/')
		.reply(200, [
			{ id: 'a', name: 'Default' },
			{ id: 'b', name: 'Warehouse' },
		]);
	const { results } = await searchWorkspaces.call(editorOf(node, classify), 'ware');
	expect(results).toEqual([{ name: 'Warehouse', value: 'b' }]);
});

test('a list that cannot be loaded says why', async () => {
	nock(API).get('/recognition/v2/task/').reply(401, { detail: 'Invalid token.' });
	await expect(searchTasks.call(editorOf(node, classify))).rejects.toThrow(
		/^Ximilar did not accept the API token$/,
	);
});

describe('By Name', () => {
	const TASKS = '/recognition/v2/task/';
	const byName = (value: string) => ({ __rl: true, mode: 'name', value });
	const get = async (value: object, job: Partial<Job> = {}, options: IDataObject = {}) =>
		await recognition('task', 'get', { task: value as IDataObject, simplify: false, options }, job);
	const listed = (query: Record<string, string>, ...entries: Array<[id: string, name: string]>) =>
		nock(API)
			.get(TASKS)
			.query(query)
			.reply(200, { next: null, results: entries.map(([id, name]) => ({ id, name })) });
	const answers = (id: string, query: Record<string, string> = {}) =>
		nock(API).get(`${TASKS}${id}/`).query(query).reply(200, { id });

	test('finds the one thing that has exactly this name', async () => {
		listed({ search: 'Colours' }, ['b', 'Product Colours'], ['a', 'Colours'], ['c', 'colours']);
		answers('a');
		expect(jsonOf((await get(byName('Colours'))).items)).toEqual([{ id: 'a' }]);
	});

	test('asks once for all items of a run that name the same', async () => {
		listed({ search: 'Colours' }, ['a', 'Colours']);
		listed({ search: 'Shapes' }, ['b', 'Shapes']);
		for (const id of ['a', 'a', 'b']) answers(id);
		const { items } = await get(byName('={{ $json.task }}'), {
			items: rows({ task: 'Colours' }, { task: 'Shapes' }, { task: ' Colours ' }),
		});
		expect(jsonOf(items)).toEqual([{ id: 'a' }, { id: 'b' }, { id: 'a' }]);
	});

	test('tells the nearest names when there is none, asks no more, and spoils no other item', async () => {
		listed({ search: 'Colors' });
		listed({}, ['a', 'Shapes'], ['b', 'Colours']);
		answers('x');
		const { items } = await recognition(
			'task',
			'get',
			{ task: '={{ $json.task }}', simplify: false },
			{
				items: rows({ task: byName('Colors') }, { task: byName('Colors') }, { task: byId('x') }),
				onError: 'continueRegularOutput',
			},
		);
		const told = {
			error: 'There is no task with the name "Colors". Similar names: "Colours", "Shapes"',
			message: expect.stringContaining('Choose it from the list'),
		};
		expect(jsonOf(items)).toEqual([told, told, { id: 'x' }]);
	});

	test('tells when several have the name', async () => {
		listed({ search: 'Colours' }, ['a', 'Colours'], ['b', 'Colours']);
		expect((await get(byName('Colours'))).error).toMatchObject({
			message: '2 tasks have the name "Colours": a, b',
			description: 'Choose the task from the list, or enter its ID.',
		});
	});

	test('looks within the workspace, which may be named as well', async () => {
		nock(API)
			.get('/account/v2/workspace/')
			.reply(200, [
				{ id: 'd', name: 'Default' },
				{ id: 'w', name: 'Warehouse' },
			]);
		listed({ search: 'Colours', workspace: 'w' }, ['a', 'Colours']);
		answers('a', { workspace: 'w' });
		const { items } = await get(byName('Colours'), {}, { workspace: byName('Warehouse') });
		expect(jsonOf(items)).toEqual([{ id: 'a' }]);
	});

	test('is taken where an ID is expected, as AI agents send it', async () => {
		for (const mode of ['id', undefined]) {
			listed({ search: 'Product colours / new' }, ['a', 'Product colours / new']);
			answers('a');
			const name = 'Product colours / new';
			const { items } = await get(mode ? { __rl: true, mode, value: name } : (name as never));
			expect(jsonOf(items)).toEqual([{ id: 'a' }]);
		}
	});

	test('what no task has as its name is taken for an ID where one is expected', async () => {
		listed({ search: 'task-17' });
		answers('task-17');
		const { items } = await get({ __rl: true, mode: 'id', value: 'task-17' });
		expect(jsonOf(items)).toEqual([{ id: 'task-17' }]);
	});

	test('nothing is looked for where an ID is given', async () => {
		const id = '185c2019-1182-439c-900b-9f29c3f35926';
		answers(id);
		expect(jsonOf((await get({ __rl: true, mode: 'id', value: id })).items)).toEqual([{ id }]);
	});

	test('an empty name is told', async () => {
		expect((await get(byName(' '))).error?.message).toBe('Task is empty');
	});

	test('a list that cannot be read is told, and a bad token ends the run', async () => {
		nock(API).get(TASKS).query({ search: 'Colours' }).reply(401, { detail: 'Invalid token.' });
		const { error } = await get(byName('={{ $json.task }}'), {
			items: rows(
				{ task: 'Colours' },
				...Array.from({ length: 30 }, (_, at) => ({ task: `${at}` })),
			),
		});
		expect(error?.message).toBe('Ximilar did not accept the API token');
	});

	test('of a variable is looked for in the dataset that is chosen, which may be named too', async () => {
		nock(API)
			.get('/vlm/v2/dataset/')
			.reply(200, { next: null, results: [{ id: 'd', name: 'Cards' }] });
		nock(API)
			.get('/vlm/v2/variable/')
			.query({ dataset: 'd' })
			.reply(200, { next: null, results: [{ id: 'v', name: 'grade', type: 'float' }] });
		const variable = { id: 'v', name: 'grade', type: 'float' };
		nock(API).get('/vlm/v2/variable/v/').reply(200, variable);
		const parameters = { dataset: byName('Cards'), variable: byName('grade') };
		const { items } = await vlm('variable', 'get', { ...parameters, simplify: false });
		expect(jsonOf(items)).toEqual([variable]);
	});

	test('of a dataset narrows the lists of the editor', async () => {
		nock(API)
			.get('/vlm/v2/dataset/')
			.reply(200, { next: null, results: [{ id: 'd', name: 'Cards' }] });
		nock(API)
			.get('/vlm/v2/sample/')
			.query({ dataset: 'd' })
			.reply(200, { next: null, results: [{ id: 's', name: 'Card 1' }] });
		const vlmNode = new XimilarVlm();
		const editor = editorOf(vlmNode, {
			resource: 'sample',
			operation: 'get',
			dataset: byName('Cards'),
		});
		const { results } = await vlmNode.methods.listSearch.searchSamples!.call(editor);
		expect(results).toEqual([{ name: 'Card 1', value: 's' }]);
	});
});

test('every picker offers a list, a name, an address and an ID, in the order of n8n', async () => {
	const modes = (property: INodeProperties): string[][] => [
		...(property.modes ? [property.modes.map(({ displayName }) => displayName)] : []),
		...((property.options ?? []) as INodeProperties[]).flatMap((one) =>
			'type' in one ? modes(one) : [],
		),
	];
	const nodes = await nodesOfPackage();
	const all = nodes.flatMap(({ node: { description } }) => description.properties.flatMap(modes));
	expect(all.length).toBeGreaterThan(50);
	for (const one of all) expect(one).toEqual(['From List', 'By Name', 'By URL', 'By ID']);
});

test('the entries of a list link to the Ximilar App where the address is known', async () => {
	nock(API)
		.get('/vlm/v2/task/')
		.reply(200, { next: null, results: [{ id: 'a', name: 'Grading' }] });
	const vlmNode = new XimilarVlm();
	const editor = editorOf(vlmNode, { resource: 'task', operation: 'get' });
	const { results } = await vlmNode.methods.listSearch.searchTasks!.call(editor);
	const url = 'https://app.ximilar.com/platform/vlm/tasks/';
	expect(results).toEqual([{ name: 'Grading', value: 'a', url }]);
});
