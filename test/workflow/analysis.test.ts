import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import nock from 'nock';
import { z } from 'zod';
import { XimilarError } from '../../nodes/shared/api/error';
import { analysis } from '../../nodes/shared/engine/analysis';
import { text } from '../../nodes/shared/engine/field';
import {
	API,
	answering,
	files,
	jsonOf,
	nodeOf,
	png,
	rows,
	runNode,
	untilNoMore,
	type Job,
} from './workflow';

/** How images of many items are packed into requests, and what becomes of the answers. */

interface Sent {
	kind: string;
	workspace?: string;
	records: Array<{ _id: string; note: string; _url?: string; _base64?: string }>;
}

/** The images of requests that were begun, in this order; they may still wait for their turn. */
const begun: string[] = [];
let diagnosis: XimilarError | undefined;
const diagnosed: string[] = [];

const declaration = {
	name: 'See',
	action: 'See images',
	description: 'Sees',
	fields: { kind: text({ displayName: 'Kind' }), note: text({ displayName: 'Note' }) },
	options: { shout: text({ displayName: 'Shout' }) },
	workspace: 'The workspace to look in',
	path: 'things/see',
	body: ({ kind, options }: { kind: string; options: { workspace?: string } }) => ({
		kind,
		workspace: options.workspace,
	}),
	record: ({ note }: { note: string }) => {
		begun.push(note);
		return { note };
	},
	schema: z.object({ seen: z.string() }).passthrough(),
	simplify: (
		{ seen }: { seen: string },
		{ options }: { options: { shout?: string } },
		{ version }: IDataObject,
	) => ({ seen: `${seen}${options.shout ?? ''}`, version }),
};

const node = nodeOf({
	thing: {
		name: 'Thing',
		operations: {
			see: analysis(declaration),
			seeOtherwise: analysis({
				...declaration,
				record: undefined,
				raw: ({ seen, ...rest }) => ({ ...rest, seen: seen.length }),
				diagnose: async (_, { kind }) => {
					diagnosed.push(kind);
					return diagnosis;
				},
			}),
		},
	},
});

interface Scene {
	items: INodeExecutionData[];
	onError?: Job['onError'];
	operation?: string;
	options?: IDataObject;
	parameters?: IDataObject;
}

async function see({ items, onError, operation = 'see', options = {}, parameters }: Scene) {
	const outcome = await runNode({
		node,
		items,
		onError,
		parameters: {
			resource: 'thing',
			operation,
			imageSource: 'url',
			imageUrls: '={{ $json.urls }}',
			kind: '={{ $json.kind }}',
			note: '={{ $json.note }}',
			options,
			...parameters,
		} as Job['parameters'],
	});
	return { ...outcome, json: jsonOf(outcome.items) };
}

const ADDRESS = 'https://example.com';
const linked = (note: string, more: IDataObject = {}): IDataObject => ({
	urls: [`${ADDRESS}/${note}.png`],
	note,
	...more,
});

const accepted = ({ records }: Sent): [number, unknown] => [
	200,
	{
		version: 3,
		took: 1,
		records: records.map(({ _id, note }) => ({ _id, _status: { code: 200 }, seen: note ?? 'x' })),
	},
];

const service = (reply: (body: Sent, call: number) => [number, unknown] = accepted) =>
	answering<Sent>('/things/see', reply);
const notesIn = (bodies: Sent[]) =>
	bodies.map(({ records }) => records.map(({ note }) => note).join(' ')).sort();

beforeEach(() => {
	begun.length = 0;
	diagnosed.length = 0;
	diagnosis = undefined;
});

describe('images share a request', () => {
	test('as long as it would be the same in all else', async () => {
		const bodies = service();
		const { json } = await see({
			items: rows(
				linked('a', { kind: 'dog' }),
				linked('b', { kind: 'cat' }),
				linked('c', { kind: 'dog' }),
			),
		});
		expect(notesIn(bodies)).toEqual(['a c', 'b']);
		expect(bodies.map(({ kind }) => kind).sort()).toEqual(['cat', 'dog']);
		expect(json.map(({ seen }) => seen)).toEqual(['a', 'b', 'c']);
	});

	test.each([
		['Batch Size', { batchSize: '={{ $json.value }}' }, [2, 3]],
		['Timeout', { timeout: '={{ $json.value }}' }, [20, 30]],
		['Workspace', { workspace: '={{ $json.value }}' }, [workspaceId(1), workspaceId(2)]],
	])('and %s', async (_, options, [one, other]) => {
		const bodies = service();
		await see({
			items: rows(...[one, other, one, other].map((value, at) => linked(`${at}`, { value }))),
			options,
		});
		expect(notesIn(bodies)).toEqual(['0 2', '1 3']);
	});

	test.each([
		[{}, [10, 2]],
		[{ batchSize: 5 }, [5, 5, 2]],
		[{ batchSize: 1 }, Array<number>(12).fill(1)],
	])('with %j, %j of them', async (options, sizes) => {
		const bodies = service();
		await see({ items: rows(...Array.from({ length: 12 }, (_, at) => linked(`${at}`))), options });
		expect(bodies.map(({ records }) => records.length).sort((a, b) => b - a)).toEqual(sizes);
	});

	test('up to 16 MB', async () => {
		const bodies = service();
		const five = Buffer.alloc(5 * 2 ** 20);
		await see({
			parameters: { imageSource: 'binary', binaryPropertyName: 'data' },
			items: Array.from({ length: 4 }, (_, at) => ({
				json: { note: `${at}` },
				binary: files({ data: { name: 'a.png', bytes: Buffer.concat([png(''), five]) } }),
			})),
		});
		expect(notesIn(bodies)).toEqual(['0 1 2', '3']);
	});
});

