import type { IDataObject } from 'n8n-workflow';
import nock from 'nock';
import { files, jsonOf } from '../workflow';
import { cardItem, createCard, imageFile, SAMPLE_1 } from './card';
import { service, type Service } from './service';
import {
	DATASET,
	EXPLAIN,
	GRADE,
	WORKSPACE,
	byId,
	explain,
	grade,
	imageId,
	page,
	variables,
} from './vlm';

/** sample.create: from a row to a finished sample, and what happens when a step of it fails. */

const complete = { options: { ifExists: 'complete' } };
const withoutImages = { imageSource: 'none' };
const withoutValues = { valueSource: 'none' };

let api: Service;
beforeEach(() => {
	api = service([grade, explain]);
});

describe('a row', () => {
	test('becomes a finished sample: uploads, sample, images in one call, values one by one', async () => {
		const { items, error } = await createCard();
		expect(error).toBeUndefined();
		expect(api.calls).toEqual([
			'GET variable',
			'POST training-image',
			'POST training-image',
			'POST sample',
			'POST add-images',
			'POST add-variable-value',
			'POST add-variable-value',
			'GET sample/ID',
		]);
		expect(api.bodies['POST training-image']).toEqual([
			{ base64: imageFile('front').bytes.toString('base64') },
			{ base64: imageFile('back').bytes.toString('base64') },
		]);
		expect(api.bodies['POST sample']).toEqual([{ dataset: DATASET, name: 'Card 1' }]);
		expect(api.bodies['POST add-images']).toEqual([{ image_ids: [imageId(1), imageId(2)] }]);
		expect(api.bodies['POST add-variable-value']).toEqual([
			{ dataset_variable: GRADE, value: { value: 8.5 } },
			{ dataset_variable: EXPLAIN, value: { value: 'Sharp' } },
		]);
		expect(items).toEqual([
			{
				json: {
					id: SAMPLE_1,
					name: 'Card 1',
					already_existed: false,
					test: false,
					type: 'multi_random',
					image_ids: [imageId(1), imageId(2)],
					values: { grade: 8.5, explain: 'Sharp' },
					dataset_id: DATASET,
				},
				pairedItem: { item: 0 },
			},
		]);
	});

	test('sends all that the seed names, and puts out what it answers without Simplify', async () => {
		const { items } = await createCard({
			...withoutImages,
			...withoutValues,
			simplify: false,
			options: {
				description: 'First of its kind',
				inputMetadata: '{"style": "elegant"}',
				metadata: '={{ {"sku": 17} }}',
				test: true,
				sampleType: 'single',
				workspace: byId(WORKSPACE),
			},
		});
		const body = {
			dataset: DATASET,
			name: 'Card 1',
			description: 'First of its kind',
			input_meta_data: { style: 'elegant' },
			meta_data: { sku: 17 },
			test: true,
			type: 'single',
			workspace: WORKSPACE,
		};
		expect(api.bodies['POST sample']).toEqual([body]);
		expect(items[0]!.json).toMatchObject({ ...body, images_count: 0, already_existed: false });
	});

	test.each([['={{ "" }}'], ['{}'], ['={{ null }}'], ['={{ {} }}']])(
		'blank metadata is left out: %j',
		async (blank) => {
			await createCard({
				...withoutImages,
				...withoutValues,
				options: { inputMetadata: blank, metadata: blank, description: 'x' },
			});
			expect(api.bodies['POST sample']).toEqual([
				{ dataset: DATASET, name: 'Card 1', description: 'x' },
			]);
		},
	);

	test('needs no name, no images and no values', async () => {
		const { error } = await createCard({ ...withoutImages, ...withoutValues, name: '' });
		expect(error).toBeUndefined();
		expect(api.calls).toEqual(['POST sample']);
		expect(api.bodies['POST sample']).toEqual([{ dataset: DATASET }]);
	});

	test('takes images that are there already by their IDs', async () => {
		await createCard({ ...withoutValues, imageSource: 'ids', trainingImages: 'b, a' });
		expect(api.calls).toEqual(['POST sample', 'POST add-images', 'GET sample/ID']);
		expect(api.bodies['POST add-images']).toEqual([{ image_ids: ['b', 'a'] }]);
	});

	test('is shown as it is afterwards, with its images and values', async () => {
		const { items } = await createCard({ simplify: false });
		expect(items[0]!.json).toMatchObject({ images_count: 2, variables_count: 2 });
	});

	test('is shown as it was made when it cannot be read afterwards', async () => {
		api.before = (call) => (call === 'GET sample/ID' ? [403, {}] : undefined);
		const { items, error } = await createCard({ simplify: false });
		expect(error).toBeUndefined();
		expect(items[0]!.json).toMatchObject({ id: SAMPLE_1, image_ids: [imageId(1), imageId(2)] });
	});

	test('takes images from addresses', async () => {
		nock.cleanAll();
		nock('https://shop.example').get('/a.png').reply(200, imageFile('front').bytes);
		api = service([grade, explain]);
		await createCard({ imageSource: 'url', imageUrls: 'https://shop.example/a.png' });
		expect(api.bodies['POST training-image']).toEqual([
			{ base64: imageFile('front').bytes.toString('base64') },
		]);
	});

	test('fetches no more of an address than it is told', async () => {
		nock.cleanAll();
		nock('https://shop.example')
			.get('/a.png')
			.reply(200, Buffer.alloc(2 ** 20 + 1));
		api = service([grade, explain]);
		const { error } = await createCard({
			imageSource: 'url',
			imageUrls: 'https://shop.example/a.png',
			options: { maxDownloadSize: 1 },
		});
		expect(error!.message).toContain('It is larger than 1 MB');
		expect(error!.description).toContain('Maximum Download Size');
	});

	test('an image that was uploaded before is found by its content, and added once', async () => {
		await createCard({}, { items: [cardItem(['front'])] });
		const { items } = await createCard(
			{ name: 'Card 2' },
			{ items: [cardItem(['front', 'front'])] },
		);
		expect(items[0]!.json.image_ids).toEqual([imageId(1)]);
		expect(api.bodies['POST add-images']).toEqual([
			{ image_ids: [imageId(1)] },
			{ image_ids: [imageId(1)] },
		]);
	});

	test('Keep Full Size, and everything in another workspace', async () => {
		await createCard({ options: { noResize: true, workspace: byId(WORKSPACE) } });
		expect(api.bodies['POST training-image']![0]).toMatchObject({
			noresize: true,
			workspace: WORKSPACE,
		});
		for (const bodies of Object.values(api.bodies)) {
			for (const body of bodies) if (body) expect(body).toMatchObject({ workspace: WORKSPACE });
		}
	});
});

