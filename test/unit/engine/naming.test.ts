import { createClient } from '../../../nodes/shared/api/client';
import { createMemoize } from '../../../nodes/shared/api/concurrency';
import { LABEL, VARIABLE, WORKSPACE } from '../../../nodes/shared/api/entities';
import { findByName, Named, withIds, type Listing } from '../../../nodes/shared/engine/naming';
import { connectionTo, type Answer, type Reaction } from '../api/fakes';

type Entries = Array<[id: string, name?: string | null]>;
const entriesOf = (entries: Entries) => entries.map(([id, name]) => ({ id, name }));
const page = (...entries: Entries): Answer => ({
	body: { count: entries.length, next: null, results: entriesOf(entries) },
});
const none = page();

/** Calls of a service that answers so, and where they went. */
function serviceOf(...reactions: Reaction[]) {
	const { connection, requests } = connectionTo(...reactions);
	const calls = () => requests.map(({ url }) => url.replace('https://api.example/base/', ''));
	return { api: createClient(connection), calls };
}

const LABELS = 'recognition/v2/label/?';

describe('findByName', () => {
	const find = async (
		reactions: Reaction[],
		{ listing = LABEL, mayBeId = false, name = 'Dog' }: Partial<Named> = {},
	) => {
		const { api, calls } = serviceOf(...reactions);
		const result = await findByName(api, new Named(name, listing, mayBeId), { type: 't' }).catch(
			(error: unknown) => error,
		);
		return { result, calls: calls() };
	};

	test.each<[string, Listing, Reaction, string]>([
		[
			'by the search of the API',
			LABEL,
			page(['a', 'Dogs'], ['b', 'Dog']),
			`${LABELS}type=t&search=Dog`,
		],
		[
			'in the whole list, where the API has no search for it',
			{ ...LABEL, searchedHere: true },
			page(['a', 'Cat'], ['b', 'Dog']),
			`${LABELS}type=t`,
		],
		[
			'in a list without pages',
			{ ...WORKSPACE, unpaged: true },
			{ body: entriesOf([['a'], ['b', 'Dog'], ['c', null]]) },
			'account/v2/workspace/',
		],
	])('finds the one thing %s', async (_, listing, answer, call) => {
		expect(await find([answer], { listing })).toEqual({ result: 'b', calls: [call] });
	});

	test('takes no name that differs in case, and tells it with the nearest', async () => {
		const { result } = await find([page(['a', 'Big cat'], ['b', 'dog'], ['c', 'Hot dogs'], ['d'])]);
		expect(result).toMatchObject({
			kind: 'notFound',
			message: 'There is no label with the name "Dog". Similar names: "dog", "Hot dogs", "Big cat"',
			description: 'Enter the whole name; upper and lower case matter.',
		});
	});

	test('tells a short name before one that has nothing of it', async () => {
		const { result } = await find([page(['a', 'Cats'], ['b', 'Do'])]);
		expect(result).toMatchObject({
			message: 'There is no label with the name "Dog". Similar names: "Do", "Cats"',
		});
	});

	test('tells five names at most, each once', async () => {
		const names = ['Dog1', 'Dog 22', 'Dog1', 'Dog 333', 'Dog 4444', 'Dog 55555', 'Dog 666666'];
		const answer = page(...names.map((name, at): [string, string] => [String(at), name]));
		expect((await find([answer])).result).toMatchObject({
			message:
				'There is no label with the name "Dog". Similar names: "Dog1", "Dog 22", "Dog 333", "Dog 4444", "Dog 55555"',
		});
	});

	test('looks at what the list begins with, where nothing is like the name', async () => {
		const { result, calls } = await find([none, page(['a', 'Cat'])]);
		expect(result).toMatchObject({
			message: 'There is no label with the name "Dog". Similar names: "Cat"',
		});
		expect(calls[1]).toBe(`${LABELS}type=t`);
	});

	test.each<[string, Reaction[], Listing, number]>([
		['that cannot be looked at', [none, { status: 400 }], LABEL, 2],
		['that was read already', [none], { ...LABEL, searchedHere: true }, 1],
		['that has no pages', [{ body: [] }], { ...LABEL, unpaged: true }, 1],
	])('names none of a list %s', async (_, reactions, listing, count) => {
		const { result, calls } = await find(reactions, { listing });
		expect(result).toMatchObject({ message: 'There is no label with the name "Dog"' });
		expect(calls).toHaveLength(count);
	});

	test.each([
		[2, 'a1, a2'],
		[5, 'a1, a2, a3, a4, a5'],
		[6, 'a1, a2, a3, a4, a5, …'],
	])('tells the IDs when %i have it', async (count, ids) => {
		const all = Array.from({ length: count }, (_, at): [string, string] => [`a${at + 1}`, 'Dog']);
		expect((await find([page(...all)])).result).toMatchObject({
			kind: 'input',
			message: `${count} labels have the name "Dog": ${ids}`,
			description: 'Choose the label from the list, or enter its ID.',
		});
	});

	test('takes a name that nothing has for an ID, where it can be one', async () => {
		expect((await find([none], { mayBeId: true })).result).toBe('Dog');
		const { result } = await find([none, none], { mayBeId: true, name: 'My dog' });
		expect(result).toMatchObject({ message: 'There is no label with the name "My dog"' });
	});
});

