import { searchList, type FieldRequest } from './editor';
import type { Server } from './server';

/** All that a picker offers, page by page. */
export async function searchPages(
	server: Server,
	request: FieldRequest & { filter?: string },
): Promise<Array<Array<{ name: string; value: unknown }>>> {
	const pages: Array<Array<{ name: string; value: unknown }>> = [];
	let paginationToken: string | undefined;
	do {
		const page = await searchList(server, { ...request, paginationToken });
		pages.push(page.results.map(({ name, value }) => ({ name, value })));
		paginationToken = page.paginationToken;
	} while (paginationToken);
	return pages;
}
