/** Labels: what is made, changed and deleted. */
import { call, runSimulator } from '../caller';
import { IDS } from '../state';
import {
	addLabel,
	ask,
	create,
	idsOf,
	IMAGES,
	LABELS,
	labelWithImages,
	NOT_FOUND,
	TASKS,
	UNKNOWN,
	upload,
} from './helpers';

const simulator = runSimulator();

it('has all that was sent', async () => {
	const body = {
		name: 'Shoes',
		type: 'tag',
		description: 'Everything for feet',
		output_name: 'shoes-en',
		workspace: IDS.secondWorkspace,
	};
	const answer = await call(simulator, LABELS, { body });
	expect([answer.status, answer.body]).toMatchObject([201, body]);
	const path = `${LABELS}${answer.body.id}/`;
	expect((await call(simulator, path)).status).toBe(404);
	expect(await ask(simulator, `${path}?workspace=${IDS.secondWorkspace}`)).toEqual([
		200,
		answer.body,
	]);
});

it('takes null for what is left out, as Python callers send it', async () => {
	const body = { name: 'Shoes', description: null, output_name: null };
	expect((await call(simulator, LABELS, { body })).body).toMatchObject({
		description: '',
		output_name: null,
	});
});

it.each<[string, object, object]>([
	['no name', {}, { name: ['This field is required.'] }],
	['a blank name', { name: ' ' }, { name: ['This field may not be blank.'] }],
	['a number for a name', { name: 7 }, { name: ['Not a valid string.'] }],
	['another type', { name: 'x', type: 'class' }, { type: ['"class" is not a valid choice.'] }],
	['a misspelt field', { name: 'x', desc: '' }, { desc: ['Unknown field.'] }],
	[
		'a workspace of somebody else',
		{ name: 'x', workspace: IDS.emptyWorkspace },
		{ workspace: [`Invalid pk "${IDS.emptyWorkspace}" - object does not exist.`] },
	],
])('is not created with %s', async (_, body, refusal) => {
	expect(await ask(simulator, LABELS, { body })).toEqual([400, refusal]);
	expect((await call(simulator, LABELS)).body.count).toBe(11);
});

it('does not take the workspace of a write from the URL', async () => {
	const path = `${LABELS}?workspace=${IDS.secondWorkspace}`;
	expect(await ask(simulator, path, { body: { name: 'x' } })).toEqual([
		400,
		{ workspace: ['Unknown query parameter.'] },
	]);
});

it('changes what is sent, and nothing when something of it is wrong', async () => {
	const id = await create(simulator, LABELS, 'Shoes', { output_name: 'shoes' });
	const patch = async (body: object) =>
		await ask(simulator, `${LABELS}${id}/`, { method: 'PATCH', body });
	expect(await patch({ name: 'Boots' })).toMatchObject([
		200,
		{ id, name: 'Boots', description: '', output_name: 'shoes' },
	]);
	expect(await patch({ description: 'For winter', output_name: null })).toMatchObject([
		200,
		{ name: 'Boots', description: 'For winter', output_name: null },
	]);
	expect(await patch({ name: 'Sandals', description: 1 })).toEqual([
		400,
		{ description: ['Not a valid string.'] },
	]);
	expect(await patch({ type: 'tag' })).toEqual([400, { type: ['Unknown field.'] }]);
	expect((await call(simulator, `${LABELS}${id}/`)).body).toMatchObject({
		name: 'Boots',
		type: 'category',
	});
});

it('does not exist for those outside of its workspace', async () => {
	const id = await create(simulator, LABELS, 'Shoes');
	const path = `${LABELS}${id}/`;
	expect(await ask(simulator, path, { as: 'free' })).toMatchObject([200, { id }]);
	for (const options of [{}, { method: 'PATCH', body: { name: 'x' } }, { method: 'DELETE' }]) {
		expect(await ask(simulator, path, { ...options, as: 'empty' })).toEqual(NOT_FOUND);
		expect(await ask(simulator, `${LABELS}${UNKNOWN}/`, options)).toEqual(NOT_FOUND);
	}
	expect(await ask(simulator, `${LABELS}${UNKNOWN}/wipe`, { method: 'DELETE' })).toEqual(NOT_FOUND);
});

