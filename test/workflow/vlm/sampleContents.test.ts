import type { IDataObject } from 'n8n-workflow';
import nock from 'nock';
import { API, jsonOf, type Job } from '../workflow';
import { SAMPLE, WORKSPACE, byId, imageId, run, sampleImage, taking } from './vlm';

/** Images and detection objects that are added to samples: each once, and ten objects at most. */

const IMAGES = `/vlm/v2/sample/${SAMPLE}/sample-images/`;
const OBJECTS = `/vlm/v2/sample/${SAMPLE}/sample-objects/`;
const ADD_IMAGES = `/vlm/v2/sample/${SAMPLE}/add-images/`;
const REMOVE_OBJECTS = `/vlm/v2/sample/${SAMPLE}/remove-objects/`;
const ADD_OBJECTS = `/vlm/v2/sample/${SAMPLE}/add-objects/`;

const add = async (what: 'Images' | 'Objects', ids: unknown, job: Partial<Job> = {}) =>
	await run(
		'sample',
		`add${what}`,
		{
			sample: byId(SAMPLE),
			[what === 'Images' ? 'trainingImages' : 'detectionObjects']: ids as string,
		},
		job,
	);

const objects = (...ids: string[]) =>
	nock(API)
		.get(OBJECTS)
		.reply(
			200,
			ids.map((detection_object_id, order) => ({ id: `r${order}`, detection_object_id, order })),
		);

const images = (...ids: string[]) => nock(API).get(IMAGES).reply(200, ids.map(sampleImage));

const numbered = (from: number, to: number) =>
	Array.from({ length: to - from + 1 }, (_, at) => `o${from + at}`);

describe('images', () => {
	test('go out by one call, in the given order', async () => {
		images();
		const bodies = taking(ADD_IMAGES);
		const { items, error } = await add('Images', `${imageId(2)}, ${imageId(1)}`);
		expect(error).toBeUndefined();
		expect(bodies).toEqual([{ image_ids: [imageId(2), imageId(1)] }]);
		expect(items).toEqual([
			{
				json: { sample_id: SAMPLE, added: [imageId(2), imageId(1)], already_there: [] },
				pairedItem: { item: 0 },
			},
		]);
	});

	test('that are there already are not added again', async () => {
		images('a', 'b');
		const bodies = taking(ADD_IMAGES);
		const { items } = await add('Images', 'b, c');
		expect(bodies).toEqual([{ image_ids: ['c'] }]);
		expect(jsonOf(items)).toEqual([{ sample_id: SAMPLE, added: ['c'], already_there: ['b'] }]);

		images('a', 'b', 'c');
		await add('Images', 'b, c');
		expect(bodies).toHaveLength(1);
	});

	test('are not sent again when the answer is lost', async () => {
		images();
		const bodies = taking(ADD_IMAGES, () => [502, {}, { 'Retry-After': '0' }]);
		const { error } = await add('Images', 'a');
		expect(bodies).toHaveLength(1);
		expect(error!.description).toContain('It may have been carried out all the same');
	});

	test('of several rows for one sample keep the order of the rows', async () => {
		const there: string[] = [];
		nock(API)
			.persist()
			.get(IMAGES)
			.reply(200, () => there.map(sampleImage));
		taking(ADD_IMAGES, ({ image_ids }) => {
			there.push(...(image_ids as string[]));
			return [200, {}];
		});
		await add('Images', '={{ $json.id }}', {
			items: ['e', 'd', 'c', 'b', 'a'].map((id) => ({ json: { id } })),
		});
		expect(there).toEqual(['e', 'd', 'c', 'b', 'a']);
	});

	test('in another workspace', async () => {
		nock(API).get(IMAGES).query({ workspace: WORKSPACE }).reply(200, []);
		const bodies = taking(ADD_IMAGES);
		await run('sample', 'addImages', {
			sample: byId(SAMPLE),
			trainingImages: 'a',
			options: { workspace: byId(WORKSPACE) },
		});
		expect(bodies).toEqual([{ image_ids: ['a'], workspace: WORKSPACE }]);
	});

	test('an item that cannot be done leaves the others under Continue On Fail', async () => {
		images();
		const bodies = taking(ADD_IMAGES);
		const { items } = await add('Images', '={{ $json.id }}', {
			items: [{ json: { id: 'a_b' } }, { json: { id: '' } }, { json: { id: 'c' } }],
			onError: 'continueRegularOutput',
		});
		expect(bodies).toEqual([{ image_ids: ['c'] }]);
		expect(jsonOf(items).map(({ error }: IDataObject) => error)).toEqual([
			'Training Image IDs is not an ID: "a_b"',
			'Training Image IDs is empty',
			undefined,
		]);
	});
});

