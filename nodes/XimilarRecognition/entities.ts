import type { IDataObject } from 'n8n-workflow';
import { LABEL, TASK, TRAINING_IMAGE } from '../shared/api/entities';
import { entity } from '../shared/engine/entity';
import { id } from '../shared/engine/locator';

/** The things of Recognition: how a picker shows them, and their rows. */

export const labels = entity({ ...LABEL, key: 'label' });

/** A version of -1 means that a task is not trained yet and cannot classify (seed 002). */
const NOT_TRAINED = -1;

export const tasks = entity({
	...TASK,
	key: 'task',
	describe: (task) => (isUntrained(task) ? 'not trained yet' : undefined),
	row: (task) => ({
		id: task.id,
		name: task.name,
		type: task.type,
		trained: typeof task.production_version === 'number' && task.production_version >= 0,
		production_version: task.production_version,
		last_train_status: task.last_train_status,
		labels: labelNames(task) ?? [],
		description: task.description,
		workspace: task.workspace,
	}),
});

export function isUntrained({ production_version: version }: IDataObject): boolean {
	return version === NOT_TRAINED;
}

export const trainingImages = entity({
	...TRAINING_IMAGE,
	key: 'trainingImage',
	// They have no names to choose by.
	fields: () => ({ trainingImage: trainingImageId() }),
	row: (image) => ({
		id: image.id,
		labels: labelNames(image),
		test: image.test_image,
		real: image.real,
		verifications: image.verifyCount ?? image.verified,
		meta_data: image.meta_data,
		width: image.img_width,
		height: image.img_height,
		url: image.img_path,
		thumbnail_url: image.thumb_img_path,
		workspace: image.workspace,
	}),
});

export const trainingImageId = () =>
	id(TRAINING_IMAGE.thing, {
		displayName: 'Training Image ID',
		placeholder: 'e.g. 185c2019-1182-439c-900b-9f29c3f35926',
		description: 'The ID of the training image, or its link in the Ximilar App',
	});

/** The names of a thing's labels; undefined when it tells of none. */
function labelNames({ labels: given }: IDataObject): unknown[] | undefined {
	return Array.isArray(given) ? (given as IDataObject[]).map(({ name }) => name) : undefined;
}
