import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import nock from 'nock';
import { XimilarRecognition } from '../../nodes/XimilarRecognition/XimilarRecognition.node';
import {
	API,
	TOKEN,
	answering,
	byId,
	byUrl,
	files,
	jsonOf,
	png,
	runnerOf,
	type Job,
} from './workflow';

const TASK = '185c2019-1182-439c-900b-9f29c3f35926';
const CLASSIFY = '/recognition/v2/classify/';
const item = (name: string): INodeExecutionData => ({
	json: { row: name },
	binary: files({ data: { name: `${name}.png`, bytes: png(name) } }),
});

const items = (count: number) => Array.from({ length: count }, (_, at) => item(`image${at}`));

interface SentRecord {
	_id: string;
	_base64?: string;
	_url?: string;
}

const nameIn = ({ _base64, _url }: SentRecord) =>
	_url ?? Buffer.from(_base64!, 'base64').subarray(png('').length).toString();

const labels = [
	{ prob: 0.98351, name: 'dog', id: '9d4b5433-add9-46e2-be64-7a928c5f68e8' },
	{ prob: 0.01649, name: 'cat', id: '08435c8c-554d-4a25-8702-f57526f1224f' },
];

const classified = (record: SentRecord): IDataObject => ({
	...record,
	_status: { code: 200, text: 'OK' },
	best_label: labels[0],
	labels,
	seen: nameIn(record),
	_width: 404,
	_height: 564,
});

const answer = (records: IDataObject[], more: IDataObject = {}) => ({
	task_id: TASK,
	status: { code: 200, text: 'OK' },
	statistics: { 'processing time': 0.08 },
	version: 9,
	records,
	...more,
});

/** Answers every classify call; gives the bodies that came. */
const service = (
	reply: (records: SentRecord[], call: number) => [number, unknown, Record<string, string>?],
) =>
	answering<IDataObject & { records: SentRecord[] }>(CLASSIFY, ({ records }, call) =>
		reply(records, call),
	);

const healthy = () => service((records) => [200, answer(records.map(classified))]);

const recognition = runnerOf(() => new XimilarRecognition());

const classify = async (parameters: IDataObject = {}, job: Partial<Job> = {}) =>
	await recognition('image', 'classify', { task: byId(TASK), simplify: false, ...parameters }, job);

const seen = (all: INodeExecutionData[]) =>
	all.map(({ json }) => (json.records as IDataObject[] | undefined)?.[0]!.seen ?? json.error);