describe('the order of images (multi_ordered)', () => {
	const ordered = { options: { sampleType: 'multi_ordered' } };

	test('is read back and right', async () => {
		const { error } = await createCard(ordered);
		expect(error).toBeUndefined();
		// Last of all: images in another order leave nothing else undone.
		expect(api.calls.slice(4)).toEqual([
			'POST add-images',
			'POST add-variable-value',
			'POST add-variable-value',
			'GET sample-images',
			'GET sample/ID',
		]);
	});

	test('that came out otherwise is told, with the order that there is', async () => {
		api.after = (call) => {
			if (call === 'POST add-images') api.samples[0]!.images.reverse();
			return undefined;
		};
		const { error } = await createCard(ordered);
		expect(error!.message).toBe(
			`Sample "Card 1" is not finished: The images do not stand in the given order, but as: ${imageId(2)}, ${imageId(1)}. Done: image ${imageId(1)} ("front.png"), image ${imageId(2)} ("back.png"), sample ${SAMPLE_1}, its images, the value of "grade", the value of "explain". Missing: the order of its images`,
		);
	});

	test('does not matter for another type', async () => {
		await createCard({ options: { sampleType: 'single' } });
		expect(api.calls).not.toContain('GET sample-images');
	});
});

describe('everything is checked before the first call that writes', () => {
	const wrote = () => api.calls.some((call) => !call.startsWith('GET'));

	test('a value', async () => {
		const { error } = await createCard({ valuesJson: '{"grade": "8,5"}' });
		expect(error!.message).toBe('Variable "grade": "8,5" is not a number');
		expect(wrote()).toBe(false);
	});

	test('a required value that is missing', async () => {
		const { error } = await createCard({ valuesJson: '{"explain": "x"}' });
		expect(error!.message).toBe('Variable "grade" is required, and no value is given');
		expect(wrote()).toBe(false);
	});

	test('the last of the images', async () => {
		const binary = files({
			image_0: imageFile('front'),
			image_1: { name: 'scan.pdf', bytes: Buffer.from('%PDF-1.7') },
		});
		const { error } = await createCard({}, { items: [{ json: {}, binary }] });
		expect(error!.message).toBe('Image "scan.pdf": Ximilar does not take PDF files');
		expect(wrote()).toBe(false);
	});

	test('metadata', async () => {
		const { error } = await createCard({ options: { metadata: '={{ "{sku: 17}" }}' } });
		expect(error!.message).toBe('Metadata is not valid JSON');
		expect(wrote()).toBe(false);
	});

	test.each([['complete'], ['fail']])(
		'a name, when a sample shall be found (%s)',
		async (ifExists) => {
			const { error } = await createCard({ name: '={{ "" }}', options: { ifExists } });
			expect(error!.message).toBe('Name is empty');
			expect(api.calls).toEqual([]);
		},
	);
});

