import type { IDataObject } from 'n8n-workflow';
import { XimilarRecognition } from '../../../nodes/XimilarRecognition/XimilarRecognition.node';
import { runnerOf } from '../workflow';

/** What the tests of the Recognition node share. */

export const LABELS = '/recognition/v2/label/';
export const TASKS = '/recognition/v2/task/';
export const IMAGES = '/recognition/v2/training-image/';

export const IMAGE = '0f4d3c1e-6f0a-4c55-9b1e-0a1b2c3d4e5f';
export const LABEL = '9d4b5433-add9-46e2-be64-7a928c5f68e8';
export const TASK = '185c2019-1182-439c-900b-9f29c3f35926';
export const WORKSPACE = '58421549-21ea-4d43-94a6-6a1cb38160e3';

/** Runs an operation of the node. */
export const recognition = runnerOf(() => new XimilarRecognition());

/** A training image, as the service tells of it. */
export const imageOf = (id: string, more: IDataObject = {}): IDataObject => ({
	id,
	img_path: `https://images.example/${id}.jpg`,
	thumb_img_path: `https://images.example/${id}-thumb.jpg`,
	img_width: 640,
	img_height: 480,
	labels: [],
	meta_data: {},
	test_image: false,
	real: false,
	verifyCount: 0,
	created: '2025-12-17T14:59:34.529951Z',
	workspace: WORKSPACE,
	...more,
});

export const taskOf = (id: string, more: IDataObject = {}): IDataObject => ({
	id,
	name: 'Pets',
	type: 'multi_class',
	description: 'Cats and dogs',
	labels: [{ id: LABEL, name: 'dog' }],
	labels_count: 1,
	production_version: -1,
	last_train_status: 'CREATED',
	created: '2025-12-17T14:59:34.529951Z',
	workspace: WORKSPACE,
	...more,
});

export const labelOf = (id: string, more: IDataObject = {}): IDataObject => ({
	id,
	name: 'dog',
	type: 'category',
	description: '',
	output_name: null,
	images_count: 23,
	tasks_count: 1,
	...more,
});
