/** The simulator as others use it: what Ximilar's public Python client sends, and the seeds as printed. */
import { testImage } from '../images/make';
import { call, runSimulator } from './caller';
import { labelWithImages, TASKS, upload, UUID } from './recognition/helpers';
import { IDS } from './state';
import { VLM_IDS } from './vlm/ids';

const simulator = runSimulator({ strict: false });
const { control } = simulator;
const IMAGES = '/recognition/v2/training-image';
const CLASSIFY = '/recognition/v2/classify';
const READ_GPT = '/ocr/v2/read_gpt';
const workspace = IDS.secondWorkspace;
const imageUrl = (file: string) => `${simulator.url}/images/${file}`;

/** As the client encodes what it has made smaller, or was given as pixels: a JPEG in a data URL. */
async function dataUrl(file = 'invoice-baseline.jpg'): Promise<string> {
	return `data:image/jpeg;base64,${(await testImage(file)).data.toString('base64')}`;
}

async function status(path: string, options?: Parameters<typeof call>[2]): Promise<number> {
	return (await call(simulator, path, options)).status;
}

describe('paths', () => {
	it('may lack their last slash, or have one too many', async () => {
		const id = await upload(simulator, 1);
		for (const path of [
			'/account/v2/workspace',
			'/recognition/v2/task',
			`/recognition/v2/task/${IDS.coloursTask}`,
			`${IMAGES}/${id}`,
			'/vlm/v2/request/history',
			`/vlm/v2/sample/${VLM_IDS.sample}/sample-images`,
		]) {
			expect([path, await status(path)]).toEqual([path, 200]);
		}
		const body = { label_id: simulator.state.labels[0]!.id };
		expect(await status(`${IMAGES}/${id}/add-label`, { body })).toBe(200);
		expect(await status(`${IMAGES}/${id}`, { method: 'PUT', body: { meta_data: {} } })).toBe(200);
		expect(
			await status('/ocr/v2/read/', { body: { records: [{ _url: imageUrl('badge.gif') }] } }),
		).toBe(200);
		expect(await status(`${IMAGES}/${id}`, { method: 'DELETE' })).toBe(204);
		expect(control.requests('sample-images').counts).toEqual({
			'GET /vlm/v2/sample/:id/sample-images/': 1,
		});
	});

	it('that are wrong are refused as such, and so are methods', async () => {
		expect(await status('/recognition/v2/tusk')).toBe(404);
		const wrong = await call(simulator, '/recognition/v2/task', { method: 'PUT', body: {} });
		expect([wrong.status, wrong.body]).toEqual([405, { detail: 'Method "PUT" not allowed.' }]);
		expect(wrong.headers.get('allow')).toBe('GET, POST');
		expect(await status('/ocr/v2/read')).toBe(405);
		expect(await status('/ocr/v2/read', { as: null })).toBe(401);
	});

	it.each([
		['/recognition/v2/task/', 'PUT', 405],
		['/recognition/v2/task', 'PUT', 404],
		['/recognition/v2/task', 'GET', 404],
		[`/recognition/v2/task/${IDS.coloursTask}`, 'GET', 404],
		['/recognition/v2/classify/', 'GET', 405],
	])('are as printed in a strict simulator: %s %s', async (path, method, expected) => {
		control.changeSettings({ strict: true });
		expect(await status(path, { method })).toBe(expected);
	});
});

