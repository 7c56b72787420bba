import { createServer } from 'node:http';
import { Readable, pipeline } from 'node:stream';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import nock from 'nock';
import {
	API,
	TOKEN,
	answering,
	byId,
	files,
	jsonOf,
	listening,
	png,
	rows,
	type Job,
} from '../workflow';
import { IMAGE, IMAGES, LABEL, WORKSPACE, imageOf, recognition } from './recognition';

const OTHER_LABEL = '08435c8c-554d-4a25-8702-f57526f1224f';
const THIRD_LABEL = '2b1c7a52-7f0b-4a2e-9b55-3c1f6d0a9e11';

const base64 = (name: string) => png(name).toString('base64');

const item = (...names: string[]): INodeExecutionData => ({
	json: {},
	binary: files(
		Object.fromEntries(
			names.map((name, at) => [`data${at || ''}`, { name: `${name}.png`, bytes: png(name) }]),
		),
	),
});

const upload = async (parameters: IDataObject = {}, job: Partial<Job> = {}) =>
	await recognition(
		'trainingImage',
		'upload',
		{ simplify: false, ...parameters },
		{ items: [item('a')], ...job },
	);

const addsLabel = (label: string, image = IMAGE, more: IDataObject = {}) =>
	nock(API).post(`${IMAGES}${image}/add-label/`, { label_id: label, ...more });

describe('request', () => {
	test('a file goes up as it is, and comes out as it was taken', async () => {
		nock(API)
			.post(IMAGES, { base64: base64('a') })
			.reply(201, imageOf(IMAGE));
		const { items, error } = await upload();
		expect(error).toBeUndefined();
		expect(items).toEqual([
			{
				json: { image: 'a.png', ...imageOf(IMAGE), already_existed: false, added_label_ids: [] },
				pairedItem: { item: 0 },
			},
		]);
	});

	test('the options go into it, and the labels are added afterwards', async () => {
		const facts = { meta_data: { sku: 7 }, noresize: true, test_image: true };
		nock(API)
			.post(IMAGES, { base64: base64('a'), ...facts, workspace: WORKSPACE })
			.reply(201, imageOf(IMAGE));
		addsLabel(LABEL, IMAGE, { workspace: WORKSPACE }).reply(200, imageOf(IMAGE));
		addsLabel(OTHER_LABEL, IMAGE, { workspace: WORKSPACE }).reply(204);
		const { items } = await upload({
			label: byId(LABEL),
			options: {
				furtherLabels: `${LABEL}, ${OTHER_LABEL}`,
				metadata: '{"sku": 7}',
				noResize: true,
				test: true,
				workspace: byId(WORKSPACE),
			},
		});
		expect(items[0]!.json.added_label_ids).toEqual([LABEL, OTHER_LABEL]);
	});

	test('what is switched off or blank is not sent', async () => {
		nock(API)
			.post(IMAGES, { base64: base64('a') })
			.reply(201, imageOf(IMAGE));
		const { items } = await upload({
			label: byId('={{ $json.nothing }}'),
			options: { furtherLabels: '', metadata: '', noResize: false, test: false },
		});
		expect(items).toHaveLength(1);
	});

	test.each([
		['one a line', `${LABEL}\n${OTHER_LABEL}`],
		['a list', [LABEL, OTHER_LABEL]],
		['labels as the API gives them', [{ id: LABEL, name: 'dog' }, { id: OTHER_LABEL }]],
	])('further labels come as %s', async (_, labels) => {
		nock(API).post(IMAGES).reply(201, imageOf(IMAGE));
		addsLabel(LABEL).reply(200);
		addsLabel(OTHER_LABEL).reply(200);
		const { items } = await upload(
			{ options: { furtherLabels: '={{ $json.labels }}' } },
			{ items: [{ ...item('a'), json: { labels } as unknown as IDataObject }] },
		);
		expect(items[0]!.json.added_label_ids).toEqual([LABEL, OTHER_LABEL]);
	});

	test('metadata comes as an object, too', async () => {
		nock(API)
			.post(IMAGES, { base64: base64('a'), meta_data: { a: [1] } })
			.reply(201, imageOf(IMAGE));
		const { items } = await upload({ options: { metadata: '={{ { a: [1] } }}' } });
		expect(items).toHaveLength(1);
	});

	test.each([
		[
			{ metadata: '={{ \'{\\n "a": 1,,\\n}\' }}' },
			'Metadata is not valid JSON',
			'line 2, column 9',
		],
		[{ metadata: '={{ [1] }}' }, 'Metadata must be a JSON object', 'It is a list'],
		[{ furtherLabels: '={{ "a b!" }}' }, 'Further Label IDs is not an ID: "b!"', 'letters'],
		[{ ifExists: '={{ "skip" }}' }, 'If Image Exists cannot be "skip"', 'return, fail'],
	])('nothing is uploaded when an option cannot be used: %j', async (options, message, advice) => {
		const { error } = await upload({ options });
		expect(error).toMatchObject({ message, description: expect.stringContaining(advice) });
	});
});

