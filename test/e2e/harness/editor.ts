import { rest, send, type Server } from './server';

export interface Credential {
	name: string;
	type: string;
	data: Record<string, unknown>;
}

/** A credential as a node of a workflow refers to it. */
export interface CredentialReference {
	id: string;
	name: string;
}

/** Saves a credential and returns what a node's `credentials` need. */
export async function createCredential(
	server: Server,
	credential: Credential,
): Promise<CredentialReference> {
	const { id, name } = await rest<CredentialReference>(
		server,
		'POST',
		'/rest/credentials',
		credential,
	);
	return { id, name };
}

/** Saves a credential and tests it, as the editor does after Save: `status` is OK or Error. */
export async function testCredential(
	server: Server,
	credential: Credential,
): Promise<{ status: string; message: string }> {
	const saved = await createCredential(server, credential);
	return await rest(server, 'POST', '/rest/credentials/test', {
		credentials: { ...credential, ...saved },
	});
}

/** A node's field in the editor that n8n asks the node to fill. */
export interface FieldRequest {
	/** The node's type with its package, such as `n8n-nodes-ximilar.ximilarRecognition`. */
	nodeType: string;
	version?: number;
	/** The node's method, as `typeOptions` names it. */
	method: string;
	/** The field's path, such as `parameters.task`. */
	path: string;
	/** The node's fields as they are at the moment. */
	parameters: Record<string, unknown>;
	credentials?: Record<string, CredentialReference>;
}

interface Choice {
	name: string;
	value: string | number | boolean;
	url?: string;
	description?: string;
}

/** What From list shows: one page of a resource locator's choices. */
export async function searchList(
	server: Server,
	request: FieldRequest & { filter?: string; paginationToken?: string },
): Promise<{ results: Choice[]; paginationToken?: string }> {
	const { filter, paginationToken } = request;
	return await askNode(server, 'resource-locator-results', request, { filter, paginationToken });
}

/** The choices of a dropdown that the node loads. */
export async function loadOptions(server: Server, request: FieldRequest): Promise<Choice[]> {
	return await askNode(server, 'options', request);
}

/** The fields of a resource mapper. */
export async function loadMapperFields(
	server: Server,
	request: FieldRequest,
): Promise<{ fields: Array<Record<string, unknown>>; emptyFieldsNotice?: string }> {
	return await askNode(server, 'resource-mapper-fields', request);
}

/** The descriptions of all nodes of a package, as the editor gets them. */
export async function nodeTypes(
	server: Server,
	packageName = 'n8n-nodes-ximilar',
): Promise<Array<{ name: string; displayName: string; properties: unknown[] }>> {
	const answer = await send(server, 'GET', '/types/nodes.json');
	const types = (await answer.json()) as Array<{
		name: string;
		displayName: string;
		properties: unknown[];
	}>;
	return types.filter(({ name }) => name.startsWith(`${packageName}.`));
}

async function askNode<T>(
	server: Server,
	what: string,
	{ nodeType, version = 1, method, path, parameters, credentials }: FieldRequest,
	more: Record<string, unknown> = {},
): Promise<T> {
	return await rest<T>(server, 'POST', `/rest/dynamic-node-parameters/${what}`, {
		nodeTypeAndVersion: { name: nodeType, version },
		methodName: method,
		path,
		currentNodeParameters: parameters,
		credentials,
		...more,
	});
}
