import type { IBinaryData, IDataObject, INodeExecutionData } from 'n8n-workflow';
import nock from 'nock';
import { XimilarRecognition } from '../../nodes/XimilarRecognition/XimilarRecognition.node';
import { API, answering, byId, files, jsonOf, png, runnerOf, type Job } from './workflow';

/** Nothing in vain: what is asked for once, what is bisected, and what is refused before any call. */

const TASK = '185c2019-1182-439c-900b-9f29c3f35926';
const CLASSIFY = '/recognition/v2/classify/';

interface SentRecord extends IDataObject {
	_id: string;
	_base64: string;
}

type Body = IDataObject & { records: SentRecord[] };

const nameIn = ({ _base64 }: SentRecord) =>
	Buffer.from(_base64, 'base64').subarray(png('').length).toString();

const labels = [{ prob: 0.9, name: 'dog', id: 'd' }];

const accepted = (records: SentRecord[]): [number, IDataObject] => [
	200,
	{
		status: { code: 200 },
		records: records.map((record) => ({ ...record, _status: { code: 200 }, labels })),
	},
];

const service = (reply: (records: SentRecord[], call: number) => [number, unknown]) =>
	answering<Body>(CLASSIFY, ({ records }, call) => reply(records, call));

const healthy = () => service(accepted);

const item = (name: string): INodeExecutionData => ({
	json: {},
	binary: files({ data: { name: `${name}.png`, bytes: png(name) } }),
});
const items = (count: number) => Array.from({ length: count }, (_, at) => item(`image${at}`));

const recognition = runnerOf(() => new XimilarRecognition());
const classify = async (parameters: IDataObject = {}, job: Partial<Job> = {}) =>
	await recognition(
		'image',
		'classify',
		{ task: byId(TASK), ...parameters },
		{ onError: 'continueRegularOutput', ...job },
	);

const errors = (all: INodeExecutionData[]) => jsonOf(all).map(({ error }) => error);
const sizes = (bodies: Body[]) => bodies.map(({ records }) => records.length);

/** So many calls can be under way before the first is answered, and no more are sent in vain. */
const ONE_AT_A_TIME = { options: { parallelRequests: 1 } };

describe('a refusal that holds for all 100 images is asked for once:', () => {
	const unknown = `Ximilar did not find the task ${TASK} in the default workspace: No`;

	test.each([
		[403, 'This Ximilar account may not use this: No'],
		[404, unknown],
	])('status %i', async (status, message) => {
		const bodies = service(() => [status, { detail: 'No' }]);
		const { items: out, error } = await classify(ONE_AT_A_TIME, { items: items(100) });
		expect(error).toBeUndefined();
		expect(bodies).toHaveLength(1);
		expect(errors(out)).toEqual(items(100).map(() => message));
	});

	test('a task that is not trained', async () => {
		nock(API)
			.get(`/recognition/v2/task/${TASK}/`)
			.reply(200, { id: TASK, name: 'Pets', production_version: -1 });
		const bodies = service(() => [400, { detail: 'Model not found' }]);
		const { items: out } = await classify(ONE_AT_A_TIME, { items: items(100) });
		expect(bodies).toHaveLength(1);
		expect(out).toHaveLength(100);
		expect(out[99]!.json.error).toBe('The task "Pets" is not trained yet');
	});

	test('a version that does not exist', async () => {
		const bodies = service(() => [400, { version: ['Version 7 does not exist.'] }]);
		const { items: out } = await classify(
			{ options: { parallelRequests: 1, version: 7 } },
			{ items: items(100) },
		);
		expect(bodies).toHaveLength(1);
		expect(out[99]!.json.error).toContain('Version 7 does not exist.');
	});

	test.each([
		[401, 'Ximilar did not accept the API token: No'],
		[402, 'The Ximilar account has too few credits: No'],
		[403, 'This Ximilar account may not use this: No'],
		[404, unknown],
		[400, 'The task "Pets" is not trained yet'],
	])(
		'status %i, which ends the run, names no image and no item, and advises nothing for one',
		async (status, message) => {
			nock(API)
				.get(`/recognition/v2/task/${TASK}/`)
				.optionally()
				.reply(200, { id: TASK, name: 'Pets', production_version: -1 });
			service(() => [status, { detail: 'No' }]);
			const { error } = await classify({}, { items: items(30), onError: undefined });
			expect(error).toMatchObject({ message, itemIndex: undefined });
			expect(error!.description).toContain('None of the 30 items was done.');
			expect(error!.description).not.toMatch(/On Error|image\d/);
		},
	);

	test('the items that were done before are counted', async () => {
		service((records, call) => (call > 1 ? [402, { detail: 'No' }] : accepted(records)));
		const { error } = await classify(ONE_AT_A_TIME, { items: items(30), onError: undefined });
		expect(error!.message).toBe('The Ximilar account has too few credits: No');
		expect(error!.description).toMatch(/ 10 of 30 items were done\.$/);
	});

	test('by default the first few are under way before the first answer', async () => {
		const bodies = service(() => [403, { detail: 'No' }]);
		const { items: out } = await classify({}, { items: items(100) });
		expect(bodies.length).toBeLessThanOrEqual(4);
		expect(out).toHaveLength(100);
	});
});