describe('labels of many images', () => {
	const IDS = ['a', 'b', 'c', 'd'].map((name) => `${name}${IMAGE.slice(1)}`);

	/**
	 * Uploads four images with a label.
	 * @param bulk answers the call that is for several images
	 * @returns the images that got the label by calls of their own, and by calls for several
	 */
	async function labelled(bulk: (images: string[]) => [status: number, body: object]) {
		const [alone, together]: [string[], string[]] = [[], []];
		IDS.forEach((id, at) =>
			nock(API)
				.post(IMAGES, { base64: base64('abcd'[at]!) })
				.reply(201, imageOf(id)),
		);
		nock(API)
			.post(/add-label/, { label_id: LABEL })
			.delay(100)
			.times(4)
			.reply((path) => {
				alone.push(path.split('/').at(-3)!);
				return [200, {}];
			});
		nock(API)
			.post(`${IMAGES}update`, (body: IDataObject) => String(body['labels-add']) === LABEL)
			.times(4)
			.reply((_, body) => {
				const { images } = body as { images: string[] };
				const answer = bulk(images);
				if (answer[0] === 200) together.push(...images);
				return answer;
			});
		const { items } = await upload(
			{ label: byId(LABEL), binaryPropertyName: 'data*' },
			{ items: [item('a', 'b', 'c', 'd')] },
		);
		expect(items.map(({ json }) => json.added_label_ids)).toEqual(IDS.map(() => [LABEL]));
		nock.cleanAll();
		return { alone, together };
	}

	test('are added by one call for those that wait', async () => {
		const { alone, together } = await labelled((images) => [200, { count: images.length }]);
		expect(alone).toHaveLength(1);
		expect([...alone, ...together].sort()).toEqual(IDS);
	});

	test.each([400, 404, 405])('are added one by one where that call answers %i', async (status) => {
		const { alone } = await labelled(() => [status, { detail: 'No.' }]);
		expect(alone.sort()).toEqual(IDS);
	});

	test('are added one by one to those that the call has passed over', async () => {
		const passedOver = IDS[3]!;
		const { alone, together } = await labelled((images) => [
			200,
			{ count: images.filter((id) => id !== passedOver).length },
		]);
		expect(alone).toContain(passedOver);
		expect(new Set([...alone, ...together])).toEqual(new Set(IDS));
	});
});

