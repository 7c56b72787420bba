import type { IDataObject, ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { z } from 'zod';
import { createClient, type Query, type Schema } from '../api/client';
import { getList, getPage, type Page } from '../api/pages';
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
 * @param narrowing.query what else narrows the list, e.g. by what is chosen in another field
 * @param narrowing.searchedHere the API has no search for this list: all of it is read and searched
 */
export function listSearch(
	path: string,
	describe: (entry: Entry) => string | undefined = () => undefined,
	narrowing: { query?(context: ILoadOptionsFunctions): Query; searchedHere?: boolean } = {},
) {
	return async function (
		this: ILoadOptionsFunctions,
		filter?: string,
		paginationToken?: string,
	): Promise<INodeListSearchResult> {
		try {
			const client = createClient(this);
			const first = { workspace: chosenWorkspace(this), ...narrowing.query?.(this) };
			const page: Page<Entry> =
				filter && narrowing.searchedHere
					? { results: await getList(client, path, entrySchema, first, Infinity, named(filter)) }
					: await getPage(
							client,
							path,
							entrySchema,
							paginationToken
								? (JSON.parse(paginationToken) as Query)
								: { ...first, search: filter || undefined },
						);
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
			.filter(named(filter))
			.map(({ id, name }) => ({ name: name || id, value: id }));
		return { results };
	} catch (error) {
		throw nodeError(this.getNode(), error);
	}
}

/** Whether an entry's name, or its ID where it has none, contains a text. */
function named(part: string): (entry: Entry) => boolean {
	return ({ id, name }) => (name || id).toLowerCase().includes(part.toLowerCase());
}

/** The workspace chosen among the node's options or filters; none means the account's default. */
export function chosenWorkspace(context: ILoadOptionsFunctions): string | undefined {
	const groups = ['options', 'filters', 'additionalFields'];
	return groups
		.map((group) => chosen(context, `${group}.workspace`, 'Workspace', 'workspace'))
		.find(Boolean);
}

/** What is chosen in another field of the node while it is edited; undefined when nothing is. */
export function chosen(
	context: ILoadOptionsFunctions,
	parameter: string,
	label: string,
	thing: string,
): string | undefined {
	const locator = context.getCurrentNodeParameter(parameter) as { value?: unknown } | undefined;
	return locator?.value ? idIn(locator, label, thing) : undefined;
}
