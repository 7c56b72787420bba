/** recognition/v2/task/ (seed 002, Task endpoint). */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { timestamp } from '../clock';
import { refuseField } from '../errors';
import { oneOf, optional, requiredText, text } from '../fields';
import { PAGE_QUERY, paginate } from '../paging';
import type { State, Task } from '../state';
import { answerUnprinted, hasVersion, inField, inPath, readCall, writeCall } from './call';
import { TAKES_FORM } from './form';
import { removeTask } from './remove';

const TASKS = '/recognition/v2/task/';

export function presentTask(state: State, task: Task) {
	const labels = task.labels.map((id) => {
		const { name } = state.labels.find((label) => label.id === id)!;
		return { id, name };
	});
	return { ...task, labels, labels_count: labels.length };
}

/** "you can select a model version that is deployed": one that a training has made. */
function deployable(state: State, task: Task, version: unknown): number {
	if (!Number.isInteger(version)) {
		refuseField('production_version', 'A valid integer is required.');
	}
	if (!hasVersion(state, task, version as number)) {
		refuseField('production_version', `The task has no version ${String(version)}.`);
	}
	return version as number;
}

function readRoutes(app: FastifyInstance, state: State): void {
	app.get(TASKS, (request) => {
		const { query, workspace } = readCall(request, [...PAGE_QUERY, 'search']);
		const search = (query.search ?? '').toLowerCase();
		const tasks = state.tasks.filter(
			(task) => task.workspace === workspace && task.name.toLowerCase().includes(search),
		);
		return paginate(state, request, tasks, (task) => presentTask(state, task));
	});

	app.get(`${TASKS}:id/`, (request) => {
		const { workspace } = readCall(request);
		return presentTask(state, inPath(state.tasks, request, workspace));
	});
}

function writeRoutes(app: FastifyInstance, state: State): void {
	app.post(TASKS, TAKES_FORM, (request, reply) => {
		const { body, workspace } = writeCall(request, ['name', 'description', 'type']);
		const types = ['multi_class', 'multi_label', 'regression'] as const;
		const task: Task = {
			id: randomUUID(),
			name: requiredText(body.name, 'name'),
			description: optional(body.description, 'description', text) ?? '',
			type: oneOf(body.type ?? 'multi_class', 'type', types),
			labels: [],
			production_version: -1,
			last_version: -1,
			last_train_status: 'CREATED',
			created: timestamp(state.clock),
			workspace,
		};
		state.tasks.push(task);
		void reply.code(201);
		return presentTask(state, task);
	});

	app.patch(`${TASKS}:id/`, (request) => {
		const { body, workspace } = writeCall(request, ['name', 'description', 'production_version']);
		const task = inPath(state.tasks, request, workspace);
		const changed: Task = {
			...task,
			name: 'name' in body ? requiredText(body.name, 'name') : task.name,
			description: optional(body.description, 'description', text) ?? task.description,
			production_version:
				'production_version' in body
					? deployable(state, task, body.production_version)
					: task.production_version,
		};
		return presentTask(state, Object.assign(task, changed));
	});

	app.delete(`${TASKS}:id/`, (request, reply) => {
		const { workspace } = readCall(request);
		removeTask(state, inPath(state.tasks, request, workspace));
		return reply.code(204).send();
	});
}

/** "then you connect them to your tasks": a set, so that connecting twice changes nothing. */
function connectRoutes(app: FastifyInstance, state: State): void {
	app.post(`${TASKS}:id/add-label/`, TAKES_FORM, (request, reply) => {
		const { body, workspace } = writeCall(request, ['label_id']);
		const task = inPath(state.tasks, request, workspace);
		const { id } = inField(state.labels, body.label_id, 'label_id', workspace);
		if (!task.labels.includes(id)) task.labels.push(id);
		return answerUnprinted(state, reply, presentTask(state, task));
	});

	app.post(`${TASKS}:id/remove-label/`, (request, reply) => {
		const { body, workspace } = writeCall(request, ['label_id']);
		const task = inPath(state.tasks, request, workspace);
		const { id } = inField(state.labels, body.label_id, 'label_id', workspace);
		task.labels = task.labels.filter((label) => label !== id);
		return answerUnprinted(state, reply, presentTask(state, task));
	});
}

export function taskRoutes(app: FastifyInstance, state: State): void {
	readRoutes(app, state);
	writeRoutes(app, state);
	connectRoutes(app, state);
}
