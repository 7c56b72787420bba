/** recognition/v2/label/ (seed 002, Label endpoint). */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { timestamp } from '../clock';
import { oneOf, optional, requiredText, text } from '../fields';
import { PAGE_QUERY, paginate } from '../paging';
import type { Label, State } from '../state';
import { hasLabel, inField, inPath, readCall, writeCall } from './call';
import { TAKES_FORM } from './form';
import { removeLabel, wipeLabel } from './remove';

const LABELS = '/recognition/v2/label/';

function presentLabel(state: State, label: Label) {
	const images = state.trainingImages.filter((image) => hasLabel(image, label.id));
	const tasks = state.tasks.filter((task) => task.labels.includes(label.id));
	return {
		...label,
		// Labels of "everything else", which other calls make than those here.
		negative_for_task: null,
		images_count: images.length,
		tasks_count: tasks.length,
	};
}

function readRoutes(app: FastifyInstance, state: State): void {
	// "List all labels of the task" and "Search all labels which contains substring".
	app.get(LABELS, (request) => {
		const { query, workspace } = readCall(request, [...PAGE_QUERY, 'task', 'search']);
		const task = optional(query.task, 'task', (id) => inField(state.tasks, id, 'task', workspace));
		const search = (query.search ?? '').toLowerCase();
		const labels = state.labels.filter(
			(label) =>
				label.workspace === workspace &&
				(!task || task.labels.includes(label.id)) &&
				label.name.toLowerCase().includes(search),
		);
		return paginate(state, request, labels, (label) => presentLabel(state, label));
	});

	app.get(`${LABELS}:id/`, (request) => {
		const { workspace } = readCall(request);
		return presentLabel(state, inPath(state.labels, request, workspace));
	});
}

function writeRoutes(app: FastifyInstance, state: State): void {
	// Names need not be unique: no document says so, and each label has its ID.
	app.post(LABELS, TAKES_FORM, (request, reply) => {
		const fields = ['name', 'description', 'output_name', 'type'];
		const { body, workspace } = writeCall(request, fields);
		const label: Label = {
			id: randomUUID(),
			name: requiredText(body.name, 'name'),
			type: oneOf(body.type ?? 'category', 'type', ['category', 'tag'] as const),
			description: optional(body.description, 'description', text) ?? '',
			output_name: optional(body.output_name, 'output_name', text) ?? null,
			created: timestamp(state.clock),
			workspace,
		};
		state.labels.push(label);
		void reply.code(201);
		return presentLabel(state, label);
	});

	app.patch(`${LABELS}:id/`, (request) => {
		const { body, workspace } = writeCall(request, ['name', 'description', 'output_name']);
		const label = inPath(state.labels, request, workspace);
		const changed: Label = {
			...label,
			name: 'name' in body ? requiredText(body.name, 'name') : label.name,
			description: optional(body.description, 'description', text) ?? label.description,
			output_name:
				'output_name' in body
					? (optional(body.output_name, 'output_name', text) ?? null)
					: label.output_name,
		};
		return presentLabel(state, Object.assign(label, changed));
	});

	app.delete(`${LABELS}:id/`, (request, reply) => {
		const { workspace } = readCall(request);
		removeLabel(state, inPath(state.labels, request, workspace));
		return reply.code(204).send();
	});

	app.delete(`${LABELS}:id/wipe`, (request, reply) => {
		const { workspace } = readCall(request);
		wipeLabel(state, inPath(state.labels, request, workspace));
		return reply.code(204).send();
	});
}

export function labelRoutes(app: FastifyInstance, state: State): void {
	readRoutes(app, state);
	writeRoutes(app, state);
}
