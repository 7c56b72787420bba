import type { IDataObject } from 'n8n-workflow';
import nock from 'nock';
import { jsonOf, type Job } from '../workflow';
import { cardItem, createCard, imageFile, SAMPLE_1 } from './card';
import { inDataset, service, type Service } from './service';
import { DATASET, EXPLAIN, GRADE, explain, grade, imageId, run } from './vlm';

/** sample.create with If Sample Exists set to Complete It: what is there, what is added, what is told. */

const complete = async (parameters: IDataObject = {}, job?: Partial<Job>) => {
	const options = { ifExists: 'complete', ...(parameters.options as IDataObject) };
	return await createCard({ ...parameters, options }, job);
};

const bare = { imageSource: 'none', valueSource: 'none' };

/** The calls of the node since the last look. */
const callsOf = (api: Service) => api.calls.splice(0);
const writing = (calls: string[]) => calls.filter((call) => !call.startsWith('GET'));

let api: Service;
beforeEach(() => {
	api = service([grade, explain]);
});

describe('everything that is wanted', () => {
	const everything = {
		options: {
			description: 'First of its kind',
			inputMetadata: '{"style": "elegant"}',
			metadata: '{"sku": 17}',
			test: true,
			sampleType: 'multi_ordered',
		},
	};

	test('is there afterwards, and the row says what was changed and what is', async () => {
		await complete(bare);
		const { items, error } = await complete(everything);
		expect(error).toBeUndefined();
		expect(api.samples).toHaveLength(1);
		expect(api.samples[0]).toMatchObject({
			description: 'First of its kind',
			input_meta_data: { category: 'jacket', style: 'elegant' },
			meta_data: { sku: 17 },
			test: true,
			type: 'multi_ordered',
			images: [imageId(1), imageId(2)],
			values: { [GRADE]: 8.5, [EXPLAIN]: 'Sharp' },
		});
		expect(jsonOf(items)).toEqual([
			{
				id: SAMPLE_1,
				name: 'Card 1',
				already_existed: true,
				changed: [
					'test',
					'type',
					'input_meta_data',
					'images',
					'description',
					'meta_data',
					'values',
				],
				test: true,
				type: 'multi_ordered',
				image_ids: [imageId(1), imageId(2)],
				values: { grade: 8.5, explain: 'Sharp' },
				dataset_id: DATASET,
			},
		]);
	});

	test('without Simplify, the row is the sample after the call', async () => {
		await complete(bare);
		const { items } = await complete({ ...everything, simplify: false });
		expect(items[0]!.json).toMatchObject({ images_count: 2, variables_count: 2, test: true });
	});

	test('is left alone where it is there already: only the values are set again', async () => {
		await complete(everything);
		callsOf(api);
		const { items } = await complete(everything);
		expect(writing(callsOf(api))).toEqual(['POST add-variable-value', 'POST add-variable-value']);
		expect(items[0]!.json).toMatchObject({ already_existed: true, changed: [] });
	});

	test('counts values among the changes where some were added', async () => {
		await complete({ imageSource: 'none', valuesJson: '{"grade": 8.5}' });
		const changed = async () =>
			(await complete({ imageSource: 'none' })).items.map(({ json }) => json.changed);
		expect(await changed()).toEqual([['values']]);
		expect(await changed()).toEqual([[]]);
	});

	test('is told when Ximilar takes a change and does not make it', async () => {
		await complete(bare);
		api.before = (call, body) => {
			if (call === 'PATCH sample') delete body.type;
			return undefined;
		};
		const { error } = await complete({ ...bare, options: { sampleType: 'single' } });
		expect(error).toMatchObject({
			message: `Sample ${SAMPLE_1}: Ximilar left its type as it was`,
			description: expect.stringContaining('Change its type in the Ximilar App'),
		});
	});

	test('does not take away what else the metadata has', async () => {
		await complete({ ...bare, options: { metadata: '{"shelf": "B"}' } });
		await complete({ ...bare, options: { metadata: '{"sku": 17}' } });
		expect(api.samples[0]!.meta_data).toMatchObject({ shelf: 'B', sku: 17 });
	});

	test.each([
		[
			'refuses',
			() => (api.changeable = ['type', 'input_meta_data']),
			/^Sample "Card 1" is not finished: Ximilar refused this: description: Unknown field\. Done: .*the value of "explain"\. Missing: its description$/,
		],
		[
			'ignores',
			() =>
				(api.before = (call, body) => {
					if (call === 'PATCH sample') delete body.description;
					return undefined;
				}),
			/^Sample "Card 1" is not finished: Ximilar left its description as it was\. Done: .*Missing: its description$/,
		],
	])('and that Ximilar %s is told, with all else done', async (_, set, message) => {
		await complete(bare);
		set();
		const { error } = await complete({ options: { description: 'New', sampleType: 'single' } });
		expect(error!.message).toMatch(message);
		expect(error!.description).toContain('Change its description in the Ximilar App');
		expect(api.samples[0]).toMatchObject({
			type: 'single',
			images: [imageId(1), imageId(2)],
			values: { [GRADE]: 8.5, [EXPLAIN]: 'Sharp' },
		});
	});
});

