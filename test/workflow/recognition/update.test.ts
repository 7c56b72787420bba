import type { IDataObject } from 'n8n-workflow';
import nock from 'nock';
import { API, answering, byId, jsonOf, rows, type Job } from '../workflow';
import { IMAGES, WORKSPACE, imageOf, recognition } from './recognition';

/** Changing training images: metadata one by one, marks by one call for all that change alike. */

const UPDATE = `${IMAGES}update`;

const update = async (parameters: IDataObject = {}, job: Partial<Job> = {}) =>
	await recognition(
		'trainingImage',
		'update',
		{ simplify: false, trainingImage: '={{ $json.id }}', ...parameters },
		{ items: rows({ id: 'a' }), ...job },
	);

const ids = (count: number) => Array.from({ length: count }, (_, at) => `i${at}`);

const items = (...names: string[]) => rows(...names.map((id) => ({ id })));

/** Answers every bulk call; gives the bodies that came. */
const service = (reply: (images: string[], call: number) => [number, unknown?]) =>
	answering<IDataObject & { images: string[] }>(UPDATE, ({ images }, call) => reply(images, call));

/** A service that knows all images but these. */
const without = (...gone: string[]) =>
	service((images) =>
		images.some((id) => gone.includes(id))
			? [404, { images: [`${images.find((id) => gone.includes(id))} was not found.`] }]
			: [200, { count: images.length }],
	);

describe('metadata', () => {
	const puts = (id: string, meta_data: IDataObject, more: IDataObject = {}) =>
		nock(API)
			.put(`${IMAGES}${id}/`, { meta_data, ...more } as nock.DataMatcherMap)
			.reply(200, imageOf(id, { meta_data }));

	const has = (id: string, meta_data: unknown) =>
		nock(API)
			.get(`${IMAGES}${id}/`)
			.reply(200, imageOf(id, { meta_data: meta_data as IDataObject }));

	test.each([
		['with what is there', { a: 1, b: 2 }, { a: 1, b: 3, c: 4 }],
		['with nothing', null, { b: 3, c: 4 }],
		['with what is no object', 'text', { b: 3, c: 4 }],
	])('is merged %s', async (_, present, result) => {
		has('a', present);
		puts('a', result);
		const { items: out, error } = await update({
			metadataChange: 'merge',
			metadata: '{"b": 3, "c": 4}',
		});
		expect(error).toBeUndefined();
		expect(out).toEqual([{ json: imageOf('a', { meta_data: result }), pairedItem: { item: 0 } }]);
	});

	test('is replaced', async () => {
		puts('a', { b: 3 });
		const { items: out } = await update({
			metadataChange: 'replace',
			metadata: '={{ { b: 3 } }}',
		});
		expect(out).toHaveLength(1);
	});

	test('is cleared', async () => {
		puts('a', {});
		expect((await update({ metadataChange: 'clear', metadata: 'unused' })).items).toHaveLength(1);
	});

	test('is changed in another workspace', async () => {
		nock(API)
			.get(`${IMAGES}a/`)
			.query({ workspace: WORKSPACE })
			.reply(200, imageOf('a', { meta_data: { a: 1 } }));
		puts('a', { a: 1, b: 2 }, { workspace: WORKSPACE });
		const { items: out } = await update({
			metadataChange: 'merge',
			metadata: '{"b": 2}',
			options: { workspace: byId(WORKSPACE) },
		});
		expect(out).toHaveLength(1);
	});

	test('of one image, merged by several items, loses nothing', async () => {
		let stored: IDataObject = {};
		nock(API)
			.persist()
			.get(`${IMAGES}a/`)
			.reply(200, () => imageOf('a', { meta_data: stored }));
		nock(API)
			.persist()
			.put(`${IMAGES}a/`)
			.reply(200, (_uri, body) => {
				stored = (body as { meta_data: IDataObject }).meta_data;
				return imageOf('a', { meta_data: stored });
			});
		await update(
			{ metadataChange: 'merge', metadata: '={{ { [$json.key]: true } }}' },
			{ items: rows(...['x', 'y', 'z', 'u', 'v'].map((key) => ({ id: 'a', key }))) },
		);
		expect(stored).toEqual({ x: true, y: true, z: true, u: true, v: true });
	});

	test.each([
		[{ metadataChange: 'merge', metadata: '={{ "{a: 1}" }}' }, 'Metadata is not valid JSON'],
		[{ metadataChange: 'replace', metadata: '={{ "" }}' }, 'Metadata is empty'],
		[{ metadataChange: 'merge', metadata: '={{ [1] }}' }, 'Metadata must be a JSON object'],
		[{ metadataChange: '={{ "swap" }}' }, 'Metadata Change cannot be "swap"'],
		[{ trainingImage: '={{ "" }}' }, 'Training Image ID is empty'],
		[{}, 'Nothing to change'],
	])('nothing is sent for %j', async (parameters, message) => {
		const { error } = await update(parameters);
		expect(error).toMatchObject({ message, itemIndex: 0 });
	});

	test('a write is tried again after status 500', async () => {
		nock(API).put(`${IMAGES}a/`).reply(500, {}, { 'Retry-After': '0' });
		puts('a', {});
		expect((await update({ metadataChange: 'clear' })).items).toHaveLength(1);
	});
});