function workspaceId(number: number): string {
	return `748e50e4-d081-4924-b9e7-f500aac6a7${number}d`;
}

describe('what waits for its turn is bounded', () => {
	/** A service that answers when nothing more is begun; gives how many were begun by then. */
	const patientService = () => {
		let most = 0;
		nock(API)
			.persist()
			.post('/things/see')
			.reply(async (_uri, body) => {
				const now = await untilNoMore(begun);
				most ||= now;
				return accepted(body as unknown as Sent) as [number, nock.Body];
			});
		return () => most;
	};

	test('by their number, where they are addresses', async () => {
		const most = patientService();
		const items = rows(...Array.from({ length: 60 }, (_, at) => linked(`${at}`)));
		const { json } = await see({ items, options: { batchSize: 1 } });
		expect(json).toHaveLength(60);
		expect(most()).toBe(48);
	});

	test('by their bytes, where they are held in memory', async () => {
		const most = patientService();
		const gif = Buffer.concat([Buffer.from('GIF89a'), Buffer.alloc(10 * 2 ** 20)]);
		const { json } = await see({
			parameters: { imageSource: 'binary', binaryPropertyName: 'data' },
			options: { batchSize: 1 },
			items: Array.from({ length: 6 }, (_, at) => ({
				json: { note: `${at}` },
				binary: files({ data: { name: 'a.gif', bytes: gif } }),
			})),
		});
		expect(json).toHaveLength(6);
		expect(most()).toBe(4);
	});
});

describe('an item has its own images', () => {
	test('in their order, whichever came first', async () => {
		service((body, call) => accepted({ ...body, records: call ? body.records : [] }));
		const items = rows({ urls: ['a', 'b', 'c'].map((one) => `${ADDRESS}/${one}.png`) });
		const { items: out } = await see({ items, options: { batchSize: 2 } });
		expect(out.map(({ json, pairedItem }) => [json.image, pairedItem])).toEqual(
			['a', 'b', 'c'].map((one) => [`${ADDRESS}/${one}.png`, { item: 0 }]),
		);
	});

	test('with what is known of them, flat', async () => {
		service();
		const { json } = await see({ items: rows(linked('a')), options: { shout: '!' } });
		expect(json).toEqual([{ image: `${ADDRESS}/a.png`, seen: 'a!', version: 3 }]);
	});

	test.each([
		['as it came', 'see', 'a'],
		['as the operation gives it', 'seeOtherwise', 1],
	])('without Simplify the answer about it, %s', async (_, operation, seen) => {
		service();
		const { json } = await see({
			operation,
			items: rows(linked('a')),
			parameters: { simplify: false },
		});
		expect(json).toEqual([
			{
				image: `${ADDRESS}/a.png`,
				version: 3,
				took: 1,
				records: [{ _status: { code: 200 }, seen }],
			},
		]);
	});

	test('one that is refused leaves the others, and says which it was', async () => {
		service(({ records }) => [
			200,
			{
				records: records.map(({ _id, _url }) =>
					_url!.includes('bad')
						? { _id, _status: { code: 400, text: 'Not seen' } }
						: { _id, _status: { code: 200 }, seen: 'x' },
				),
			},
		]);
		const items = rows(
			{ urls: [`${ADDRESS}/a.png`, `${ADDRESS}/bad.png`, `${ADDRESS}/b.png`] },
			linked('c'),
		);
		const { json, items: out } = await see({ items, onError: 'continueRegularOutput' });
		expect(json.map(({ image, error }) => image ?? error)).toEqual([
			`${ADDRESS}/a.png`,
			`${ADDRESS}/b.png`,
			`Image "${ADDRESS}/bad.png": Ximilar refused this: Not seen`,
			`${ADDRESS}/c.png`,
		]);
		expect(out.map(({ pairedItem }) => (pairedItem as { item: number }).item)).toEqual([
			0, 0, 0, 1,
		]);
	});

	test('one whose result cannot be read is told, and not passed over', async () => {
		service(({ records }) => [
			200,
			{ records: records.map(({ _id, note }) => ({ _id, ...(note !== 'b' && { seen: note }) })) },
		]);
		const { json } = await see({
			items: rows(linked('a'), linked('b'), linked('c')),
			onError: 'continueRegularOutput',
		});
		expect(json.map(({ seen }) => seen)).toEqual(['a', undefined, 'c']);
		expect(json[1]!.error).toContain(`Image "${ADDRESS}/b.png": `);
		expect(json[1]!.error).toContain('seen');
	});
});