describe('output', () => {
	test('is simplified to a row that names the file', async () => {
		nock(API)
			.post(IMAGES)
			.reply(201, imageOf(IMAGE, { meta_data: { sku: 7 } }));
		addsLabel(LABEL).reply(200);
		const { items } = await upload({ simplify: true, label: byId(LABEL) });
		expect(Object.entries(items[0]!.json)).toEqual([
			['image', 'a.png'],
			['id', IMAGE],
			['already_existed', false],
			['added_label_ids', [LABEL]],
			['test', false],
			['real', false],
			['verifications', 0],
			['meta_data', { sku: 7 }],
			['width', 640],
			['height', 480],
			['url', `https://images.example/${IMAGE}.jpg`],
			['thumbnail_url', `https://images.example/${IMAGE}-thumb.jpg`],
			['workspace', WORKSPACE],
		]);
	});

	test('holds no image bytes', async () => {
		nock(API)
			.post(IMAGES)
			.reply(201, imageOf(IMAGE, { base64: base64('a') }));
		const { items } = await upload();
		expect(items[0]!.json.base64).toBe('[PNG image, 9 bytes]');
	});

	test('has a row for each image of an item', async () => {
		for (const name of ['a', 'b', 'c']) {
			nock(API)
				.post(IMAGES, { base64: base64(name) })
				.reply(201, imageOf(name));
		}
		const { items } = await upload(
			{ simplify: true, binaryPropertyName: 'data*' },
			{ items: [item('a', 'b'), item('c')] },
		);
		expect(items.map(({ json, pairedItem }) => [json.image, json.id, pairedItem])).toEqual([
			['a.png', 'a', { item: 0 }],
			['b.png', 'b', { item: 0 }],
			['c.png', 'c', { item: 1 }],
		]);
	});

	test('keeps the rows of an item when another image of it is refused', async () => {
		nock(API)
			.post(IMAGES, { base64: base64('a') })
			.reply(201, imageOf('a'));
		nock(API)
			.post(IMAGES, { base64: base64('b') })
			.reply(400, { base64: ['Too small.'] });
		nock(API)
			.post(IMAGES, { base64: base64('c') })
			.reply(201, imageOf('c'));
		const { items } = await upload(
			{ simplify: true, binaryPropertyName: 'data*' },
			{ items: [item('a', 'b', 'c')], onError: 'continueRegularOutput' },
		);
		expect(items.map(({ json }) => json.id ?? json.error)).toEqual([
			'a',
			'c',
			'Image "b.png": Ximilar refused this: base64: Too small.',
		]);
	});

	test('comes in the order of the images, which go up side by side', async () => {
		const begun: string[] = [];
		let answerAll = () => {};
		const all = new Promise<void>((resolve) => (answerAll = resolve));
		nock(API)
			.post(IMAGES)
			.times(3)
			.reply(async (_uri, body) => {
				const name = ['a', 'b', 'c'].find((one) => base64(one) === (body as IDataObject).base64)!;
				begun.push(name);
				if (begun.length === 3) answerAll();
				await all;
				return [201, imageOf(name)];
			});
		const { items } = await upload(
			{ simplify: true, binaryPropertyName: 'data*' },
			{ items: [item('a', 'b', 'c')] },
		);
		expect(items.map(({ json }) => json.id)).toEqual(['a', 'b', 'c']);
	});

	const ONE_BY_ONE = { options: { parallelRequests: 1 } };

	test('a refused image ends the node before another one is uploaded', async () => {
		const bodies = answering(IMAGES, () => [400, { base64: ['Too small.'] }]);
		const { error } = await upload(
			{ binaryPropertyName: 'data*', ...ONE_BY_ONE },
			{ items: [item('a', 'b'), ...Array.from({ length: 30 }, () => item('c'))] },
		);
		expect(error!.message).toBe('Image "a.png": Ximilar refused this: base64: Too small.');
		expect(bodies).toHaveLength(1);
	});

	test('a bad token ends the run after one request', async () => {
		nock(API)
			.post(IMAGES)
			.reply(401, { detail: `Invalid token ${TOKEN}` });
		const { items } = await upload(
			{ binaryPropertyName: 'data*', ...ONE_BY_ONE },
			{ items: [item('a', 'b', 'c')], onError: 'continueRegularOutput' },
		);
		expect(items).toHaveLength(1);
		expect(items[0]!.json.error).toContain('Ximilar did not accept the API token');
		expect(JSON.stringify(items)).not.toContain(TOKEN);
	});

	test('an answer that is no image says so', async () => {
		nock(API).post(IMAGES).reply(200, { detail: 'The quota of images is used up.' });
		const { error } = await upload();
		expect(error!.message).toBe(
			'Image "a.png": Ximilar refused this: The quota of images is used up.',
		);
		nock(API).post(IMAGES).reply(200, {});
		expect((await upload()).error!.message).toBe(
			'Image "a.png": Ximilar\'s answer lacks what this operation needs: id (Required)',
		);
	});
});

