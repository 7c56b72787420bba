import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import nock from 'nock';
import { XimilarVlm } from '../../nodes/XimilarVlm/XimilarVlm.node';
import { API, byId, files, jsonOf, runNode, type Job } from './workflow';

const REQUESTS = '/vlm/v2/request/';
const ID = 'f47ac10b-58cc-4372-a567-0e02b2c3d479';
const TASK = 'dbb498ba-cf24-4400-9897-d5196444a880';
const WORKSPACE = '748e50e4-d081-4924-b9e7-f500aac6a71d';

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');
const JPEG = Buffer.from('ffd8ffe0', 'hex');
const PNG_URL = `data:image/png;base64,${PNG.toString('base64')}`;
const JPEG_URL = `data:image/jpeg;base64,${JPEG.toString('base64')}`;

const picked = byId;

/** Seed 003, "Submit Request". */
const created = {
	id: ID,
	status: 'CREATED',
	task_id: TASK,
	version: 2,
	created: '2026-01-15T09:21:04.118273Z',
	workspace: WORKSPACE,
};

/** Seed 003, "Get Request". */
const done = {
	...created,
	status: 'DONE',
	request: {
		messages: [
			{
				role: 'user',
				content: [
					{ type: 'text', text: 'Describe this product and estimate its price.' },
					{ type: 'image_url', image_url: { url: PNG_URL } },
				],
			},
		],
	},
	response: { description: 'A wooden puzzle for kids.', price: 8.99 } as unknown,
	usage: { prompt_tokens: 27, completion_tokens: 92, total_tokens: 359, processing_time: 3.33 },
	system_prompt_id: null,
	user_prompt_id: null,
	webhook: {
		url: 'https://example.com/hook?signature=tellnobody',
		headers: { 'X-Key': 'tellnobody' },
	},
	retry_count: 0,
	started_at: '2026-01-15T09:21:06.402551Z',
	completed_at: '2026-01-15T09:21:09.731904Z',
};

const row = {
	image_names: ['[PNG image, 8 bytes]'],
	description: 'A wooden puzzle for kids.',
	price: 8.99,
	id: ID,
	status: 'DONE',
	task_id: TASK,
	version: 2,
	tokens: 359,
	seconds: 3.33,
	created: created.created,
	completed_at: done.completed_at,
	workspace: done.workspace,
};

const run = async (operation: string, parameters: IDataObject = {}, job: Partial<Job> = {}) =>
	await runNode({
		node: new XimilarVlm(),
		parameters: {
			resource: 'request',
			operation,
			requestId: ID,
			task: picked(TASK),
			...parameters,
		} as Job['parameters'],
		...job,
	});

const image = (url: string) => ({ type: 'image_url', image_url: { url } });
const user = (...content: unknown[]) => ({ role: 'user', content });

/** Answers each submission; gives the bodies that came. */
function submissions(status = 201, answer: object = created) {
	const bodies: IDataObject[] = [];
	nock(API)
		.persist()
		.post(REQUESTS)
		.optionally()
		.reply((_uri, body) => {
			bodies.push(body as IDataObject);
			return [status, answer];
		});
	return bodies;
}

const messagesIn = ([body]: IDataObject[]) => (body!.request as IDataObject).messages;

