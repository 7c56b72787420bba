/** vlm/v2/task/ (seed 003, Task Endpoints). No call creates one. */
import type { FastifyInstance } from 'fastify';
import { now } from '../clock';
import { refuse } from '../errors';
import { PAGE_QUERY, paginate } from '../paging';
import { answerUnprinted, inField, inPath, readCall, writeCall } from '../recognition/call';
import type { State } from '../state';
import { contentOf, promptReference } from './prompt';
import type { VlmTask } from './state';

const TASKS = '/vlm/v2/task/';

function present(state: State, task: VlmTask) {
	const { trainings: _, ...shown } = task;
	return {
		...shown,
		dataset_count: task.datasets.length,
		system_prompt: contentOf(state, task.system_prompt_id),
		user_prompt: contentOf(state, task.user_prompt_id),
	};
}

/** "The training process uses all samples from connected datasets": without any there is nothing. */
function requireSamples(state: State, task: VlmTask): void {
	if (state.vlm.samples.some(({ dataset, test }) => !test && task.datasets.includes(dataset))) {
		return;
	}
	const detail = `Task "${task.name}" cannot be trained: its datasets have no training samples.`;
	refuse(400, state.settings.trainRefusal === 'reason' ? { detail } : undefined);
}

/** Starts a training; one that finds another at work waits for its end, as in Recognition. */
function startTraining(state: State, task: VlmTask): void {
	const starts = Math.max(now(state.clock), ...task.trainings);
	task.trainings.push(starts + state.settings.trainingMs);
}

function finishTraining(state: State, task: VlmTask): void {
	task.trainings.shift();
	if (state.settings.trainingFails) return;
	task.last_version = Math.max(state.settings.firstVersion, task.last_version + 1);
	task.training_time = Math.round(state.settings.trainingMs / 1000);
	// "Whether to automatically deploy the latest trained model version."
	if (task.auto_deploy) task.production_version = task.last_version;
}

/** Finishes the trainings whose time has come; called before every call is handled. */
export function settleTrainings(state: State): void {
	for (const task of state.vlm.tasks) {
		while (task.trainings.length > 0 && task.trainings[0]! <= now(state.clock)) {
			finishTraining(state, task);
		}
	}
}

function readRoutes(app: FastifyInstance, state: State): void {
	app.get(TASKS, (request) => {
		const { query, workspace } = readCall(request, [...PAGE_QUERY, 'search']);
		const search = (query.search ?? '').toLowerCase();
		const tasks = state.vlm.tasks.filter(
			(task) => task.workspace === workspace && task.name.toLowerCase().includes(search),
		);
		return paginate(state, request, tasks, (task) => present(state, task));
	});

	app.get(`${TASKS}:id/`, (request) => {
		const { workspace } = readCall(request);
		return present(state, inPath(state.vlm.tasks, request, workspace));
	});
}

/**
 * "Set to a prompt ID to assign a system prompt": no seed prints the call that does it, so it may not
 * exist, which a setting makes true.
 */
function assignRoute(app: FastifyInstance, state: State): void {
	app.patch(`${TASKS}:id/`, (request) => {
		if (state.settings.vlmTaskUpdate === 'refused') {
			refuse(405, { detail: 'Method "PATCH" not allowed.' });
		}
		const { body, workspace } = writeCall(request, ['system_prompt_id', 'user_prompt_id']);
		const task = inPath(state.vlm.tasks, request, workspace);
		const { system_prompt_id, user_prompt_id } = { ...task, ...body };
		const reference = promptReference.bind(null, state, workspace);
		return present(
			state,
			Object.assign(task, {
				system_prompt_id: reference(system_prompt_id, 'system_prompt_id', 'system'),
				user_prompt_id: reference(user_prompt_id, 'user_prompt_id', 'user'),
			}),
		);
	});
}

function trainRoutes(app: FastifyInstance, state: State): void {
	app.post(`${TASKS}:id/train/`, (request, reply) => {
		const { workspace } = writeCall(request, []);
		const task = inPath(state.vlm.tasks, request, workspace);
		requireSamples(state, task);
		startTraining(state, task);
		return answerUnprinted(state, reply, present(state, task));
	});

	// A set: connecting twice changes nothing.
	app.post(`${TASKS}:id/add-dataset/`, (request, reply) => {
		const { body, workspace } = writeCall(request, ['dataset_id']);
		const task = inPath(state.vlm.tasks, request, workspace);
		const { id } = inField(state.vlm.datasets, body.dataset_id, 'dataset_id', workspace);
		if (!task.datasets.includes(id)) task.datasets.push(id);
		return answerUnprinted(state, reply, present(state, task));
	});

	app.post(`${TASKS}:id/remove-dataset/`, (request, reply) => {
		const { body, workspace } = writeCall(request, ['dataset_id']);
		const task = inPath(state.vlm.tasks, request, workspace);
		const { id } = inField(state.vlm.datasets, body.dataset_id, 'dataset_id', workspace);
		task.datasets = task.datasets.filter((dataset) => dataset !== id);
		return answerUnprinted(state, reply, present(state, task));
	});
}

export function taskRoutes(app: FastifyInstance, state: State): void {
	readRoutes(app, state);
	assignRoute(app, state);
	trainRoutes(app, state);
}
