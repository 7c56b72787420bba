/** What the calls on tasks, labels and training images have in common. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { workspaceOf } from '../account';
import { refuse } from '../errors';
import { isObject, type Json, knownFields, knownQuery, requiredUuid } from '../fields';
import type { State, Task, TrainingImage } from '../state';

interface Entity {
	id: string;
	workspace: string;
}

/** Query and workspace of a call without a body: the workspace stands in the URL (seed 003). */
export function readCall(request: FastifyRequest, parameters: readonly string[] = []) {
	const query = knownQuery(request, [...parameters, 'workspace']);
	if (request.strict && request.body !== undefined) {
		refuse(400, { detail: `A ${request.method} takes no body.` });
	}
	const body = isObject(request.body) ? request.body : {};
	return { query, workspace: workspaceOf(request.caller, body.workspace ?? query.workspace) };
}

/**
 * Body and workspace of a call that writes: the workspace stands in the body (seed 003), or "in the
 * URL", which a strict simulator takes from calls without a body only.
 */
export function writeCall(
	request: FastifyRequest,
	fields: readonly string[],
): { body: Json; workspace: string } {
	const query = knownQuery(request, []);
	const body = knownFields(request, [...fields, 'workspace']);
	return { body, workspace: workspaceOf(request.caller, body.workspace ?? query.workspace) };
}

/** The entity that the path names. */
export function inPath<T extends Entity>(list: T[], request: FastifyRequest, workspace: string): T {
	const id = (request.params as { id: string }).id.toLowerCase();
	const found = list.find((one) => one.id === id && one.workspace === workspace);
	return found ?? refuse(404, { detail: 'Not found.' });
}

/** The entity that a field or a parameter names. */
export function inField<T extends Entity>(
	list: T[],
	value: unknown,
	field: string,
	workspace: string,
): T {
	const id = requiredUuid(value, field);
	const found = list.find((one) => one.id === id && one.workspace === workspace);
	return found ?? refuse(404, { [field]: [`${id} was not found.`] });
}

export function hasLabel(image: TrainingImage, label: string): boolean {
	return image.labels.some(({ id }) => id === label);
}

/** Whether a training has made this version of a task. */
export function hasVersion(state: State, task: Task, version: number): boolean {
	return state.trainings.some((one) => one.task === task.id && one.version === version);
}

/** The answer of a call whose answer no document prints. */
export function answerUnprinted(state: State, reply: FastifyReply, answer: object): unknown {
	return state.settings.unprintedAnswers === 'object' ? answer : reply.code(204).send();
}
