import type { IDataObject } from 'n8n-workflow';
import { path } from '../shared/api/address';
import type { Api } from '../shared/api/client';
import { anySchema } from '../shared/api/schemas';

/**
 * Adds a label to something, or takes it away: POST task/ID/add-label/ and its like (seed 002,
 * `api.md`). Its answer may be empty, and doing it twice does what doing it once does.
 */
export async function changeLabel(
	api: Api,
	change: 'add' | 'remove',
	owner: 'task' | 'training-image',
	id: string,
	label: string,
): Promise<void> {
	await api.post(
		path`recognition/v2/${owner}/${id}/${change}-label/`,
		anySchema,
		{ label_id: label },
		{ idempotent: true },
	);
}

/** The names of an entity's labels; undefined when it tells of none. */
export function labelNames({ labels }: IDataObject): unknown[] | undefined {
	return Array.isArray(labels) ? (labels as IDataObject[]).map(({ name }) => name) : undefined;
}