describe('a step that fails', () => {
	const named = {
		front: `image ${imageId(1)} ("front.png")`,
		back: `image ${imageId(2)} ("back.png")`,
		sample: `sample ${SAMPLE_1}`,
	};
	const onceMore = 'Run this item again with the option If Sample Exists set to Complete It';

	test.each([
		['POST training-image', 1, undefined],
		[
			'POST training-image',
			2,
			[
				[named.front],
				['the upload of "back.png"', 'the sample', 'its images', '"grade"', '"explain"'],
			],
		],
		[
			'POST sample',
			1,
			[
				[named.front, named.back],
				['the sample', 'its images', '"grade"'],
			],
		],
		[
			'POST add-images',
			1,
			[
				[named.front, named.back, named.sample],
				['its images', '"grade"', '"explain"'],
			],
		],
		[
			'POST add-variable-value',
			2,
			[
				[named.front, named.back, named.sample, 'its images', 'the value of "grade"'],
				['the value of "explain"'],
			],
		],
	] as const)(
		'%s (call %i) names what is made, and what is missing',
		async (failing, count, told) => {
			api.before = (call, _body, at) =>
				call === failing && at === count ? [400, { detail: 'No.' }] : undefined;
			const { items } = await createCard({}, { onError: 'continueRegularOutput' });
			expect(items).toHaveLength(1);
			const { error, message } = items[0]!.json as { error: string; message: string };
			if (!told) {
				expect(error).toBe('Image "front.png": Ximilar refused this: No.');
				return;
			}
			const [, why, done, missing] =
				/^Sample "Card 1" is not finished: (.*)\. Done: (.*)\. Missing: (.*)$/.exec(error)!;
			expect(why).toContain('Ximilar refused this: No');
			expect(done).toBe(told[0].join(', '));
			for (const part of told[1]) expect(missing).toContain(part);
			expect(message).toContain(onceMore);

			// The second run completes it.
			api.before = undefined;
			const again = await createCard(complete);
			expect(again.error).toBeUndefined();
			expect(api.samples).toHaveLength(1);
			expect(api.samples[0]).toMatchObject({
				images: [imageId(1), imageId(2)],
				values: { [GRADE]: 8.5, [EXPLAIN]: 'Sharp' },
			});
			expect(again.items[0]!.json).toMatchObject({
				id: SAMPLE_1,
				already_existed: failing !== 'POST training-image' && failing !== 'POST sample',
			});
		},
	);

	test('an upload whose answer is lost is repeated: the same image is taken once', async () => {
		api.after = (call, _body, at) =>
			call === 'POST training-image' && at === 1 ? [502, {}] : undefined;
		expect((await createCard()).error).toBeUndefined();
		expect(api.images.size).toBe(2);
		expect(api.samples[0]!.images).toEqual([imageId(1), imageId(2)]);
	});

	test.each([['POST sample'], ['POST add-images']])(
		'%s is not sent again when its answer is lost, and a second run makes nothing twice',
		async (lost) => {
			api.after = (call, _body, at) => (call === lost && at === 1 ? [502, {}] : undefined);
			const { error } = await createCard();
			expect(error!.message).toContain('Ximilar could not answer (status 502)');
			expect(error!.description).toContain('It may have been carried out all the same');
			expect(api.calls.filter((call) => call === lost)).toHaveLength(1);
			api.after = undefined;
			expect((await createCard(complete)).error).toBeUndefined();
			expect(api.images.size).toBe(2);
			expect(api.samples).toHaveLength(1);
			expect(api.samples[0]!.images).toEqual([imageId(1), imageId(2)]);
		},
	);

	test('of a sample without a name is finished by its ID', async () => {
		api.before = (call) => (call === 'POST add-images' ? [400, {}] : undefined);
		const { error } = await createCard({ name: '' });
		expect(error!.message).toMatch(
			new RegExp(
				`^The sample is not finished: .* Done: .*sample ${SAMPLE_1}\\. Missing: its images`,
			),
		);
		expect(error!.description).toContain('Finish it by its ID with Add Images');
	});

	test('before a sample without a name is made can be run again', async () => {
		api.before = (call, _body, at) =>
			call === 'POST training-image' && at === 2 ? [400, {}] : undefined;
		const { error } = await createCard({ name: '' });
		expect(error!.description).toContain('images that were uploaded already are reused');
	});

	test('that ends the run names its own things only, and no further call is made', async () => {
		api.before = (call) =>
			call === 'POST add-images' ? [402, { detail: 'No credits.' }] : undefined;
		const { items } = await createCard(
			{ name: '={{ $json.name }}' },
			{
				items: Array.from({ length: 12 }, (_, at) =>
					cardItem([`image ${at}`], { name: `Card ${at}` }),
				),
				onError: 'continueRegularOutput',
			},
		);
		expect(items[0]!.json.error).toContain('Sample "Card 0" is not finished');
		expect(items[11]!.json).toEqual({
			error: 'The Ximilar account has too few credits: No credits.',
			message: expect.stringContaining('Add credits'),
		});
		expect(api.samples.length).toBeLessThan(9);
	});

	test('what other items under way have made is told with the first error', async () => {
		// The first item's refusal waits until the second one has its sample.
		let made: () => void;
		const second = new Promise<void>((resolve) => (made = resolve));
		nock.cleanAll();
		variables(grade);
		const asAnswer = async (_uri: string, body: nock.Body) => {
			if ((body as IDataObject).name === 'A') {
				await second;
				return [400, { detail: 'No.' }] as const;
			}
			return [201, { id: SAMPLE_1 }] as const;
		};
		nock('https://api.ximilar.com')
			.post('/vlm/v2/sample/')
			.twice()
			.reply(asAnswer as never);
		nock('https://api.ximilar.com')
			.post(`/vlm/v2/sample/${SAMPLE_1}/add-variable-value/`)
			.reply(200, async () => {
				made();
				await new Promise((resolve) => setTimeout(resolve, 400));
				return {};
			});
		const { error } = await createCard(
			{ ...withoutImages, name: '={{ $json.name }}', valuesJson: '{"grade": 8}' },
			{ items: [{ json: { name: 'A' } }, { json: { name: 'B' } }] },
		);
		expect(error).toMatchObject({ itemIndex: 0, message: 'Ximilar refused this: No.' });
		expect(error!.description).toContain(
			`Item 1: Sample "B" is not finished: The execution was stopped. Done: sample ${SAMPLE_1}. Missing: the value of "grade"`,
		);
	});
});

