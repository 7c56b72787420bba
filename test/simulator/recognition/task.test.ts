/** Tasks: what is made, changed and deleted, and their trainings over time. */
import { call, runSimulator } from '../caller';
import { IDS } from '../state';
import {
	addLabel,
	ask,
	create,
	imageOf,
	LABELS,
	labelWithImages,
	NOT_FOUND,
	TASKS,
	UNKNOWN,
} from './helpers';

const simulator = runSimulator();
const MINUTE = 60_000;

const get = async (id: string) => (await call(simulator, `${TASKS}${id}/`)).body;
const patch = async (id: string, body: object) =>
	await ask(simulator, `${TASKS}${id}/`, { method: 'PATCH', body });
const train = async (id: string, body?: object) =>
	await call(simulator, `${TASKS}${id}/train/`, { method: 'POST', body });

describe('a task', () => {
	it.each(['multi_class', 'multi_label', 'regression'])('is of type %s', async (type) => {
		const id = await create(simulator, TASKS, 'New', { type });
		expect(await get(id)).toMatchObject({ type, production_version: -1 });
	});

	it.each<[string, object, object]>([
		['no name', { type: 'multi_class' }, { name: ['This field is required.'] }],
		['another type', { name: 'x', type: 'tag' }, { type: ['"tag" is not a valid choice.'] }],
		['labels', { name: 'x', labels: [] }, { labels: ['Unknown field.'] }],
		['null for a name', { name: null }, { name: ['This field may not be null.'] }],
	])('is not created with %s', async (_, body, refusal) => {
		expect(await ask(simulator, TASKS, { body })).toEqual([400, refusal]);
		expect((await call(simulator, TASKS)).body.count).toBe(3);
	});

	it('is changed', async () => {
		const body = { name: 'Colours', description: 'By the mean', production_version: 2 };
		expect(await patch(IDS.coloursTask, body)).toMatchObject([200, { ...body, last_version: 3 }]);
		const records = [{ _base64: (await imageOf(1)).toString('base64') }];
		const answer = await call(simulator, '/recognition/v2/classify/', {
			body: { task_id: IDS.coloursTask, records },
		});
		expect(answer.body.version).toBe(2);
	});

	it('deploys no version that it does not have', async () => {
		for (const version of [0, -1, 4, 1.5, '2', null]) {
			const [status, body] = await patch(IDS.coloursTask, {
				name: 'Colours',
				production_version: version,
			});
			expect([status, Object.keys(body)]).toEqual([400, ['production_version']]);
		}
		expect(await patch(IDS.untrainedTask, { production_version: 1 })).toMatchObject([400, {}]);
		expect(await get(IDS.coloursTask)).toMatchObject({
			name: 'Product colours',
			production_version: 3,
		});
	});

	it('is gone when it is deleted, its labels are not', async () => {
		const [cat] = (await get(IDS.untrainedTask)).labels;
		const path = `${TASKS}${IDS.untrainedTask}/`;
		expect((await call(simulator, path, { method: 'DELETE' })).status).toBe(204);
		for (const method of ['GET', 'DELETE']) {
			expect(await ask(simulator, path, { method })).toEqual(NOT_FOUND);
		}
		expect(await patch(IDS.untrainedTask, { name: 'x' })).toEqual(NOT_FOUND);
		expect((await train(IDS.untrainedTask)).status).toBe(404);
		expect((await call(simulator, `${LABELS}${cat.id}/`)).body.tasks_count).toBe(0);
	});

	it('has a label once, and loses it', async () => {
		const path = `${TASKS}${IDS.untrainedTask}`;
		const [cat, dog] = (await get(IDS.untrainedTask)).labels;
		await addLabel(simulator, path, cat.id);
		expect((await get(IDS.untrainedTask)).labels).toEqual([cat, dog]);
		for (const round of [1, 2]) {
			const answer = await call(simulator, `${path}/remove-label/`, {
				body: { label_id: cat.id },
			});
			expect([round, answer.status, answer.body.labels]).toEqual([round, 200, [dog]]);
		}
	});

	it.each(['add-label', 'remove-label'])('refuses to %s what is no label', async (verb) => {
		const path = `${TASKS}${IDS.untrainedTask}/${verb}/`;
		const other = (await call(simulator, `${LABELS}?workspace=${IDS.secondWorkspace}`)).body;
		const send = async (body: object) => await ask(simulator, path, { body });
		expect(await send({})).toEqual([400, { label_id: ['This field is required.'] }]);
		expect(await send({ label_id: 'cat' })).toEqual([
			400,
			{ label_id: ['"cat" is not a valid UUID.'] },
		]);
		for (const label_id of [UNKNOWN, other.results[0].id]) {
			expect(await send({ label_id })).toEqual([404, { label_id: [`${label_id} was not found.`] }]);
		}
		expect(await send({ label: UNKNOWN })).toEqual([400, { label: ['Unknown field.'] }]);
		expect((await get(IDS.untrainedTask)).labels_count).toBe(2);
	});
});