describe('marks', () => {
	test.each([
		[{ test: true }, { 'mark-test': true }, { test_image: true }],
		[{ test: false }, { 'unmark-test': true }, { test_image: false }],
		[{ real: true }, { 'mark-real': true }, { real: true }],
		[
			{ real: false, test: true },
			{ 'mark-test': true, 'unmark-real': true },
			{ test_image: true, real: false },
		],
	])('%j are set by one call for all images', async (updateFields, flags, result) => {
		const bodies = service((images) => [200, { count: images.length }]);
		const { items: out } = await update({ updateFields }, { items: items(...ids(120)) });
		expect(bodies).toEqual([
			{ images: ids(120), labels: [], 'labels-add': [], 'labels-remove': [], ...flags },
		]);
		expect(out).toEqual(
			ids(120).map((id, item) => ({ json: { id, ...result }, pairedItem: { item } })),
		);
	});

	test('that differ are set by a call each, in any workspace', async () => {
		const bodies = service(() => [204]);
		const { items: out } = await update(
			{
				updateFields: { test: '={{ $json.test }}', real: '={{ $json.real }}' },
				options: { workspace: byId('={{ $json.workspace }}') },
			},
			{
				items: rows(
					{ id: 'a', test: true },
					{ id: 'b', test: false },
					{ id: 'c', test: 'true' },
					{ id: 'd', test: true, real: true },
					{ id: 'e', test: true, workspace: WORKSPACE },
				),
			},
		);
		expect(bodies.map(({ images, workspace }) => [images, workspace])).toEqual([
			[['a', 'c'], undefined],
			[['b'], undefined],
			[['d'], undefined],
			[['e'], WORKSPACE],
		]);
		expect(out.map(({ json }) => json.id)).toEqual(['a', 'b', 'c', 'd', 'e']);
	});

	test('an image that several items name is sent once', async () => {
		const bodies = service((images) => [200, { count: images.length }]);
		const { items: out } = await update(
			{ updateFields: { test: true } },
			{ items: items('a', 'b', 'a') },
		);
		expect(bodies.map(({ images }) => images)).toEqual([['a', 'b']]);
		expect(out).toHaveLength(3);
	});

	test('an unknown image fails alone', async () => {
		const bodies = without('i3');
		const { items: out } = await update(
			{ updateFields: { test: true } },
			{ items: items(...ids(8)), onError: 'continueRegularOutput' },
		);
		expect(out.map(({ json }) => json.test_image ?? json.error)).toEqual(
			ids(8).map((id) =>
				id === 'i3' ? 'Ximilar did not find the training image i3 in the default workspace' : true,
			),
		);
		expect(bodies.map(({ images }) => images.length)).toEqual([8, 4, 2, 2, 1, 1, 4]);
	});

	test('without Continue On Fail, an unknown image ends the node and is named', async () => {
		without('i1');
		const { error } = await update({ updateFields: { test: true } }, { items: items(...ids(2)) });
		expect(error).toMatchObject({
			message: 'Ximilar did not find the training image i1 in the default workspace',
			itemIndex: 1,
		});
	});

	describe('that are passed over in silence', () => {
		/** A service that passes over what it does not know; gives the bulk calls and the single ones. */
		function passing(gone: string[], answer: (count: number, call: number) => unknown) {
			const bodies = service((images, call) => [
				200,
				answer(images.filter((id) => !gone.includes(id)).length, call),
			]);
			const asked: string[] = [];
			nock(API)
				.persist()
				.get(new RegExp(IMAGES))
				.optionally()
				.reply((uri) => {
					const id = uri.slice(IMAGES.length, -1);
					asked.push(id);
					return gone.includes(id) ? [404, { detail: 'Not found.' }] : [200, imageOf(id)];
				});
			return { bodies, asked };
		}

		const mark = async (all: string[]) =>
			(
				await update(
					{ updateFields: { test: true } },
					{ items: items(...all), onError: 'continueRegularOutput' },
				)
			).items.map(({ json }) => json.id ?? json.error);

		const expected = (all: string[], gone: string[]) =>
			all.map((id) =>
				gone.includes(id)
					? `Ximilar did not find the training image ${id} in the default workspace`
					: id,
			);

		test.each<[string, (count: number) => unknown]>([
			['a count', (count) => ({ count })],
			['a plain number', (count) => count],
		])('are found by %s of halves', async (_, answer) => {
			const gone = ['i37', 'i99'];
			const { bodies, asked } = passing(gone, answer);
			expect(await mark(ids(100))).toEqual(expected(ids(100), gone));
			expect(asked.sort()).toEqual(gone);
			// Two for each halving on the way to each of them, and the first one.
			expect(bodies.length).toBeLessThanOrEqual(1 + 2 * 2 * Math.ceil(Math.log2(100)));
		});

		test('are found when it is all of them, with no further bulk call', async () => {
			const { bodies, asked } = passing(ids(20), (count) => count);
			expect(await mark(ids(20))).toEqual(expected(ids(20), ids(20)));
			expect([bodies.length, asked.length]).toEqual([1, 20]);
		});

		test('are found one by one when the service counts what it has changed', async () => {
			const { bodies, asked } = passing(['i5'], (count, call) => (call === 1 ? count : 0));
			expect(await mark(ids(8))).toEqual(expected(ids(8), ['i5']));
			expect([bodies.length, asked.length]).toEqual([3, 8]);
		});

		test('are found one by one when the counts contradict each other', async () => {
			passing(['gone'], () => 2);
			expect(await mark(['a', 'gone', 'b'])).toEqual(expected(['a', 'gone', 'b'], ['gone']));
		});
	});

	test.each([
		[401, { detail: 'Invalid token.' }, 'Ximilar did not accept the API token'],
		[403, { detail: 'No.' }, 'This Ximilar account may not use this: No.'],
	])('status %i is told to all items, after one call', async (status, answer, message) => {
		const bodies = service(() => [status, answer]);
		const { items: out } = await update(
			{ updateFields: { test: true } },
			{ items: items(...ids(3)), onError: 'continueRegularOutput' },
		);
		expect(bodies).toHaveLength(1);
		expect(out.map(({ json }) => json.error)).toEqual([message, message, message]);
	});

	test('are tried again after status 500, as it does no harm', async () => {
		nock(API).post(UPDATE).reply(500, {}, { 'Retry-After': '0' });
		service((images) => [200, { count: images.length }]);
		expect((await update({ updateFields: { test: true } })).items).toHaveLength(1);
	});
});

