import fc from 'fast-check';
import { createClient } from '../../../nodes/shared/api/client';
import { getList, getPage, pages, type Page } from '../../../nodes/shared/api/pages';
import { anySchema, entitySchema } from '../../../nodes/shared/api/schemas';
import { connectionTo, type Answer } from './fakes';

const page = (ids: string[], next: string | null = null): Answer => ({
	body: { count: 1000, next, previous: null, results: ids.map((id) => ({ id })) },
});

/** A client of a service that gives these pages, and the queries that it is asked. */
function listOf(...answers: Answer[]) {
	const { connection, requests } = connectionTo(...answers);
	const queries = () => requests.map(({ url }) => new URL(url).search);
	return { api: createClient(connection), queries };
}

describe('getPage', () => {
	test.each([
		['none', null, undefined],
		['an address', 'https://api.example/thing/?page=2&search=a', { page: '2', search: 'a' }],
		['an address of another host', 'http://elsewhere.example/x/?page=2', { page: '2' }],
		['a path', '/thing/?page=3', { page: '3' }],
		['a cursor', 'abc-2', { search: 'a', cursor: 'abc-2' }],
	])('takes %s as what leads to the next page', async (_, next, query) => {
		const { api } = listOf(page(['a'], next));
		expect(await getPage(api, 'thing/', entitySchema, { search: 'a' })).toEqual({
			results: [{ id: 'a' }],
			...(query && { next: query }),
		});
	});

	test('names what an answer lacks', async () => {
		const { api } = listOf({ body: { results: [{ id: 'a' }, { name: 'b' }] } });
		await expect(getPage(api, 'thing/', entitySchema, {})).rejects.toMatchObject({
			kind: 'badAnswer',
			message: expect.stringContaining('results.1.id'),
		});
	});
});

describe('pages', () => {
	/** Reads pages whose next ones are told by number. */
	const read = (nexts: Record<number, number | undefined>, asked: number[] = []) =>
		pages('thing/', { page: 1 }, async ({ page: number }): Promise<Page<number>> => {
			asked.push(number as number);
			const next = nexts[number as number];
			return { results: [number as number], ...(next && { next: { page: next } }) };
		});

	test('are read one after the other, each when it is asked for', async () => {
		const asked: number[] = [];
		const all = read({ 1: 2, 2: 3 }, asked);
		expect(asked).toEqual([]);
		for (const number of [1, 2, 3]) {
			expect((await all.next()).value).toMatchObject({ results: [number] });
			expect(asked).toHaveLength(number);
		}
		expect((await all.next()).done).toBe(true);
	});

	test.each([
		['to itself', { 1: 1 }, [1]],
		['back', { 1: 2, 2: 3, 3: 2 }, [1, 2, 3]],
	])('that lead %s end with an error, after each was read once', async (_, nexts, read_) => {
		const asked: number[] = [];
		const drain = async () => {
			for await (const _ of read(nexts, asked));
		};
		await expect(drain()).rejects.toMatchObject({
			kind: 'badAnswer',
			message: "Ximilar's list leads in a circle",
			description: 'A page of thing/ names an earlier one as the next. Report it to Ximilar.',
		});
		expect(asked).toEqual(read_);
	});

	test('end where none is given', async () => {
		const all = pages('thing/', {}, async () => undefined);
		expect((await all.next()).done).toBe(true);
	});
});

describe('getList', () => {
	const ids = async (...args: Parameters<typeof listOf>) =>
		await getList(listOf(...args).api, 'thing/', entitySchema, {}, Infinity);

	test('gives all entries in the order of the service', async () => {
		const { api, queries } = listOf(page(['c', 'a'], '?page=2'), page(['b']));
		expect(await getList(api, 'thing/', entitySchema, { search: 'x' }, Infinity)).toEqual([
			{ id: 'c' },
			{ id: 'a' },
			{ id: 'b' },
		]);
		expect(queries()).toEqual(['?search=x', '?page=2']);
	});

	test('gives an entry once that moved on to the next page meanwhile', async () => {
		expect(await ids(page(['a', 'b'], '?page=2'), page(['b', 'c']))).toEqual([
			{ id: 'a' },
			{ id: 'b' },
			{ id: 'c' },
		]);
	});

	test('keeps entries that have no ID, however alike', async () => {
		const { api } = listOf({ body: { results: [{ n: 1 }, { n: 1 }, null] } });
		expect(await getList(api, 'thing/', anySchema, {}, Infinity)).toEqual([
			{ n: 1 },
			{ n: 1 },
			null,
		]);
	});

	test('keeps those that fit, and reads on until there are enough', async () => {
		const { api, queries } = listOf(page(['a', 'b'], '?page=2'), page(['b2', 'c'], '?page=3'));
		const keep = ({ id }: { id?: unknown }) => String(id).startsWith('b');
		expect(await getList(api, 'thing/', entitySchema, {}, 2, keep)).toEqual([
			{ id: 'b' },
			{ id: 'b2' },
		]);
		expect(queries()).toHaveLength(2);
	});

	test('reads no page that the limit does not need', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 1, max: 30 }),
				fc.integer({ min: 1, max: 30 }),
				fc.integer({ min: 1, max: 7 }),
				async (count, limit, size) => {
					const all = Array.from({ length: count }, (_, at) => `e${at}`);
					const starts = Array.from({ length: Math.ceil(count / size) }, (_, at) => at * size);
					const { api, queries } = listOf(
						...starts.map((start) =>
							page(
								all.slice(start, start + size),
								start + size < count ? `?start=${start + size}` : null,
							),
						),
					);
					const found = await getList(api, 'thing/', entitySchema, {}, limit);
					expect(found.map(({ id }) => id)).toEqual(all.slice(0, limit));
					expect(queries()).toHaveLength(Math.ceil(Math.min(count, limit) / size));
				},
			),
		);
	});

	test('ends where the pages lead in a circle', async () => {
		await expect(ids(page(['a'], '?page=2'), page(['b'], '?page=2'))).rejects.toThrow(
			'in a circle',
		);
	});
});