describe('a task that cannot train', () => {
	it('says what is missing', async () => {
		const task = await create(simulator, TASKS, 'Bags');
		expect((await train(task)).body).toEqual({
			detail: 'Task "Bags" cannot be trained. At least 2 labels are needed, it has 0.',
		});
		await addLabel(simulator, `${TASKS}${task}`, await labelWithImages(simulator, 'tote', 1, 20));
		await addLabel(simulator, `${TASKS}${task}`, await labelWithImages(simulator, 'sack', 50, 19));
		const answer = await train(task);
		expect([answer.status, answer.body]).toEqual([
			400,
			{
				detail: 'Task "Bags" cannot be trained. Label "sack" needs at least 20 images, it has 19.',
			},
		]);
		expect(await get(task)).toMatchObject({ last_train_status: 'CREATED' });
	});

	it('can say nothing at all', async () => {
		simulator.control.changeSettings({ trainRefusal: 'empty' });
		const answer = await train(IDS.untrainedTask);
		expect([answer.status, answer.text]).toEqual([400, '']);
	});
});

describe('a task that can train', () => {
	let task: string;
	const classify = async () =>
		await call(simulator, '/recognition/v2/classify/', {
			body: {
				task_id: task,
				records: [{ _url: `${simulator.url}/images/invoice-baseline.jpg` }],
			},
		});

	beforeEach(async () => {
		simulator.control.changeClock({ running: false });
		simulator.control.changeSettings({ trainingMs: 10 * MINUTE });
		task = await create(simulator, TASKS, 'Paint');
		for (const [index, name] of ['red', 'blue'].entries()) {
			const label = await labelWithImages(simulator, name, 100 * index, 20);
			await addLabel(simulator, `${TASKS}${task}`, label);
		}
	});

	it('is trained after a while, and classifies then', async () => {
		const started = await train(task);
		expect([started.status, started.body]).toMatchObject([
			200,
			{ id: task, production_version: -1, last_train_status: 'IN_TRAINING' },
		]);
		simulator.control.changeClock({ advance: 10 * MINUTE - 1 });
		expect(await get(task)).toEqual(started.body);
		expect((await classify()).status).toBe(400);

		simulator.control.changeClock({ advance: 1 });
		expect(simulator.state.tasks.at(-1)).toMatchObject({ production_version: 1 });
		expect(await get(task)).toMatchObject({
			production_version: 1,
			last_version: 1,
			last_train_status: 'TRAINED',
		});
		expect((await classify()).body).toMatchObject({
			version: 1,
			records: [{ best_label: { name: 'red' } }],
		});
	});

	it('goes up by a version with every training, in their order', async () => {
		await train(task);
		simulator.control.changeClock({ advance: MINUTE });
		await train(task);
		simulator.control.changeClock({ advance: 10 * MINUTE });
		expect(await get(task)).toMatchObject({
			production_version: 1,
			last_train_status: 'IN_TRAINING',
		});
		simulator.control.changeClock({ advance: 9 * MINUTE });
		expect(await get(task)).toMatchObject({
			production_version: 2,
			last_train_status: 'TRAINED',
		});
		expect(await patch(task, { production_version: 1 })).toMatchObject([
			200,
			{ production_version: 1, last_version: 2 },
		]);
		expect((await classify()).body.version).toBe(1);
	});

	it('knows in each version the labels that it was trained with', async () => {
		await train(task);
		await addLabel(
			simulator,
			`${TASKS}${task}`,
			await labelWithImages(simulator, 'green', 300, 20),
		);
		simulator.control.changeClock({ advance: 10 * MINUTE });
		expect((await classify()).body.records[0].labels).toHaveLength(2);
		await train(task);
		simulator.control.changeClock({ advance: 10 * MINUTE });
		expect((await classify()).body.records[0].labels).toHaveLength(3);
		await patch(task, { production_version: 1 });
		expect((await classify()).body.records[0].labels).toHaveLength(2);
	});

	it('can fail to be trained, and stays as it was', async () => {
		await train(task);
		simulator.control.changeSettings({ trainingFails: true });
		simulator.control.changeClock({ advance: 10 * MINUTE });
		expect(await get(task)).toMatchObject({
			production_version: -1,
			last_train_status: 'ERROR',
		});
		expect((await classify()).status).toBe(400);
	});

	it('is not trained any more once it is deleted', async () => {
		await train(task);
		await call(simulator, `${TASKS}${task}/`, { method: 'DELETE' });
		simulator.control.changeClock({ advance: 10 * MINUTE });
		expect((await call(simulator, TASKS)).body.count).toBe(3);
		expect(simulator.state.trainings.filter((one) => one.task === task)).toEqual([]);
	});

	it('is trained on the clock that runs, too', async () => {
		simulator.control.changeSettings({ trainingMs: 30 });
		simulator.control.changeClock({ running: true });
		await train(task);
		await new Promise((resolve) => setTimeout(resolve, 40));
		expect(await get(task)).toMatchObject({ production_version: 1 });
	});

	it('answers with nothing where no document prints an answer, when it is told to', async () => {
		simulator.control.changeSettings({ unprintedAnswers: 'empty' });
		const answer = await train(task);
		expect([answer.status, answer.text]).toEqual([204, '']);
		expect((await get(task)).last_train_status).toBe('IN_TRAINING');
	});

	it('is trained in its own workspace only, that the body names', async () => {
		expect((await train(task, { workspace: IDS.secondWorkspace })).status).toBe(404);
		expect((await train(task, { workspace: IDS.defaultWorkspace })).status).toBe(200);
	});

	it('trains although the answer was lost', async () => {
		simulator.control.addFaults({
			match: { path: '/train/' },
			answer: { status: 502, body: 'Bad gateway', handled: true },
		});
		expect((await train(task)).status).toBe(502);
		expect((await get(task)).last_train_status).toBe('IN_TRAINING');
	});
});