describe('Submit', () => {
	test('sends an address and an instruction, and gives the new request', async () => {
		const bodies = submissions();
		const { items } = await run('submit', {
			imageSource: 'url',
			imageUrls: 'https://example.com/image.jpg',
			instruction: 'Estimate its price',
		});
		expect(bodies).toEqual([
			{
				task_id: TASK,
				request: {
					messages: [
						user(
							{ type: 'text', text: 'Estimate its price' },
							image('https://example.com/image.jpg'),
						),
					],
				},
			},
		]);
		expect(items).toEqual([
			{
				json: {
					image_names: ['https://example.com/image.jpg'],
					id: ID,
					status: 'CREATED',
					task_id: TASK,
					version: 2,
					created: created.created,
					workspace: created.workspace,
				},
				pairedItem: { item: 0 },
			},
		]);
	});

	test('sends files as data URLs of the type that their bytes have', async () => {
		const bodies = submissions();
		await run(
			'submit',
			{ binaryPropertyName: 'front, back' },
			{
				items: [
					{
						json: {},
						binary: files({
							front: { name: 'a.jpg', bytes: PNG, type: 'image/jpeg' },
							back: { name: 'b', bytes: JPEG },
						}),
					},
				],
			},
		);
		expect(messagesIn(bodies)).toEqual([user(image(PNG_URL), image(JPEG_URL))]);
	});

	test.each([
		[
			'text',
			'back\nhttps://example.com/a,b.jpg, front, https://example.com/c.jpg,https://example.com/d.jpg',
		],
		[
			'a list',
			'={{ ["back", "https://example.com/a,b.jpg", "front", "https://example.com/c.jpg", "https://example.com/d.jpg"] }}',
		],
	])('mixes files and addresses in the order of %s', async (_, images) => {
		const bodies = submissions();
		const binary = files({
			front: { name: 'a.png', bytes: PNG },
			back: { name: 'b.jpg', bytes: JPEG },
		});
		await run('submit', { imageSource: 'mixed', images }, { items: [{ json: {}, binary }] });
		expect(messagesIn(bodies)).toEqual([
			user(
				image(JPEG_URL),
				image('https://example.com/a,b.jpg'),
				image(PNG_URL),
				image('https://example.com/c.jpg'),
				image('https://example.com/d.jpg'),
			),
		]);
	});

	test('sends prompts, version, priority, webhook and workspace', async () => {
		const bodies = submissions();
		await run('submit', {
			imageSource: 'url',
			imageUrls: 'https://example.com/a.jpg',
			options: {
				systemPrompt: picked('system-1'),
				systemText: 'You know toys',
				userPrompt: picked('user-1'),
				version: 3,
				priority: 5,
				webhookUrl: '={{ "https://example.com/hook?signature=x" }}',
				webhookHeaders: { entries: [{ name: 'X-Key', value: 'tellnobody' }] },
				workspace: picked(WORKSPACE),
			},
		});
		expect(bodies[0]).toEqual({
			task_id: TASK,
			request: {
				messages: [
					{ role: 'system', content: 'You know toys' },
					user(image('https://example.com/a.jpg')),
				],
			},
			version: 3,
			system_prompt_id: 'system-1',
			user_prompt_id: 'user-1',
			priority: 5,
			webhook: { url: 'https://example.com/hook?signature=x', headers: { 'X-Key': 'tellnobody' } },
			workspace: WORKSPACE,
		});
	});

	test('sends raw messages, with the types of data URLs corrected', async () => {
		const bodies = submissions();
		const messages = [
			{ role: 'system', content: 'Be short' },
			user(
				{ type: 'text', text: 'What is it?' },
				{
					type: 'image_url',
					image_url: { url: `data:image/jpg;base64,${PNG.toString('base64')}`, detail: 'low' },
				},
				{ type: 'image_url', image_url: 'https://example.com/a.jpg' },
			),
		];
		for (const given of [JSON.stringify(messages), '={{ $json.messages }}']) {
			const { error } = await run(
				'submit',
				{ imageSource: 'messages', messages: given },
				{ items: [{ json: { messages } as unknown as IDataObject }] },
			);
			expect(error).toBeUndefined();
		}
		expect(bodies).toHaveLength(2);
		expect(messagesIn(bodies.slice(1))).toEqual([
			{ role: 'system', content: 'Be short' },
			user(
				{ type: 'text', text: 'What is it?' },
				{ type: 'image_url', image_url: { url: PNG_URL, detail: 'low' } },
				image('https://example.com/a.jpg'),
			),
		]);
	});

	test('puts System Text in front of raw messages', async () => {
		const bodies = submissions();
		await run('submit', {
			imageSource: 'messages',
			messages: JSON.stringify([user(image('https://example.com/a.jpg'))]),
			options: { systemText: 'You know toys' },
		});
		expect(messagesIn(bodies)).toEqual([
			{ role: 'system', content: 'You know toys' },
			user(image('https://example.com/a.jpg')),
		]);
	});

	const eleven = Array.from({ length: 11 }, (_, at) => `https://example.com/${at}.jpg`);

	test.each<[string, IDataObject, string]>([
		['eleven images', { imageUrls: eleven.join('\n') }, 'There are 11 images for one request'],
		[
			'a page',
			{ imageUrls: 'ftp://example.com/a.jpg' },
			'Image "ftp://example.com/a.jpg": The address',
		],
		[
			'messages without an image',
			{ imageSource: 'messages', messages: '[{"role": "user", "content": "Hello"}]' },
			'There is no image for the request',
		],
		[
			'eleven images in messages',
			{ imageSource: 'messages', messages: JSON.stringify([user(...eleven.map(image))]) },
			'There are 11 images for one request',
		],
		[
			'a data URL of a refused format',
			{
				imageSource: 'messages',
				messages: JSON.stringify([
					user(image(`data:image/png;base64,${Buffer.from('%PDF-1.7').toString('base64')}`)),
				]),
			},
			'Image "1 in Messages": Ximilar does not take PDF files',
		],
		[
			'an image that is no address',
			{ imageSource: 'messages', messages: JSON.stringify([user(image('file:///etc/passwd'))]) },
			'Image "1 in Messages": The address does not begin with http:// or https://',
		],
		[
			'an image without an address',
			{
				imageSource: 'messages',
				messages: '[{"role": "user", "content": [{"type": "image_url"}]}]',
			},
			'Image "1 in Messages": It has no address',
		],
		[
			'messages that are none',
			{ imageSource: 'messages', messages: '["Hello"]' },
			'Messages: entry 1 is not a message',
		],
		[
			'System Text beside a system message',
			{
				imageSource: 'messages',
				messages: JSON.stringify([
					{ role: 'system', content: 'Be short' },
					user(image('https://example.com/a.jpg')),
				]),
				options: { systemText: 'You know toys' },
			},
			'System Text is given twice: in the options, and as a message of the role system',
		],
		[
			'broken messages',
			{ imageSource: 'messages', messages: '={{ "[{" }}' },
			'Messages is not valid JSON',
		],
		[
			'messages that are no list',
			{ imageSource: 'messages', messages: '{}' },
			'Messages must be a JSON list',
		],
		[
			'a webhook that is no address',
			{ options: { webhookUrl: 'example.com' } },
			'Webhook URL does not begin with http:// or https://',
		],
		[
			'headers without a webhook',
			{ options: { webhookHeaders: { entries: [{ name: 'X-Key', value: 'x' }] } } },
			'Webhook Headers are given without an address',
		],
		[
			'a header that cannot be one',
			{
				options: {
					webhookUrl: 'https://example.com',
					webhookHeaders: { entries: [{ name: 'X-Key', value: '={{ "a\\nb" }}' }] },
				},
			},
			'Webhook Headers: "X-Key" cannot be sent as a header',
		],
	])('refuses %s before anything is sent', async (_, parameters, message) => {
		const bodies = submissions();
		const { error } = await run('submit', {
			imageSource: 'url',
			imageUrls: 'https://example.com/a.jpg',
			...parameters,
		});
		expect(error!.message).toContain(message);
		expect(bodies).toEqual([]);
	});

	test('has the time of an upload', async () => {
		submissions();
		const timeout = jest.spyOn(AbortSignal, 'timeout');
		await run('submit', { imageSource: 'url', imageUrls: 'https://example.com/a.jpg' });
		expect(timeout.mock.calls).toEqual([[300_000]]);
		timeout.mockRestore();
	});

	test('checks all items before the first request goes out', async () => {
		const bodies = submissions();
		const { error } = await run(
			'submit',
			{},
			{
				items: [...Array.from({ length: 20 }, () => PNG), Buffer.from('%PDF-1.7')].map((bytes) => ({
					json: {},
					binary: files({ data: { name: 'a.png', bytes } }),
				})),
			},
		);
		expect(error).toMatchObject({
			message: 'Image "a.png": Ximilar does not take PDF files',
			itemIndex: 20,
		});
		expect(bodies).toEqual([]);
	});

	describe('while another one is refused', () => {
		const submitThree = async () =>
			await run(
				'submit',
				{
					imageSource: 'url',
					imageUrls: 'https://example.com/a.jpg',
					instruction: '={{ $json.ask }}',
				},
				{ items: ['first', 'second', 'third'].map((ask) => ({ json: { ask } })) },
			);

		test('what was refused as well is not said to be perhaps submitted', async () => {
			submissions(401, { detail: 'Invalid token.' });
			const { error } = await submitThree();
			expect(error).toMatchObject({
				message: 'Ximilar did not accept the API token',
				itemIndex: undefined,
			});
			expect(error!.description).toContain('None of the 3 items was done.');
			expect(error!.description).not.toMatch(/may have been|On Error/);
		});

		test('what was under way is waited for, and counted', async () => {
			const submission = (part: string) =>
				nock(API).post(REQUESTS, (body) => JSON.stringify(body).includes(part));
			submission('first').reply(400, { detail: 'Too long.' });
			for (const part of ['second', 'third']) submission(part).delay(200).reply(201, created);
			const { error } = await submitThree();
			expect(error).toMatchObject({ message: 'Ximilar refused this: Too long.', itemIndex: 0 });
			expect(error!.description).toContain('2 of 3 items were done.');
			expect(error!.description).not.toContain('may have been');
		});
	});

	describe('whose answer is lost', () => {
		const OTHER = '5ef6e8a3-5b0e-4a12-8d3f-6f2a0e9d7c41';

		/** A service whose answers to submissions are lost, and that lists these requests since. */
		function losing(
			requests: Array<{ id: string; url?: string; created?: string }>,
			lose: (call: number) => [number, (object | string)?] | Error = () => [502, {}],
		) {
			const bodies: IDataObject[] = [];
			const whole = () =>
				requests.map(({ id, url = 'https://example.com/a.jpg', created: at }) => ({
					...created,
					id,
					created: at ?? new Date(Date.now() + 1000).toISOString(),
					request: { messages: [user(image(url))] },
				}));
			const posts = nock(API).persist().post(REQUESTS).optionally();
			const failure = lose(1);
			if (failure instanceof Error) posts.replyWithError(failure);
			else {
				posts.reply((_uri, body) => {
					bodies.push(body as IDataObject);
					return lose(bodies.length) as [number, nock.Body];
				});
			}
			nock(API)
				.persist()
				.get(REQUESTS)
				.query({ task_id: TASK, page_size: 100 })
				.optionally()
				.reply(() => [
					200,
					{ next: null, results: whole().map(({ request: _, ...short }) => short) },
				]);
			for (const { id } of requests) {
				nock(API)
					.persist()
					.get(`${REQUESTS}${id}/`)
					.optionally()
					.reply(() => [200, whole().find((one) => one.id === id)]);
			}
			return bodies;
		}

		const submitOne = async (job: Partial<Job> = {}) =>
			await run('submit', { imageSource: 'url', imageUrls: 'https://example.com/a.jpg' }, job);

		const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

		test.each<[string, () => [number, string?] | Error]>([
			['a gateway that fails', () => [502]],
			['an error of the service', () => [500]],
			['a time limit of the service', () => [408]],
			['an answer that is cut off', () => [201, '{"id": "f47']],
			['an answer that is empty', () => [201, '']],
			['an answer without an ID', () => [201, '{}']],
			['a connection that is lost', () => reset],
		])('by %s is found in the list of requests', async (_, lose) => {
			losing([{ id: ID }], lose);
			const { items, error } = await submitOne();
			expect(error).toBeUndefined();
			expect(items.map(({ json }) => json.id)).toEqual([ID]);
		});

		test.each<[string, Array<{ id: string; url?: string; created?: string }>]>([
			['no request is there', []],
			['it was there before', [{ id: ID, created: '2026-01-15T09:21:04.118273Z' }]],
			['several could be it', [{ id: ID }, { id: OTHER }]],
			['it has another image', [{ id: ID, url: 'https://example.com/other.jpg' }]],
		])('is not sent again, and said to be unknown, when %s', async (_, requests) => {
			const bodies = losing(requests);
			const { error } = await submitOne();
			expect(bodies).toHaveLength(1);
			expect(error!.description).toContain('It may have been carried out all the same');
		});

		test('is told apart by its images from what others submit meanwhile', async () => {
			losing([{ id: OTHER, url: 'https://example.com/other.jpg' }, { id: ID }]);
			expect(jsonOf((await submitOne()).items)).toMatchObject([{ id: ID }]);
		});

		test('is told apart from other items, which go on once it is found', async () => {
			const bodies = losing([{ id: OTHER }, { id: ID }], (call) =>
				call === 2 ? [504, {}] : [201, { ...created, id: call === 1 ? OTHER : `later-${call}` }],
			);
			const { items, error } = await submitOne({
				items: Array.from({ length: 4 }, () => ({ json: {} })),
			});
			expect(error).toBeUndefined();
			expect(bodies).toHaveLength(4);
			expect(new Set(items.map(({ json }) => json.id))).toEqual(
				new Set([OTHER, ID, 'later-3', 'later-4']),
			);
		});

		test('ends the run before many more are lost', async () => {
			const bodies = losing([]);
			const { error } = await submitOne({
				items: Array.from({ length: 40 }, () => ({ json: {} })),
			});
			expect(error!.description).toContain('It may have been carried out all the same');
			// Those that were under way with the first one.
			expect(bodies.length).toBeLessThanOrEqual(4);
		});

		test('is known by the bytes of its images', async () => {
			losing([
				{ id: ID, url: PNG_URL },
				{ id: OTHER, url: JPEG_URL },
			]);
			const binary = files({ data: { name: 'a.png', bytes: PNG } });
			const { items } = await run('submit', {}, { items: [{ json: {}, binary }] });
			expect(jsonOf(items)).toMatchObject([{ id: ID }]);
		});
	});

	describe('that may exist already', () => {
		const SINCE = '2026-01-15T09:20:00.000Z';
		const OTHER_PNG = `${PNG_URL.slice(0, -3)}w==`;
		/** The request of another image of the same type and size. */
		const other = { ...done, id: 'b', request: { messages: [user(image(OTHER_PNG))] } };
		const same = { ...done, request: { messages: [user(image(PNG_URL))] } };

		/** A service that has these requests, and makes further ones. */
		function having(requests: Array<Record<string, unknown>>, status = 200) {
			const bodies: unknown[] = [];
			const listed = requests.map(({ request: _, ...short }) => short);
			nock(API)
				.get(REQUESTS)
				.query({ task_id: TASK, page_size: 100 })
				.reply(status, { next: null, results: listed });
			for (const one of requests) {
				nock(API)
					.get(`${REQUESTS}${String(one.id)}/`)
					.optionally()
					.reply(200, one);
			}
			nock(API)
				.persist()
				.post(REQUESTS)
				.optionally()
				.reply((_uri, body) => [201, { ...created, id: `new-${bodies.push(body)}` }]);
			return bodies;
		}

		const binary = files({ data: { name: 'a.png', bytes: PNG } });
		const submitted = async (
			items: INodeExecutionData[] = [{ json: {}, binary }],
			parameters: object = {},
			since: unknown = SINCE,
		) => {
			const outcome = await run(
				'submit',
				{ options: { existingSince: since }, ...parameters },
				{ items },
			);
			return { ...outcome, ids: outcome.items.map(({ json }) => json.id) };
		};

		test('is told by its bytes, and not submitted again', async () => {
			const bodies = having([other, same]);
			const { ids, items } = await submitted();
			expect(ids).toEqual([ID]);
			expect(bodies).toEqual([]);
			expect(JSON.stringify(items)).not.toContain(PNG.toString('base64'));
		});

		test.each<[string, Array<Record<string, unknown>>, object]>([
			['nothing is there', [], {}],
			['another image of the same size is there', [other], {}],
			['it was created before', [{ ...same, created: '2026-01-15T09:18:59Z' }], {}],
			['it has another instruction', [same], { instruction: 'What is it?' }],
			[
				'it has another saved prompt',
				[{ ...same, user_prompt_id: '2f9c1f0e-6a3f-4a0e-9a53-1c7e4b1f6f10' }],
				{},
			],
		])('is submitted where %s', async (_, requests, parameters) => {
			const bodies = having(requests);
			expect((await submitted(undefined, parameters)).ids).toEqual(['new-1']);
			expect(bodies).toHaveLength(1);
		});

		test('serves one of two items with the same image', async () => {
			const bodies = having([same]);
			const item = { json: {}, binary };
			expect((await submitted([item, item])).ids).toEqual([ID, 'new-1']);
			expect(bodies).toHaveLength(1);
		});

		test('is not submitted where it cannot be found out', async () => {
			const bodies = having([], 403);
			const { error } = await submitted();
			expect(error!.message).toContain('Whether the request exists already could not be found out');
			expect(error!.description).toContain('It was not submitted. Run the workflow again.');
			expect(bodies).toEqual([]);
		});

		test('is not looked for by items without a time', async () => {
			const bodies: unknown[] = [];
			nock(API)
				.post(REQUESTS)
				.reply((_uri, body) => [201, { ...created, id: `new-${bodies.push(body)}` }]);
			expect((await submitted(undefined, {}, '')).ids).toEqual(['new-1']);
		});

		test('needs a time that is one', async () => {
			const { error } = await submitted(undefined, {}, 'yesterday');
			expect(error!.message).toBe('Return Existing Since must be a date and time');
			const ofList = await submitted(undefined, {}, '={{ [{}] }}');
			expect(ofList.error!.message).toBe('Return Existing Since must be a date and time');
		});
	});

	test('never shows the secrets of the webhook, whatever the service says', async () => {
		submissions(400, {
			webhook: [
				'Cannot call https://example.com/hook?signature=geheim%21 with "pass\\"word" or p4ss',
			],
		});
		const outcome = await run('submit', {
			imageSource: 'url',
			imageUrls: 'https://example.com/a.jpg',
			options: {
				webhookUrl: 'https://example.com/hook?signature=geheim%21',
				webhookHeaders: {
					entries: [
						{ name: 'X-Key', value: 'pass"word' },
						{ name: 'X-Pass', value: 'p4ss' },
					],
				},
			},
		});
		expect(outcome.error!.message).toBe(
			'Ximilar refused this: webhook: Cannot call https://example.com/hook[hidden] with "[hidden]" or [hidden]',
		);
		expect(JSON.stringify(outcome.error)).not.toContain('geheim');
	});

	test('under Continue On Fail, one refused item leaves the others', async () => {
		submissions();
		const { items } = await run(
			'submit',
			{ imageSource: 'url', imageUrls: '={{ $json.url }}' },
			{
				items: ['https://a.test/1.jpg', 'nothing', 'https://a.test/2.jpg'].map((url) => ({
					json: { url },
				})),
				onError: 'continueRegularOutput',
			},
		);
		expect(items.map(({ json }) => json.id ?? json.error)).toEqual([
			ID,
			expect.stringContaining('Image "nothing"'),
			ID,
		]);
	});

	test('waits for the answer when it is told to', async () => {
		submissions();
		nock(API)
			.get(`${REQUESTS}${ID}/status/`)
			.query({ workspace: WORKSPACE })
			.reply(200, { status: 'DONE' });
		nock(API).get(`${REQUESTS}${ID}/`).query({ workspace: WORKSPACE }).reply(200, done);
		const { items } = await run('submit', {
			imageSource: 'url',
			imageUrls: 'https://example.com/a.jpg',
			waitForCompletion: true,
		});
		expect(jsonOf(items)).toEqual([{ ...row, image_names: ['https://example.com/a.jpg'] }]);
	});

	test('names the requests that go on when one item ends the node', async () => {
		let count = 0;
		nock(API)
			.post(REQUESTS)
			.times(3)
			.reply(() =>
				++count === 3
					? [400, { version: ['Version 7 does not exist.'] }]
					: [201, { ...created, id: `request-${count}` }],
			);
		const { error } = await run(
			'submit',
			{ imageSource: 'url', imageUrls: 'https://example.com/a.jpg', waitForCompletion: true },
			{ items: [{ json: {} }, { json: {} }, { json: {} }] },
		);
		expect(error!.message).toBe('Ximilar refused this: version: Version 7 does not exist.');
		expect(error!.description).toContain('go on in Ximilar: request-1, request-2');
	});
});