describe('batches', () => {
	test('25 images cost 3 requests, and every result stands on its own item', async () => {
		const bodies = healthy();
		const outcome = await classify({}, { items: items(25) });
		expect(outcome.error).toBeUndefined();
		expect(bodies.map(({ records }) => records.length).sort()).toEqual([10, 10, 5]);
		expect(seen(outcome.items)).toEqual(items(25).map((_, at) => `image${at}`));
		expect(outcome.items.map(({ pairedItem }) => pairedItem)).toEqual(
			items(25).map((_, at) => ({ item: at })),
		);
	});

	test('a refused record fails alone: 24 results, one item error', async () => {
		const bodies = service((records) => [
			200,
			answer(
				records.map((record) =>
					nameIn(record) === 'image13'
						? {
								_id: record._id,
								_status: { code: 400, text: 'Cannot decode image', request_id: 'r-1' },
							}
						: classified(record),
				),
			),
		]);
		const outcome = await classify({}, { items: items(25), onError: 'continueRegularOutput' });
		expect(bodies).toHaveLength(3);
		expect(outcome.items).toHaveLength(25);
		expect(outcome.items[13]).toEqual({
			json: {
				error: 'Image "image13.png": Ximilar refused this: Cannot decode image',
				message: expect.stringContaining('request_id r-1'),
			},
			pairedItem: { item: 13 },
		});
		expect(outcome.items.filter(({ json }) => json.error)).toHaveLength(1);
	});

	test('without Continue On Fail the node fails with the item and what was done', async () => {
		service((records) => [
			200,
			answer(
				records.map((record) =>
					nameIn(record) === 'image1'
						? { ...record, _status: { code: 400, text: 'Bad' } }
						: classified(record),
				),
			),
		]);
		const { error } = await classify({}, { items: items(3) });
		expect(error).toMatchObject({
			name: 'NodeApiError',
			itemIndex: 1,
			message: 'Image "image1.png": Ximilar refused this: Bad',
		});
		expect(error!.description).toContain(
			'2 of 3 items were done. To keep the results of the others',
		);
	});

	test('a request refused as bad is halved until the bad record is found', async () => {
		const bodies = service((records) =>
			records.some((record) => nameIn(record) === 'image3')
				? [400, { detail: 'Invalid image' }]
				: [200, answer(records.map(classified))],
		);
		nock(API).get(`/recognition/v2/task/${TASK}/`).reply(200, { id: TASK, production_version: 2 });
		const outcome = await classify({}, { items: items(10), onError: 'continueRegularOutput' });
		expect(seen(outcome.items).map((name, at) => name === `image${at}`)).toEqual(
			items(10).map((_, at) => at !== 3),
		);
		expect(outcome.items[3]!.json.error).toBe(
			'Image "image3.png": Ximilar refused this: Invalid image',
		);
		expect(bodies.map(({ records }) => records.length)).toEqual([10, 5, 3, 2, 1, 1, 5]);
	});

	test('an error about another field than the records is not halved', async () => {
		const bodies = service(() => [400, { version: ['Version 77 does not exist.'] }]);
		const outcome = await classify(
			{ options: { version: 77 } },
			{ items: items(4), onError: 'continueRegularOutput' },
		);
		expect(bodies).toHaveLength(1);
		expect(jsonOf(outcome.items).map(({ error }) => error)).toEqual(
			items(4).map(() => 'Ximilar refused this: version: Version 77 does not exist.'),
		);
	});

	test('a task that is not trained is said to be so, after one refused request', async () => {
		const bodies = service(() => [400, { detail: 'Model not found' }]);
		nock(API)
			.get(`/recognition/v2/task/${TASK}/`)
			.reply(200, { id: TASK, name: 'Pets', production_version: -1 });
		const outcome = await classify({}, { items: items(4), onError: 'continueRegularOutput' });
		expect(bodies).toHaveLength(1);
		expect(outcome.items[2]!.json.error).toBe('The task "Pets" is not trained yet');
	});

	test('images of different tasks go into different requests, and come back in order', async () => {
		const bodies = healthy();
		const outcome = await classify(
			{
				task: byId('={{ $json.row.endsWith("1") ? "aaaa" : "bbbb" }}'),
			},
			{ items: items(12) },
		);
		expect(bodies.map(({ task_id, records }) => [task_id, records.length]).sort()).toEqual([
			['aaaa', 2],
			['bbbb', 10],
		]);
		expect(seen(outcome.items)).toEqual(items(12).map((_, at) => `image${at}`));
	});

	test('Batch Size and Parallel Requests are kept to', async () => {
		let running = 0;
		let most = 0;
		nock(API)
			.persist()
			.post(CLASSIFY)
			.reply(200, async (_uri: string, body: nock.Body) => {
				most = Math.max(most, ++running);
				await new Promise((resolve) => setTimeout(resolve, 20));
				running--;
				return answer((body as unknown as { records: SentRecord[] }).records.map(classified));
			});
		const outcome = await classify(
			{ options: { batchSize: 2, parallelRequests: 3 } },
			{ items: items(20) },
		);
		expect(outcome.items).toHaveLength(20);
		expect(most).toBe(3);
	});

	test('results are matched by _id, whatever their order', async () => {
		service((records) => [200, answer(records.map(classified).reverse())]);
		const outcome = await classify({}, { items: items(7) });
		expect(seen(outcome.items)).toEqual(items(7).map((_, at) => `image${at}`));
	});

	test('results without the _id that was sent are matched by order', async () => {
		service((records) => [
			200,
			answer(records.map((record) => ({ ...classified(record), _id: 'x' }))),
		]);
		expect(seen((await classify({}, { items: items(3) })).items)).toEqual([
			'image0',
			'image1',
			'image2',
		]);
	});

	test('a missing result is an item error of its own', async () => {
		service((records) => [200, answer(records.slice(1).map(classified))]);
		const outcome = await classify({}, { items: items(3), onError: 'continueRegularOutput' });
		expect(seen(outcome.items)).toEqual([
			'Image "image0.png": Ximilar sent no result for it',
			'image1',
			'image2',
		]);
	});

	test('a result without what is vital names it', async () => {
		service((records) => [200, answer(records.map(({ _id }) => ({ _id, labels: [{ prob: 1 }] })))]);
		const { error } = await classify({}, { items: items(1) });
		expect(error!.message).toBe(
			'Image "image0.png": Ximilar\'s answer lacks what this operation needs: labels.0.name (Required)',
		);
	});
});

