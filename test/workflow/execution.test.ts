import { setTimeout } from 'node:timers/promises';
import type { IDataObject } from 'n8n-workflow';
import nock from 'nock';
import { fail, XimilarError } from '../../nodes/shared/api/error';
import { anySchema } from '../../nodes/shared/api/schemas';
import { callOptions } from '../../nodes/shared/engine/callOptions';
import type { Run } from '../../nodes/shared/engine/execution';
import { choice, number, text } from '../../nodes/shared/engine/field';
import { jointOperation, operation } from '../../nodes/shared/engine/operation';
import { API, files, jsonOf, nodeOf, rows, runNode, type Job } from './workflow';

/** What becomes of items in n8n's engine, by a node whose items say what happens to them. */

/** What was begun, in this order. */
const begun: string[] = [];

const untilStopped = async ({ signal }: Run) => {
	while (!signal.aborted) await setTimeout(1);
};

const happenings: Record<string, (run: Run) => Promise<unknown>> = {
	fails: async () => fail('No such thing', 'Look for it.'),
	breaks: async () => {
		throw new Error('Odd.');
	},
	'has no token': async () => fail('Bad token', 'Enter another one.', { kind: 'credential' }),
	'fails for all': async () =>
		fail('The task is not trained', 'Train it.', { kind: 'refused', concernsAll: true }),
	hints: async ({ hint }) => hint('Look here'),
	'hints otherwise': async ({ hint }) => hint('Look there'),
	calls: async ({ api }) => await api.get('things/', anySchema),
	// They are under way when another one fails.
	'ends late': untilStopped,
	'fails late': async (run) => {
		await untilStopped(run);
		fail('Stopped', 'Begin again.');
	},
	'leaves something': async (run) => {
		await untilStopped(run);
		throw new XimilarError('It may have been made', 'Look for it.', { saysMore: true });
	},
};

const action = (itemsAtOnce: number) =>
	operation({
		name: 'Act',
		action: 'Act',
		description: 'Acts',
		itemsAtOnce,
		fields: {
			does: text({ displayName: 'Does' }),
			count: number({ displayName: 'Count', default: 1 }),
		},
		options: {
			keepInput: choice({ displayName: 'Keep Input Data', default: 'none' }, [
				{ name: 'None', value: 'none' },
				{ name: 'JSON', value: 'json' },
				{ name: 'All', value: 'all' },
			]),
			...callOptions(),
		},
		run: async (run, { does, count }) => {
			begun.push(does);
			await happenings[does]?.(run);
			return Array.from({ length: count }, () => ({ did: does }));
		},
	});

const joint = jointOperation({
	name: 'Act Jointly',
	action: 'Act jointly',
	description: 'Acts on all items by one call',
	fields: {
		does: text({ displayName: 'Does' }),
		count: number({ displayName: 'Count', default: 1 }),
	},
	run: async (items) => {
		begun.push(items.map(({ values }) => values.does).join(' '));
		for (const { end, values } of items) end({ rows: [{ did: values.does }] });
	},
});

const node = nodeOf({
	thing: { name: 'Thing', operations: { act: action(1), actTogether: action(16), joint } },
});

async function run(
	does: string[],
	{ operation: name = 'act', options = {}, count = 1 as unknown, ...job }: Scene = {},
) {
	begun.length = 0;
	const parameters = {
		resource: 'thing',
		operation: name,
		does: '={{ $json.does }}',
		count,
		options,
	};
	const items = rows(...does.map((one) => ({ does: one })));
	const outcome = await runNode({
		node,
		items,
		...job,
		parameters: parameters as Job['parameters'],
	});
	return { ...outcome, json: jsonOf(outcome.items), begun: [...begun] };
}

type Scene = Partial<Omit<Job, 'parameters'>> & {
	operation?: string;
	options?: IDataObject;
	count?: unknown;
};

const KEEP =
	"To keep the results of the others when one item cannot be done, set On Error to Continue in the node's settings.";