describe('Get', () => {
	const answered = async (answer: object, parameters: IDataObject = {}) => {
		nock(API).get(`${REQUESTS}${ID}/`).reply(200, answer);
		const { items, error } = await run('get', parameters);
		expect(error).toBeUndefined();
		return items[0]!.json;
	};

	test('gives the images and the fields of the answer in front', async () => {
		expect(await answered(done)).toEqual(row);
		const front = ['image_names', 'description', 'price', 'id'];
		expect(Object.keys(await answered(done)).slice(0, 4)).toEqual(front);
	});

	test('raw, it has no image bytes and no secrets', async () => {
		const json = await answered(done, { simplify: false });
		expect(json).toMatchObject({
			retry_count: 0,
			request: {
				messages: [{ content: [{}, { image_url: { url: '[PNG image, 8 bytes]' } }] }],
			},
			webhook: { url: 'https://example.com/hook?[hidden]', headers: { 'X-Key': '[hidden]' } },
		});
		expect(JSON.stringify(json)).not.toContain('tellnobody');
	});

	test.each<[string, unknown, IDataObject]>([
		['JSON text', '{"price": 8.99}', { price: 8.99 }],
		['fenced JSON text', '```json\n{"price": 8.99}\n```', { price: 8.99 }],
		['JSON text with a list', ' ["a", "b"]', { answer: ['a', 'b'] }],
		['YAML text', 'price: 8.99\nname: Puzzle', { answer: 'price: 8.99\nname: Puzzle' }],
		['text with JSON in it', 'Here: {"price": 8.99}', { answer: 'Here: {"price": 8.99}' }],
		['broken JSON text', '{"price": 8.', { answer: '{"price": 8.' }],
		['a number as text', '42', { answer: '42' }],
		[
			'a field that the row has as well',
			{ id: 7, status: 'new' },
			{ answer_id: 7, answer_status: 'new', id: ID },
		],
	])('an answer that is %s', async (_, response, expected) => {
		expect(await answered({ ...done, response })).toMatchObject(expected);
	});

	test("an answer's field is named alike whatever its value: one of the row is always renamed", async () => {
		const response = { status: 'DONE', tokens: 359, created: created.created, answer_id: 1, id: 2 };
		const json = await answered({ ...done, response });
		expect(json).toEqual({
			answer_status: 'DONE',
			answer_tokens: 359,
			answer_created: created.created,
			answer_answer_id: 1,
			answer_id: 2,
			...row,
			description: undefined,
			price: undefined,
		});
		// Also where the row lacks the field.
		const { completed_at: _, ...unfinished } = done;
		const early = await answered({ ...unfinished, response: { completed_at: 'now' } });
		expect(early).toMatchObject({ answer_completed_at: 'now' });
		expect(early).not.toHaveProperty('completed_at');
	});

	test('of one that is not done has no answer', async () => {
		const json = await answered({ ...done, status: 'PROCESSING', response: null, usage: null });
		expect(json).toMatchObject({ id: ID, status: 'PROCESSING' });
		expect(json).not.toHaveProperty('tokens');
		expect(json).not.toHaveProperty('answer');
	});

	test('of one that failed has the reason', async () => {
		const response = { error: { message: 'Out of memory' } };
		expect(
			await answered({ ...done, status: 'FAILED', response, usage: null, retry_count: 3 }),
		).toMatchObject({ id: ID, status: 'FAILED', reason: 'Out of memory', retry_count: 3 });
	});

	test('of one that is not there says so', async () => {
		nock(API)
			.get(`${REQUESTS}${ID}/`)
			.query({ workspace: 'w' })
			.reply(404, { detail: 'Not found.' });
		const { error } = await run('get', { options: { workspace: picked('w') } });
		expect(error!.message).toBe(`Ximilar did not find the request ${ID} in the workspace w`);
	});

	test('an ID that cannot be one is refused', async () => {
		const { error } = await run('get', { requestId: '={{ "a b" }}' });
		expect(error!.message).toBe('Request ID is not an ID: "a b"');
	});
});

