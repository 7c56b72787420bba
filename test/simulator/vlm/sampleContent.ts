/** What a sample holds: images, detection objects and annotated values (seed 003, Sample Endpoints). */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { refuseField } from '../errors';
import { isObject, uuidList } from '../fields';
import { answerUnprinted, inField, inPath, readCall, writeCall } from '../recognition/call';
import { addressOf } from '../recognition/upload';
import type { State } from '../state';
import { imagesOf, SAMPLES } from './sample';
import type { DetectionObject, Sample, SampleLink, Variable } from './state';
import { valueProblem } from './value';

/** "A sample can have at most 10 detection objects." */
const MAX_OBJECTS = 10;

/** Links for those that the sample does not have yet: images and objects are sets with an order. */
function newLinks(links: SampleLink[], targets: string[]): SampleLink[] {
	const fresh = [...new Set(targets)].filter((id) => !links.some(({ target }) => target === id));
	return fresh.map((target) => ({ id: randomUUID(), target }));
}

/** IDs that a field names; each must be in the workspace, and there must be one. */
function namedIn<T extends { id: string; workspace: string }>(
	list: T[],
	value: unknown,
	field: string,
	workspace: string,
): string[] {
	const ids = uuidList(value, field);
	if (ids.length === 0) refuseField(field, 'This list may not be empty.');
	return ids.map((id) => inField(list, id, field, workspace).id);
}

function presentImages(state: State, request: FastifyRequest, sample: Sample) {
	return imagesOf(state, sample).map(({ link, image }, order) => ({
		id: link.id,
		image_id: image.id,
		img_path: addressOf(request, image.file),
		thumb: addressOf(request, image.thumbnail),
		text: null,
		order,
		resize: null,
		meta_data: {},
		workspace: sample.workspace,
	}));
}

function presentObject(request: FastifyRequest, link: SampleLink, object: DetectionObject) {
	const address = `${request.protocol}://${request.host}/images/${object.file}`;
	return {
		id: link.id,
		detection_object_id: object.id,
		image_id: object.image_id,
		image_url: address,
		thumb_url: address,
		label_name: object.label_name,
		label_color: object.label_color,
		bbox: object.bbox,
		text: null,
	};
}

/** A list of images or objects, whose sequence no document promises. */
function inSequence<T>({ settings }: State, list: T[]): T[] {
	return settings.vlmSampleLists === 'ordered' ? list : list.reverse();
}

function imageRoutes(app: FastifyInstance, state: State): void {
	// The answer is not printed; it is that of add-objects.
	app.post(`${SAMPLES}:id/add-images/`, (request, reply) => {
		const { body, workspace } = writeCall(request, ['image_ids']);
		const sample = inPath(state.vlm.samples, request, workspace);
		const ids = namedIn(state.trainingImages, body.image_ids, 'image_ids', workspace);
		const links = newLinks(sample.images, ids);
		sample.images.push(...links);
		return answerUnprinted(state, reply, { added: links.length });
	});

	app.get(`${SAMPLES}:id/sample-images/`, (request) => {
		const { workspace } = readCall(request);
		const sample = inPath(state.vlm.samples, request, workspace);
		return inSequence(state, presentImages(state, request, sample));
	});
}

function objectRoutes(app: FastifyInstance, state: State): void {
	const field = 'detection_object_ids';

	app.post(`${SAMPLES}:id/add-objects/`, (request) => {
		const { body, workspace } = writeCall(request, [field]);
		const sample = inPath(state.vlm.samples, request, workspace);
		const links = newLinks(
			sample.objects,
			namedIn(state.vlm.objects, body[field], field, workspace),
		);
		if (sample.objects.length + links.length > MAX_OBJECTS) {
			refuseField(field, `A sample can have at most ${MAX_OBJECTS} detection objects.`);
		}
		sample.objects.push(...links);
		return { added: links.length };
	});

	// Objects that the sample does not have are not removed, and not counted.
	app.post(`${SAMPLES}:id/remove-objects/`, (request) => {
		const { body, workspace } = writeCall(request, [field]);
		const sample = inPath(state.vlm.samples, request, workspace);
		const ids = namedIn(state.vlm.objects, body[field], field, workspace);
		const kept = sample.objects.filter(({ target }) => !ids.includes(target));
		const removed = sample.objects.length - kept.length;
		sample.objects = kept;
		return { removed };
	});

	app.get(`${SAMPLES}:id/sample-objects/`, (request) => {
		const { workspace } = readCall(request);
		const { objects } = inPath(state.vlm.samples, request, workspace);
		const shown = objects.map((link, order) => {
			const object = state.vlm.objects.find(({ id }) => id === link.target)!;
			return { ...presentObject(request, link, object), order, meta_data: {}, workspace };
		});
		return inSequence(state, shown);
	});
}

/**
 * The value out of `{"value": X}`, as the example of seed 003 has it; its text speaks of the bare value,
 * which is taken where strictness does not count.
 */
function unwrapped(sent: unknown, variable: Variable, strict: boolean): unknown {
	if (sent === undefined) refuseField('value', 'This field is required.');
	const wrapped = isObject(sent) && Object.keys(sent).join() === 'value';
	if (strict && !wrapped) refuseField('value', 'Expected {"value": X}.');
	const value = wrapped ? sent.value : sent;
	const problem = valueProblem(variable, value);
	return problem ? refuseField('value', problem) : value;
}

/** "Add or update a variable value for a sample." */
function valueRoutes(app: FastifyInstance, state: State): void {
	app.post(`${SAMPLES}:id/add-variable-value/`, (request, reply) => {
		const { body, workspace } = writeCall(request, ['dataset_variable', 'value']);
		const sample = inPath(state.vlm.samples, request, workspace);
		const variables = state.vlm.variables.filter(({ dataset }) => dataset === sample.dataset);
		const variable = inField(variables, body.dataset_variable, 'dataset_variable', workspace);
		const value = unwrapped(body.value, variable, request.strict);
		sample.values[variable.id] = value;
		const answer = { sample: sample.id, dataset_variable: variable.id, value: { value } };
		return answerUnprinted(state, reply, answer);
	});
}

export function sampleContentRoutes(app: FastifyInstance, state: State): void {
	imageRoutes(app, state);
	objectRoutes(app, state);
	valueRoutes(app, state);
}
