/** VLM samples: themselves, their images, detection objects and values. */
import { testImage } from '../../images/make';
import { call, runSimulator } from '../caller';
import { IDS } from '../state';
import { OBJECT_IDS, VLM_IDS } from './ids';

const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const simulator = runSimulator();
const SAMPLES = '/vlm/v2/sample/';
const SAMPLE = `${SAMPLES}${VLM_IDS.sample}/`;
const dataset = VLM_IDS.dataset;

async function get(path: string) {
	return (await call(simulator, path)).body;
}

async function post(path: string, body?: unknown) {
	return await call(simulator, path, { method: 'POST', body });
}

async function patch(body: unknown) {
	return await call(simulator, SAMPLE, { method: 'PATCH', body });
}

async function upload(file: string, workspace?: string): Promise<string> {
	const base64 = (await testImage(file)).data.toString('base64');
	return (await post('/recognition/v2/training-image/', { base64, workspace })).body.id;
}

describe('weather', () => {
	it('lists images in another sequence than their order', async () => {
		const image_ids = [await upload('badge.gif'), await upload('label-rgb.png')];
		await post(`${SAMPLE}add-images/`, { image_ids });
		simulator.control.changeSettings({ vlmSampleLists: 'reversed' });
		const list = await get(`${SAMPLE}sample-images/`);
		expect(list).toMatchObject([
			{ image_id: image_ids[1], order: 1 },
			{ image_id: image_ids[0], order: 0 },
		]);
	});

	it('takes changes that no document prints when it is told to', async () => {
		const change = { name: 'New', description: 'More', meta_data: { shelf: 4 } };
		expect((await patch(change)).status).toBe(400);
		simulator.control.changeSettings({ vlmSampleUpdate: 'all' });
		expect((await patch(change)).body).toMatchObject(change);
		expect((await patch({ description: null })).body).toMatchObject({
			name: 'New',
			description: null,
		});
		expect((await patch({ values: {} })).status).toBe(400);
	});
});

describe('reading', () => {
	it('answers one as printed', async () => {
		await post(`${SAMPLE}add-images/`, {
			image_ids: [await upload('badge.gif'), await upload('label-rgb.png')],
		});
		expect(await get(SAMPLE)).toEqual({
			id: 'c3d4e5f6-a7b8-9012-cdef-345678901234',
			dataset: '8797c273-b1d3-4e6f-82bb-adfb719415fe',
			dataset_name: 'My Training Dataset',
			test: false,
			name: 'Sample 1',
			description: null,
			type: 'multi_random',
			created_date: '2025-12-18T09:15:00.000000Z',
			result_template: '{"grade": {{grade}}, "explain": "{{explain}}"}',
			user_prompt: expect.stringMatching(/^Analyse the image\[s\]/),
			input_meta_data: { style: 'elegant', category: 'jacket' },
			meta_data: {},
			images_count: 2,
			objects_count: 0,
			variables_count: 2,
			dataset_variables_config: {
				grade: {
					id: 'f82b01ed-e65d-4730-a458-2966cbf86994',
					type: 'float',
					required: true,
					min_value: 0,
					max_value: 10,
					step_size: 0.5,
				},
				explain: { id: '7b661f0e-7c00-4b59-b334-aca2a0249e2f', type: 'string', required: false },
			},
			workspace: '748e50e4-d081-4924-b9e7-f500aac6a71d',
		});
	});

	it('lists them by dataset, test flag, name and workspace', async () => {
		await post(SAMPLES, { dataset, name: 'Held back', test: true });
		await post(SAMPLES, { dataset: VLM_IDS.inspectionDataset });
		const names = async (query: string) =>
			(await get(`${SAMPLES}${query}`)).results.map(({ name }: { name: string }) => name);
		expect(await names('')).toEqual(['Sample 1', 'Held back', null]);
		expect(await names(`?dataset=${dataset}`)).toEqual(['Sample 1', 'Held back']);
		expect(await names('?test=true')).toEqual(['Held back']);
		expect(await names('?test=False')).toEqual(['Sample 1', null]);
		expect(await names('?search=HELD')).toEqual(['Held back']);
		expect(await names(`?workspace=${IDS.secondWorkspace}`)).toEqual([]);
		for (const query of ['?test=maybe', '?dataset=nonsense', '?page_size=2']) {
			expect((await call(simulator, `${SAMPLES}${query}`)).status).toBe(400);
		}
	});
});