describe('the public client', () => {
	it('classifies files that it has made smaller, and pixels', async () => {
		const _base64 = await dataUrl();
		const records = [
			{ _file: '/photos/1.jpg', _base64 },
			{ _id: 7, _base64, _color_space: 'BGR', noresize: false },
			{ _url: imageUrl('badge.gif'), product: { shelf: 4 } },
		];
		const { status: code, body } = await call(simulator, CLASSIFY, {
			body: { task_id: IDS.coloursTask, records, version: null, client: 'python' },
		});
		expect(code).toBe(200);
		expect(body.records).toMatchObject(
			records.map((record) => ({ ...record, _status: { code: 200 } })),
		);
		expect(body.records[0].best_label.name).toBe('Red');
	});

	it('names its workspace in any body', async () => {
		const body = { records: [{ _url: imageUrl('badge.gif') }], workspace };
		expect(await status(CLASSIFY, { body: { ...body, task_id: IDS.warehouseTask } })).toBe(200);
		expect(await status('/ocr/v2/read', { body })).toBe(200);
		const elsewhere = { ...body, workspace: IDS.emptyWorkspace };
		expect(await status('/ocr/v2/read', { body: elsewhere })).toBe(400);
		const label = await call(simulator, '/recognition/v2/label', {
			body: { name: 'new', type: 'category', description: null, workspace },
		});
		expect([label.status, label.body.workspace]).toEqual([201, workspace]);
	});

	it('may name it in any query as well', async () => {
		const query = `?workspace=${workspace}`;
		const label = await call(simulator, `/recognition/v2/label/${query}`, {
			body: { name: 'new' },
		});
		expect(label.body.workspace).toBe(workspace);
		const path = `/recognition/v2/label/${label.body.id}`;
		expect(await status(`${path}${query}`)).toBe(200);
		expect(await status(path)).toBe(404);
		expect(await status(path, { method: 'DELETE', body: { workspace } })).toBe(204);
	});

	it('uploads images, which are real ones, and lists those of a label', async () => {
		const { body } = await call(simulator, IMAGES, {
			body: { base64: await dataUrl(), noresize: false, test_image: false, meta_data: {} },
		});
		expect(body).toMatchObject({ id: UUID, img_width: 640, real: true });
		const label = simulator.state.labels[0]!.id;
		await call(simulator, `${IMAGES}/${body.id}/add-label/`, { body: { label_id: label } });
		await upload(simulator, 1);
		for (const name of ['label', 'labels']) {
			const list = await call(simulator, `${IMAGES}?${name}=${label}&verified=0&source=app`);
			expect(list.body.results).toMatchObject([{ id: body.id }]);
		}
		const marks = { images: [body.id], labels: [], 'labels-add': [], 'labels-remove': [] };
		await call(simulator, `${IMAGES}/update`, { body: { ...marks, 'unmark-real': true } });
		expect((await call(simulator, `${IMAGES}/${body.id}`)).body.real).toBe(false);
	});

	it('is told what no image is', async () => {
		const read = async (record: object) =>
			await call(simulator, '/ocr/v2/read', { body: { records: [record] } });
		expect((await read({ _base64: 'data:image/png;base64,not base64' })).status).toBe(400);
		expect((await read({ _id: '1' })).status).toBe(400);
		expect((await read({ _base64: 'AAAA' })).body.records[0]._status.code).toBe(400);
	});
});

describe('the seeds as printed', () => {
	it('classify with the task of the example', async () => {
		const body = {
			task_id: '0a8c8186-aee8-47c8-9eaf-348103fa214d',
			version: 2,
			descriptor: 0,
			records: [{ _url: imageUrl('badge.gif') }],
		};
		const answer = await call(simulator, CLASSIFY, { body });
		expect(answer.body).toMatchObject({ version: 2, descriptor: 0 });
		const names = answer.body.records[0].labels.map(({ name }: { name: string }) => name);
		expect(names.sort()).toEqual(['cat', 'dog']);
		const latest = await call(simulator, CLASSIFY, { body: { ...body, version: undefined } });
		expect(latest.body.version).toBe(9);
	});

	it('have a VLM task whose model is of version 0', async () => {
		const { body } = await call(simulator, `/vlm/v2/task/${VLM_IDS.task}/`);
		expect(body).toMatchObject({
			id: 'dbb498ba-cf24-4400-9897-d5196444a880',
			production_version: 0,
			last_version: 0,
		});
		const url = imageUrl('badge.gif');
		const messages = [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }];
		const submitted = await call(simulator, '/vlm/v2/request/', {
			body: { task_id: VLM_IDS.task, request: { messages } },
		});
		expect([submitted.status, submitted.body.version]).toEqual([201, 0]);
	});

	it('speak of the bare value of a variable, and show it wrapped', async () => {
		const path = `/vlm/v2/sample/${VLM_IDS.sample}/add-variable-value/`;
		for (const value of [7, { value: 7 }]) {
			expect(await status(path, { body: { dataset_variable: VLM_IDS.grade, value } })).toBe(200);
		}
		expect(await status(path, { body: { dataset_variable: VLM_IDS.grade, value: 'x' } })).toBe(400);
	});
});