describe('detection objects', () => {
	test('go out by one call, those that are not there yet', async () => {
		objects('o1');
		const bodies = taking(ADD_OBJECTS, () => [200, { added: 2 }]);
		const { items } = await add('Objects', 'o1, o2, o3');
		expect(bodies).toEqual([{ detection_object_ids: ['o2', 'o3'] }]);
		expect(jsonOf(items)).toEqual([
			{ sample_id: SAMPLE, added: ['o2', 'o3'], already_there: ['o1'] },
		]);
	});

	test('are removed by one call, those that are there', async () => {
		objects('o1', 'o2', 'o3');
		const bodies = taking(REMOVE_OBJECTS, () => [200, { removed: 2 }]);
		const { items } = await run('sample', 'removeObjects', {
			sample: byId(SAMPLE),
			detectionObjects: 'o1, o4, o2',
		});
		expect(bodies).toEqual([{ detection_object_ids: ['o1', 'o2'] }]);
		expect(jsonOf(items)).toEqual([
			{ sample_id: SAMPLE, removed: ['o1', 'o2'], not_there: ['o4'] },
		]);
	});

	test('are removed by a second call when the answer to the first was lost', async () => {
		objects('o1');
		const bodies = taking(REMOVE_OBJECTS, () =>
			bodies.length > 1 ? [200, { removed: 0 }] : [500, {}, { 'Retry-After': '0' }],
		);
		const { items } = await run('sample', 'removeObjects', {
			sample: byId(SAMPLE),
			detectionObjects: 'o1',
		});
		expect(jsonOf(items)).toEqual([{ sample_id: SAMPLE, removed: ['o1'], not_there: [] }]);
		expect(bodies).toHaveLength(2);
	});

	test('that are not there cost no call', async () => {
		objects();
		const bodies = taking(REMOVE_OBJECTS);
		const { items } = await run('sample', 'removeObjects', {
			sample: byId(SAMPLE),
			detectionObjects: 'o1',
		});
		expect(jsonOf(items)).toEqual([{ sample_id: SAMPLE, removed: [], not_there: ['o1'] }]);
		expect(bodies).toEqual([]);
	});

	test('may be ten', async () => {
		objects(...numbered(1, 8));
		const bodies = taking(ADD_OBJECTS);
		const { error } = await add('Objects', `={{ ${JSON.stringify(numbered(8, 10))} }}`);
		expect(error).toBeUndefined();
		expect(bodies).toEqual([{ detection_object_ids: ['o9', 'o10'] }]);
	});

	test('that would be eleven are refused before the call', async () => {
		objects(...numbered(1, 8));
		const bodies = taking(ADD_OBJECTS);
		const { error } = await add('Objects', `={{ ${JSON.stringify(numbered(8, 11))} }}`);
		expect(error).toMatchObject({
			message: 'A sample can have 10 detection objects at most: it has 8, and 3 more are given',
			description: 'Give fewer, or remove some first. Nothing was sent.',
		});
		expect(bodies).toEqual([]);
	});

	test('of parallel rows for one sample are counted together', async () => {
		const there = numbered(1, 8);
		nock(API)
			.persist()
			.get(OBJECTS)
			.reply(200, () => there.map((detection_object_id) => ({ detection_object_id })));
		taking(ADD_OBJECTS, ({ detection_object_ids: ids }) => {
			there.push(...(ids as string[]));
			return [200, { added: 1 }];
		});
		const { items } = await add('Objects', '={{ $json.id }}', {
			items: ['x1', 'x2', 'x3', 'x4'].map((id) => ({ json: { id } })),
			onError: 'continueRegularOutput',
		});
		expect(there).toHaveLength(10);
		expect(jsonOf(items).filter(({ error }) => error)).toHaveLength(2);
	});

	test('are not sent again when the answer is lost', async () => {
		objects();
		const bodies = taking(ADD_OBJECTS, () => [500, {}, { 'Retry-After': '0' }]);
		const { error } = await add('Objects', 'o1');
		expect(bodies).toHaveLength(1);
		expect(error!.description).toContain('It may have been carried out all the same');
	});
});

test('a list in another form than a plain one is told', async () => {
	nock(API).get(IMAGES).reply(200, { results: [] });
	const { error } = await run('sample', 'getImages', { sample: byId(SAMPLE) });
	expect(error!.message).toContain("Ximilar's answer lacks what this operation needs");
});

test('a sample without images gives no items', async () => {
	images();
	expect((await run('sample', 'getImages', { sample: byId(SAMPLE) })).items).toEqual([]);
});