describe('creating', () => {
	it('takes the printed body', async () => {
		const created = await post(SAMPLES, { dataset, name: 'Sample 1', test: false });
		expect(created.status).toBe(201);
		expect(created.body).toMatchObject({
			id: UUID,
			name: 'Sample 1',
			test: false,
			type: 'multi_random',
			images_count: 0,
			variables_count: 0,
		});
		expect(await get(`${SAMPLES}${created.body.id}/`)).toEqual(created.body);
	});

	it('takes every field', async () => {
		const body = {
			dataset,
			name: 'Whole',
			description: 'All there',
			test: true,
			type: 'multi_ordered',
			input_meta_data: { style: 'plain' },
			meta_data: { row: 7 },
		};
		expect((await post(SAMPLES, body)).body).toMatchObject(body);
	});

	it('fills in input metadata that is left out, and leaves an empty one empty', async () => {
		const input = async (body: object) =>
			(await post(SAMPLES, { dataset, ...body })).body.input_meta_data;
		expect(await input({})).toEqual({ category: 'jacket', style: '' });
		expect(await input({ input_meta_data: {} })).toEqual({});
	});

	it('works in the workspace that the body names', async () => {
		const body = { dataset: VLM_IDS.warehouseDataset };
		expect((await post(SAMPLES, body)).status).toBe(404);
		const created = await post(SAMPLES, { ...body, workspace: IDS.secondWorkspace });
		expect(created.body.workspace).toBe(IDS.secondWorkspace);
	});

	it.each([
		['no dataset', {}, 'dataset'],
		['an unknown type', { dataset, type: 'ordered' }, 'type'],
		['a test flag as text', { dataset, test: 'true' }, 'test'],
		['metadata as text', { dataset, meta_data: '{}' }, 'meta_data'],
		['input metadata that is null', { dataset, input_meta_data: null }, 'input_meta_data'],
		['a misspelt field', { dataset, metadata: {} }, 'metadata'],
	])('refuses %s', async (_, body, field) => {
		const answer = await post(SAMPLES, body);
		expect([answer.status, Object.keys(answer.body)]).toEqual([400, [field]]);
		expect(simulator.state.vlm.samples).toHaveLength(1);
	});
});

describe('changing', () => {
	it('sets the type', async () => {
		expect((await patch({ type: 'multi_ordered' })).body.type).toBe('multi_ordered');
		expect((await patch({ type: 'ordered' })).status).toBe(400);
		expect((await get(SAMPLE)).type).toBe('multi_ordered');
	});

	it('merges input metadata', async () => {
		const answer = await patch({ input_meta_data: { style: 'plain', size: { cm: 40 } } });
		expect(answer.body.input_meta_data).toEqual({
			style: 'plain',
			category: 'jacket',
			size: { cm: 40 },
		});
		expect((await patch({ input_meta_data: [] })).status).toBe(400);
		expect((await patch({ name: 'Other' })).status).toBe(400);
	});

	it('sets and unsets the test flag', async () => {
		expect((await post(`${SAMPLE}set-test/`)).body.test).toBe(true);
		expect((await get(SAMPLE)).test).toBe(true);
		expect((await post(`${SAMPLE}set-untest/`)).body.test).toBe(false);
		expect((await get(SAMPLE)).test).toBe(false);
	});

	it('deletes nothing: there is no such call', async () => {
		expect((await call(simulator, SAMPLE, { method: 'DELETE' })).status).toBe(405);
		expect((await get(SAMPLE)).name).toBe('Sample 1');
	});
});

describe('images', () => {
	const add = async (image_ids: unknown) => await post(`${SAMPLE}add-images/`, { image_ids });
	const order = async () =>
		(await get(`${SAMPLE}sample-images/`)).map((one: { image_id: string; order: number }) => [
			one.order,
			one.image_id,
		]);

	it('keep the order in which they came, each once', async () => {
		const ids = [];
		for (const file of ['badge.gif', 'label-rgb.png', 'invoice-baseline.jpg']) {
			ids.push(await upload(file));
		}
		const [a, b, c] = ids;
		expect((await add([c, a])).body).toEqual({ added: 2 });
		expect((await add([b, a])).body).toEqual({ added: 1 });
		expect(await order()).toEqual([
			[0, c],
			[1, a],
			[2, b],
		]);
		expect((await get(SAMPLE)).images_count).toBe(3);
	});

	it('are answered as printed, with addresses that lead to them', async () => {
		const id = await upload('label-rgb.png');
		await add([id]);
		const [image] = await get(`${SAMPLE}sample-images/`);
		expect(image).toEqual({
			id: UUID,
			image_id: id,
			img_path: expect.stringMatching(/^http:/),
			thumb: expect.stringMatching(/^http:/),
			text: null,
			order: 0,
			resize: null,
			meta_data: {},
			workspace: IDS.defaultWorkspace,
		});
		const bytes = Buffer.from(await (await fetch(image.img_path)).arrayBuffer());
		expect(bytes).toEqual((await testImage('label-rgb.png')).data);
	});

	it('must be there, in the same workspace; one that is not stops all', async () => {
		const id = await upload('badge.gif');
		const elsewhere = await upload('badge.gif', IDS.secondWorkspace);
		expect((await add([id, elsewhere])).status).toBe(404);
		expect((await add([id, VLM_IDS.sample])).status).toBe(404);
		expect((await add([])).status).toBe(400);
		expect((await add(id)).status).toBe(400);
		expect(await order()).toEqual([]);
	});

	it('go when the training image is deleted', async () => {
		const ids = [await upload('badge.gif'), await upload('label-rgb.png')];
		await add(ids);
		await call(simulator, `/recognition/v2/training-image/${ids[0]}/`, { method: 'DELETE' });
		expect(await order()).toEqual([[0, ids[1]]]);
		expect((await get(SAMPLE)).images_count).toBe(1);
	});
});