describe('one bad image of ten', () => {
	const isBad = (record: SentRecord) => nameIn(record) === 'image3';
	const wanted = items(10).map((_, at) => at !== 3);

	test.each([
		['an envelope', { status: { code: 400, text: 'Bad' }, statistics: {} }],
		['a detail and a code', { detail: 'Bad', code: 'invalid' }],
		['its records', { records: [{ _base64: ['Bad'] }] }],
	])('is found by bisecting a 400 with %s', async (_, body) => {
		nock(API)
			.get(`/recognition/v2/task/${TASK}/`)
			.reply(200, { id: TASK, name: 'Pets', production_version: 3 });
		const bodies = service((records) => (records.some(isBad) ? [400, body] : accepted(records)));
		const { items: out } = await classify({}, { items: items(10) });
		expect(errors(out).map((error) => error === undefined)).toEqual(wanted);
		expect(out[3]!.json.error).toContain('Bad');
		expect(sizes(bodies)).toEqual([10, 5, 3, 2, 1, 1, 5]);
	});

	test('is found when the server cannot answer because of it, after one repetition each', async () => {
		const bodies = service((records) =>
			records.some(isBad) ? [500, { detail: 'Oops' }] : accepted(records),
		);
		const { items: out } = await classify({}, { items: items(10) });
		expect(errors(out).map((error) => error === undefined)).toEqual(wanted);
		expect(out[3]!.json.error).toBe(
			'Image "image3.png": Ximilar could not answer (status 500): Oops',
		);
		expect(sizes(bodies)).toEqual([10, 10, 5, 5, 3, 2, 2, 1, 1, 1, 5]);
	}, 30_000);
});