describe('If Sample Exists', () => {
	test('Complete It changes nothing twice on a finished sample', async () => {
		await createCard(complete);
		const kept = structuredClone(api.samples);
		const { items } = await createCard(complete);
		expect(api.samples).toEqual(kept);
		expect(items[0]!.json).toMatchObject({ id: SAMPLE_1, already_existed: true });
	});

	test('Complete It adds only those images that are missing, and sets other values', async () => {
		await createCard({}, { items: [cardItem(['front'])] });
		await createCard({ ...complete, valuesJson: '{"grade": 3}' });
		expect(api.bodies['POST add-images']).toEqual([
			{ image_ids: [imageId(1)] },
			{ image_ids: [imageId(2)] },
		]);
		expect(api.samples[0]!.values).toEqual({ [GRADE]: 3, [EXPLAIN]: 'Sharp' });
	});

	test('Complete It sets the test mark and the type where they differ', async () => {
		await createCard({ ...withoutImages });
		await createCard({
			...withoutImages,
			options: { ifExists: 'complete', test: true, sampleType: 'single' },
		});
		expect(api.samples[0]).toMatchObject({ test: true, type: 'single' });
		await createCard({
			...withoutImages,
			options: { ifExists: 'complete', test: true, sampleType: 'single' },
		});
		expect(api.calls.filter((call) => call === 'POST set-test' || call === 'PATCH sample')).toEqual(
			['POST set-test', 'PATCH sample'],
		);
	});

	test('Complete It goes by the exact name, and by the dataset', async () => {
		await createCard({ ...withoutImages, name: 'Card 11' });
		await createCard({ ...withoutImages, name: 'card 1' });
		api.samples.push({ ...api.samples[0]!, id: 'x', name: 'Card 1', dataset: 'another' });
		const { items } = await createCard({ ...withoutImages, ...complete });
		expect(items[0]!.json).toMatchObject({ name: 'Card 1', already_existed: false });
	});

	test('a sample of another dataset is passed over, should the service list it', async () => {
		nock.cleanAll();
		nock('https://api.ximilar.com')
			.get('/vlm/v2/sample/')
			.query({ dataset: DATASET, search: 'Card 1' })
			.reply(200, page([{ id: 'x', name: 'Card 1', dataset: 'another' }]));
		nock('https://api.ximilar.com').post('/vlm/v2/sample/').reply(201, { id: 'new' });
		const { items } = await createCard({
			...withoutImages,
			...withoutValues,
			...complete,
		});
		expect(items[0]!.json.id).toBe('new');
	});

	test('two samples with the name are named, and none is touched', async () => {
		await createCard(withoutImages);
		await createCard(withoutImages);
		const calls = api.calls.length;
		const { error } = await createCard({ ...withoutImages, ...complete });
		expect(error!.message).toBe(
			`The dataset has 2 samples with the name "Card 1": ${api.samples.map(({ id }) => id).join(', ')}`,
		);
		expect(api.calls.slice(calls)).toEqual(['GET variable', 'GET sample']);
	});

	test('Fail names the sample that there is', async () => {
		await createCard(withoutImages);
		const { error } = await createCard({ ...withoutImages, options: { ifExists: 'fail' } });
		expect(error!.message).toBe(
			`The dataset has a sample with the name "Card 1" already: ${SAMPLE_1}`,
		);
		expect(api.samples).toHaveLength(1);
	});

	test('Create Another, the default, makes another', async () => {
		await createCard(withoutImages);
		await createCard(withoutImages);
		expect(api.samples).toHaveLength(2);
	});

	test('rows of one run with the same name are one sample', async () => {
		const { items, error } = await createCard(
			{ ...withoutImages, ...complete, valuesJson: '={{ $json.values }}' },
			{
				items: Array.from({ length: 8 }, (_, at) => ({ json: { values: { grade: at } } })),
			},
		);
		expect(error).toBeUndefined();
		expect(api.samples).toHaveLength(1);
		expect(api.samples[0]!.values).toEqual({ [GRADE]: 7 });
		expect(jsonOf(items).map(({ already_existed }) => already_existed)).toEqual([
			false,
			...Array.from({ length: 7 }, () => true),
		]);
	});
});

