import type { IDataObject } from 'n8n-workflow';
import nock from 'nock';
import type { Schema } from '../../nodes/shared/api/client';
import { anySchema, entitySchema } from '../../nodes/shared/api/schemas';
import { entity } from '../../nodes/shared/engine/entity';
import { choice, text } from '../../nodes/shared/engine/field';
import { chosenIn } from '../../nodes/shared/engine/listSearch';
import { id } from '../../nodes/shared/engine/locator';
import { methodsOfNode } from '../../nodes/shared/engine/node';
import { API, byId, editorOf, jsonOf, nodeOf, runNode, type Job } from './workflow';

/** What follows from the description of a thing: its picker, and the plain operations on it. */

const [ID, OTHER_ID, WORKSPACE] = [1, 2, 3].map(
	(number) => `185c2019-1182-439c-900b-9f29c3f3592${number}`,
) as [string, string, string];

const parts = entity({ thing: 'small part', path: 'v2/part/', schema: entitySchema, key: 'part' });

const things = entity({
	thing: 'big thing',
	path: 'v2/thing/',
	schema: entitySchema,
	key: 'thing',
	row: ({ id: own, name }) => ({ id: own, name }),
	describe: ({ size }) => size as string | undefined,
	page: 'https://app.ximilar.com/things/',
	searchedHere: true,
});

/** One that has no names to choose by. */
const leaves = entity({
	thing: 'leaf',
	path: 'v2/leaf/',
	schema: anySchema as Schema<IDataObject>,
	key: 'leaf',
	fields: () => ({
		leaf: id('leaf', { displayName: 'Leaf ID', placeholder: '', description: 'Which one' }),
	}),
});

const resources = {
	thing: {
		name: 'Thing',
		operations: {
			get: things.get('Gets'),
			delete: things.delete('Deletes'),
			getAll: things.getAll({
				description: 'Lists',
				filters: { colour: text({ displayName: 'Colour' }) },
			}),
			getLarge: things.getAll({
				name: 'Get Large',
				description: 'Lists',
				filters: { colour: text({ displayName: 'Colour' }) },
				query: ({ colour }) => ({ paint: colour }),
				keep: ({ size }, { colour }) => size === 'large' && colour !== 'none',
				maxPageSize: 100,
			}),
			create: things.create({
				description: 'Creates',
				fields: { name: text({ displayName: 'Name' }) },
				options: { note: text({ displayName: 'Note' }) },
				body: ({ name, options }) => ({ name, note: options.note }),
			}),
			createAmong: things.create({
				description: 'Creates',
				fields: { name: text({ displayName: 'Name' }) },
				options: {},
				body: ({ name }) => ({ name }),
				among: ({ name }) => ({ like: name }),
			}),
			update: things.update({
				description: 'Updates',
				fields: {
					name: text({ displayName: 'Name' }),
					kind: choice({ displayName: 'Kind', default: 'a' }, [
						{ name: 'A', value: 'a' },
						{ name: 'B', value: 'b' },
					]),
				},
				body: (changes) => ({ ...changes, changed: true }),
			}),
			addPart: things.connect('add', parts, 'Adds'),
			removePart: things.connect('remove', parts, 'Removes'),
		},
	},
	leaf: { name: 'Leaf', operations: { get: leaves.get('Gets') } },
};

const node = nodeOf(resources);
const { listSearch } = methodsOfNode(resources);

async function run(operation: string, parameters: IDataObject = {}, job: Partial<Job> = {}) {
	const outcome = await runNode({
		node,
		...job,
		parameters: {
			resource: 'thing',
			operation,
			thing: byId(ID),
			...parameters,
		} as Job['parameters'],
	});
	return { ...outcome, json: jsonOf(outcome.items) };
}

const inWorkspace = { options: { workspace: byId(WORKSPACE) } };
const whole = { id: ID, name: 'A', size: 'large', workspace: WORKSPACE };
const row = { id: ID, name: 'A' };