describe('before any call', () => {
	const withoutFile = (at: number) =>
		items(8).map((one, index) => (index === at ? { json: {} } : one));

	test("the fifth item's missing field ends the run", async () => {
		const bodies = healthy();
		const { error } = await classify({}, { items: withoutFile(4), onError: undefined });
		expect(bodies).toEqual([]);
		expect(error).toMatchObject({ itemIndex: 4 });
		expect(error!.message).toContain('the item has no file in "data"');
	});

	test('a file that is no image ends the run, wherever it stands', async () => {
		const bodies = healthy();
		const all = items(30);
		all[25]!.binary = files({ data: { name: 'a.pdf', bytes: Buffer.from('%PDF-1.7') } });
		const { error } = await classify({}, { items: all, onError: undefined });
		expect(bodies).toEqual([]);
		expect(error).toMatchObject({
			itemIndex: 25,
			message: 'Image "a.pdf": Ximilar does not take PDF files',
		});
	});

	test('an image over 50 MB is refused with its size, and the others are done', async () => {
		const bodies = healthy();
		const all = items(3);
		const large = Buffer.concat([png(''), Buffer.alloc(50 * 2 ** 20)]);
		all[1]!.binary = files({ data: { name: 'large.png', bytes: large } });
		const { items: out } = await classify({}, { items: all });
		expect(errors(out)).toEqual([
			undefined,
			'Image "large.png": It is too large: 51 MB, where 50 MB can be sent',
			undefined,
		]);
		expect(sizes(bodies)).toEqual([2]);
	});

	test.each([
		['a list without files', '={{ [] }}'],
		['a comma', '={{ "," }}'],
		['blanks and commas', '={{ " , ," }}'],
	])('an item whose field gives %s is an error of its own', async (_, binaryPropertyName) => {
		const bodies = healthy();
		const { items: out } = await classify({ binaryPropertyName }, { items: items(2) });
		expect(bodies).toEqual([]);
		expect(errors(out)).toEqual(['The item has no image', 'The item has no image']);
	});

	test('an item without addresses is an error of its own', async () => {
		const bodies = healthy();
		const { items: out } = await classify(
			{ imageSource: 'url', imageUrls: '={{ $json.urls }}' },
			{ items: [{ json: { urls: [] } }, { json: { urls: 'https://example.com/a.png' } }] },
		);
		expect(sizes(bodies)).toEqual([1]);
		expect(errors(out)).toEqual(['Image URLs is empty', undefined]);
	});
});

describe('what is sent and shown', () => {
	test.each([
		[undefined, undefined],
		['58421549-21ea-3d43-94a6-6a1cb38160e3', '58421549-21ea-3d43-94a6-6a1cb38160e3'],
	])('the workspace is named when it is chosen: %s', async (chosen, workspace) => {
		const bodies = healthy();
		const options = chosen ? { workspace: byId(chosen) } : {};
		const { items: out } = await classify({ options }, { items: items(1) });
		expect(errors(out)).toEqual([undefined]);
		expect(bodies.map((body) => body.workspace)).toEqual([workspace]);
	});

	test('without Simplify a row says which image it is about', async () => {
		healthy();
		const { items: out } = await classify({ simplify: false }, { items: items(2) });
		expect(jsonOf(out).map(({ image }) => image)).toEqual(['image0.png', 'image1.png']);
	});

	test('a blank in an address is sent as %20, and shown as it was given', async () => {
		const bodies = healthy();
		const { items: out } = await classify(
			{ imageSource: 'url', imageUrls: 'https://example.com/my dog.png' },
			{ items: [{ json: {} }] },
		);
		expect(bodies[0]!.records[0]!._url).toBe('https://example.com/my%20dog.png');
		expect(out[0]!.json.image).toBe('https://example.com/my dog.png');
	});

	test('a data URL among addresses is shortened, and the image is named once', async () => {
		const bodies = healthy();
		const imageUrls = `data:image/png;base64,${'A'.repeat(5000)}`;
		const { error } = await classify(
			{ imageSource: 'url', imageUrls },
			{ items: [{ json: {} }], onError: undefined },
		);
		expect(bodies).toEqual([]);
		expect(error!.message.length).toBeLessThan(500);
		expect(error!.message.match(/Image "data:image/g)).toHaveLength(1);
		expect(error!.description).not.toContain('AAAA');
	});

	test.each([
		['line breaks', (text: string) => text.replace(/(.{20})/g, '$1\r\n')],
		['no padding', (text: string) => text.replace(/=+$/, '')],
	])('a file whose base64 has %s is sent whole', async (_, changed) => {
		const bodies = healthy();
		const one = item('a file with text of some length.');
		const data = one.binary!.data as IBinaryData;
		data.data = changed(data.data);
		const { items: out } = await classify({}, { items: [one] });
		expect(errors(out)).toEqual([undefined]);
		expect(bodies[0]!.records.map(nameIn)).toEqual(['a file with text of some length.']);
	});
});