test.each([
	['CREATED', false, false],
	['DONE', true, false],
	['NOT_SUPPORTED', true, true],
])('Get Status tells whether %s is final', async (status, finished, failed) => {
	nock(API).get(`${REQUESTS}${ID}/status/`).reply(200, { status });
	expect(jsonOf((await run('getStatus')).items)).toEqual([{ id: ID, status, finished, failed }]);
});

describe('Get Many', () => {
	test('sends the filters and a page no larger than the limit', async () => {
		nock(API)
			.get(REQUESTS)
			.query({ status: 'FAILED', task_id: TASK, workspace: 'w', page_size: '2' })
			.reply(200, {
				results: [
					{ id: 'a', status: 'FAILED' },
					{ id: 'b', status: 'FAILED' },
				],
				next: null,
			});
		const { items } = await run('getAll', {
			limit: 2,
			filters: { status: 'FAILED', task: picked(TASK), workspace: picked('w') },
		});
		expect(items.map(({ json }) => [json.id, json.status])).toEqual([
			['a', 'FAILED'],
			['b', 'FAILED'],
		]);
	});

	test('follows the pages, and masks what an entry has of the webhook', async () => {
		nock(API)
			.get(REQUESTS)
			.query({ page_size: '100' })
			.reply(200, {
				results: [{ id: 'a', status: 'DONE', webhook: done.webhook }],
				next: 'http://other.test/vlm/v2/request/?page=2&page_size=100',
			});
		nock(API)
			.get(REQUESTS)
			.query({ page: '2', page_size: '100' })
			.reply(200, { results: [{ id: 'b', status: 'DONE' }], next: null });
		const { items } = await run('getAll', { returnAll: true, simplify: false });
		expect(items.map(({ json }) => json.id)).toEqual(['a', 'b']);
		expect(JSON.stringify(items)).not.toContain('tellnobody');
	});
});