describe('a refused request', () => {
	test('is halved, where nothing can be asked for its reason', async () => {
		const bodies = service((body) =>
			body.records.some(({ note }) => note === '3') ? [400, { detail: 'Bad' }] : accepted(body),
		);
		const items = rows(...Array.from({ length: 4 }, (_, at) => linked(`${at}`)));
		const { json } = await see({ items, onError: 'continueRegularOutput' });
		expect(notesIn(bodies)).toEqual(['0 1', '0 1 2 3', '2', '2 3', '3']);
		expect(json.map(({ error }) => error)).toEqual([
			undefined,
			undefined,
			undefined,
			expect.stringContaining(`Image "${ADDRESS}/3.png": `),
		]);
	});

	test('gets its reason where there is one for all, by one question for a body', async () => {
		diagnosis = new XimilarError('It has gone to sleep', 'Wake it.', { concernsAll: true });
		const bodies = service(() => [400, { detail: 'Bad' }]);
		const items = rows(
			...Array.from({ length: 60 }, (_, at) => linked(`${at}`, { kind: at % 2 ? 'dog' : 'cat' })),
		);
		const { json } = await see({
			operation: 'seeOtherwise',
			items,
			options: { parallelRequests: 1 },
			onError: 'continueRegularOutput',
		});
		expect(diagnosed.sort()).toEqual(['cat', 'dog']);
		expect(bodies).toHaveLength(2);
		expect(json.map(({ error }) => error)).toEqual(items.map(() => 'It has gone to sleep'));
	});

	test('is told as it is, when its reason cannot be asked for', async () => {
		jest.spyOn(diagnosed, 'push').mockImplementation(() => {
			throw new Error('Odd.');
		});
		service(() => [400, { detail: 'Bad' }]);
		const { error } = await see({ operation: 'seeOtherwise', items: rows(linked('a')) });
		jest.restoreAllMocks();
		expect(error!.message).toBe(`Image "${ADDRESS}/a.png": Ximilar refused this: Bad`);
	});

	test('for all is known before the next images are loaded', async () => {
		const bodies = service(() => [404, { detail: 'No' }]);
		const items = rows(...Array.from({ length: 60 }, (_, at) => linked(`${at}`)));
		const { json } = await see({
			items,
			options: { batchSize: 1, parallelRequests: 1 },
			onError: 'continueRegularOutput',
		});
		expect(bodies).toHaveLength(1);
		expect(begun.length).toBeLessThan(60);
		expect(json).toHaveLength(60);
		expect(new Set(json.map(({ error }) => error)).size).toBe(1);
	});
});

describe('before the first request', () => {
	const many = Array.from({ length: 60 }, (_, at) => linked(`${at}`));

	test('all images are looked at', async () => {
		const bodies = service();
		const items = rows(...many, linked('bad', { urls: 'no address' }));
		const { error } = await see({ items, options: { batchSize: 1 } });
		expect(error).toMatchObject({ itemIndex: 60 });
		expect(bodies).toEqual([]);
	});

	test('an item whose file is not there is told, and the others go on', async () => {
		service();
		const binary = files({ data: { name: 'a.png', bytes: png('a') } });
		const { json } = await see({
			items: [{ json: { note: 'a' }, binary }, { json: {} }, { json: { note: 'c' }, binary }],
			parameters: { imageSource: 'binary', binaryPropertyName: 'data' },
			onError: 'continueRegularOutput',
		});
		expect(json.map(({ seen, error }) => seen ?? error)).toEqual([
			'a',
			'Input Binary Field: the item has no file in "data"',
			'c',
		]);
	});

	test('also where it is the only one', async () => {
		const { json } = await see({
			items: [{ json: {} }],
			parameters: { imageSource: 'binary', binaryPropertyName: 'data' },
			onError: 'continueRegularOutput',
		});
		expect(json.map(({ error }) => error)).toEqual([
			'Input Binary Field: the item has no file in "data"',
		]);
	});

	test('those that are found bad are left out, and the others go together', async () => {
		const bodies = service();
		const items = rows(
			linked('a'),
			{ urls: [`${ADDRESS}/b.png`, 'ftp://example.com/c.png'], note: 'b' },
			linked('d'),
		);
		const { json } = await see({ items, onError: 'continueRegularOutput' });
		expect(notesIn(bodies)).toEqual(['a b d']);
		expect(json.map(({ image, error }) => image ?? error)).toEqual([
			`${ADDRESS}/a.png`,
			`${ADDRESS}/b.png`,
			expect.stringContaining('Image "ftp://example.com/c.png": '),
			`${ADDRESS}/d.png`,
		]);
	});
});