describe('an image that exists already', () => {
	const text = `This image already exists, image ID: ${IMAGE}`;

	test.each([
		['400 with detail', 400, { detail: text }],
		['400 with a list in detail', 400, { detail: [text] }],
		['400 with a list', 400, [text]],
		['409', 409, { detail: text }],
		['200 with detail', 200, { detail: text }],
		['200 with a list', 200, [text]],
		[
			'other IDs in the text',
			400,
			{ detail: `Image already exists in ${WORKSPACE} (image ID: ${IMAGE})` },
		],
		['the ID alone in the text', 400, { detail: `${IMAGE} Already Exists` }],
	])('comes out, told by %s', async (_, status, answer) => {
		nock(API)
			.post(IMAGES)
			.reply(status, answer as nock.Body);
		nock(API).get(`${IMAGES}${IMAGE}/`).reply(200, imageOf(IMAGE));
		const { items, error } = await upload();
		expect(error).toBeUndefined();
		expect(jsonOf(items)).toEqual([
			{ image: 'a.png', ...imageOf(IMAGE), already_existed: true, added_label_ids: [] },
		]);
	});

	test('gets the labels that it lacks', async () => {
		nock(API).post(IMAGES).reply(400, { detail: text });
		nock(API)
			.get(`${IMAGES}${IMAGE}/`)
			.query({ workspace: WORKSPACE })
			.reply(200, imageOf(IMAGE, { labels: [{ id: LABEL, name: 'dog' }] }));
		addsLabel(OTHER_LABEL, IMAGE, { workspace: WORKSPACE }).reply(200);
		const { items } = await upload({
			simplify: true,
			label: byId(LABEL),
			options: { furtherLabels: OTHER_LABEL, workspace: byId(WORKSPACE) },
		});
		expect(items[0]!.json).toMatchObject({
			id: IMAGE,
			already_existed: true,
			added_label_ids: [OTHER_LABEL],
		});
	});

	test.each([
		['that it has', { meta_data: { sku: 7, place: 1 }, test_image: true }, ['Keep Full Size']],
		['that it has not', { meta_data: null }, ['Keep Full Size', 'Metadata', 'Test']],
	])('tells the options that did not apply to it: facts %s', async (_, facts, notApplied) => {
		nock(API).post(IMAGES).reply(400, { detail: text });
		nock(API).get(`${IMAGES}${IMAGE}/`).reply(200, imageOf(IMAGE, facts));
		const options = { noResize: true, metadata: '{"sku": 7}', test: true };
		const { items, hints } = await upload({ simplify: true, options });
		expect(items[0]!.json).toMatchObject({ already_existed: true, not_applied: notApplied });
		expect(hints.map(({ message }) => message)).toEqual([
			expect.stringContaining(`${notApplied.join(', ')} did not apply`),
		]);
	});

	test('knows metadata whose entries come back in another order', async () => {
		nock(API).post(IMAGES).reply(400, { detail: text });
		const facts = { meta_data: { shelf: { row: 2, side: 'left' } } };
		nock(API).get(`${IMAGES}${IMAGE}/`).reply(200, imageOf(IMAGE, facts));
		const metadata = '{"shelf": {"side": "left", "row": 2}}';
		const { items, hints } = await upload({ simplify: true, options: { metadata } });
		expect(items[0]!.json).not.toHaveProperty('not_applied');
		expect(hints).toEqual([]);
	});

	test('says nothing of options where none was chosen', async () => {
		nock(API).post(IMAGES).reply(400, { detail: text });
		nock(API).get(`${IMAGES}${IMAGE}/`).reply(200, imageOf(IMAGE));
		const { items, hints } = await upload({ simplify: true });
		expect(items[0]!.json).not.toHaveProperty('not_applied');
		expect(hints).toEqual([]);
	});

	test('fails, when that was chosen, and nothing is done with it', async () => {
		nock(API).post(IMAGES).reply(400, { detail: text });
		const { error } = await upload({ label: byId(LABEL), options: { ifExists: 'fail' } });
		expect(error).toMatchObject({
			message: `Image "a.png": It exists already, as the training image ${IMAGE}`,
			description: expect.stringContaining('set If Image Exists to Return Existing'),
		});
	});

	test('is named when it cannot be fetched', async () => {
		nock(API).post(IMAGES).reply(400, { detail: text });
		nock(API).get(`${IMAGES}${IMAGE}/`).reply(404, { detail: 'Not found.' });
		const { error } = await upload();
		expect(error!.message).toBe(
			`Image "a.png": It exists already: Ximilar did not find the training image ${IMAGE} in the default workspace`,
		);
	});

	test('is named, and its item, when the token is refused meanwhile', async () => {
		nock(API).post(IMAGES).reply(400, { detail: text });
		nock(API).get(`${IMAGES}${IMAGE}/`).reply(401, { detail: 'No.' });
		const { error } = await upload();
		expect(error).toMatchObject({
			message: expect.stringMatching(
				`^Image "a.png": It exists already, as the training image ${IMAGE}: .*token`,
			) as string,
			itemIndex: 0,
		});
	});

	test('is passed on as it was told when no ID is in it', async () => {
		nock(API).post(IMAGES).reply(400, { detail: 'This image already exists' });
		const { error } = await upload();
		expect(error!.message).toBe('Image "a.png": Ximilar refused this: This image already exists');
	});
});