test('Get History follows the cursor as far as the limit needs, and gives answers', async () => {
	const entry = (id: string) => ({ ...done, id, status: undefined, request: undefined });
	const first = Array.from({ length: 100 }, (_, at) => entry(`r${at}`));
	nock(API)
		.get(`${REQUESTS}history/`)
		.query({ task_id: TASK, page_size: '100' })
		.reply(200, {
			results: first,
			next: `${API}${REQUESTS}history/?cursor=abc&task_id=${TASK}&page_size=100`,
		});
	nock(API)
		.get(`${REQUESTS}history/`)
		.query({ cursor: 'abc', task_id: TASK, page_size: '100' })
		.reply(200, {
			results: [entry('r100'), entry('r101')],
			next: `${API}${REQUESTS}history/?cursor=def`,
		});
	const { items } = await run('getHistory', { limit: 101, filters: { task: picked(TASK) } });
	expect(items).toHaveLength(101);
	const { image_names: _, ...rest } = row;
	expect(items[100]!.json).toEqual({ ...rest, id: 'r100' });
});

describe('Resubmit', () => {
	test('posts nothing, and gives the request under its ID', async () => {
		nock(API).post(`${REQUESTS}${ID}/resubmit/`, '').reply(200, created);
		expect((await run('resubmit')).items[0]!.json).toMatchObject({ id: ID, status: 'CREATED' });
	});

	test('takes an empty answer', async () => {
		nock(API).post(`${REQUESTS}${ID}/resubmit/`).reply(204);
		expect((await run('resubmit')).items[0]!.json).toMatchObject({ id: ID, status: 'CREATED' });
	});

	test('is not sent again when its answer is lost', async () => {
		nock(API).post(`${REQUESTS}${ID}/resubmit/`).reply(502);
		const { error } = await run('resubmit');
		expect(error!.description).toContain('It may have been carried out all the same');
	});
});