describe('one of them', () => {
	test('is got, in its short form or as it came', async () => {
		nock(API).get(`/v2/thing/${ID}/`).twice().reply(200, whole);
		expect((await run('get')).json).toEqual([row]);
		expect((await run('get', { simplify: false })).json).toEqual([whole]);
	});

	test('is looked for in the workspace that is chosen', async () => {
		nock(API).get(`/v2/thing/${ID}/`).query({ workspace: WORKSPACE }).reply(200, whole);
		expect((await run('get', inWorkspace)).json).toEqual([row]);
	});

	test('that has no name is got by its own field', async () => {
		nock(API).get(`/v2/leaf/${ID}/`).reply(200, { veins: 3 });
		const { json } = await run('get', { resource: 'leaf', leaf: ID });
		expect(json).toEqual([{ veins: 3 }]);
	});

	test('is deleted, and its row says so', async () => {
		nock(API).delete(`/v2/thing/${ID}/`).query({ workspace: WORKSPACE }).reply(204);
		const { json } = await run('delete', inWorkspace);
		expect(json).toEqual([expect.objectContaining({ deleted: true })]);
	});

	test('is changed in what was entered', async () => {
		let sent: unknown;
		nock(API)
			.patch(`/v2/thing/${ID}/`, (body) => (sent = body) as boolean)
			.reply(200, whole);
		const { json } = await run('update', { updateFields: { name: 'B' } });
		expect(sent).toEqual({ name: 'B', changed: true });
		expect(json).toEqual([row]);
	});
});

describe('another thing', () => {
	const sent: unknown[] = [];
	const takes = (change: string) => {
		sent.length = 0;
		return nock(API).post(`/v2/thing/${ID}/${change}-part/`, (body) => sent.push(body) > 0);
	};

	test.each([
		['addPart', 'add', { added: [OTHER_ID] }],
		['removePart', 'remove', { removed: [OTHER_ID] }],
	])('%s: both and what was done stand in the row', async (operation, change, done) => {
		takes(change).reply(200, {});
		const { json } = await run(operation, { part: byId(OTHER_ID), ...inWorkspace });
		expect(sent).toEqual([{ small_part_id: OTHER_ID, workspace: WORKSPACE }]);
		expect(json).toEqual([{ big_thing_id: ID, small_part_id: OTHER_ID, ...done }]);
	});

	test('is added again when the answer is lost, because that does no harm', async () => {
		takes('add').reply(502, '');
		nock(API).post(`/v2/thing/${ID}/add-part/`).reply(204);
		const { json, error } = await run('addPart', { part: byId(OTHER_ID), ...inWorkspace });
		expect(error).toBeUndefined();
		expect(json).toHaveLength(1);
	});

	test('is asked for in the words of the operation', () => {
		const { addPart, removePart } = resources.thing.operations;
		expect([addPart, removePart].map(({ name, action }) => [name, action])).toEqual([
			['Add Small Part', 'Add small part to big thing'],
			['Remove Small Part', 'Remove small part from big thing'],
		]);
		expect([addPart, removePart].map(({ fields }) => fields.part!.property().description)).toEqual([
			'The small part to add to the big thing',
			'The small part to remove from the big thing',
		]);
	});
});

describe('a list', () => {
	const page = (...results: IDataObject[]) => ({ count: results.length, next: null, results });

	test('is narrowed by its filters, within the workspace', async () => {
		nock(API)
			.get('/v2/thing/')
			.query({ colour: 'red', workspace: WORKSPACE })
			.reply(200, page(whole));
		const filters = { colour: 'red', workspace: byId(WORKSPACE) };
		expect((await run('getAll', { returnAll: true, filters })).json).toEqual([row]);
	});

	test.each([
		[{ returnAll: true }, 100],
		[{ limit: 7 }, 7],
		[{ limit: 300 }, 100],
		[{}, 50],
	])('%j asks for pages of %i, in its own words, and keeps what fits', async (how, size) => {
		nock(API)
			.get('/v2/thing/')
			.query({ paint: 'red', page_size: size })
			.reply(200, page(whole, { ...whole, size: 'small' }));
		const { json } = await run('getLarge', { ...how, filters: { colour: 'red' } });
		expect(json).toEqual([row]);
	});

	test('ends at its limit', async () => {
		nock(API)
			.get('/v2/thing/')
			.reply(200, {
				...page(...['a', 'b', 'c'].map((one) => ({ id: one }))),
				next: `${API}/v2/thing/?page=2`,
			});
		const { json } = await run('getAll', { limit: 2 });
		expect(json.map((one) => one.id)).toEqual(['a', 'b']);
	});
});

