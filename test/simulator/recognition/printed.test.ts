/** The requests on tasks, labels and training images that seed 002 prints, and the same as JSON. */
import { testImage } from '../../images/make';
import { call, runSimulator } from '../caller';
import { IDS, TOKENS } from '../state';
import { create, formOf, IMAGES, LABELS, sendForm, TASKS, upload, UUID } from './helpers';

const simulator = runSimulator();

/** A call as printed: with the token as its only header. */
async function printed(method: string, path: string) {
	return await call(simulator, path, { method, headers: { 'Content-Type': null } });
}

/** The very bytes that `curl -F 'img_path=@FILE;type=image/jpeg'` sends. */
async function curlUpload(file: string, type: string) {
	const boundary = '------------------------d74496d66958873e';
	const { data } = await testImage(file);
	const head =
		`--${boundary}\r\nContent-Disposition: form-data; name="img_path"; filename="${file}"\r\n` +
		`Content-Type: ${type}\r\n\r\n`;
	const body = Buffer.concat([Buffer.from(head), data, Buffer.from(`\r\n--${boundary}--\r\n`)]);
	const response = await fetch(new URL(IMAGES, simulator.url), {
		method: 'POST',
		headers: {
			Authorization: `Token ${TOKENS.business}`,
			'Content-Type': `multipart/form-data; boundary=${boundary}`,
		},
		body,
	});
	return { status: response.status, body: (await response.json()) as Record<string, string> };
}

describe('tasks', () => {
	const fields = { name: 'My new task', description: 'Demo task' };
	const created = {
		id: UUID,
		...fields,
		type: 'multi_class',
		labels: [],
		labels_count: 0,
		production_version: -1,
		last_version: -1,
		last_train_status: 'CREATED',
		created: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{15}Z$/),
		workspace: IDS.defaultWorkspace,
	};

	it('are created from a form, or from JSON', async () => {
		for (const { status, body } of [
			await sendForm(simulator, TASKS, formOf(fields)),
			await sendForm(simulator, TASKS, new URLSearchParams(fields)),
			await call(simulator, TASKS, { body: fields }),
		]) {
			expect([status, body]).toEqual([201, created]);
			expect((await call(simulator, `${TASKS}${body.id}/`)).body).toEqual(body);
		}
		const tagging = await sendForm(simulator, TASKS, formOf({ ...fields, type: 'multi_label' }));
		expect(tagging.body).toEqual({ ...created, type: 'multi_label' });
		expect((await printed('GET', TASKS)).body.count).toBe(7);
	});

	it('are deleted', async () => {
		const answer = await printed('DELETE', `${TASKS}${IDS.tagsTask}/`);
		expect([answer.status, answer.text]).toEqual([204, '']);
		expect((await printed('GET', TASKS)).body.count).toBe(2);
	});

	it('start to train by a call without a body', async () => {
		expect((await printed('POST', `${TASKS}${IDS.untrainedTask}/train/`)).body).toEqual({
			detail: expect.stringContaining('cannot be trained'),
		});
	});
});

describe('labels', () => {
	const created = {
		id: UUID,
		name: 'New label',
		type: 'category',
		description: '',
		output_name: null,
		negative_for_task: null,
		images_count: 0,
		tasks_count: 0,
		created: expect.any(String),
		workspace: IDS.defaultWorkspace,
	};

	it('are created from a form, or from JSON', async () => {
		for (const { status, body } of [
			await sendForm(simulator, LABELS, formOf({ name: 'New label' })),
			await sendForm(simulator, LABELS, new URLSearchParams({ name: 'New label' })),
			await call(simulator, LABELS, { body: { name: 'New label' } }),
		]) {
			expect([status, body]).toEqual([201, created]);
		}
	});

	it('are listed: all, those of a task, those whose names contain a text', async () => {
		const names = async (query: string) =>
			(await printed('GET', `${LABELS}${query}`)).body.results.map(
				(label: { name: string }) => label.name,
			);
		expect(await names('')).toHaveLength(11);
		expect(await names(`?task=${IDS.untrainedTask}`)).toEqual(['cat', 'dog']);
		expect(await names('?search=O')).toEqual(['Yellow', 'box', 'bottle', 'outdoor', 'dog']);
		expect(await names(`?search=O&task=${IDS.untrainedTask}`)).toEqual(['dog']);
	});

	it('are connected to a task by a form, or by JSON', async () => {
		const [one, two] = [await create(simulator, LABELS, 'a'), await create(simulator, LABELS, 'b')];
		const path = `${TASKS}${IDS.untrainedTask}/add-label/`;
		await sendForm(simulator, path, formOf({ label_id: one }));
		const { status, body } = await call(simulator, path, { body: { label_id: two } });
		expect([status, body.labels_count, body.labels.slice(2)]).toEqual([
			200,
			4,
			[
				{ id: one, name: 'a' },
				{ id: two, name: 'b' },
			],
		]);
	});
});