describe('Delete', () => {
	const refused = (status: number) =>
		nock(API).delete(`${REQUESTS}${ID}/`).reply(status, { detail: 'Not allowed.' });
	const standsAt = (status: string) =>
		nock(API).get(`${REQUESTS}${ID}/status/`).reply(200, { status });

	test('says that it is deleted', async () => {
		nock(API).delete(`${REQUESTS}${ID}/`).query({ workspace: 'w' }).reply(204);
		const { items } = await run('delete', { options: { workspace: picked('w') } });
		expect(jsonOf(items)).toEqual([{ deleted: true }]);
	});

	test.each([
		['PROCESSING', 409, 'is being processed, and Ximilar does not delete it meanwhile'],
		['DONE', 400, 'is done but not billed yet, and Ximilar does not delete it before'],
		['DONE', 403, 'is done but not billed yet, and Ximilar does not delete it before'],
	])('of one that is %s is refused in plain words (%i)', async (status, code, words) => {
		refused(code);
		standsAt(status);
		const { error } = await run('delete');
		expect(error!.message).toBe(`Request ${ID} ${words}`);
		expect(error!.description).toContain('Not allowed.');
	});

	test('refused otherwise, it says what the service says', async () => {
		refused(400);
		standsAt('FAILED');
		expect((await run('delete')).error!.message).toBe('Ximilar refused this: Not allowed.');
	});

	test('of one that is not there says so', async () => {
		refused(404);
		expect((await run('delete')).error!.message).toBe(
			`Ximilar did not find the request ${ID} in the default workspace: Not allowed.`,
		);
	});
});