describe('answers', () => {
	test('429 twice and then 200 gives the same items as without', async () => {
		healthy();
		const calm = await classify({}, { items: items(3) });
		nock.cleanAll();
		const bodies = service((records, call) =>
			call < 3
				? [429, { detail: 'Throttled' }, { 'Retry-After': '0' }]
				: [200, answer(records.map(classified))],
		);
		const limited = await classify({}, { items: items(3) });
		expect(bodies).toHaveLength(3);
		expect(limited.items).toEqual(calm.items);
	});

	test.each([
		[408, 4],
		[500, 2],
		[502, 4],
		[503, 4],
		[504, 4],
	])('status %i is tried %i times, then told', async (status, tries) => {
		const bodies = service(() => [status, { detail: 'Busy' }]);
		const { error } = await classify({}, { items: items(1) });
		expect(bodies).toHaveLength(tries);
		expect(error!.message).toContain(': Busy');
	});

	test('a Retry-After that is too long to wait for is told at once', async () => {
		const bodies = service(() => [429, {}, { 'Retry-After': '3600' }]);
		const { error } = await classify({}, { items: items(1) });
		expect(bodies).toHaveLength(1);
		expect(error!.description).toContain('Ximilar asks to wait 60 minutes');
	});

	test('an answer that is cut in half', async () => {
		const whole = JSON.stringify(answer([]));
		const bodies = service(() => [
			200,
			whole.slice(0, whole.length / 2),
			{ 'Content-Type': 'application/json' },
		]);
		const { error } = await classify({}, { items: items(1) });
		expect(bodies).toHaveLength(4);
		expect(error!.message).toBe('Image "image0.png": Ximilar\'s answer was cut off on the way');
	}, 20_000);

	test('a web page instead of an answer', async () => {
		const bodies = service(() => [
			200,
			'<html><body>Login</body></html>',
			{ 'Content-Type': 'text/html' },
		]);
		const { error } = await classify({}, { items: items(1) });
		expect(bodies).toHaveLength(1);
		expect(error!.message).toContain('The answer was a web page (HTML)');
		expect(error!.description).toContain('Check API Base URL');
	});

	test('HTTP 200 with a failed status is a failure, and is not paid for again', async () => {
		const bodies = service(() => [
			200,
			{
				records: [],
				status: { code: 500, text: 'Model crashed', request_id: 'r-2', proc_id: 'p-3' },
			},
		]);
		const { error } = await classify({}, { items: items(1) });
		expect(bodies).toHaveLength(1);
		expect(error!.message).toBe(
			'Image "image0.png": Ximilar could not answer (status 500): Model crashed',
		);
		expect(error!.description).toContain('request_id r-2, proc_id p-3');
	});

	test('a bad token ends the run after one request, and shows nowhere', async () => {
		const bodies = service(() => [401, { detail: `Invalid token ${TOKEN}.` }]);
		const outcome = await classify(
			{ options: { parallelRequests: 1 } },
			{ items: items(25), onError: 'continueRegularOutput' },
		);
		expect(bodies).toHaveLength(1);
		expect(outcome.items).toHaveLength(25);
		expect(outcome.items[24]!.json.error).toContain('Ximilar did not accept the API token');
		expect(JSON.stringify(outcome.run)).not.toContain(TOKEN);
	});

	test('too few credits end the run', async () => {
		const bodies = service(() => [402, { detail: 'Not enough credits' }]);
		const { error } = await classify({ options: { parallelRequests: 1 } }, { items: items(25) });
		expect(bodies).toHaveLength(1);
		expect(error!.message).toMatch(/too few credits$/);
	});

	test('a redirect is not followed', async () => {
		const bodies = service(() => [302, '', { Location: 'https://elsewhere.example/classify' }]);
		const { error } = await classify({}, { items: items(1) });
		expect(bodies).toHaveLength(1);
		expect(error!.message).toContain('API Base URL leads to another address');
		expect(error!.description).toContain('https://elsewhere.example/classify');
	});

	test('a lost connection is asked again', async () => {
		nock(API)
			.post(CLASSIFY)
			.replyWithError(Object.assign(new Error('hang up'), { code: 'ECONNRESET' }));
		const bodies = healthy();
		expect(seen((await classify({}, { items: items(2) })).items)).toEqual(['image0', 'image1']);
		expect(bodies).toHaveLength(1);
	});

	test('cancelling ends a wait at once', async () => {
		let called = () => {};
		const first = new Promise<void>((resolve) => (called = resolve));
		service(() => {
			called();
			return [429, {}, { 'Retry-After': '100' }];
		});
		const begun = Date.now();
		const outcome = await classify(
			{},
			{ items: items(1), started: (cancel) => void first.then(() => setTimeout(cancel, 50)) },
		);
		// The wait that was asked for is a hundred seconds; nothing like it has passed.
		expect(Date.now() - begun).toBeLessThan(50_000);
		expect(outcome.run.status).toBe('canceled');
	});
});

