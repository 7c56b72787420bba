import { z } from 'zod';
import type { Api, Query, Schema } from './client';
import { fail } from './error';

/** One page of a list, and the query that leads to the next one. */
export interface Page<T> {
	results: T[];
	next?: Query;
}

/**
 * Reads one page. `next` may name another scheme or host than the one called (`api.md`), so only
 * its query is used: the token stays with the credential's host.
 * @throws XimilarError as {@link Api.get}
 */
export async function getPage<T>(
	api: Api,
	path: string,
	schema: Schema<T>,
	query: Query,
): Promise<Page<T>> {
	const page = await api.get(
		path,
		z.object({ results: z.array(schema), next: z.string().nullish() }),
		query,
	);
	if (!page.next) return { results: page.results };
	const { searchParams } = new URL(page.next, 'https://api.ximilar.com');
	// The seed of request/history/ calls it a cursor, not an address.
	const next = searchParams.size
		? Object.fromEntries(searchParams)
		: { ...query, cursor: page.next };
	return { results: page.results, next };
}

/**
 * The pages of a list, one after the other, each fetched when it is asked for.
 * @param first the query of the page to begin with
 * @param read reads one page; ends the list when it gives none
 * @throws XimilarError as `read`, and when the pages lead in a circle
 */
export async function* pages<P extends { next?: Query }>(
	path: string,
	first: Query,
	read: (query: Query) => Promise<P | undefined>,
): AsyncGenerator<P> {
	const visited = new Set<string>();
	for (let query: Query | undefined = first; query;) {
		const position = JSON.stringify(query);
		if (visited.has(position)) {
			fail(
				"Ximilar's list leads in a circle",
				`A page of ${path} names an earlier one as the next. Report it to Ximilar.`,
				{ kind: 'badAnswer' },
			);
		}
		visited.add(position);
		const page: P | undefined = await read(query);
		if (!page) return;
		yield page;
		query = page.next;
	}
}

/**
 * The entries of a paged list, in the service's order, each once. A page that the limit does not
 * need is not fetched.
 * @param limit the largest number of entries; Infinity for all
 * @param keep which entries count, where the service cannot filter them itself
 * @throws XimilarError as {@link pages}
 */
export async function getList<T>(
	api: Api,
	path: string,
	schema: Schema<T>,
	query: Query,
	limit: number,
	keep: (entry: T) => boolean = () => true,
): Promise<T[]> {
	const entries: T[] = [];
	const ids = new Set<unknown>();
	const read = async (next: Query) => await getPage(api, path, schema, next);
	for await (const page of pages(path, query, read)) {
		for (const entry of page.results) {
			// An entry made while the pages are read moves the others on, and one would come twice.
			const { id } = (entry ?? {}) as { id?: unknown };
			if (id !== undefined && ids.has(id)) continue;
			ids.add(id);
			if (keep(entry)) entries.push(entry);
		}
		if (entries.length >= limit) break;
	}
	return entries.slice(0, limit);
}
