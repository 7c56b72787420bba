import type { INodeParameters } from 'n8n-workflow';
import nock from 'nock';
import { XimilarVlm } from '../../../nodes/XimilarVlm/XimilarVlm.node';
import { API, editorOf } from '../workflow';
import { DATASET, WORKSPACE, byId, condition, explain, grade, page } from './vlm';

/** What the editor asks the node for: lists to choose from, and the form of a dataset. */

const node = new XimilarVlm();
const { listSearch, resourceMapping } = node.methods;

const editor = (parameters: INodeParameters = {}) =>
	editorOf(node, { resource: 'sample', operation: 'setVariableValues', ...parameters });

const withDataset = { dataset: byId(DATASET) };

describe('the form of a dataset', () => {
	const form = async (parameters: INodeParameters = withDataset) =>
		await resourceMapping.getVariables!.call(editor(parameters));

	const listed = (...variables: object[]) =>
		nock(API).get('/vlm/v2/variable/').query({ dataset: DATASET }).reply(200, page(variables));

	test('has a field for each variable, with its rules and choices', async () => {
		listed(grade, explain, condition);
		expect(await form()).toEqual({
			fields: [
				{
					id: 'grade',
					displayName: 'grade (required, 0 to 10, step 0.5)',
					required: false,
					display: true,
					defaultMatch: false,
					canBeUsedToMatch: false,
					type: 'number',
				},
				{
					id: 'explain',
					displayName: 'explain',
					required: false,
					display: true,
					defaultMatch: false,
					canBeUsedToMatch: false,
					type: 'string',
				},
				{
					id: 'condition',
					displayName: 'condition',
					required: false,
					display: true,
					defaultMatch: false,
					canBeUsedToMatch: false,
					type: 'options',
					options: [
						{ name: 'Not Set', value: '' },
						{ name: 'mint', value: 'mint' },
						{ name: 'near_mint', value: 'near_mint' },
						{ name: 'good', value: 'good' },
					],
				},
			],
		});
	});

	test.each([
		['integer', { min_value: 1 }, 'number', 'v (from 1)'],
		['float', { max_value: 1 }, 'number', 'v (up to 1)'],
		['boolean', {}, 'options', 'v'],
		['array', { min_length: 1, max_length: 3 }, 'array', 'v (1 to 3 entries)'],
		['object', {}, 'object', 'v'],
		['string', { max_length: 200 }, 'string', 'v (up to 200 characters)'],
		['geometry', {}, 'string', 'v'],
	])('gives a %s with the rules %j the widget %s', async (type, rules, widget, label) => {
		listed({ id: 'a', name: 'v', type, ...rules });
		const { fields } = await form();
		expect(fields[0]).toMatchObject({ type: widget, displayName: label });
	});

	test('does not ask for what a default value stands in for', async () => {
		listed({ ...grade, default_value: 5 });
		const { fields } = await form();
		expect(fields[0]!.displayName).toBe('grade (0 to 10, step 0.5)');
	});

	test('requires nothing in the editor: with Keep Other Values, n8n would not run the workflow', async () => {
		listed(grade, { ...explain, required: true });
		const { fields } = await form();
		expect(fields.map(({ required }) => required)).toEqual([false, false]);
		expect(fields[1]!.displayName).toBe('explain (required)');
	});

	test('offers true and false as a choice, so that an untouched one is neither', async () => {
		listed({ id: 'a', name: 'damaged', type: 'boolean', required: true });
		const { fields } = await form();
		expect(fields[0]!.options).toEqual([
			{ name: 'Not Set', value: '' },
			{ name: 'True', value: 'true' },
			{ name: 'False', value: 'false' },
		]);
	});

	test.each([
		['string', 'good'],
		['float', 5],
		['boolean', true],
		['boolean', false],
		['array', ['a']],
	])('fills nothing in: a %s with the default value %j', async (type, default_value) => {
		listed({ id: 'a', name: 'v', type, default_value });
		const { fields } = await form();
		expect(fields[0]).not.toHaveProperty('defaultValue');
		// Of these two alone the editor makes a value by itself (`n8n.md`, Resource mapper).
		expect(fields[0]!.type).not.toBe('boolean');
	});

	test('has the variables of all pages, in the chosen workspace', async () => {
		const workspace = byId(WORKSPACE);
		nock(API)
			.get('/vlm/v2/variable/')
			.query({ dataset: DATASET, workspace: WORKSPACE })
			.reply(
				200,
				page([grade], `http://api.ximilar.com/vlm/v2/variable/?dataset=${DATASET}&page=2`),
			);
		nock(API)
			.get('/vlm/v2/variable/')
			.query({ dataset: DATASET, page: 2, workspace: WORKSPACE })
			.reply(200, page([explain]));
		const { fields } = await form({ ...withDataset, options: { workspace } });
		expect(fields.map(({ id }) => id)).toEqual(['grade', 'explain']);
	});

	test('takes the dataset from its link', async () => {
		listed(grade);
		const value = `https://app.ximilar.com/vlm/dataset/${DATASET}`;
		const { fields } = await form({ dataset: { __rl: true, mode: 'url', value } });
		expect(fields).toHaveLength(1);
	});

	test('says what to do while there is nothing to show', async () => {
		expect(await form({})).toEqual({ fields: [], emptyFieldsNotice: 'Choose a dataset first.' });
		listed();
		expect(await form()).toEqual({
			fields: [],
			emptyFieldsNotice: 'The dataset has no variables yet: create them first.',
		});
	});

	test('that cannot be loaded says why', async () => {
		nock(API)
			.get('/vlm/v2/variable/')
			.query({ dataset: DATASET })
			.reply(403, { detail: 'No access.' });
		await expect(form()).rejects.toMatchObject({
			message: 'This Ximilar account may not use this: No access.',
			description: expect.stringContaining('in beta'),
		});
	});
});

