/** POST recognition/v2/task/ID/train/ (seed 002, Training), and what time makes of it. */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { now, timestamp } from '../clock';
import { refuse } from '../errors';
import type { Label, State, Task, Training } from '../state';
import { answerUnprinted, hasLabel, inPath, writeCall } from './call';
import { presentTask } from './task';

/** "Each task requires at least two labels for training. Each label must contain at least 20 images." */
const LABELS_NEEDED = 2;
const IMAGES_NEEDED = 20;

/** What a task lacks for a training, each as a sentence. */
function lacking(state: State, task: Task): string[] {
	const lacks: string[] = [];
	if (task.labels.length < LABELS_NEEDED) {
		lacks.push(`At least ${LABELS_NEEDED} labels are needed, it has ${task.labels.length}.`);
	}
	for (const id of task.labels) {
		const { name } = state.labels.find((label) => label.id === id)!;
		// Test images count: the seed says that the service splits the images itself.
		const images = state.trainingImages.filter((image) => hasLabel(image, id)).length;
		if (images < IMAGES_NEEDED) {
			lacks.push(`Label "${name}" needs at least ${IMAGES_NEEDED} images, it has ${images}.`);
		}
	}
	return lacks;
}

/** Starts a training; one that finds another at work waits for its end, in a queue. */
function startTraining(state: State, task: Task): void {
	const open = state.trainings.filter(
		(one) => one.task === task.id && one.status === 'IN_TRAINING',
	);
	const starts = Math.max(now(state.clock), ...open.map(({ ends }) => ends));
	state.trainings.push({
		id: randomUUID(),
		task: task.id,
		labels: [...task.labels],
		created: timestamp(state.clock),
		ends: starts + state.settings.trainingMs,
		status: 'IN_TRAINING',
		version: null,
	});
	task.last_train_status = 'IN_TRAINING';
}

function finish(state: State, training: Training, task: Task): void {
	if (state.settings.trainingFails) {
		training.status = 'ERROR';
	} else {
		training.status = 'TRAINED';
		// "Each retraining increases the version of the model by one".
		task.last_version = Math.max(state.settings.firstVersion, task.last_version + 1);
		training.version = task.last_version;
		task.production_version = task.last_version;
	}
	const waiting = state.trainings.some(
		(one) => one.task === task.id && one.status === 'IN_TRAINING',
	);
	task.last_train_status = waiting ? 'IN_TRAINING' : training.status;
}

/** Finishes the trainings whose time has come; called before every call is handled. */
export function settleTrainings(state: State): void {
	// Those of one task stand in the order of their ends, by the queue.
	for (const training of state.trainings) {
		if (training.status !== 'IN_TRAINING' || training.ends > now(state.clock)) continue;
		finish(
			state,
			training,
			state.tasks.find(({ id }) => id === training.task)!,
		);
	}
}

/** The labels that a version of a task tells apart. */
export function labelsOf(state: State, task: Task, version: number): Label[] {
	const model = state.trainings.find((one) => one.task === task.id && one.version === version)!;
	return model.labels.map((id) => state.labels.find((label) => label.id === id)!);
}

export function trainingRoutes(app: FastifyInstance, state: State): void {
	app.post('/recognition/v2/task/:id/train/', (request, reply) => {
		const { workspace } = writeCall(request, []);
		const task = inPath(state.tasks, request, workspace);
		const lacks = lacking(state, task);
		if (lacks.length > 0) {
			const detail = `Task "${task.name}" cannot be trained. ${lacks.join(' ')}`;
			refuse(400, state.settings.trainRefusal === 'reason' ? { detail } : undefined);
		}
		startTraining(state, task);
		return answerUnprinted(state, reply, presentTask(state, task));
	});
}
