import { createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { fail, XimilarError } from '../../nodes/shared/api/error';
import { text } from '../../nodes/shared/engine/field';
import { imageOperation } from '../../nodes/shared/engine/imageOperation';
import {
	files,
	jsonOf,
	listening,
	nodeOf,
	png,
	rows,
	runNode,
	textOf,
	untilNoMore,
	type Job,
} from './workflow';

/** What becomes of images that are done one by one, by a node whose images say what happens to them. */

/** What was begun, in this order. */
const begun: string[] = [];
/** As long as it is closed, nothing that was begun comes to its end. */
let isOpen = true;

/** Waits for something, as long as the run that shall bring it about goes on. */
async function reached(condition: () => unknown, running: Promise<unknown>): Promise<void> {
	let isOver = false;
	const over = () => (isOver = true);
	running.then(over, over);
	while (!isOver && !condition()) await setTimeout(1);
}

const operation = imageOperation({
	name: 'Keep',
	action: 'Keep images',
	description: 'Keeps',
	fields: { note: text({ displayName: 'Note' }) },
	options: { mark: text({ displayName: 'Mark' }) },
	simplify: ({ whole: _, ...row }) => row,
	run: async ({ signal }, file, { note, options }) => {
		const name = Buffer.from(await textOf(file), 'base64')
			.subarray(png('').length)
			.toString();
		begun.push(name);
		while (!isOpen && !signal.aborted) await setTimeout(1);
		if (name === 'bad') fail('No such thing', 'Look for it.');
		if (name === 'late') {
			while (!signal.aborted) await setTimeout(1);
		}
		if (name === 'fails late' || name.startsWith('leaves')) {
			while (!signal.aborted) await setTimeout(1);
			throw new XimilarError('It may be there', 'Look.', { saysMore: name !== 'fails late' });
		}
		return { name, note, mark: options.mark, whole: true };
	},
});

const node = nodeOf({ thing: { name: 'Thing', operations: { keep: operation } } });

async function keep(
	items: INodeExecutionData[],
	{ onError, options = {}, ...more }: { onError?: Job['onError'] } & IDataObject = {},
) {
	const outcome = await runNode({
		node,
		items,
		onError: onError as Job['onError'],
		parameters: {
			resource: 'thing',
			operation: 'keep',
			binaryPropertyName: '*',
			note: '={{ $json.note }}',
			options,
			...more,
		} as Job['parameters'],
	});
	return { ...outcome, json: jsonOf(outcome.items) };
}

/** An item with these images. */
const item = (...names: string[]): INodeExecutionData => ({
	json: { note: names.join() },
	binary: files(
		Object.fromEntries(names.map((name, at) => [`f${at}`, { name, bytes: png(name) }])),
	),
});

beforeEach(() => {
	begun.length = 0;
	isOpen = true;
});

test('each image has a row, with its name in front, those of an item in their order', async () => {
	const { items } = await keep([item('a', 'b'), item('c')], { options: { mark: '!' } });
	expect(items).toEqual(
		['a', 'b', 'c'].map((name, at) => ({
			json: { image: name, name, note: at < 2 ? 'a,b' : 'c', mark: '!' },
			pairedItem: { item: at < 2 ? 0 : 1 },
		})),
	);
	expect(Object.keys(items[0]!.json)[0]).toBe('image');
});

test('without Simplify, a row has all that there is', async () => {
	const { json } = await keep([item('a')], { simplify: false });
	expect(json).toEqual([{ image: 'a', name: 'a', note: 'a', mark: undefined, whole: true }]);
});

test('items whose fields cannot be read have their errors, also where there are no others', async () => {
	const { json } = await keep([item('a')], {
		options: { maxDownloadSize: '={{ "many" }}' },
		onError: 'continueRegularOutput',
	});
	expect(json.map(({ error }) => error)).toEqual(['Maximum Download Size must be a number']);
});

describe('before the first is begun', () => {
	const noImage: INodeExecutionData = {
		json: {},
		binary: files({ data: { name: 'a.pdf', bytes: Buffer.from('%PDF-1.7') } }),
	};
	const PDF = 'Image "a.pdf": Ximilar does not take PDF files';

	test.each([
		['a file that is no image', noImage, PDF],
		['an item without files', { json: {} }, expect.stringContaining('no file') as string],
	])('all are looked at: %s ends the run', async (_, bad, message) => {
		const { error } = await keep([...Array.from({ length: 20 }, () => item('a')), bad]);
		expect(error).toMatchObject({ message, itemIndex: 20 });
		expect(begun).toEqual([]);
	});

	test('what is found bad is left out, and only that', async () => {
		const twice = item('a', 'b');
		twice.binary!.f2 = noImage.binary!.data!;
		const { json } = await keep([twice, { json: {} }, item('c')], {
			onError: 'continueRegularOutput',
		});
		expect(json.map(({ name, error }) => name ?? error)).toEqual([
			'a',
			'b',
			PDF,
			expect.stringContaining('no file'),
			'c',
		]);
		expect(begun).toEqual(['a', 'b', 'c']);
	});
});

describe('one that cannot be done', () => {
	test('ends the run at once, also when others of its item are under way', async () => {
		const { error, items } = await keep([item('a'), item('late', 'fails late', 'bad'), item('b')]);
		expect(error).toMatchObject({ message: 'Image "bad": No such thing', itemIndex: 1 });
		expect(error!.description).toMatch(/^Look for it\. [12] of 3 items (was|were) done\./);
		expect(error!.description).not.toContain('It may be there');
		expect(items).toEqual([]);
	});

	test('lets nothing further begin', async () => {
		const names = Array.from({ length: 40 }, (_, at) => (at === 2 ? 'bad' : 'late'));
		await keep(names.map((name) => item(name)));
		expect(begun.length).toBeLessThanOrEqual(16);
	});

	test('what others leave behind by then is told, once each', async () => {
		const { error } = await keep([item('leaves three'), item('leaves one', 'leaves two', 'bad')]);
		expect(error).toMatchObject({ message: 'Image "bad": No such thing', itemIndex: 1 });
		for (const name of ['one', 'two', 'three']) {
			expect(error!.description!.split(`Image "leaves ${name}": It may be there.`)).toHaveLength(2);
		}
	});

	test('leaves the rows of the others of its item, with On Error set to continue', async () => {
		const { items } = await keep([item('a', 'bad', 'b'), item('c')], {
			onError: 'continueRegularOutput',
		});
		expect(items).toEqual([
			...['a', 'b'].map((name) => ({
				json: { image: name, name, note: 'a,bad,b', mark: undefined },
				pairedItem: { item: 0 },
			})),
			{
				json: { error: 'Image "bad": No such thing', message: 'Look for it.' },
				pairedItem: { item: 0 },
			},
			{ json: { image: 'c', name: 'c', note: 'c', mark: undefined }, pairedItem: { item: 1 } },
		]);
	});
});

describe('what is under way at once is bounded', () => {
	test('by its number: as much room is kept free as a file takes that is not loaded yet', async () => {
		isOpen = false;
		const names = Array.from({ length: 40 }, (_, at) => `${at}`);
		const running = keep(names.map((name) => item(name)));
		const most = await untilNoMore(begun);
		isOpen = true;
		expect(most).toBe(16);
		expect((await running).json.map(({ name }) => name)).toEqual(names);
	});

	describe('by what addresses may turn out to hold:', () => {
		/** Downloads that have not begun to come yet. */
		const asked: Array<() => void> = [];
		const server = createServer((_, response) => {
			asked.push(() => response.end(png('linked')));
		});
		let url: string;

		beforeAll(async () => {
			url = `${await listening(server)}/a.png`;
		});
		afterAll(() => {
			server.closeAllConnections();
			server.close();
		});

		test.each([
			[{}, 3],
			[{ maxDownloadSize: 1 }, 3],
			[{ maxDownloadSize: 75 }, 2],
			[{ maxDownloadSize: 400 }, 1],
		])('%j', async (options, most) => {
			asked.length = 0;
			const running = keep(rows(...Array.from({ length: 5 }, () => ({ url }))), {
				imageSource: 'url',
				imageUrls: '={{ $json.url }}',
				options,
			});
			await reached(() => asked.length, running);
			expect(await untilNoMore(asked)).toBe(most);
			for (let at = 0; at < 5; at++) {
				await reached(() => asked[at], running);
				asked[at]?.();
			}
			expect((await running).json.map(({ name }) => name)).toEqual(Array(5).fill('linked'));
		});
	});
});

test('a long run says at its end how many images were done', async () => {
	isOpen = false;
	const running = keep([item('a', 'b'), item('c')]);
	await reached(() => begun.length === 3, running);
	jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
	isOpen = true;
	const { hints } = await running;
	jest.restoreAllMocks();
	expect(hints.map(({ message }) => message)).toEqual([
		expect.stringMatching(
			/^3 images in 0 requests, 0 of them repeated, in (60 seconds|1 minute)\.$/,
		),
	]);
});
