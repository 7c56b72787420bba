import type { IDataObject, ILoadOptionsFunctions } from 'n8n-workflow';
import { z } from 'zod';
import { createClient, type Api, type Query, type Schema } from '../api/client';
import type { Entity } from '../api/entities';
import { getList, getPage, type Page } from '../api/pages';
import { connectionOf } from './connection';
import { nodeError } from './errors';
import { idIn } from './locator';
import type { ListSearch } from './methods';

/** What a picker needs to know of a list, beside where it is. */
export interface Listing extends Entity {
	/** What stands behind an entry's name to tell it from others. */
	describe?(entry: IDataObject): string | undefined;
	/** What else narrows the list, e.g. by what is chosen in another field. */
	narrow?(editor: ILoadOptionsFunctions): Query;
	/** The API has no search for this list: all of it is read and searched. */
	searchedHere?: boolean;
	/** The API gives the list without pages. */
	unpaged?: boolean;
}

type Entry = IDataObject & { id: string; name?: string | null };

const entrySchema = z
	.object({ id: z.string(), name: z.string().nullish() })
	.passthrough() as unknown as Schema<Entry>;

/** A user looks at the list: what does not come soon is told. */
export const EDITOR_LIMITS = { maxTries: 2, patience: 10_000, timeout: 30_000 };

/**
 * A list search: searched on the server, loaded page by page, within the workspace that is chosen
 * in the node.
 */
export function listSearch(listing: Listing): ListSearch {
	return async function (this: ILoadOptionsFunctions, filter, paginationToken) {
		try {
			const api = createClient(connectionOf(this), EDITOR_LIMITS);
			const page = await find(this, api, listing, filter, paginationToken);
			const results = page.results.map((entry) => {
				const more = listing.describe?.(entry);
				const name = entry.name || entry.id;
				return { name: more ? `${name} (${more})` : name, value: entry.id };
			});
			return { results, paginationToken: page.next && JSON.stringify(page.next) };
		} catch (error) {
			throw nodeError(this.getNode(), error);
		}
	};
}

async function find(
	editor: ILoadOptionsFunctions,
	api: Api,
	{ path, narrow, searchedHere, unpaged }: Listing,
	filter?: string,
	paginationToken?: string,
): Promise<Page<Entry>> {
	if (unpaged) {
		const all = await api.get(path, z.array(entrySchema));
		return { results: all.filter(isNamed(filter)) };
	}
	const first = { workspace: chosenWorkspace(editor), ...narrow?.(editor) };
	if (filter && searchedHere) {
		return { results: await getList(api, path, entrySchema, first, Infinity, isNamed(filter)) };
	}
	const query = paginationToken
		? (JSON.parse(paginationToken) as Query)
		: { ...first, search: filter || undefined };
	return await getPage(api, path, entrySchema, query);
}

/** Whether an entry's name, or its ID where it has none, contains a text. */
function isNamed(part = ''): (entry: Entry) => boolean {
	return ({ id, name }) => (name || id).toLowerCase().includes(part.toLowerCase());
}

/** The workspace chosen among the node's options or filters; none means the account's default. */
export function chosenWorkspace(editor: ILoadOptionsFunctions): string | undefined {
	return ['options', 'filters']
		.map((group) => chosen(editor, `${group}.workspace`, 'Workspace', 'workspace'))
		.find(Boolean);
}

/** What is chosen in another field of the node while it is edited; undefined when nothing is. */
export function chosen(
	editor: ILoadOptionsFunctions,
	parameter: string,
	label: string,
	thing: string,
): string | undefined {
	const locator = editor.getCurrentNodeParameter(parameter) as { value?: unknown } | undefined;
	return locator?.value ? idIn(locator, label, thing) : undefined;
}
