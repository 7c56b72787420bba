/** vlm/v2/prompt/ (seed 003, Prompt Endpoints). */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { refuseField } from '../errors';
import { type Json, oneOf, optional, requiredText, text } from '../fields';
import { PAGE_QUERY, paginate } from '../paging';
import { inField, inPath, readCall, writeCall } from '../recognition/call';
import type { State } from '../state';
import { type Format, FORMATS, type Prompt, PROMPT_TYPES } from './state';

const PROMPTS = '/vlm/v2/prompt/';
const CHANGEABLE = ['name', 'description', 'content', 'format'];

/** The ID of a prompt of this type that a field refers to; null refers to none. */
export function promptReference(
	state: State,
	workspace: string,
	value: unknown,
	field: string,
	type: Prompt['type'],
): string | null {
	if (value === undefined || value === null) return null;
	const prompt = inField(state.vlm.prompts, value, field, workspace);
	if (prompt.type !== type) {
		refuseField(field, `"${prompt.name}" is a ${prompt.type} prompt, a ${type} one is needed.`);
	}
	return prompt.id;
}

/** The text of a prompt as it is now; null when nothing is referred to. */
export function contentOf(state: State, id: string | null): string | null {
	return state.vlm.prompts.find((prompt) => prompt.id === id)?.content ?? null;
}

function format(value: unknown): Format | null {
	return optional(value, 'format', (one, field) => oneOf(one, field, FORMATS)) ?? null;
}

function changesIn(body: Json): Omit<Prompt, 'id' | 'type' | 'workspace'> {
	return {
		name: requiredText(body.name, 'name'),
		description: optional(body.description, 'description', text) ?? null,
		content: optional(body.content, 'content', text) ?? '',
		format: format(body.format),
	};
}

/** "Any tasks or datasets referencing this prompt will have their prompt reference set to null." */
function removePrompt(state: State, { id }: Prompt): void {
	state.vlm.prompts = state.vlm.prompts.filter((prompt) => prompt.id !== id);
	for (const owner of [...state.vlm.tasks, ...state.vlm.datasets]) {
		if (owner.system_prompt_id === id) owner.system_prompt_id = null;
		if (owner.user_prompt_id === id) owner.user_prompt_id = null;
	}
	for (const dataset of state.vlm.datasets) {
		if (dataset.result_template_id === id) dataset.result_template_id = null;
	}
}

/** The list is printed without the content. */
function listed(prompt: Prompt) {
	const { content: _, ...rest } = prompt;
	return rest;
}

function readRoutes(app: FastifyInstance, state: State): void {
	app.get(PROMPTS, (request) => {
		const { query, workspace } = readCall(request, [...PAGE_QUERY, 'search', 'type']);
		const type = optional(query.type, 'type', (one, field) => oneOf(one, field, PROMPT_TYPES));
		const search = (query.search ?? '').toLowerCase();
		const prompts = state.vlm.prompts.filter(
			(prompt) =>
				prompt.workspace === workspace &&
				(!type || prompt.type === type) &&
				prompt.name.toLowerCase().includes(search),
		);
		return paginate(state, request, prompts, listed);
	});

	app.get(`${PROMPTS}:id/`, (request) => {
		const { workspace } = readCall(request);
		return inPath(state.vlm.prompts, request, workspace);
	});
}

function writeRoutes(app: FastifyInstance, state: State): void {
	app.post(PROMPTS, (request, reply) => {
		const { body, workspace } = writeCall(request, [...CHANGEABLE, 'type']);
		const type = oneOf(body.type, 'type', PROMPT_TYPES);
		const prompt = { id: randomUUID(), ...changesIn(body), type, workspace };
		state.vlm.prompts.push(prompt);
		void reply.code(201);
		return prompt;
	});

	app.patch(`${PROMPTS}:id/`, (request) => {
		const { body, workspace } = writeCall(request, CHANGEABLE);
		const prompt = inPath(state.vlm.prompts, request, workspace);
		return Object.assign(prompt, changesIn({ ...prompt, ...body }));
	});

	app.delete(`${PROMPTS}:id/`, (request, reply) => {
		const { workspace } = readCall(request);
		removePrompt(state, inPath(state.vlm.prompts, request, workspace));
		return reply.code(204).send();
	});
}

export function promptRoutes(app: FastifyInstance, state: State): void {
	readRoutes(app, state);
	writeRoutes(app, state);
}
