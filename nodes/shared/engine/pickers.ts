import type { IDataObject, ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { z } from 'zod';
import { createClient, type Query, type Schema } from '../ximilar/client';
import { getPage } from '../ximilar/lists';
import { nodeError } from './errors';
import { idIn } from './field';

interface Entry extends IDataObject {
	id: string;
	name?: string | null;
}

const entrySchema = z
	.object({ id: z.string(), name: z.string().nullish() })
	.passthrough() as unknown as Schema<Entry>;

/**
 * A list search over a paged list of the API: searched on the server, loaded page by page, within
 * the workspace that is chosen in the node.
 * @param path the list's path
 * @param describe what stands behind an entry's name to tell it from others
 */
export function listSearch(
	path: string,
	describe: (entry: Entry) => string | undefined = () => undefined,
) {
	return async function (
		this: ILoadOptionsFunctions,
		filter?: string,
		paginationToken?: string,
	): Promise<INodeListSearchResult> {
		const query = paginationToken
			? (JSON.parse(paginationToken) as Query)
			: { search: filter || undefined, workspace: chosenWorkspace(this) };
		try {
			const page = await getPage(createClient(this), path, entrySchema, query);
			const results = page.results.map((entry) => {
				const more = describe(entry);
				const name = entry.name || entry.id;
				return { name: more ? `${name} (${more})` : name, value: entry.id };
			});
			return { results, paginationToken: page.next && JSON.stringify(page.next) };
		} catch (error) {
			throw nodeError(this.getNode(), error);
		}
	};
}

/** The workspaces of the account: a plain list, so it is searched here. */
export async function searchWorkspaces(
	this: ILoadOptionsFunctions,
	filter = '',
): Promise<INodeListSearchResult> {
	try {
		const workspaces = await createClient(this).get('account/v2/workspace/', z.array(entrySchema));
		const results = workspaces
			.map(({ id, name }) => ({ name: name || id, value: id }))
			.filter(({ name }) => name.toLowerCase().includes(filter.toLowerCase()));
		return { results };
	} catch (error) {
		throw nodeError(this.getNode(), error);
	}
}

/** The workspace chosen among the node's options or filters; none means the account's default. */
function chosenWorkspace(context: ILoadOptionsFunctions): string | undefined {
	for (const path of ['options', 'filters', 'additionalFields']) {
		const group = context.getCurrentNodeParameter(path) as { workspace?: unknown } | undefined;
		const locator = group?.workspace as { value?: unknown } | undefined;
		if (locator?.value) return idIn(locator, 'Workspace', 'workspace');
	}
	return undefined;
}