describe('an item that fails ends the run', () => {
	test.each<[string[], number, string]>([
		[['fails'], 0, 'Look for it.'],
		[['fails', 'a'], 0, `Look for it. None of the 2 items was done. ${KEEP}`],
		[['a', 'fails', 'b'], 1, `Look for it. 1 of 3 items was done. ${KEEP}`],
		[['a', 'b', 'fails'], 2, `Look for it. 2 of 3 items were done. ${KEEP}`],
	])('%j', async (does, itemIndex, description) => {
		const outcome = await run(does);
		expect(outcome.error).toMatchObject({ message: 'No such thing', itemIndex, description });
		expect(outcome.items).toEqual([]);
		expect(outcome.begun).toEqual(does.slice(0, itemIndex + 1));
	});

	test('what nobody expected is told as it is, with its item', async () => {
		const { error } = await run(['a', 'breaks']);
		expect(error).toMatchObject({ message: 'Odd.', itemIndex: 1 });
		expect(error!.description).toContain('1 of 2 items was done.');
	});

	test('what is about all items names none, and has no advice about one', async () => {
		const { error } = await run(['a', 'fails for all', 'b']);
		expect(error).toMatchObject({
			message: 'The task is not trained',
			itemIndex: undefined,
			description: 'Train it. 1 of 3 items was done.',
		});
	});

	test('those that are under way are told where they leave something, and only there', async () => {
		const does = ['ends late', 'fails late', 'leaves something', 'fails'];
		const { error } = await run(does, { operation: 'actTogether' });
		expect(error).toMatchObject({ message: 'No such thing', itemIndex: 3 });
		expect(error!.description).toBe(
			`Look for it. 1 of 4 items was done. ${KEEP} Item 2: It may have been made.`,
		);
	});

	test('all fields are read before anything is begun', async () => {
		const { error, begun: all } = await run(['a', 'b', 'c'], {
			count: '={{ $json.does === "b" ? "many" : 1 }}',
		});
		expect(error).toMatchObject({ message: 'Count must be a number', itemIndex: 1 });
		expect(all).toEqual([]);
	});
});

describe('with On Error set to continue', () => {
	test.each([
		['fails', { error: 'No such thing', message: 'Look for it.' }],
		['breaks', { error: 'Odd.', message: expect.any(String) as string }],
	])('an item that %s says so in a row of two fields, and the others go on', async (does, row) => {
		const { items, error } = await run(['a', does, 'b'], { onError: 'continueRegularOutput' });
		expect(error).toBeUndefined();
		expect(items).toEqual([
			{ json: { did: 'a' }, pairedItem: { item: 0 } },
			{ json: row, pairedItem: { item: 1 } },
			{ json: { did: 'b' }, pairedItem: { item: 2 } },
		]);
	});

	test('such a row goes to the error output, where there is one', async () => {
		const { json, errorItems } = await run(['fails', 'a'], { onError: 'continueErrorOutput' });
		expect(json).toEqual([{ did: 'a' }]);
		expect(errorItems[0]!.json).toMatchObject({ error: 'No such thing', message: 'Look for it.' });
	});

	test('an item whose fields cannot be read is left out, and only that', async () => {
		const { json, begun: all } = await run(['a', 'b', 'c'], {
			count: '={{ $json.does === "b" ? "many" : 1 }}',
			onError: 'continueRegularOutput',
		});
		expect(all).toEqual(['a', 'c']);
		expect(json.map(({ did, error }) => did ?? error)).toEqual([
			'a',
			'Count must be a number',
			'c',
		]);
	});

	test('what every item would run into is run into once', async () => {
		const { json, begun: all } = await run(['a', 'has no token', 'b', 'c'], {
			onError: 'continueRegularOutput',
		});
		expect(all).toEqual(['a', 'has no token']);
		expect(json.map(({ did, error }) => did ?? error)).toEqual([
			'a',
			...Array(3).fill('Bad token'),
		]);
	});
});

test('several rows of an item stand one behind the other, each linked to it', async () => {
	const { items } = await run(['a', 'b'], { count: 2 });
	expect(items.map(({ json, pairedItem }) => [json.did, pairedItem])).toEqual(
		['a', 'a', 'b', 'b'].map((did) => [did, { item: did === 'a' ? 0 : 1 }]),
	);
});

test('a hint is shown once, however many items have it', async () => {
	const { hints } = await run(['hints', 'hints', 'hints otherwise']);
	expect(hints).toEqual(
		['Look here', 'Look there'].map((message) => ({ message, location: 'outputPane' })),
	);
});