describe('an upload whose answer is lost', () => {
	const exists = [400, { detail: `This image already exists, image ID: ${IMAGE}` }] as const;
	const LOST: Array<[string, () => [number, object?] | Error]> = [
		['a gateway', () => [502]],
		['a gateway that waits no longer', () => [504]],
		['an overloaded service', () => [503]],
		['a service that fails', () => [500]],
		['a lost connection', () => Object.assign(new Error('reset'), { code: 'ECONNRESET' })],
	];

	/** Loses the first answer, and says to the second that the image is there. */
	function losingFirst(lose: () => [number, object?] | Error, found: IDataObject) {
		const lost = lose();
		const post = nock(API).post(IMAGES);
		if (lost instanceof Error) post.replyWithError(lost);
		else post.reply(lost[0], lost[1]);
		nock(API)
			.post(IMAGES, { base64: base64('a') })
			.reply(...exists);
		nock(API).get(`${IMAGES}${IMAGE}/`).reply(200, found);
	}

	const created = () => new Date().toISOString();

	test.each(LOST)('by %s is repeated, and the image is its own', async (_, lose) => {
		losingFirst(lose, imageOf(IMAGE, { created: created() }));
		const { items, error } = await upload({ options: { ifExists: 'fail' } });
		expect(error).toBeUndefined();
		expect(jsonOf(items)).toMatchObject([{ id: IMAGE, already_existed: false }]);
	});

	test('finds an image that was there long before', async () => {
		losingFirst(() => [502], imageOf(IMAGE));
		expect(jsonOf((await upload()).items)).toMatchObject([{ id: IMAGE, already_existed: true }]);
		losingFirst(() => [502], imageOf(IMAGE));
		const { error } = await upload({ options: { ifExists: 'fail' } });
		expect(error!.message).toContain(`It exists already, as the training image ${IMAGE}`);
	});

	test('is not taken for one that was refused for the rate limit', async () => {
		losingFirst(() => [429], imageOf(IMAGE, { created: created() }));
		expect(jsonOf((await upload()).items)).toMatchObject([{ id: IMAGE, already_existed: true }]);
	});
});