describe('detection objects', () => {
	const objects = async (action: 'add' | 'remove', ids: unknown) =>
		await post(`${SAMPLE}${action}-objects/`, { detection_object_ids: ids });
	const list = async () => await get(`${SAMPLE}sample-objects/`);

	it('are added and removed as printed', async () => {
		expect((await objects('add', OBJECT_IDS.slice(0, 2))).body).toEqual({ added: 2 });
		expect((await list())[0]).toEqual({
			id: UUID,
			detection_object_id: 'f6a7b8c9-d0e1-2345-f678-901234567890',
			image_id: 'a1b2c3d4-e5f6-7890-abcd-ef1234567890',
			image_url: expect.stringMatching(/^http:/),
			thumb_url: expect.stringMatching(/^http:/),
			label_name: 'car',
			label_color: '#FF0000',
			bbox: [100, 150, 400, 350],
			text: null,
			order: 0,
			meta_data: {},
			workspace: IDS.defaultWorkspace,
		});
		expect((await objects('remove', OBJECT_IDS.slice(0, 1))).body).toEqual({ removed: 1 });
		expect((await objects('remove', OBJECT_IDS.slice(0, 1))).body).toEqual({ removed: 0 });
		expect(await list()).toMatchObject([{ detection_object_id: OBJECT_IDS[1], order: 0 }]);
		expect((await get(SAMPLE)).objects_count).toBe(1);
	});

	it('are ten at most, those that are there already not counted again', async () => {
		await objects('add', OBJECT_IDS.slice(0, 9));
		const refused = await objects('add', OBJECT_IDS.slice(9));
		expect([refused.status, refused.body]).toEqual([
			400,
			{ detection_object_ids: ['A sample can have at most 10 detection objects.'] },
		]);
		expect((await objects('add', OBJECT_IDS.slice(0, 10))).body).toEqual({ added: 1 });
		expect(await list()).toHaveLength(10);
	});

	it('must be there', async () => {
		expect((await objects('add', [VLM_IDS.object, VLM_IDS.sample])).status).toBe(404);
		expect((await objects('add', [])).status).toBe(400);
		expect(await list()).toEqual([]);
	});
});

describe('values', () => {
	const add = async (body: unknown) => await post(`${SAMPLE}add-variable-value/`, body);
	const grade = VLM_IDS.grade;

	it('are set and updated as printed', async () => {
		expect((await add({ dataset_variable: grade, value: { value: 8.5 } })).status).toBe(200);
		await add({ dataset_variable: grade, value: { value: 9 } });
		expect(simulator.state.vlm.samples[0]!.values[grade]).toBe(9);
		expect((await get(SAMPLE)).variables_count).toBe(2);
	});

	it('count once for each variable', async () => {
		const id = (await post(SAMPLES, { dataset })).body.id;
		await post(`${SAMPLES}${id}/add-variable-value/`, {
			dataset_variable: grade,
			value: { value: 1 },
		});
		expect((await get(`${SAMPLES}${id}/`)).variables_count).toBe(1);
	});

	it.each([
		['a bare value', { dataset_variable: grade, value: 8.5 }, 400, 'value'],
		['no value', { dataset_variable: grade }, 400, 'value'],
		['more than a value', { dataset_variable: grade, value: { value: 1, x: 1 } }, 400, 'value'],
		['no variable', { value: { value: 1 } }, 400, 'dataset_variable'],
		[
			'a variable of another dataset',
			{ dataset_variable: VLM_IDS.price, value: { value: 1 } },
			404,
			'dataset_variable',
		],
	])('are refused with %s', async (_, body, status, field) => {
		const answer = await add(body);
		expect([answer.status, Object.keys(answer.body)]).toEqual([status, [field]]);
		expect(simulator.state.vlm.samples[0]!.values[grade]).toBe(8.5);
	});
});
