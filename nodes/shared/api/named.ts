import type { IDataObject } from 'n8n-workflow';
import type { Api, Query } from './client';
import type { Entity } from './entities';
import { getList } from './pages';

/** What to do when a thing of the same name is there: the service itself takes any number of them. */
export type IfExists = 'create' | 'return';

/**
 * Creates a thing, or finds the one that has its name and its type already, so that a workflow can
 * run again without making anything twice.
 * @param query what narrows the list in which it is looked for; a search for the name by default
 * @returns the thing; when it was looked for, with `already_existed`
 */
export async function createNamed(
	api: Api,
	{ path, schema }: Entity,
	body: IDataObject & { name: string; type?: string },
	ifExists: IfExists = 'create',
	query: Query = { search: body.name },
): Promise<IDataObject> {
	if (ifExists === 'create') return await api.post(path, schema, body);
	const { name, type } = body;
	// The service finds parts of names only (`api.md`).
	const same = (entry: IDataObject) =>
		entry.name === name && (type === undefined || entry.type === undefined || entry.type === type);
	const [existing] = await getList(api, path, schema, query, 1, same);
	const thing = existing ?? (await api.post(path, schema, body));
	return { ...thing, already_existed: existing !== undefined };
}