describe('images', () => {
	test('what Ximilar refuses is refused before the call', async () => {
		const bodies = healthy();
		const pdf = {
			json: {},
			binary: files({ data: { name: 'scan.pdf', bytes: Buffer.from('%PDF-1.7') } }),
		};
		const outcome = await classify(
			{},
			{ items: [item('a'), pdf, item('b')], onError: 'continueRegularOutput' },
		);
		expect(seen(outcome.items)).toEqual([
			'a',
			'Image "scan.pdf": Ximilar does not take PDF files',
			'b',
		]);
		expect(outcome.items[1]!.json.message).toContain('Convert it to PNG or JPEG first');
		expect(bodies).toHaveLength(1);
		expect(bodies[0]!.records).toHaveLength(2);
	});

	test('several binary fields of an item give a row each, also by a name with an asterisk', async () => {
		const bodies = healthy();
		const two = {
			json: {},
			binary: files({
				attachment_0: { name: 'a.png', bytes: png('a') },
				attachment_1: { name: 'b.png', bytes: png('b') },
				other: { name: 'c.png', bytes: png('c') },
			}),
		};
		const named = await classify({ binaryPropertyName: 'other, attachment_0' }, { items: [two] });
		const starred = await classify(
			{ binaryPropertyName: 'attachment_*' },
			{ items: [two, item('x')], onError: 'continueRegularOutput' },
		);
		expect(seen(named.items)).toEqual(['c', 'a']);
		expect(named.items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 0 }]);
		expect(seen(starred.items)).toEqual([
			'a',
			'b',
			'Input Binary Field: the item has no file in "attachment_*"',
		]);
		expect(starred.items[2]!.json.message).toContain('The item has files in: data.');
		expect(bodies).toHaveLength(2);
	});

	test('one refused image of an item leaves the results of its others', async () => {
		healthy();
		const mixed = {
			json: {},
			binary: files({
				a: { name: 'a.png', bytes: png('a') },
				b: { name: 'b.svg', bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') },
				c: { name: 'c.txt', bytes: Buffer.alloc(0) },
			}),
		};
		const { items: out } = await classify(
			{ binaryPropertyName: 'a,b,c' },
			{ items: [mixed], onError: 'continueRegularOutput' },
		);
		expect(seen(out)).toEqual([
			'a',
			'Image "b.svg": Ximilar does not take SVG files | Image "c.txt": The file is empty',
		]);
	});

	test('addresses come one a line, as a list, or with commas inside', async () => {
		const bodies = healthy();
		const urls = [
			'https://example.com/a,1.jpg',
			'https://example.com/b.jpg',
			'http://example.com/c.webp',
		];
		const lines = await classify({
			imageSource: 'url',
			imageUrls: `${urls[0]}, ${urls[1]}\n ${urls[2]} `,
		});
		const list = await classify(
			{ imageSource: 'url', imageUrls: '={{ $json.urls }}' },
			{ items: [{ json: { urls } }] },
		);
		expect(bodies.map(({ records }) => records.map(({ _url }) => _url))).toEqual([urls, urls]);
		expect(seen(lines.items)).toEqual(urls);
		expect(list.items).toHaveLength(3);
	});

	test.each([
		['ftp://example.com/a.png', 'The address does not begin with http:// or https://'],
		['https://example.com/scan.PDF?x=1', 'Ximilar does not take PDF files'],
		[
			'https://drive.google.com/file/d/1/view',
			'The address leads to a page of Google Drive, not to the image file',
		],
		[
			'https://www.dropbox.com/s/1/a.png?dl=0',
			'The address leads to a page of Dropbox, not to the image file',
		],
	])('the address %s is refused before the call', async (address, reason) => {
		const { error } = await classify({ imageSource: 'url', imageUrls: address });
		expect(error!.message).toBe(`Image "${address}": ${reason}`);
	});

	test('an animated GIF is taken, with a hint', async () => {
		healthy();
		const frame = Buffer.from('2c00000000010001000002024401003b'.slice(0, -2), 'hex');
		const head = Buffer.from('47494638396101000100000000', 'hex');
		const gif = Buffer.concat([head, frame, frame, Buffer.from([0x3b])]);
		const outcome = await classify(
			{},
			{ items: [{ json: {}, binary: files({ data: { name: 'a.gif', bytes: gif } }) }] },
		);
		expect(outcome.hints.map(({ message }) => message)).toEqual([
			'"a.gif" is an animated GIF: only its first frame is used.',
		]);
	});

	test('a message may hold a system code or a word that n8n acts on', async () => {
		service(() => [400, { detail: 'canceled' }]);
		nock(API).get(/task/).reply(200, { id: TASK, production_version: 1 });
		const preexisting = {
			json: {},
			binary: files({ data: { name: 'preexisting.png', bytes: png('a') } }),
		};
		const { error, run } = await classify({}, { items: [preexisting] });
		expect(error!.message).toBe('Image "preexisting.png": Ximilar refused this: cancelled');
		expect(run.status).toBe('error');
	});

	test('error items are routed to the error output', async () => {
		const outcome = await classify(
			{},
			{ items: [{ json: { row: 1 } }], onError: 'continueErrorOutput' },
		);
		expect(outcome.items).toEqual([]);
		expect(outcome.errorItems[0]!.json).toMatchObject({
			error: 'Input Binary Field: the item has no file in "data"',
			message: expect.stringContaining('The item has no files at all'),
		});
	});
});

