import type { IDataObject } from 'n8n-workflow';
import nock from 'nock';
import { API, jsonOf } from '../workflow';
import {
	DATASET,
	WORKSPACE,
	byId,
	dataset,
	explain,
	grade,
	page,
	prompt,
	run,
	sample,
	task,
} from './vlm';

/** The list operations: filters, pages, exact names, and the two forms of an entry. */

interface List {
	resource: string;
	entry: IDataObject;
	/** Filters beside the workspace, and the query that they make. */
	filters: IDataObject;
	query: Record<string, string>;
	/** The API has a search by name. */
	searched: boolean;
}

const lists: List[] = [
	{ resource: 'dataset', entry: dataset, filters: {}, query: {}, searched: false },
	{
		resource: 'prompt',
		entry: prompt,
		filters: { search: 'analysis', promptType: 'system' },
		query: { search: 'analysis', type: 'system' },
		searched: true,
	},
	{
		resource: 'sample',
		entry: sample,
		filters: { search: 'Sample', dataset: byId(DATASET), test: true },
		query: { search: 'Sample', dataset: DATASET, test: 'true' },
		searched: true,
	},
	{
		resource: 'task',
		entry: task,
		filters: { search: 'Custom' },
		query: { search: 'Custom' },
		searched: true,
	},
	{
		resource: 'variable',
		entry: grade,
		filters: { dataset: byId(DATASET) },
		query: { dataset: DATASET },
		searched: false,
	},
];

const raw = { simplify: false, returnAll: true };

describe.each(lists.map((list) => [list.resource, list] as const))('%s', (resource, list) => {
	const { entry, filters, query, searched } = list;
	const path = `/vlm/v2/${resource}/`;
	const named = (id: string, name = entry.name) => ({ ...entry, id, name });

	test('sends its filters, and gives an item for each entry', async () => {
		nock(API)
			.get(path)
			.query({ ...query, workspace: WORKSPACE })
			.reply(200, page([named('a'), named('b')]));
		const { items, error } = await run(resource, 'getAll', {
			...raw,
			filters: { ...filters, workspace: byId(WORKSPACE) },
		});
		expect(error).toBeUndefined();
		expect(items).toEqual([
			{ json: named('a'), pairedItem: { item: 0 } },
			{ json: named('b'), pairedItem: { item: 0 } },
		]);
	});

	test('sends no filter that was not added', async () => {
		nock(API).get(path).query({}).reply(200, page([]));
		expect((await run(resource, 'getAll', raw)).items).toEqual([]);
	});

	test('reads all pages, and none that the limit does not need', async () => {
		const next = `http://elsewhere.example${path}?page=2`;
		const first = () =>
			nock(API)
				.get(path)
				.query({})
				.reply(200, page([named('a'), named('b')], next));
		first();
		const limited = await run(resource, 'getAll', { simplify: false, limit: 2 });
		expect(jsonOf(limited.items).map(({ id }) => id)).toEqual(['a', 'b']);

		first();
		nock(API)
			.get(path)
			.query({ page: 2 })
			.reply(200, page([named('c')]));
		const all = await run(resource, 'getAll', raw);
		expect(jsonOf(all.items).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
	});

	test('finds an exact name', async () => {
		nock(API)
			.get(path)
			.query(searched ? { search: 'Card' } : {})
			.reply(200, page([named('a', 'Card 17'), named('b', 'Card'), named('c', 'card')]));
		const { items } = await run(resource, 'getAll', { ...raw, filters: { name: 'Card' } });
		expect(jsonOf(items).map(({ id }) => id)).toEqual(['b']);
	});

	test('a failed list is an item error under Continue On Fail', async () => {
		nock(API).get(path).query({}).reply(403, { detail: 'No access.' });
		const { items } = await run(resource, 'getAll', raw, { onError: 'continueRegularOutput' });
		expect(jsonOf(items)).toEqual([
			{
				error: 'This Ximilar account may not use this: No access.',
				message: expect.stringContaining('in beta'),
			},
		]);
	});
});

test.each([
	['dataset', dataset, 10],
	['sample', sample, 10],
	['task', task, 10],
	['variable', explain, 7],
])('%s entries are simplified to %s with at most ten fields', async (resource, entry, fields) => {
	nock(API)
		.get(`/vlm/v2/${resource}/`)
		.query({})
		.reply(200, page([entry]));
	const { items } = await run(resource, 'getAll', {});
	const shown = JSON.parse(JSON.stringify(items[0]!.json)) as IDataObject;
	expect(shown).toMatchObject({ id: entry.id, name: entry.name });
	expect(Object.keys(shown).length).toBeLessThanOrEqual(fields);
});