it('counts its images and its tasks', async () => {
	const id = await labelWithImages(simulator, 'Shoes', 1, 3);
	await addLabel(simulator, `${TASKS}${IDS.untrainedTask}`, id);
	await addLabel(simulator, `${TASKS}${IDS.coloursTask}`, id);
	expect((await call(simulator, `${LABELS}${id}/`)).body).toMatchObject({
		images_count: 3,
		tasks_count: 2,
	});
});

describe('deleted', () => {
	it('is gone from tasks and images, which stay', async () => {
		const id = await labelWithImages(simulator, 'Shoes', 1, 2);
		await addLabel(simulator, `${TASKS}${IDS.untrainedTask}`, id);
		const answer = await call(simulator, `${LABELS}${id}/`, { method: 'DELETE' });
		expect([answer.status, answer.text]).toEqual([204, '']);

		expect(await ask(simulator, `${LABELS}${id}/`)).toEqual(NOT_FOUND);
		expect((await call(simulator, `${TASKS}${IDS.untrainedTask}/`)).body.labels_count).toBe(2);
		const images = (await call(simulator, IMAGES)).body.results;
		expect(images).toMatchObject([{ labels: [] }, { labels: [] }]);
		expect(await ask(simulator, `${IMAGES}?labels=${id}`)).toEqual([
			404,
			{ labels: [`${id} was not found.`] },
		]);
	});

	it('is gone from the models that knew it', async () => {
		const task = (await call(simulator, `${TASKS}${IDS.coloursTask}/`)).body;
		const red = task.labels[0].id;
		await call(simulator, `${LABELS}${red}/`, { method: 'DELETE' });
		const body = {
			task_id: task.id,
			records: [{ _url: `${simulator.url}/images/invoice-baseline.jpg` }],
		};
		const [record] = (await call(simulator, '/recognition/v2/classify/', { body })).body.records;
		const names = record.labels.map(({ name }: { name: string }) => name).sort();
		expect(names).toEqual(['Blue', 'Green', 'Grey', 'Yellow']);
	});

	it('takes its images along when it is wiped, and no others', async () => {
		const id = await labelWithImages(simulator, 'Shoes', 1, 2);
		const other = await labelWithImages(simulator, 'Hats', 10, 1);
		const [both] = await idsOf(simulator, `${IMAGES}?labels=${id}`);
		await addLabel(simulator, `${IMAGES}${both}`, other);
		const { img_path } = (await call(simulator, `${IMAGES}${both}/`)).body;
		expect((await fetch(img_path)).status).toBe(200);

		const answer = await call(simulator, `${LABELS}${id}/wipe`, { method: 'DELETE' });
		expect([answer.status, answer.text]).toEqual([204, '']);
		expect(await ask(simulator, `${LABELS}${id}/`)).toEqual(NOT_FOUND);
		expect(await ask(simulator, `${IMAGES}${both}/`)).toEqual(NOT_FOUND);
		expect((await fetch(img_path)).status).toBe(404);
		expect(await idsOf(simulator, IMAGES)).toHaveLength(1);
		expect((await call(simulator, `${LABELS}${other}/`)).body.images_count).toBe(1);
		// The same file is new again.
		await upload(simulator, 1);
	});

	it('is deleted in the workspace that the URL names', async () => {
		const workspace = IDS.secondWorkspace;
		const id = await create(simulator, LABELS, 'Shoes', { workspace });
		const path = `${LABELS}${id}/`;
		expect(await ask(simulator, path, { method: 'DELETE', body: { workspace } })).toEqual([
			400,
			{ detail: 'A DELETE takes no body.' },
		]);
		expect((await call(simulator, path, { method: 'DELETE' })).status).toBe(404);
		const there = await call(simulator, `${path}?workspace=${workspace}`, { method: 'DELETE' });
		expect(there.status).toBe(204);
	});
});

it('comes in pages, each label once', async () => {
	simulator.control.changeSettings({ pageSize: 4 });
	const ids = await idsOf(simulator, `${LABELS}?task=${IDS.coloursTask}&search=e`);
	expect([ids.length, new Set(ids).size]).toEqual([5, 5]);
	expect(await ask(simulator, `${LABELS}?task=${UNKNOWN}`)).toEqual([
		404,
		{ task: [`${UNKNOWN} was not found.`] },
	]);
	expect(await ask(simulator, `${LABELS}?name=Red`)).toEqual([
		400,
		{ name: ['Unknown query parameter.'] },
	]);
});