describe('withIds', () => {
	const named = (name: string, listing: Listing = LABEL) => new Named(name, listing, false);
	const find = async <V extends object>(values: V, ...reactions: Reaction[]) => {
		const { api, calls } = serviceOf(...reactions);
		return { ids: await withIds(values, api, createMemoize()), calls: calls() };
	};

	test('gives values without names as they are', async () => {
		const values = { label: 'a', options: { workspace: 'w' }, filters: null };
		expect((await find(values)).ids).toBe(values);
	});

	test.each(['options', 'filters'])('looks first for the workspace in the %s', async (group) => {
		const workspaces = { ...WORKSPACE, unpaged: true };
		const values = {
			label: named('Dog'),
			[group]: { workspace: named('Farm', workspaces), other: named('Cat'), count: 7 },
		};
		const found = await find(
			values,
			{ body: entriesOf([['w', 'Farm']]) },
			page(['d', 'Dog']),
			page(['c', 'Cat']),
		);
		expect(found.ids).toEqual({
			label: 'd',
			[group]: { workspace: 'w', other: 'c', count: 7 },
		});
		expect(found.calls).toEqual([
			'account/v2/workspace/',
			`${LABELS}workspace=w&search=Dog`,
			`${LABELS}workspace=w&search=Cat`,
		]);
		// The values of the item stay as they were given.
		expect(values.label).toBeInstanceOf(Named);
		expect((values[group] as { other: unknown }).other).toBeInstanceOf(Named);
	});

	test('narrows a list by what was chosen before it', async () => {
		const variables: Listing = {
			...VARIABLE,
			narrow: async (chosen) => ({
				dataset: await chosen('dataset', LABEL),
				missing: await chosen('nothing', LABEL),
			}),
		};
		const { ids, calls } = await find(
			{ dataset: named('Dog'), variable: named('grade', variables), options: { count: 7 } },
			page(['d', 'Dog']),
			page(['v', 'grade']),
		);
		expect(ids).toStrictEqual({ dataset: 'd', variable: 'v', options: { count: 7 } });
		expect(calls[1]).toBe('vlm/v2/variable/?dataset=d&search=grade');
	});

	test('looks for a name once in a run, also for one that nothing has', async () => {
		const { api, calls } = serviceOf(page(['d', 'Dog']), none, none, page(['c', 'Cat']));
		const memoize = createMemoize();
		const look = async (name: string) => await withIds({ label: named(name) }, api, memoize);
		expect(await Promise.all([look('Dog'), look('Dog')])).toEqual([{ label: 'd' }, { label: 'd' }]);
		for (let time = 0; time < 2; time++) {
			await expect(look('Bird')).rejects.toThrow('There is no label with the name "Bird"');
		}
		expect(await look('Cat')).toEqual({ label: 'c' });
		expect(calls()).toHaveLength(4);
	});

	test('looks once in a run for a name that several have', async () => {
		const { api, calls } = serviceOf(page(['a', 'Dog'], ['b', 'Dog']));
		const memoize = createMemoize();
		for (let time = 0; time < 2; time++) {
			await expect(withIds({ label: named('Dog') }, api, memoize)).rejects.toThrow(
				'2 labels have the name "Dog": a, b',
			);
		}
		expect(calls()).toHaveLength(1);
	});

	test.each([403, 404])('asks again for what was refused with status %i', async (status) => {
		const { api } = serviceOf({ status }, page(['d', 'Dog']));
		const memoize = createMemoize();
		const look = async () => await withIds({ label: named('Dog') }, api, memoize);
		await expect(look()).rejects.toMatchObject({ status });
		expect(await look()).toEqual({ label: 'd' });
	});
});