describe('labels that cannot be added', () => {
	const parameters = {
		label: byId(LABEL),
		options: { furtherLabels: `${OTHER_LABEL},${THIRD_LABEL}` },
	};

	test('the message names the image, what was done and what was not', async () => {
		nock(API).post(IMAGES).reply(201, imageOf(IMAGE));
		addsLabel(LABEL).reply(200);
		addsLabel(OTHER_LABEL).reply(404, { label_id: ['No such label.'] });
		const { items } = await upload(parameters, { onError: 'continueRegularOutput' });
		expect(jsonOf(items)).toEqual([
			{
				error: `Image "a.png": It was uploaded as the training image ${IMAGE}, but a label could not be added: Ximilar did not find the label ${OTHER_LABEL} in the default workspace`,
				message: expect.stringContaining(
					`Labels added: ${LABEL}. Not added: ${OTHER_LABEL}, ${THIRD_LABEL}. To add what is missing, run this item again`,
				),
			},
		]);
	});

	test('to an image that existed', async () => {
		nock(API)
			.post(IMAGES)
			.reply(400, { detail: `already exists, image ID: ${IMAGE}` });
		nock(API).get(`${IMAGES}${IMAGE}/`).reply(200, imageOf(IMAGE));
		addsLabel(LABEL).reply(400, { detail: 'No.' });
		const { error } = await upload(parameters);
		expect(error!.message).toBe(
			`Image "a.png": It exists already as the training image ${IMAGE}, but the label ${LABEL} could not be added: Ximilar refused this: No.`,
		);
		expect(error!.description).toContain('Labels added: none.');
	});

	test.each<[string, number, string]>([
		['could not be made', 500, ''],
		['is empty', 201, ''],
		['is cut off', 201, '{"id": "a'],
	])(
		'whose answer %s may be there: running it again uses it',
		async (_, status, body) => {
			nock(API).persist().post(IMAGES).reply(status, body);
			const { error } = await upload();
			nock.cleanAll();
			expect(error!.description).toContain(
				'It may have been uploaded all the same: run this item again',
			);
		},
		30_000,
	);

	test('adding is tried again after status 500, as it does no harm', async () => {
		nock(API).post(IMAGES).reply(201, imageOf(IMAGE));
		addsLabel(LABEL).reply(500, {}, { 'Retry-After': '0' });
		addsLabel(LABEL).reply(200);
		const { items } = await upload({ label: byId(LABEL) });
		expect(items[0]!.json.added_label_ids).toEqual([LABEL]);
	});
});

describe('files', () => {
	test('that Ximilar refuses are not sent', async () => {
		const { error } = await upload(
			{},
			{
				items: [
					{
						json: {},
						binary: files({ data: { name: 'scan.png', bytes: Buffer.from('%PDF-1.7') } }),
					},
				],
			},
		);
		expect(error!.message).toBe('Image "scan.png": Ximilar does not take PDF files');
	});

	test('of all items are checked before the first one goes up', async () => {
		const bodies = answering(IMAGES, () => [201, imageOf(IMAGE)]);
		const pdf = { name: 'scan.png', bytes: Buffer.from('%PDF-1.7') };
		const { error } = await upload(
			{},
			{
				items: [
					...Array.from({ length: 40 }, () => item('a')),
					{ json: {}, binary: files({ data: pdf }) },
				],
			},
		);
		expect(error).toMatchObject({
			message: 'Image "scan.png": Ximilar does not take PDF files',
			itemIndex: 40,
		});
		expect(bodies).toEqual([]);
	});

	test('that an item lacks are told', async () => {
		const { error } = await upload({}, { items: rows({ a: 1 }) });
		expect(error!.message).toBe('Input Binary Field: the item has no file in "data"');
	});
});

