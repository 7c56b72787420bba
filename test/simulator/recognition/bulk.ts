/** POST recognition/v2/training-image/update: many training images at once, as the public client does. */
import type { FastifyInstance } from 'fastify';
import { refuse } from '../errors';
import { flag, type Json, optional, uuidList } from '../fields';
import type { State, TrainingImage } from '../state';
import { answerUnprinted, hasLabel, inField, writeCall } from './call';
import { IMAGES } from './trainingImage';

const MARKS = ['mark-test', 'unmark-test', 'mark-real', 'unmark-real'];
const FIELDS = ['images', 'labels', 'labels-add', 'labels-remove', ...MARKS];

/** What a pair of marks makes of an image; undefined leaves it as it is. */
function marked(body: Json, mark: string): boolean | undefined {
	const on = optional(body[`mark-${mark}`], `mark-${mark}`, flag) ?? false;
	const off = optional(body[`unmark-${mark}`], `unmark-${mark}`, flag) ?? false;
	if (on && off) refuse(400, { detail: `"mark-${mark}" and "unmark-${mark}" exclude each other.` });
	return on || off ? on : undefined;
}

/** The images listed, and of these (or else of all) those with one of the labels. */
function chosen(images: TrainingImage[], all: TrainingImage[], labels: string[]): TrainingImage[] {
	if (images.length === 0 && labels.length === 0) {
		refuse(400, { detail: 'Either "images" or "labels" must be specified.' });
	}
	const listed = images.length > 0 ? images : all;
	return labels.length === 0
		? listed
		: listed.filter((image) => labels.some((label) => hasLabel(image, label)));
}

export function bulkRoutes(app: FastifyInstance, state: State): void {
	app.post(`${IMAGES}update`, (request, reply) => {
		const { body, workspace } = writeCall(request, FIELDS);
		const ids = (field: string) => optional(body[field], field, uuidList) ?? [];
		const labels = (field: string) =>
			ids(field).map((id) => inField(state.labels, id, field, workspace).id);
		// All is checked before anything is changed.
		const images = chosen(
			ids('images').map((id) => inField(state.trainingImages, id, 'images', workspace)),
			state.trainingImages.filter((image) => image.workspace === workspace),
			labels('labels'),
		);
		const [added, removed] = [labels('labels-add'), labels('labels-remove')];
		const [test, real] = [marked(body, 'test'), marked(body, 'real')];
		for (const image of new Set(images)) {
			image.labels = image.labels.filter(({ id }) => !removed.includes(id));
			for (const id of new Set(added)) {
				if (!hasLabel(image, id)) image.labels.push({ id, value: null });
			}
			image.test_image = test ?? image.test_image;
			image.real = real ?? image.real;
		}
		return answerUnprinted(state, reply, { count: new Set(images).size });
	});
}
