import { rest, type Server } from './server';

/** n8n's data tables, as its editor makes and shows them. */

interface Row {
	id: number;
	createdAt: string;
	updatedAt: string;
	[column: string]: unknown;
}

async function tablesPath(server: Server): Promise<string> {
	const { id } = await rest<{ id: string }>(server, 'GET', '/rest/projects/personal');
	return `/rest/projects/${id}/data-tables`;
}

/** Makes a table with columns of text and returns its ID. */
export async function createDataTable(
	server: Server,
	name: string,
	columns: string[],
): Promise<string> {
	const body = { name, columns: columns.map((column) => ({ name: column, type: 'string' })) };
	const { id } = await rest<{ id: string }>(server, 'POST', await tablesPath(server), body);
	return id;
}

/** The rows of a table, 100 at most. */
export async function dataTableRows(server: Server, table: string): Promise<Row[]> {
	const path = `${await tablesPath(server)}/${table}/rows?take=100`;
	return (await rest<{ data: Row[] }>(server, 'GET', path)).data;
}