it('trains models from version 0 on when it is told to', async () => {
	control.changeSettings({ firstVersion: 0, trainingMs: 0 });
	const task = (await call(simulator, TASKS, { body: { name: 'Zero' } })).body.id;
	for (const [index, name] of ['a', 'b'].entries()) {
		const label_id = await labelWithImages(simulator, name, index * 20, 20);
		await call(simulator, `${TASKS}${task}/add-label/`, { body: { label_id } });
	}
	await call(simulator, `${TASKS}${task}/train/`, { method: 'POST' });
	expect((await call(simulator, `${TASKS}${task}/`)).body).toMatchObject({ production_version: 0 });
	const records = [{ _url: imageUrl('badge.gif') }];
	for (const version of [undefined, 0]) {
		const { body } = await call(simulator, CLASSIFY, { body: { task_id: task, version, records } });
		expect(body.version).toBe(0);
	}
	expect(await status(CLASSIFY, { body: { task_id: task, version: 1, records } })).toBe(400);
	const change = { method: 'PATCH', body: { production_version: 0 } };
	expect(await status(`${TASKS}${task}/`, change)).toBe(200);
});

describe('read_gpt', () => {
	const gpt = async (prompt?: string | null, file = 'invoice-baseline.jpg') =>
		(await call(simulator, READ_GPT, { body: { records: [{ _url: imageUrl(file), prompt }] } }))
			.body.records[0];

	it('reads without a prompt, and asks nobody', async () => {
		for (const prompt of [undefined, null, '']) {
			const record = await gpt(prompt);
			expect(record._ocr.full_text).toBe('INVOICE 2026-014 TOTAL 84.50 EUR');
			expect(record).not.toHaveProperty('_gpt');
		}
	});

	it('answers in real JSON when that is asked for', async () => {
		const quoted = await gpt("Answer as JSON: {'invoice': '', 'total': ''}");
		const expected = { invoice: '2026-014', total: '84.50 EUR' };
		expect(quoted._gpt.json_result).toEqual(expected);
		const named = await gpt('Return JSON with the keys invoice and total.');
		expect(named._gpt.json_result).toEqual(expected);
		const list = await gpt('Return the lines as a JSON list.');
		expect(list._gpt.json_result).toEqual(['INVOICE 2026-014', 'TOTAL 84.50 EUR']);
		expect(JSON.parse(list._gpt.result)).toEqual(list._gpt.json_result);
	});

	it('may have nothing to say about an image without text', async () => {
		const { body } = await call(simulator, IMAGES, {
			body: { base64: (await testImage('shop-lossy.webp')).data.toString('base64') },
		});
		const blank = async () => {
			const _url = body.thumb_img_path;
			const records = [{ _url, prompt: 'What is the total?' }];
			return (await call(simulator, READ_GPT, { body: { records } })).body.records[0];
		};
		expect((await blank())._gpt.result).toMatch(/^The text reads/);
		control.changeSettings({ noText: 'empty' });
		expect(await blank()).toMatchObject({
			_ocr: { texts: [], full_text: '' },
			_gpt: { result: '' },
		});
		control.changeSettings({ noText: 'missing' });
		expect((await blank())._gpt).not.toHaveProperty('result');
	});
});

it('stays as it was told to be after a reset', () => {
	control.changeSettings({ strict: true, capacity: 3 });
	control.reset();
	expect(simulator.state.settings).toMatchObject({ strict: false, capacity: null });
});