describe('training images', () => {
	it('are uploaded as a file', async () => {
		const { status, body } = await curlUpload('invoice-baseline.jpg', 'image/jpeg');
		expect([status, body]).toEqual([
			201,
			{
				id: UUID,
				img_path: `${simulator.url}/images/stored/${body.id}.jpg`,
				thumb_img_path: `${simulator.url}/images/stored/${body.id}-thumbnail.jpg`,
				img_width: 640,
				img_height: 480,
				labels: [],
				meta_data: {},
				test_image: false,
				real: false,
				verified: 0,
				verifyCount: 0,
				created: expect.any(String),
				workspace: IDS.defaultWorkspace,
			},
		]);
		const stored = Buffer.from(await (await fetch(body.img_path!)).arrayBuffer());
		expect(stored.equals((await testImage('invoice-baseline.jpg')).data)).toBe(true);
	});

	it('are judged by their bytes, whatever type the form claims', async () => {
		const { status, body } = await curlUpload('modern.avif', 'image/jpeg');
		expect([status, body]).toEqual([
			400,
			{ img_path: ['Images of format AVIF are not supported.'] },
		]);
	});

	it('take other fields in the form as well', async () => {
		const form = formOf({
			test_image: 'true',
			noresize: 'true',
			meta_data: '{"shelf": 4}',
			workspace: IDS.secondWorkspace,
		});
		const { data, file } = await testImage('box-progressive.jpg');
		form.append('img_path', new File([data], file));
		const { body } = await sendForm(simulator, IMAGES, form);
		expect(body).toMatchObject({
			test_image: true,
			img_width: 1200,
			meta_data: { shelf: 4 },
			workspace: IDS.secondWorkspace,
		});
		expect(simulator.control.requests(IMAGES).requests[0]!.body).toMatchObject({
			img_path: `file "box-progressive.jpg" (${data.length} bytes)`,
			noresize: 'true',
		});
	});

	it('get labels by a form, and are listed by label', async () => {
		const label = await create(simulator, LABELS, 'shelf');
		const image = await upload(simulator, 1);
		await upload(simulator, 2);
		await sendForm(simulator, `${IMAGES}${image}/add-label/`, formOf({ label_id: label }));
		const { body } = await printed('GET', `${IMAGES}?labels=${label}`);
		expect(body).toMatchObject({
			count: 1,
			results: [{ id: image, labels: [{ id: label, name: 'shelf' }] }],
		});
	});
});

describe('form data', () => {
	it('is taken where it is printed, and nowhere else', async () => {
		const form = formOf({ name: 'x' });
		for (const path of [
			'/recognition/v2/classify/',
			`${IMAGES}update`,
			`${TASKS}${IDS.untrainedTask}/remove-label/`,
			`${TASKS}${IDS.untrainedTask}/train/`,
			'/ocr/v2/read',
		]) {
			const { status, body } = await sendForm(simulator, path, form);
			expect([path, status, body]).toEqual([
				path,
				415,
				{ detail: expect.stringMatching(/"multipart\/form-data/) },
			]);
		}
	});

	it('is checked as JSON is', async () => {
		const send = async (path: string, fields: Record<string, string>) => {
			const { status, body } = await sendForm(simulator, path, formOf(fields));
			return [status, body];
		};
		expect(await send(LABELS, { naem: 'x' })).toEqual([400, { naem: ['Unknown field.'] }]);
		expect(await send(IMAGES, { img_path: 'photo.jpg' })).toEqual([
			400,
			{ img_path: ['The submitted data was not a file.'] },
		]);
		expect(await send(IMAGES, { base64: 'AAAA', test_image: 'yes' })).toEqual([
			400,
			{ test_image: ['Must be a valid boolean.'] },
		]);
		const twice = new URLSearchParams([
			['name', 'a'],
			['name', 'b'],
		]);
		expect((await sendForm(simulator, LABELS, twice)).body).toEqual({
			name: ['Not a valid string.'],
		});
		const broken = await call(simulator, LABELS, {
			headers: { 'Content-Type': 'multipart/form-data; boundary=x' },
			body: 'no form',
		});
		expect([broken.status, broken.body.detail]).toEqual([
			400,
			expect.stringMatching(/^Form parse error/),
		]);
	});
});
