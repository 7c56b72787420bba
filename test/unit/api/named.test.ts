import { createClient } from '../../../nodes/shared/api/client';
import { LABEL } from '../../../nodes/shared/api/entities';
import { createNamed } from '../../../nodes/shared/api/named';
import { connectionTo, type Answer } from './fakes';

const listed = (...results: object[]): Answer => ({ body: { results, next: null } });
const made: Answer = { status: 201, body: { id: 'new', name: 'Red' } };

async function create(
	answers: Answer[],
	...[body, ifExists, query]: [
		{ name: string; type?: string },
		('create' | 'return')?,
		Record<string, string>?,
	]
) {
	const { connection, requests } = connectionTo(...answers);
	const api = createClient(connection);
	const thing = await createNamed(api, LABEL, body, ifExists, query);
	const calls = requests.map(({ method, url }) => `${method} ${new URL(url).search}`);
	return { thing, calls };
}

test('a thing is created without a look by default', async () => {
	expect(await create([made], { name: 'Red' })).toEqual({
		thing: { id: 'new', name: 'Red' },
		calls: ['POST '],
	});
});

test('the one of the same name and type is given back', async () => {
	const others = [
		{ id: 'a', name: 'Reddish', type: 'tag' },
		{ id: 'b', name: 'Red', type: 'category' },
	];
	const same = { id: 'c', name: 'Red', type: 'tag' };
	expect(await create([listed(...others, same)], { name: 'Red', type: 'tag' }, 'return')).toEqual({
		thing: { ...same, already_existed: true },
		calls: ['GET ?search=Red'],
	});
});

test.each([
	['the wanted one has no type', { name: 'Red' }, { id: 'b', name: 'Red', type: 'category' }],
	['the listed one tells none', { name: 'Red', type: 'tag' }, { id: 'b', name: 'Red' }],
])('the name alone decides where %s', async (_, body, found) => {
	const { thing } = await create([listed(found)], body, 'return');
	expect(thing).toEqual({ ...found, already_existed: true });
});

test('where there is none, one is created', async () => {
	const other = { id: 'b', name: 'Red', type: 'category' };
	expect(await create([listed(other), made], { name: 'Red', type: 'tag' }, 'return')).toEqual({
		thing: { id: 'new', name: 'Red', already_existed: false },
		calls: ['GET ?search=Red', 'POST '],
	});
});

test('it is looked for in the list that the query names', async () => {
	const { calls } = await create([listed(), made], { name: 'Red' }, 'return', { dataset: 'd' });
	expect(calls).toEqual(['GET ?dataset=d', 'POST ']);
});
