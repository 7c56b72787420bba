import type { IDataObject } from 'n8n-workflow';
import type { Schema } from './client';
import { entitySchema, requestSchema, variableSchema } from './schemas';

/** A kind of thing that the API keeps: where it is, and what an answer about it has to hold. */
export interface Entity {
	/** In lower case, e.g. "training image". */
	thing: string;
	/** Its list, which also creates. */
	path: string;
	schema: Schema<IDataObject>;
}

const entity = (
	thing: string,
	path: string,
	schema: Schema<IDataObject> = entitySchema,
): Entity => ({
	thing,
	path,
	schema,
});

/** The path of one thing, or of a call on it: at(LABEL, id, 'wipe'). */
export function at({ path }: Entity, id: string, call = ''): string {
	return `${path}${encodeURIComponent(id)}/${call}`;
}

/** The account that the token belongs to: one thing, not a list. */
export const ACCOUNT_PATH = 'account/v2/details/';

export const WORKSPACE = entity('workspace', 'account/v2/workspace/');

export const LABEL = entity('label', 'recognition/v2/label/');
export const TASK = entity('task', 'recognition/v2/task/');
/** What the samples of vision language models consist of as well. */
export const TRAINING_IMAGE = entity('training image', 'recognition/v2/training-image/');

export const DATASET = entity('dataset', 'vlm/v2/dataset/');
export const PROMPT = entity('prompt', 'vlm/v2/prompt/');
export const REQUEST = entity('request', 'vlm/v2/request/', requestSchema);
export const SAMPLE = entity('sample', 'vlm/v2/sample/');
export const VARIABLE = entity(
	'variable',
	'vlm/v2/variable/',
	variableSchema as Schema<IDataObject>,
);
export const VLM_TASK = entity('task', 'vlm/v2/task/');

/** All of them. */
export const ENTITIES: Entity[] = [
	WORKSPACE,
	LABEL,
	TASK,
	TRAINING_IMAGE,
	DATASET,
	PROMPT,
	REQUEST,
	SAMPLE,
	VARIABLE,
	VLM_TASK,
];