describe('200 rows, and a service that fails in the middle', () => {
	const rows = Array.from({ length: 200 }, (_, at) => ({
		...cardItem([`front ${at}`, `back ${at}`], {
			name: `Card ${at}`,
			grade: (at % 21) / 2,
			test: at % 5 === 0,
		}),
	}));
	const parameters = {
		name: '={{ $json.name }}',
		valueSource: 'json',
		valuesJson: '={{ { grade: $json.grade, explain: "Because of " + $json.name } }}',
		options: { ifExists: 'complete', test: '={{ $json.test }}', sampleType: 'multi_ordered' },
	};

	/** Every sample stands once, with its own images in their order and its own values. */
	const expectFinished = () => {
		expect(api.samples).toHaveLength(200);
		expect(api.images.size).toBe(400);
		for (const row of rows) {
			const { name, grade: points, test } = row.json;
			const [kept, ...others] = api.samples.filter((one) => one.name === name);
			expect(others).toEqual([]);
			expect(kept).toMatchObject({
				test,
				values: { [GRADE]: points, [EXPLAIN]: `Because of ${String(name)}` },
			});
			expect(new Set(kept!.images).size).toBe(2);
			expect(kept!.images).toHaveLength(2);
		}
	};

	test('a second run of the failed rows completes them: no duplicate, nothing unseen', async () => {
		// Down for a while, in the middle: what is asked for is refused, or done and its answer lost.
		// A value is set again by itself after most errors, which takes time: this one tells it not to.
		let call = 0;
		const down = () => call > 600 && call < 760;
		const answerOf = (kind: string, status: number): nock.ReplyFnResult =>
			kind === 'POST add-variable-value' ? [400, { detail: 'Down' }] : [status, { detail: 'Down' }];
		api.before = (kind) => {
			call++;
			if (kind.startsWith('GET')) return undefined;
			return down() && call % 2 ? answerOf(kind, 500) : undefined;
		};
		api.after = (kind) => (down() && !kind.startsWith('GET') ? answerOf(kind, 502) : undefined);

		const first = await createCard(parameters, { items: rows, onError: 'continueRegularOutput' });
		expect(first.items).toHaveLength(200);
		const failed = first.items.flatMap(({ json }, at) => (json.error ? [at] : []));
		expect(failed.length).toBeGreaterThan(5);
		expect(failed.length).toBeLessThan(195);

		// Every sample that stands and is not finished is named by its row's error item, unless the
		// answer that would have told its ID was lost: then the row says that it may exist.
		for (const at of failed) {
			const { error, message } = first.items[at]!.json as { error: string; message: string };
			const kept = api.samples.find((one) => one.name === rows[at]!.json.name);
			if (kept && !error.includes(kept.id)) {
				expect(error).toContain('Missing: the sample');
				expect(message).toContain('It may have been carried out all the same');
			}
		}

		api.before = undefined;
		api.after = undefined;
		const again = failed.map((at) => rows[at]!);
		const second = await createCard(parameters, { items: again });
		expect(second.error).toBeUndefined();
		expect(second.items).toHaveLength(failed.length);
		expectFinished();

		const third = await createCard(parameters, { items: rows });
		expect(third.items).toHaveLength(200);
		expectFinished();
	}, 60_000);
});