describe('images that are there', () => {
	const fromAddress = (address: string) => ({
		imageSource: 'url',
		imageUrls: `={{ ${JSON.stringify(address)} }}`,
	});
	const ADDRESS = 'https://shop.example/a.png';

	/** Serves an image at an address, and counts how often it is fetched. */
	const shop = (name: string) => {
		nock.cleanAll();
		let fetched = 0;
		nock('https://shop.example')
			.persist()
			.get(/.*/)
			.optionally()
			.reply(200, () => {
				fetched++;
				return imageFile(name).bytes;
			});
		api = service([grade, explain]);
		return () => fetched;
	};

	test('as files are not uploaded again', async () => {
		await complete();
		callsOf(api);
		const { items } = await complete();
		expect(callsOf(api)).toEqual([
			'GET variable',
			'GET sample',
			'GET sample/ID',
			'GET sample-images',
			'POST add-variable-value',
			'POST add-variable-value',
			'GET sample/ID',
		]);
		expect(items[0]!.json.image_ids).toEqual([imageId(1), imageId(2)]);
	});

	test('from addresses are not even fetched again', async () => {
		const fetched = shop('front');
		await complete(fromAddress(ADDRESS));
		expect(fetched()).toBe(1);
		callsOf(api);
		const { items, error } = await complete(fromAddress(ADDRESS));
		expect(error).toBeUndefined();
		expect(fetched()).toBe(1);
		expect(callsOf(api)).not.toContain('POST training-image');
		expect(items[0]!.json).toMatchObject({ changed: [], image_ids: [imageId(1)] });
	});

	test('from addresses that are signed anew are not fetched again', async () => {
		const fetched = shop('front');
		await complete(fromAddress(`${ADDRESS}?X-Amz-Date=1&X-Amz-Signature=a`));
		await complete(fromAddress(`${ADDRESS}?X-Amz-Date=2&X-Amz-Signature=b`));
		expect(fetched()).toBe(1);
		expect(JSON.stringify(api.samples[0]!.meta_data)).not.toContain('shop.example');
	});

	test('from addresses that are new are fetched once more, and not uploaded', async () => {
		const fetched = shop('front');
		await complete(fromAddress(ADDRESS));
		callsOf(api);
		for (let round = 0; round < 2; round++) await complete(fromAddress(`${ADDRESS}?v=2`));
		expect(fetched()).toBe(2);
		expect(callsOf(api)).not.toContain('POST training-image');
		expect(api.samples[0]!.images).toEqual([imageId(1)]);
	});

	test('of a sample that was made otherwise are remembered from the second run on', async () => {
		await run('sample', 'create', {
			...inDataset,
			name: 'Card 1',
			...bare,
		});
		await complete();
		expect(api.bodies['POST training-image']).toHaveLength(2);
		callsOf(api);
		const { items } = await complete();
		expect(callsOf(api)).not.toContain('POST training-image');
		expect(items[0]!.json).toMatchObject({ changed: [] });
	});

	test('are uploaded again, without doubles, where Ximilar keeps no such metadata', async () => {
		await run('sample', 'create', { ...inDataset, name: 'Card 1', ...bare });
		api.changeable = ['type', 'input_meta_data'];
		for (let round = 0; round < 2; round++) {
			const { error } = await complete();
			expect(error).toBeUndefined();
		}
		expect(api.images.size).toBe(2);
		expect(api.samples[0]!.images).toEqual([imageId(1), imageId(2)]);
	});

	test('but were removed from the sample are uploaded and added again', async () => {
		await complete();
		api.samples[0]!.images = [imageId(2)];
		const { items } = await complete();
		expect(api.bodies['POST training-image']).toHaveLength(3);
		expect(new Set(api.samples[0]!.images)).toEqual(new Set([imageId(1), imageId(2)]));
		expect(items[0]!.json).toMatchObject({ changed: ['images'] });
	});

	test('beside new ones keep their places', async () => {
		await complete({ options: { sampleType: 'multi_ordered' } }, { items: [cardItem(['a', 'b'])] });
		const { error } = await complete({}, { items: [cardItem(['a', 'b', 'c'])] });
		expect(error).toBeUndefined();
		expect(api.bodies['POST add-images']!.at(-1)).toEqual({ image_ids: [imageId(3)] });
		expect(api.samples[0]!.images).toEqual([1, 2, 3].map(imageId));
	});

	test('are remembered only where a later run may look: not for Create Another', async () => {
		await complete({ options: { ifExists: 'create' } });
		expect(api.samples[0]).not.toHaveProperty('meta_data');
	});
});