describe('metadata and marks', () => {
	const both = { metadataChange: 'clear', updateFields: { test: true } };

	const puts = (...names: string[]) =>
		names.forEach((id) =>
			nock(API)
				.put(`${IMAGES}${id}/`)
				.reply(200, imageOf(id, { meta_data: {} })),
		);

	test('come out together, as a row', async () => {
		puts('a');
		service((images) => [200, { count: images.length }]);
		const { items: out } = await update({ ...both, simplify: true });
		expect(jsonOf(out)).toMatchObject([{ id: 'a', test: true, meta_data: {}, width: 640 }]);
	});

	test('an image whose metadata cannot be changed is not marked, and spoils no other', async () => {
		puts('a', 'b');
		nock(API).put(`${IMAGES}gone/`).reply(404, { detail: 'Not found.' });
		const bodies = service((images) => [200, { count: images.length }]);
		const { items: out } = await update(both, {
			items: items('a', 'gone', 'b'),
			onError: 'continueRegularOutput',
		});
		expect(bodies.map(({ images }) => images)).toEqual([['a', 'b']]);
		expect(out.map(({ json }) => json.id ?? json.error)).toEqual([
			'a',
			'Ximilar did not find the training image gone in the default workspace',
			'b',
		]);
	});

	test('what was changed is said when the marks are refused', async () => {
		puts('a');
		service(() => [403, { detail: 'No.' }]);
		const { error } = await update(both);
		expect(error).toMatchObject({
			message:
				'The metadata was changed, but not the marks: This Ximilar account may not use this: No.',
			itemIndex: 0,
		});
	});

	test('a bad token ends the run', async () => {
		nock(API).put(`${IMAGES}a/`).reply(401, { detail: 'Invalid token.' });
		const { items: out } = await update(both, {
			items: items('a', 'a', 'a'),
			onError: 'continueRegularOutput',
		});
		expect(new Set(out.map(({ json }) => json.error))).toEqual(
			new Set(['Ximilar did not accept the API token']),
		);
	});
});