describe('a new one', () => {
	const made: unknown[] = [];
	const creates = () => {
		made.length = 0;
		return nock(API)
			.post('/v2/thing/', (body) => made.push(body) > 0)
			.reply(201, whole);
	};

	test('is created without a look at the others', async () => {
		creates();
		const { json } = await run('create', { name: 'A', options: { note: 'x' } });
		expect(made).toEqual([{ name: 'A', note: 'x' }]);
		expect(json).toEqual([row]);
	});

	test.each([
		['create', { search: 'A' }],
		['createAmong', { like: 'A' }],
	])('%s: of the same name is returned where that is wanted', async (operation, query) => {
		nock(API)
			.get('/v2/thing/')
			.query(query)
			.reply(200, { next: null, results: [whole] });
		const options = { ifExists: 'return' };
		const { json } = await run(operation, { name: 'A', options });
		expect(json).toEqual([{ ...row, already_existed: true }]);
	});

	test('of two items with one name, the second finds what the first made', async () => {
		nock(API).get('/v2/thing/').query({ search: 'A' }).reply(200, { next: null, results: [] });
		creates();
		nock(API)
			.get('/v2/thing/')
			.query({ search: 'A' })
			.reply(200, { next: null, results: [whole] });
		const { json } = await run(
			'create',
			{ name: 'A', options: { ifExists: 'return' } },
			{ items: [{ json: {} }, { json: {} }] },
		);
		expect(json.map(({ already_existed }) => already_existed)).toEqual([false, true]);
	});
});

describe('its picker', () => {
	const search = async (filter?: string, parameters: IDataObject = {}) =>
		await listSearch.searchThings!.call(
			editorOf(node, { resource: 'thing', operation: 'get', ...parameters } as Job['parameters']),
			filter,
		);
	const lists = (query: Record<string, string>, ...results: IDataObject[]) =>
		nock(API).get('/v2/thing/').query(query).reply(200, { next: null, results });
	const url = 'https://app.ximilar.com/things/';

	test('shows names, what tells them from others, and the page that leads to them', async () => {
		lists({}, { id: 'a', name: 'A', size: 'large' }, { id: 'b', name: 'B' }, { id: 'c' });
		expect(await search()).toEqual({
			results: [
				{ name: 'A (large)', value: 'a', url },
				{ name: 'B', value: 'b', url },
				{ name: 'c', value: 'c', url },
			],
		});
	});

	test('searches here what the service cannot search', async () => {
		lists({}, { id: 'a', name: 'Apple' }, { id: 'b', name: 'Pear' }, { id: 'pea', name: '' });
		expect((await search('PEA')).results.map(({ value }) => value)).toEqual(['b', 'pea']);
	});

	test.each(['options', 'filters'])('looks in the workspace among the %s', async (where) => {
		lists({ workspace: 'w' }, { id: 'a', name: 'A' });
		const { results } = await search(undefined, { [where]: { workspace: byId('w') } });
		expect(results).toHaveLength(1);
	});

	test('of workspaces is asked for as Workspace', async () => {
		nock(API)
			.get('/account/v2/workspace/')
			.reply(200, [{ id: 'w', name: 'Default' }]);
		const { results } = await listSearch.searchWorkspaces!.call(editorOf(node, {}));
		expect(results).toEqual([{ name: 'Default', value: 'w' }]);
		const { options } = resources.thing.operations.get.fields;
		const [workspace] = options!.property().options as Array<{ displayName: string }>;
		expect(workspace!.displayName).toBe('Workspace');
	});

	test('is named after what it picks', () => {
		const { thing } = resources.thing.operations.get.fields;
		expect(thing!.property()).toMatchObject({
			displayName: 'Big Thing',
			description: 'The big thing to work with',
			required: true,
		});
		expect(Object.keys(listSearch).sort()).toEqual([
			'searchParts',
			'searchThings',
			'searchWorkspaces',
		]);
	});

	test('what is chosen in another field is known, also by its name', async () => {
		const chosen = async (value: unknown) =>
			await chosenIn(editorOf(node, { thing: value } as Job['parameters']), {
				get: async () => ({ next: null, results: [{ id: 'b', name: 'Pear' }] }),
			} as never)('thing', things);
		expect(await chosen(undefined)).toBeUndefined();
		expect(await chosen(byId(''))).toBeUndefined();
		expect(await chosen(byId(ID))).toBe(ID);
		expect(await chosen({ __rl: true, mode: 'name', value: 'Pear' })).toBe('b');
	});
});