describe('Keep Full Size', () => {
	const full = { options: { noResize: true } };
	const small = { options: { noResize: false } };
	const told = [expect.stringContaining('Keep Full Size did not apply to them')];
	const outcome = async (parameters: IDataObject, names = ['front', 'back']) => {
		const { items, hints, error } = await complete(parameters, { items: [cardItem(names)] });
		expect(error).toBeUndefined();
		return [items[0]!.json.not_applied, hints.map(({ message }) => message)];
	};

	test.each([
		['of the sample', {}],
		['of the workspace', { name: 'Card 2' }],
	])('is told not to apply to images %s that are smaller already', async (_, other) => {
		await complete(small);
		expect(await outcome({ ...full, ...other })).toEqual([['Keep Full Size'], told]);
		expect(await outcome(small)).toEqual([undefined, []]);
	});

	test('is told not to apply to training images by their IDs', async () => {
		await complete(small);
		const given = { imageSource: 'ids', trainingImages: imageId(1) };
		expect(await outcome({ ...given, ...full })).toEqual([['Keep Full Size'], told]);
	});

	test('applies to new images, and later runs know that it did', async () => {
		expect(await outcome(full)).toEqual([undefined, []]);
		expect(api.bodies['POST training-image']!.every(({ noresize }) => noresize)).toBe(true);
		expect(await outcome(full)).toEqual([undefined, []]);
		expect(await outcome(full, ['front', 'back', 'edge'])).toEqual([undefined, []]);
	});
});

describe('a sample of ordered images that lacks its first one', () => {
	const ordered = { options: { sampleType: 'multi_ordered' } };

	test('gets it and its values, and the message says what is to be done by hand', async () => {
		await complete({ ...ordered, valueSource: 'none' }, { items: [cardItem(['back'])] });
		const [back, front] = [imageId(1), imageId(2)];
		const { error } = await complete(ordered);
		expect(error!.message).toContain(
			`is not finished: The images do not stand in the given order, but as: ${back}, ${front}. Done:`,
		);
		expect(error!.message).toMatch(/Missing: the order of its images$/);
		expect(error!.description).toContain('Put them in order in the Ximilar App');
		expect(api.samples[0]).toMatchObject({
			images: [back, front],
			values: { [GRADE]: 8.5, [EXPLAIN]: 'Sharp' },
		});

		// As the App leaves it, the next run has nothing to say.
		api.samples[0]!.images = [front, back];
		callsOf(api);
		const again = await complete(ordered);
		expect(again.error).toBeUndefined();
		expect(again.items[0]!.json).toMatchObject({ image_ids: [front, back], changed: [] });
		expect(callsOf(api)).not.toContain('POST training-image');
	});
});

describe('finding samples by their names', () => {
	const rows = (count: number) =>
		Array.from({ length: count }, (_, at) => ({ json: { name: `Card ${at}` } }));
	const named = { ...bare, name: '={{ $json.name }}' };
	const searches = () => callsOf(api).filter((call) => call === 'GET sample').length;

	test('one item asks for its own name only', async () => {
		await complete(named, { items: rows(1) });
		expect(searches()).toBe(1);
	});

	test('many items read the list once, however alike their names are', async () => {
		await complete(named, { items: rows(60) });
		expect(api.samples).toHaveLength(60);
		api.pageSize = 10;
		callsOf(api);
		const { items } = await complete(named, { items: rows(60) });
		expect(jsonOf(items).every(({ already_existed }) => already_existed)).toBe(true);
		// Six pages of the list, and as many searches at most: by name it would be 60, and more pages.
		expect(searches()).toBeLessThanOrEqual(6 + 6 + 2);
		expect(api.samples).toHaveLength(60);
	});

	test('a few items of a large dataset do not read all of it', async () => {
		await complete(named, { items: rows(120) });
		api.pageSize = 2;
		callsOf(api);
		await complete(named, { items: rows(120).slice(100, 104) });
		expect(searches()).toBeLessThanOrEqual(4 + 3);
	});

	test('a sample that was made while its answer was lost is found by the next item', async () => {
		api.after = (call, _body, at) => (call === 'POST sample' && at === 3 ? [502, {}] : undefined);
		const { items } = await complete(named, {
			items: [...rows(3), ...rows(3)],
			onError: 'continueRegularOutput',
		});
		expect(jsonOf(items).filter(({ error }) => error)).toHaveLength(1);
		expect(api.samples.map(({ name }) => name).sort()).toEqual(['Card 0', 'Card 1', 'Card 2']);
	});

	test('a page that cannot be read costs its item only', async () => {
		await complete(named, { items: rows(8) });
		api.pageSize = 2;
		let asked = 0;
		// The third call, however often it is tried.
		api.before = (call) =>
			call === 'GET sample' && ++asked > 2 && asked < 7
				? [500, {}, { 'Retry-After': '0' }]
				: undefined;
		const { items } = await complete(named, {
			items: rows(8),
			onError: 'continueRegularOutput',
		});
		expect(jsonOf(items).filter(({ error }) => error)).toHaveLength(1);
		expect(api.samples).toHaveLength(8);
	});
});