describe('addresses', () => {
	const HOST = 'https://images.example';
	const fromUrl = async (url: string, options: IDataObject = {}) =>
		await upload({ imageSource: 'url', imageUrls: url, options });

	test('are fetched, without the token, and sent as files', async () => {
		nock(HOST, { badheaders: ['authorization'] })
			.get('/a.png')
			.reply(200, png('a'), { 'Content-Type': 'text/plain' });
		nock(API)
			.post(IMAGES, { base64: base64('a') })
			.reply(201, imageOf(IMAGE));
		const { items } = await fromUrl(`${HOST}/a.png`);
		expect(items[0]!.json).toMatchObject({ id: IMAGE, already_existed: false });
	});

	test('several give a row each, with the address as name', async () => {
		for (const name of ['a', 'b']) {
			nock(HOST).get(`/${name}.png`).reply(200, png(name));
			nock(API)
				.post(IMAGES, { base64: base64(name) })
				.reply(201, imageOf(name));
		}
		const { items } = await upload({
			simplify: true,
			imageSource: 'url',
			imageUrls: `${HOST}/a.png\n${HOST}/b.png`,
		});
		expect(items.map(({ json }) => [json.image, json.id])).toEqual([
			[`${HOST}/a.png`, 'a'],
			[`${HOST}/b.png`, 'b'],
		]);
	});

	test('that lead to a page are not uploaded', async () => {
		nock(HOST).get('/a.png').reply(200, '<!DOCTYPE html><html></html>', {
			'Content-Type': 'image/png',
		});
		const { error } = await fromUrl(`${HOST}/a.png`);
		expect(error!.message).toBe(`Image "${HOST}/a.png": The file is a web page, not an image`);
	});

	test('that answer with another status are told', async () => {
		nock(HOST).get('/a.png').reply(404, png('a'));
		const { error } = await fromUrl(`${HOST}/a.png`);
		expect(error!.message).toBe(`Image "${HOST}/a.png": The address answered with status 404`);
	});

	test('that cannot be reached are told', async () => {
		nock(HOST)
			.get('/a.png')
			.replyWithError(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
		const { error } = await fromUrl(`${HOST}/a.png`);
		expect(error!.message).toBe(`Image "${HOST}/a.png": It could not be fetched`);
	});

	test.each([
		[{}, 50],
		[{ maxDownloadSize: 2 }, 2],
		[{ maxDownloadSize: '={{ 60 }}' }, 60],
	])('whose server never stops sending are given up: %j', async (options, megabytes) => {
		const megabyte = Buffer.alloc(2 ** 20);
		let hungUp = () => {};
		const untilHungUp = new Promise<void>((resolve) => (hungUp = resolve));
		const server = createServer((_request, response) => {
			const endless = new Readable({ read: () => endless.push(megabyte) });
			// The pipeline ends when the one who asked goes away, and not before.
			pipeline(endless, response, () => hungUp());
		});
		const address = `${await listening(server)}/a.png`;
		const { error } = await fromUrl(address, options);
		expect(error).toMatchObject({
			message: `Image "${address}": It is larger than ${megabytes} MB`,
			description: expect.stringContaining('Or raise Maximum Download Size in the options.'),
		});
		await untilHungUp;
		server.close();
	});

	test.each([
		['ftp://images.example/a.png', 'The address does not begin with http:// or https://'],
		['file:///etc/passwd', 'The address does not begin with http:// or https://'],
		['https://images.example/a.svg', 'Ximilar does not take SVG files'],
	])('%s is not called', async (address, reason) => {
		expect((await fromUrl(address)).error!.message).toBe(`Image "${address}": ${reason}`);
	});
});
