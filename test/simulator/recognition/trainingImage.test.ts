/** Training images: lists, labels, meta data. */
import { call, runSimulator } from '../caller';
import { IDS } from '../state';
import {
	addLabel,
	ask,
	create,
	idsOf,
	IMAGES,
	LABELS,
	NOT_FOUND,
	UNKNOWN,
	upload,
} from './helpers';

const simulator = runSimulator();
const get = async (id: string) => (await call(simulator, `${IMAGES}${id}/`)).body;

describe('lists', () => {
	let ids: string[];
	let [red, big]: string[] = [];
	const listed = async (query: string) =>
		(await idsOf(simulator, `${IMAGES}${query}`)).map((id) => ids.indexOf(id));

	beforeEach(async () => {
		ids = [];
		for (let number = 0; number < 5; number++) {
			ids.push(await upload(simulator, number, { test_image: number === 4 }));
		}
		[red, big] = [await create(simulator, LABELS, 'red'), await create(simulator, LABELS, 'big')];
		for (const number of [0, 1, 4]) await addLabel(simulator, `${IMAGES}${ids[number]}`, red!);
		await addLabel(simulator, `${IMAGES}${ids[1]}`, big!);
		await ask(simulator, `${IMAGES}update`, { body: { images: [ids[2]], 'mark-real': true } });
		simulator.control.changeTrainingImage(ids[3]!, { verified: 2 });
	});

	it('are filtered by label, mark and verifications', async () => {
		expect(await listed('')).toEqual([0, 1, 2, 3, 4]);
		expect(await listed(`?labels=${red}`)).toEqual([0, 1, 4]);
		expect(await listed(`?not_labels=${red}`)).toEqual([2, 3]);
		expect(await listed(`?labels=${red}&not_labels=${big}`)).toEqual([0, 4]);
		expect(await listed('?test=true')).toEqual([4]);
		expect(await listed('?test=False')).toEqual([0, 1, 2, 3]);
		expect(await listed('?real=True')).toEqual([2]);
		expect(await listed('?verified=2')).toEqual([3]);
		expect(await listed('?verified=0')).toEqual([0, 1, 2, 4]);
		expect(await listed(`?labels=${red}&test=true`)).toEqual([4]);
	});

	it('keep their filters over the pages', async () => {
		simulator.control.changeSettings({ pageSize: 2 });
		expect(await listed(`?labels=${red}`)).toEqual([0, 1, 4]);
		const { body } = await call(simulator, `${IMAGES}?labels=${red}`);
		expect(body).toMatchObject({
			count: 3,
			next: `${simulator.url}${IMAGES}?labels=${red}&page=2`,
			previous: null,
		});
	});

	it('hold to a workspace', async () => {
		const workspace = IDS.secondWorkspace;
		ids.push(await upload(simulator, 9, { workspace }));
		expect(await listed('')).not.toContain(5);
		expect(await listed(`?workspace=${workspace}`)).toEqual([5]);
		expect((await call(simulator, IMAGES, { as: 'empty' })).body.count).toBe(0);
	});

	it('can leave labels and meta data out', async () => {
		const first = async () => (await call(simulator, IMAGES)).body.results[0];
		expect(await first()).toEqual(await get(ids[0]!));
		simulator.control.changeSettings({ imageLists: 'short' });
		expect(await first()).not.toHaveProperty('labels');
		expect(await first()).not.toHaveProperty('meta_data');
		expect((await get(ids[0]!)).labels).toHaveLength(1);
	});

	it.each(['label=x', 'verified=true', 'verified=-1', 'test=1', 'real=', 'labels=red'])(
		'refuse ?%s',
		async (query) => {
			const [status, body] = await ask(simulator, `${IMAGES}?${query}`);
			expect([status, Object.keys(body)]).toEqual([400, [query.split('=')[0]]]);
		},
	);

	it('know no label that does not exist', async () => {
		expect(await ask(simulator, `${IMAGES}?not_labels=${UNKNOWN}`)).toEqual([
			404,
			{ not_labels: [`${UNKNOWN} was not found.`] },
		]);
	});
});

