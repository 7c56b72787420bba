/** POST recognition/v2/classify/ (seed 002, Classify endpoint). */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { PRICES } from '../account';
import { refuse, refuseField } from '../errors';
import { oneOf, requiredUuid } from '../fields';
import type { Image } from '../images';
import { PRINTED_BOTH_WAYS } from '../paths';
import { analyseBatch, analysingCall, checkRecords } from '../records';
import type { Label, State, Task } from '../state';
import { hasVersion } from './call';
import { descriptorOf, probabilities } from './model';
import { labelsOf } from './training';

const FIELDS = ['task_id', 'records', 'version', 'descriptor', 'store_images'];

/** A task of the workspace that the call names "in the URL or JSON payload", and of no other one. */
function findTask(state: State, workspace: string, value: unknown): Task {
	const id = requiredUuid(value, 'task_id');
	const task = state.tasks.find((one) => one.id === id && one.workspace === workspace);
	return task ?? refuse(404, { task_id: [`Task ${id} was not found.`] });
}

/** "Until the first task training is successfully finished [...] the task cannot be used". */
function versionToUse(state: State, task: Task, asked: unknown): number {
	if (task.production_version === -1) {
		refuse(400, {
			detail: `Task ${task.id} is not trained yet and cannot be used for classification.`,
		});
	}
	if (asked === undefined || asked === null) return task.production_version;
	if (!Number.isInteger(asked)) refuseField('version', 'A valid integer is required.');
	const version = asked as number;
	if (!hasVersion(state, task, version)) {
		refuse(400, { detail: `Task ${task.id} has no version ${version}.` });
	}
	return version;
}

function classifyImage(image: Image, task: Task, taskLabels: Label[]) {
	const probs = probabilities(image, task, taskLabels);
	const labels = taskLabels
		.map(({ id, name }, index) => ({ prob: probs[index]!, name, id }))
		.sort((a, b) => b.prob - a.prob);
	return { best_label: labels[0], labels };
}

export function classifyRoutes(app: FastifyInstance, state: State): void {
	const classify = async (request: FastifyRequest) => {
		const { body, workspace } = analysingCall(request, FIELDS);
		const task = findTask(state, workspace, body.task_id);
		const records = checkRecords(body.records, [], request.strict);
		const version = versionToUse(state, task, body.version);
		const descriptor = oneOf(body.descriptor ?? 0, 'descriptor', [0, 1]);
		oneOf(body.store_images ?? false, 'store_images', [true, false]);
		const labels = labelsOf(state, task, version);
		const answer = await analyseBatch(state, request, records, {
			price: PRICES.classify,
			echoBase64: state.settings.echoBase64 !== 'none',
			analyse: (image) => ({
				...classifyImage(image, task, labels),
				...(descriptor === 1 ? { descriptor: descriptorOf(image) } : {}),
			}),
		});
		return {
			task_id: task.id,
			status: answer.status,
			statistics: answer.statistics,
			descriptor,
			version,
			records: answer.records,
		};
	};
	app.post('/recognition/v2/classify/', PRINTED_BOTH_WAYS, classify);
}
