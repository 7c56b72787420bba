/** recognition/v2/training-image/ (seed 002, Training image endpoint). */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { finiteNumber, jsonObject, optional, queryFlag, text } from '../fields';
import { refuseField } from '../errors';
import { PAGE_QUERY, paginate } from '../paging';
import type { State, TrainingImage } from '../state';
import { answerUnprinted, hasLabel, inField, inPath, readCall, writeCall } from './call';
import { readAsJson, TAKES_FORM } from './form';
import { removeImage } from './remove';
import { addressOf, storeImage, UPLOAD_FIELDS, UPLOAD_TYPED_FIELDS } from './upload';

export const IMAGES = '/recognition/v2/training-image/';

const FILTERS = ['labels', 'not_labels', 'verified', 'test', 'real'];

function presentImage(state: State, request: FastifyRequest, image: TrainingImage) {
	const { id, file, thumbnail, img_width, img_height, labels, meta_data, ...rest } = image;
	const { test_image, real, verified, created, workspace } = rest;
	return {
		id,
		img_path: addressOf(request, file),
		thumb_img_path: addressOf(request, thumbnail),
		img_width,
		img_height,
		labels: labels.map((one) => {
			const { name, type, output_name } = state.labels.find((label) => label.id === one.id)!;
			return { id: one.id, name, type, output_name, ...(one.value === null ? {} : one) };
		}),
		meta_data,
		test_image,
		real,
		verified,
		// The name under which the public client reads the same number.
		verifyCount: verified,
		created,
		workspace,
	};
}

function presentInList(state: State, request: FastifyRequest, image: TrainingImage) {
	const { labels, meta_data, ...short } = presentImage(state, request, image);
	return state.settings.imageLists === 'full' ? { ...short, labels, meta_data } : short;
}

function wholeNumber(value: unknown, field: string): number {
	if (!/^\d{1,9}$/.test(text(value, field))) refuseField(field, 'A valid integer is required.');
	return Number(value);
}

/** The images that all filters of a list let through. */
function filtered(state: State, query: Record<string, string>, workspace: string): TrainingImage[] {
	const label = (field: string) =>
		optional(query[field], field, (id) => inField(state.labels, id, field, workspace).id);
	// The public client sends the one as well as the other.
	const labels = label('labels') ?? label('label');
	const notLabels = label('not_labels');
	// The public client: "integer which says how many verifications should have the images".
	const verified = optional(query.verified, 'verified', wholeNumber);
	const test = optional(query.test, 'test', queryFlag);
	const real = optional(query.real, 'real', queryFlag);
	return state.trainingImages.filter(
		(image) =>
			image.workspace === workspace &&
			(labels === undefined || hasLabel(image, labels)) &&
			(notLabels === undefined || !hasLabel(image, notLabels)) &&
			(verified === undefined || image.verified === verified) &&
			(test === undefined || image.test_image === test) &&
			(real === undefined || image.real === real),
	);
}

function readRoutes(app: FastifyInstance, state: State): void {
	app.get(IMAGES, (request) => {
		const { query, workspace } = readCall(request, [...PAGE_QUERY, ...FILTERS]);
		const images = filtered(state, query, workspace);
		return paginate(state, request, images, (image) => presentInList(state, request, image));
	});

	app.get(`${IMAGES}:id/`, (request) => {
		const { workspace } = readCall(request);
		return presentImage(state, request, inPath(state.trainingImages, request, workspace));
	});
}

function writeRoutes(app: FastifyInstance, state: State): void {
	app.post(IMAGES, TAKES_FORM, async (request, reply) => {
		const call = writeCall(request, UPLOAD_FIELDS);
		const body = readAsJson(request, call.body, UPLOAD_TYPED_FIELDS);
		const image = await storeImage(state, body, call.workspace, request.strict);
		void reply.code(201);
		return presentImage(state, request, image);
	});

	app.put(`${IMAGES}:id/`, (request) => {
		const { body, workspace } = writeCall(request, ['meta_data']);
		const image = inPath(state.trainingImages, request, workspace);
		if (body.meta_data === undefined) refuseField('meta_data', 'This field is required.');
		image.meta_data = jsonObject(body.meta_data, 'meta_data');
		return presentImage(state, request, image);
	});

	app.delete(`${IMAGES}:id/`, (request, reply) => {
		const { workspace } = readCall(request);
		removeImage(state, inPath(state.trainingImages, request, workspace));
		return reply.code(204).send();
	});
}

/** "the API allows to add more than one label to each training image"; they are a set. */
function connectRoutes(app: FastifyInstance, state: State): void {
	app.post(`${IMAGES}:id/add-label/`, TAKES_FORM, (request, reply) => {
		const call = writeCall(request, ['label_id', 'value']);
		const { label_id, value: sent } = readAsJson(request, call.body, ['value']);
		const image = inPath(state.trainingImages, request, call.workspace);
		const { id } = inField(state.labels, label_id, 'label_id', call.workspace);
		const value = optional(sent, 'value', finiteNumber);
		const present = image.labels.find((label) => label.id === id);
		if (!present) image.labels.push({ id, value: value ?? null });
		else if (value !== undefined) present.value = value;
		return answerUnprinted(state, reply, presentImage(state, request, image));
	});

	app.post(`${IMAGES}:id/remove-label/`, (request, reply) => {
		const { body, workspace } = writeCall(request, ['label_id']);
		const image = inPath(state.trainingImages, request, workspace);
		const { id } = inField(state.labels, body.label_id, 'label_id', workspace);
		image.labels = image.labels.filter((label) => label.id !== id);
		return answerUnprinted(state, reply, presentImage(state, request, image));
	});
}

export function trainingImageRoutes(app: FastifyInstance, state: State): void {
	readRoutes(app, state);
	writeRoutes(app, state);
	connectRoutes(app, state);
}