describe('one image', () => {
	it('has its meta data replaced', async () => {
		const id = await upload(simulator, 1, { meta_data: { a: 1, b: 2 } });
		const put = async (body: object) =>
			await ask(simulator, `${IMAGES}${id}/`, { method: 'PUT', body });
		expect(await put({ meta_data: { c: 3 } })).toMatchObject([200, { id, meta_data: { c: 3 } }]);
		expect((await get(id)).meta_data).toEqual({ c: 3 });
		expect(await put({ meta_data: {} })).toMatchObject([200, {}]);
		expect((await get(id)).meta_data).toEqual({});
		for (const meta_data of [null, 'a', [1]]) {
			expect(await put({ meta_data })).toEqual([400, { meta_data: ['Expected a JSON object.'] }]);
		}
		expect(await put({})).toEqual([400, { meta_data: ['This field is required.'] }]);
		expect(await put({ meta_data: {}, test_image: true })).toEqual([
			400,
			{ test_image: ['Unknown field.'] },
		]);
	});

	it('has a label once, with a value for a regression', async () => {
		const label = await create(simulator, LABELS, 'price', { output_name: 'Price' });
		const id = await upload(simulator, 1);
		const path = `${IMAGES}${id}/add-label/`;
		const present = { id: label, name: 'price', type: 'category', output_name: 'Price' };
		const add = async (rest: object) =>
			await ask(simulator, path, { body: { label_id: label, ...rest } });
		expect(await add({})).toEqual([200, expect.objectContaining({ id, labels: [present] })]);
		expect(await add({ value: 2.5 })).toMatchObject([200, { id }]);
		expect((await get(id)).labels).toEqual([{ ...present, value: 2.5 }]);
		expect(await add({ value: '2.5' })).toEqual([400, { value: ['A valid number is required.'] }]);

		const remove = { body: { label_id: label } };
		expect(await ask(simulator, `${IMAGES}${id}/remove-label/`, remove)).toMatchObject([
			200,
			{ id, labels: [] },
		]);
		expect((await get(id)).labels).toEqual([]);
	});

	it.each(['add-label', 'remove-label'])('refuses to %s what is no label', async (verb) => {
		const id = await upload(simulator, 1);
		const path = `${IMAGES}${id}/${verb}/`;
		expect(await ask(simulator, path, { body: {} })).toEqual([
			400,
			{ label_id: ['This field is required.'] },
		]);
		expect(await ask(simulator, path, { body: { label_id: UNKNOWN } })).toEqual([
			404,
			{ label_id: [`${UNKNOWN} was not found.`] },
		]);
		const elsewhere = `${IMAGES}${UNKNOWN}/${verb}/`;
		expect(await ask(simulator, elsewhere, { body: { label_id: UNKNOWN } })).toEqual(NOT_FOUND);
	});

	it('answers a change with nothing when it is told to', async () => {
		simulator.control.changeSettings({ unprintedAnswers: 'empty' });
		const label = await create(simulator, LABELS, 'red');
		const id = await upload(simulator, 1);
		const body = { label_id: label };
		const answer = await call(simulator, `${IMAGES}${id}/add-label/`, { body });
		expect([answer.status, answer.text]).toEqual([204, '']);
		expect((await get(id)).labels).toMatchObject([{ id: label }]);
	});

	it('is gone when it is deleted', async () => {
		const id = await upload(simulator, 1);
		const { img_path, thumb_img_path } = await get(id);
		const path = `${IMAGES}${id}/`;
		expect((await call(simulator, path, { method: 'DELETE' })).status).toBe(204);
		for (const method of ['GET', 'DELETE']) {
			expect(await ask(simulator, path, { method })).toEqual(NOT_FOUND);
		}
		const put = { method: 'PUT', body: { meta_data: {} } };
		expect(await ask(simulator, path, put)).toEqual(NOT_FOUND);
		for (const address of [img_path, thumb_img_path]) {
			expect((await fetch(address)).status).toBe(404);
		}
	});

	it('is deleted although the answer was lost', async () => {
		const id = await upload(simulator, 1);
		simulator.control.addFaults({
			match: { method: 'DELETE' },
			answer: { status: 504, body: 'Timeout', handled: true },
		});
		const path = `${IMAGES}${id}/`;
		expect((await call(simulator, path, { method: 'DELETE' })).status).toBe(504);
		expect(await ask(simulator, path, { method: 'DELETE' })).toEqual(NOT_FOUND);
	});

	it('is verified by tests alone', async () => {
		const id = await upload(simulator, 1);
		const patch = async (body: object) =>
			await ask(simulator, `/admin/training-images/${id}`, { method: 'PATCH', as: null, body });
		expect(await patch({ verified: 3 })).toMatchObject([200, { id, verified: 3 }]);
		expect(await get(id)).toMatchObject({ verified: 3, verifyCount: 3 });
		expect((await patch({ real: true }))[0]).toBe(400);
	});
});