describe('an operation that looks at all items together', () => {
	test('gets those that can be read', async () => {
		const { json, begun: all } = await run(['a', 'b', 'c'], {
			operation: 'joint',
			count: '={{ $json.does === "b" ? "many" : 1 }}',
			onError: 'continueRegularOutput',
		});
		expect(all).toEqual(['a c']);
		expect(json.map(({ did, error }) => did ?? error)).toEqual([
			'a',
			'Count must be a number',
			'c',
		]);
	});

	test('is not begun without any', async () => {
		const { json, begun: all } = await run(['a'], {
			operation: 'joint',
			count: '={{ "many" }}',
			onError: 'continueRegularOutput',
		});
		expect(all).toEqual([]);
		expect(json).toEqual([expect.objectContaining({ error: 'Count must be a number' })]);
	});
});

test('an operation that the node does not have is told, with the way out', async () => {
	const { error } = await run(['a'], { operation: 'dance' });
	expect(error!.message).toBe('This node has no operation "dance"');
	expect(error!.description).toContain('use the HTTP Request node');
});

describe('Keep Input Data', () => {
	const items = [
		{
			json: { sku: 1, did: 'before' },
			binary: files({ data: { name: 'a', bytes: Buffer.from('a') } }),
		},
		{ json: { sku: 2 } },
	];

	test.each([
		[{}, [{ did: '' }, { did: '' }], 0],
		[{ keepInput: 'none' }, [{ did: '' }, { did: '' }], 0],
		[
			{ keepInput: 'json' },
			[
				{ sku: 1, input_did: 'before', did: '' },
				{ sku: 2, did: '' },
			],
			0,
		],
		[
			{ keepInput: 'all' },
			[
				{ sku: 1, input_did: 'before', did: '' },
				{ sku: 2, did: '' },
			],
			1,
		],
	])('%j', async (options, kept, withFiles) => {
		const outcome = await run([], { items, options });
		expect(outcome.json).toEqual(kept);
		expect(outcome.items.filter(({ binary }) => binary)).toHaveLength(withFiles);
		expect(outcome.items.filter((item) => 'binary' in item)).toHaveLength(withFiles);
	});
});

describe('the options of calls', () => {
	test('Rate Limit Wait is counted in minutes', async () => {
		const limited = (seconds: number) =>
			nock(API)
				.get('/things/')
				.reply(429, {}, { 'Retry-After': `${seconds}` });
		limited(30);
		const { error } = await run(['calls'], { options: { rateLimitWait: 0.4 } });
		expect(error!.description).toContain('Ximilar asks to wait 30 seconds more.');
		limited(1);
		nock(API).get('/things/').reply(200, {});
		expect((await run(['calls'], { options: { rateLimitWait: 0.4 } })).json).toEqual([
			{ did: 'calls' },
		]);
	});

	test('Maximum Parallel Requests holds for all items together', async () => {
		let [underWay, most] = [0, 0];
		nock(API)
			.get('/things/')
			.times(6)
			.reply(async () => {
				most = Math.max(most, ++underWay);
				await setTimeout(20);
				underWay--;
				return [200, {}];
			});
		await run(Array<string>(6).fill('calls'), {
			operation: 'actTogether',
			options: { parallelRequests: 2 },
		});
		expect(most).toBe(2);
	});

	test('one that is none is told by the item', async () => {
		const { error } = await run(['a'], { options: { parallelRequests: '={{ "many" }}' } });
		expect(error).toMatchObject({
			message: 'Maximum Parallel Requests must be a number',
			itemIndex: 0,
		});
	});
});

test('a run that is cancelled is shown as cancelled', async () => {
	let cancel = () => {};
	const running = run(['a', 'ends late', 'b'], {
		started: (end) => {
			cancel = end;
		},
	});
	while (!begun.includes('ends late')) await setTimeout(5);
	cancel();
	const { run: whole, begun: all } = await running;
	expect(whole.status).toBe('canceled');
	expect(all).toEqual(['a', 'ends late']);
});

afterEach(() => {
	expect(nock.pendingMocks()).toEqual([]);
	nock.cleanAll();
});
