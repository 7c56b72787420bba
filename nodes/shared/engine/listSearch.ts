import type { IDataObject, ILoadOptionsFunctions } from 'n8n-workflow';
import { z } from 'zod';
import { createClient, type Api, type Query } from '../api/client';
import { WORKSPACE } from '../api/entities';
import { getList, getPage, type Page } from '../api/pages';
import { connectionOf } from './connection';
import { nodeError } from './errors';
import { idOrName, inTitleCase } from './locator';
import type { ListSearch } from './methods';
import { entrySchema, findByName, Named, type Chosen, type Entry, type Listing } from './naming';

/** What a picker needs to know of a list, beside where it is and how a thing is found in it. */
export interface PickerListing extends Listing {
	/** What stands behind an entry's name to tell it from others. */
	describe?(entry: IDataObject): string | undefined;
	/** The page in the Ximilar App that leads to the entries, where its address is known. */
	page?: string;
}

/** A user looks at the list: what does not come soon is told. */
const EDITOR_LIMITS = { maxTries: 2, patience: 10_000, timeout: 30_000 };

/**
 * A list search: searched on the server, loaded page by page, within the workspace that is chosen
 * in the node.
 */
export function listSearch(listing: PickerListing): ListSearch {
	return async function (this: ILoadOptionsFunctions, filter, paginationToken) {
		try {
			const page = await find(this, editorApi(this), listing, filter, paginationToken);
			const results = page.results.map((entry) => {
				const more = listing.describe?.(entry);
				const name = entry.name || entry.id;
				const link = listing.page ? { url: listing.page } : {};
				return { name: more ? `${name} (${more})` : name, value: entry.id, ...link };
			});
			return { results, paginationToken: page.next && JSON.stringify(page.next) };
		} catch (error) {
			throw nodeError(this.getNode(), error);
		}
	};
}

/** All workspaces of the account, which the API gives without pages. */
export const WORKSPACES: Listing = { ...WORKSPACE, unpaged: true };

const editorApi = (editor: ILoadOptionsFunctions) =>
	createClient(connectionOf(editor), EDITOR_LIMITS);

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
	const workspace = await chosenWorkspace(editor, api);
	const narrowed = await narrow?.(chosenIn(editor, api.inWorkspace(workspace)));
	const first = { workspace, ...narrowed };
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

/** Ximilar's API within the workspace that is chosen in the node, for what the editor asks. */
export async function apiInEditor(editor: ILoadOptionsFunctions): Promise<Api> {
	const api = editorApi(editor);
	return api.inWorkspace(await chosenWorkspace(editor, api));
}

/** The workspace chosen among the node's options or filters; none means the account's default. */
async function chosenWorkspace(
	editor: ILoadOptionsFunctions,
	api: Api,
): Promise<string | undefined> {
	const chosen = chosenIn(editor, api);
	return (
		(await chosen('options.workspace', WORKSPACES)) ??
		(await chosen('filters.workspace', WORKSPACES))
	);
}

/**
 * Tells what is chosen in other fields of the node while it is edited.
 * @param api within the workspace that they choose from
 */
export function chosenIn(editor: ILoadOptionsFunctions, api: Api): Chosen {
	return async (field, listing) => {
		const locator = editor.getCurrentNodeParameter(field) as { value?: unknown } | undefined;
		if (!locator?.value) return undefined;
		const value = idOrName(locator, inTitleCase(listing.thing), listing);
		return value instanceof Named ? await findByName(api, value) : value;
	};
}
