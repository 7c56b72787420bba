/** Uploading training images: formats, sizes, duplicates. */
import sharp from 'sharp';
import { testImage, testImages } from '../../images/make';
import { call, runSimulator } from '../caller';
import { IDS } from '../state';
import { ask, idsOf, imageOf, IMAGES, upload } from './helpers';

const simulator = runSimulator();
const base64 = async (file: string) => (await testImage(file)).data.toString('base64');
const post = async (body: object) => await ask(simulator, IMAGES, { body });
const get = async (id: string) => (await call(simulator, `${IMAGES}${id}/`)).body;

describe('an upload', () => {
	it('takes every format that the service takes, and refuses the others', async () => {
		for (const image of await testImages()) {
			const [status, body] = await post({ base64: image.data.toString('base64'), noresize: true });
			if (image.kind === 'taken') {
				expect([image.file, status, body]).toMatchObject([
					image.file,
					201,
					{ img_width: image.width, img_height: image.height },
				]);
				const stored = await fetch(body.img_path);
				expect(stored.headers.get('content-type')).toBe(image.type);
				expect(Buffer.from(await stored.arrayBuffer()).equals(image.data)).toBe(true);
			} else {
				expect([image.file, status, Object.keys(body)]).toEqual([image.file, 400, ['base64']]);
			}
		}
		expect(await post({ base64: await base64('document.pdf') })).toEqual([
			400,
			{ base64: ['Images of format PDF are not supported.'] },
		]);
	});

	it('is shrunk unless it must not be, and has a thumbnail', async () => {
		const [, body] = await post({ base64: await base64('box-progressive.jpg') });
		expect(body).toMatchObject({ img_width: 1024, img_height: 768 });
		const size = async (address: string) =>
			await sharp(Buffer.from(await (await fetch(address)).arrayBuffer())).metadata();
		expect(await size(body.img_path)).toMatchObject({ width: 1024, height: 768, format: 'jpeg' });
		expect(await size(body.thumb_img_path)).toMatchObject({ width: 200, height: 150 });
	});

	it('keeps its flag and its meta data', async () => {
		const meta_data = { shelf: 4, tags: ['a'], nested: { b: null } };
		const id = await upload(simulator, 1, { test_image: true, meta_data });
		expect(await get(id)).toMatchObject({ test_image: true, real: false, meta_data });
	});

	it.each<[string, object, object]>([
		['no image', {}, { detail: 'Exactly one of "base64" and "img_path" is required.' }],
		['a data URL', { base64: 'data:image/png;base64,AAAA' }, { base64: ['Not valid base64.'] }],
		['cut base64', { base64: 'AAAAA' }, { base64: ['Not valid base64.'] }],
		['nothing in base64', { base64: '' }, { base64: ['This field may not be blank.'] }],
		['a path in JSON', { img_path: 'a.jpg' }, { img_path: ['The submitted data was not a file.'] }],
		['the field of records', { _base64: 'AAAA' }, { _base64: ['Unknown field.'] }],
		['labels', { base64: 'AAAA', labels: [] }, { labels: ['Unknown field.'] }],
		[
			'a text for a flag',
			{ base64: 'AAAA', noresize: 'true' },
			{ noresize: ['Must be a valid boolean.'] },
		],
		[
			'a text for meta data',
			{ base64: 'AAAA', meta_data: '{}' },
			{ meta_data: ['Expected a JSON object.'] },
		],
	])('is refused with %s', async (_, body, refusal) => {
		expect(await post(body)).toEqual([400, refusal]);
		expect(simulator.state.trainingImages).toEqual([]);
	});

	it('costs nothing', async () => {
		await upload(simulator, 1);
		expect(simulator.control.account('business').creditsUsed).toBe(0);
		simulator.control.changeAccount('free', { creditsLimit: 0 });
		const body = { base64: await base64('badge.gif') };
		expect((await call(simulator, IMAGES, { as: 'free', body })).status).toBe(201);
	});

	it('shows in the state for tests, without its bytes', async () => {
		const id = await upload(simulator, 1);
		const { body } = await call(simulator, '/admin/state', { as: null });
		expect(body.trainingImages).toMatchObject([{ id, sha256: expect.any(String), labels: [] }]);
		expect(body).not.toHaveProperty('files');
		simulator.control.reset();
		expect([simulator.state.trainingImages, simulator.state.files.size]).toEqual([[], 0]);
	});
});

describe('an image that is there already', () => {
	const text = (id: string) => `This image already exists in the workspace, image ID: ${id}`;

	it('is refused with the ID of the other', async () => {
		const id = await upload(simulator, 1);
		const again = async () => await post({ base64: (await imageOf(1)).toString('base64') });
		expect(await again()).toEqual([400, { detail: text(id) }]);
		simulator.control.changeSettings({ duplicateAnswer: 'detailList' });
		expect(await again()).toEqual([400, { detail: [text(id)] }]);
		simulator.control.changeSettings({ duplicateAnswer: 'list' });
		expect(await again()).toEqual([400, [text(id)]]);
		expect(await idsOf(simulator, IMAGES)).toEqual([id]);
	});

	it('is new in another workspace, and after the other was deleted', async () => {
		const id = await upload(simulator, 1);
		const there = await upload(simulator, 1, { workspace: IDS.secondWorkspace });
		expect(there).not.toBe(id);
		expect((await call(simulator, `${IMAGES}${id}/`, { method: 'DELETE' })).status).toBe(204);
		expect(await upload(simulator, 1)).not.toBe(id);
	});

	it('is found by one of two uploads side by side', async () => {
		const body = { base64: await base64('badge.gif') };
		const answers = await Promise.all([1, 2, 3].map(async () => (await post(body))[0]));
		expect(answers.sort()).toEqual([201, 400, 400]);
	});

	it('is found by the second try when the answer to the first was lost', async () => {
		simulator.control.addFaults({ match: { path: IMAGES }, reset: 'after' });
		const body = { base64: await base64('badge.gif') };
		await expect(post(body)).rejects.toThrow('fetch failed');
		const stored = simulator.state.trainingImages.map(({ id }) => ({ detail: text(id) }));
		expect(await post(body)).toEqual([400, ...stored]);
	});
});