describe('lists to choose from', () => {
	test.each([
		[
			'searchPrompts',
			'/vlm/v2/prompt/',
			{ search: 'x' },
			{ type: 'user', format: 'json' },
			'A (user, json)',
		],
		['searchSystemPrompts', '/vlm/v2/prompt/', { search: 'x', type: 'system' }, {}, 'A'],
		[
			'searchUserPrompts',
			'/vlm/v2/prompt/',
			{ search: 'x', type: 'user' },
			{ format: 'json' },
			'A (json)',
		],
		['searchTasks', '/vlm/v2/task/', { search: 'x' }, {}, 'A'],
		[
			'searchSamples',
			'/vlm/v2/sample/',
			{ search: 'x', dataset: DATASET },
			{ dataset_name: 'Cards', test: true },
			'A (Cards, test)',
		],
	] as const)('%s searches on the server', async (method, path, query, more, name) => {
		nock(API)
			.get(path)
			.query(query)
			.reply(200, page([{ id: 'a', name: 'A', ...more }]));
		const { results } = await listSearch[method]!.call(editor(withDataset), 'x');
		expect(results).toEqual([expect.objectContaining({ name, value: 'a' })]);
	});

	test('samples of all datasets are shown while none is chosen', async () => {
		nock(API)
			.get('/vlm/v2/sample/')
			.query({})
			.reply(200, page([{ id: 'a', name: null, dataset_name: 'Cards', test: false }]));
		const { results } = await listSearch.searchSamples!.call(editor());
		expect(results).toEqual([{ name: 'a (Cards)', value: 'a' }]);
	});

	test('datasets come page by page, and are searched here over all pages', async () => {
		const next = 'https://api.ximilar.com/vlm/v2/dataset/?page=2';
		const answer = () =>
			nock(API)
				.get('/vlm/v2/dataset/')
				.query({})
				.reply(200, page([{ id: 'a', name: 'Cards' }], next));
		answer();
		const first = await listSearch.searchDatasets!.call(editor());
		expect(first.results).toEqual([{ name: 'Cards', value: 'a' }]);
		const second = () =>
			nock(API)
				.get('/vlm/v2/dataset/')
				.query({ page: 2 })
				.reply(200, page([{ id: 'b', name: 'Coins' }]));
		second();
		const more = await listSearch.searchDatasets!.call(
			editor(),
			undefined,
			first.paginationToken as string,
		);
		expect(more).toEqual({ results: [{ name: 'Coins', value: 'b' }] });

		answer();
		second();
		const found = await listSearch.searchDatasets!.call(editor(), 'COIN');
		expect(found).toEqual({ results: [{ name: 'Coins', value: 'b' }] });
	});

	test("variables are the chosen dataset's only", async () => {
		nock(API)
			.get('/vlm/v2/variable/')
			.query({ dataset: DATASET })
			.reply(200, page([grade, explain]));
		const { results } = await listSearch.searchVariables!.call(editor(withDataset));
		expect(results).toEqual([
			{ name: 'grade (float)', value: grade.id },
			{ name: 'explain (string)', value: explain.id },
		]);
		await expect(listSearch.searchVariables!.call(editor())).rejects.toMatchObject({
			message: 'Dataset is empty',
			description: 'Choose a dataset first: variables are those of a dataset.',
		});
	});
});

test('each instance of the node has properties of its own', () => {
	const [a, b] = [new XimilarVlm().description.properties, new XimilarVlm().description.properties];
	expect(a).toEqual(b);
	a.forEach((property, index) => {
		expect(property).not.toBe(b[index]);
		if (property.typeOptions) expect(property.typeOptions).not.toBe(b[index]!.typeOptions);
	});
});