describe('output', () => {
	test('Simplify puts the best label and its probability in front', async () => {
		healthy();
		const { items: out } = await classify({ simplify: true }, { items: items(1) });
		expect(Object.entries(out[0]!.json)).toEqual([
			['image', 'image0.png'],
			['label', 'dog'],
			['probability', 0.98351],
			['label_id', labels[0]!.id],
			['labels', ['dog', 'cat']],
			['probabilities', [0.98351, 0.01649]],
			['version', 9],
			['width', 404],
			['height', 564],
		]);
	});

	test.each([
		['the best three alone', {}, [0.9, 0.5, 0.4]],
		['as many as the option says', { maximumLabels: 4 }, [0.9, 0.5, 0.4, 0.3]],
		['none', { maximumLabels: 0 }, []],
		['all that reach a probability', { minimumProbability: 0.25 }, [0.9, 0.5, 0.4, 0.3]],
		['no more than both allow', { minimumProbability: 0.25, maximumLabels: 2 }, [0.9, 0.5]],
	])('gives of many labels %s', async (_, options, probabilities) => {
		const many = [0.3, 0.9, 0.1, 0.5, 0.4].map((prob) => ({ name: `of ${prob}`, prob, id: 'l' }));
		service((records) => [
			200,
			answer(records.map((record) => ({ ...classified(record), labels: many }))),
		]);
		const row = await classify({ simplify: true, options }, { items: items(1) });
		expect(row.items[0]!.json).toMatchObject({
			label: 'of 0.9',
			labels: probabilities.map((one) => `of ${one}`),
			probabilities,
		});
		const raw = await classify({ options }, { items: items(1) });
		const [record] = raw.items[0]!.json.records as Array<{ labels: IDataObject[] }>;
		const isLimited = Object.keys(options).length > 0;
		expect(record!.labels).toHaveLength(isLimited ? probabilities.length : many.length);
	});

	test('without Simplify it is the answer of the API, without image bytes', async () => {
		healthy();
		const { items: out } = await classify({}, { items: items(1) });
		expect(out[0]!.json).toMatchObject({
			task_id: TASK,
			version: 9,
			image: 'image0.png',
			records: [{ best_label: labels[0] }],
		});
		const [record] = out[0]!.json.records as IDataObject[];
		expect(record!._base64).toBe('[PNG image, 14 bytes]');
		// The place in the request, which the user knows nothing of.
		expect(record).not.toHaveProperty('_id');
	});

	test('labels below the minimum probability are left out', async () => {
		healthy();
		const strict = await classify(
			{ simplify: true, options: { minimumProbability: 0.99 } },
			{ items: items(1) },
		);
		const loose = await classify(
			{ simplify: true, options: { minimumProbability: 0.5 } },
			{ items: items(1) },
		);
		expect(strict.items[0]!.json).toMatchObject({ label: null, probability: null, labels: [] });
		expect(loose.items[0]!.json).toMatchObject({ label: 'dog', labels: ['dog'] });
	});

	test('the options go into the request', async () => {
		const bodies = healthy();
		await classify(
			{ options: { version: 3, descriptor: true, storeImages: true } },
			{ items: items(1) },
		);
		const [{ records: _, ...body }] = bodies as [(typeof bodies)[0]];
		expect(body).toEqual({ task_id: TASK, version: 3, descriptor: 1, store_images: true });
	});

	test('the incoming item can be kept, and nothing of it is lost', async () => {
		healthy();
		const incoming = { ...item('a'), json: { label: 'mine', sku: 7 } };
		const parameters = { simplify: true, options: { keepInput: 'json' } };
		const kept = await classify(parameters, { items: [incoming] });
		expect(kept.items[0]!.json).toMatchObject({ sku: 7, input_label: 'mine', label: 'dog' });
		expect(kept.items[0]!.binary).toBeUndefined();
		const all = await classify(
			{ ...parameters, options: { keepInput: 'all' } },
			{ items: [incoming] },
		);
		expect(all.items[0]!.binary).toEqual(incoming.binary);
	});

	test.each([
		[{ task: { __rl: true, mode: 'id', value: '={{ " " }}' } }, 'Task is empty'],
		[{ task: byUrl('={{ "a b" }}') }, 'Task is not an ID: "a b"'],
		[
			{ task: { __rl: true, mode: 'url', value: '={{ "https://example.com/x" }}' } },
			'Task is not a link to a task in the Ximilar App',
		],
		[{ options: { batchSize: '={{ "many" }}' } }, 'Batch Size must be a number'],
		[{ options: { batchSize: '={{ 11 }}' } }, 'Batch Size must be at least 1 and at most 10'],
		[{ options: { keepInput: '={{ "some" }}' } }, 'Keep Input Data cannot be "some"'],
	])('a field that cannot be used is named: %j', async (parameters, message) => {
		const { error } = await classify(parameters, { items: items(1) });
		expect(error).toMatchObject({ name: 'NodeOperationError', message, itemIndex: 0 });
	});

	test('a task is taken from a link of the Ximilar App', async () => {
		const bodies = healthy();
		const value = `https://app.ximilar.com/recognition/workspace/58421549-21ea-3d43-94a6-6a1cb38160e3/task/${TASK}/detail`;
		await classify({ task: { __rl: true, mode: 'url', value } }, { items: items(1) });
		expect(bodies[0]!.task_id).toBe(TASK);
	});
});
