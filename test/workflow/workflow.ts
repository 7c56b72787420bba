import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { LoadOptionsContext, WorkflowExecute } from 'n8n-core';
import {
	ICredentialsHelper,
	NodeConnectionTypes,
	Workflow,
	createDeferredPromise,
	type IBinaryKeyData,
	type ICredentialDataDecryptedObject,
	type IDataObject,
	type IHttpRequestOptions,
	type ILoadOptionsFunctions,
	type INode,
	type INodeExecutionData,
	type INodeParameters,
	type INodeType,
	type INodeTypes,
	type IRun,
	type IWorkflowExecuteAdditionalData,
	type NodeExecutionHint,
} from 'n8n-workflow';
import nock from 'nock';
import { XimilarApi } from '../../credentials/XimilarApi.credentials';
import type { Base64 } from '../../nodes/shared/api/body';
import { executorOf, propertiesOf, type Resources } from '../../nodes/shared/engine/node';

/** Runs a workflow of two nodes, a source of items and the node under test, in n8n's own engine. */

export const API = 'https://api.ximilar.com';
export const TOKEN = '1af538baa9045a84c0e889f672baf83ff24deadb';

export interface Outcome {
	/** What the node put out, at its main output. */
	items: INodeExecutionData[];
	/** What went to its error output, with `onError: 'continueErrorOutput'`. */
	errorItems: INodeExecutionData[];
	/** Why the node failed as a whole. */
	error?: { message: string; description?: string | null; itemIndex?: number; name?: string };
	hints: NodeExecutionHint[];
	run: IRun;
}

export interface Job {
	node: INodeType;
	parameters: INodeParameters;
	/** JSON of the items that come in, or whole items. One empty item when left out. */
	items?: INodeExecutionData[];
	credential?: ICredentialDataDecryptedObject;
	onError?: INode['onError'];
	/** Called with the running execution, to cancel it. */
	started?(cancel: () => void): void;
}

/** Runs an operation of one node. */
export type RunOperation = (
	resource: string,
	operation: string,
	parameters?: IDataObject,
	job?: Partial<Job>,
) => Promise<Outcome>;

const credentialType = new XimilarApi();

class Credentials extends ICredentialsHelper {
	constructor(private readonly data: ICredentialDataDecryptedObject) {
		super();
	}
	getParentTypes(): string[] {
		return [];
	}
	async authenticate(credentials: ICredentialDataDecryptedObject, _type: string, request: unknown) {
		return await credentialType.authenticate(credentials, request as IHttpRequestOptions);
	}
	async preAuthentication() {
		return undefined;
	}
	async getCredentials(): Promise<never> {
		throw new Error('not used by the engine');
	}
	async getDecrypted() {
		return this.data;
	}
	async updateCredentials() {}
	async updateCredentialsOauthTokenData() {}
	getCredentialsProperties() {
		return credentialType.properties;
	}
}

/** Binary fields of an item: file names and bytes by field. */
export function files(
	byField: Record<string, { name: string; bytes: Buffer; type?: string }>,
): IBinaryKeyData {
	return Object.fromEntries(
		Object.entries(byField).map(([field, { name, bytes, type }]) => [
			field,
			{
				data: bytes.toString('base64'),
				mimeType: type ?? 'application/octet-stream',
				fileName: name,
			},
		]),
	);
}

/** The engine's surroundings, with a credential that every node uses. */
export function additionalDataWith(
	credential?: ICredentialDataDecryptedObject,
): IWorkflowExecuteAdditionalData {
	return {
		credentialsHelper: new Credentials({ apiToken: TOKEN, baseUrl: API, ...credential }),
		hooks: { runHook: async () => undefined, addHandler: () => undefined },
		currentNodeExecutionIndex: 0,
		variables: {},
		restApiUrl: '',
		instanceBaseUrl: '',
		formWaitingBaseUrl: '',
		webhookBaseUrl: '',
		webhookWaitingBaseUrl: '',
		webhookTestBaseUrl: '',
	} as unknown as IWorkflowExecuteAdditionalData;
}

/** A node on the shared floors, for what holds for every operation. */
export function nodeOf(resources: Resources): INodeType {
	return {
		description: {
			displayName: 'Thing',
			name: 'thing',
			group: ['transform'],
			version: 1,
			description: '',
			defaults: {},
			inputs: [NodeConnectionTypes.Main],
			outputs: [NodeConnectionTypes.Main],
			credentials: [{ name: 'ximilarApi', required: true }],
			properties: propertiesOf(resources),
		},
		execute: executorOf(resources),
	};
}

/** A workflow in which `source` feeds the node under test. */
export function workflowOf(
	node: INodeType,
	parameters: INodeParameters,
	source: INodeType,
	onError?: INode['onError'],
): Workflow {
	const types: Record<string, INodeType> = { source, [node.description.name]: node };
	const nodeTypes = {
		getByName: (name: string) => types[name],
		getByNameAndVersion: (name: string) => types[name],
		getKnownTypes: () => ({}),
	} as unknown as INodeTypes;
	const tested = node.description.displayName;
	return new Workflow({
		id: 'test',
		active: false,
		nodeTypes,
		settings: { executionOrder: 'v1' },
		nodes: [
			{ id: '1', name: 'Source', type: 'source', typeVersion: 1, position: [0, 0], parameters: {} },
			{
				id: '2',
				name: tested,
				type: node.description.name,
				typeVersion: 1,
				position: [200, 0],
				parameters,
				onError,
				credentials: { ximilarApi: { id: '1', name: 'Ximilar' } },
			},
		],
		connections: {
			Source: { main: [[{ node: tested, type: NodeConnectionTypes.Main, index: 0 }]] },
		},
	});
}

/** The context in which n8n calls a method of a node that is being edited, with these parameters. */
export function editorOf(node: INodeType, parameters: INodeParameters): ILoadOptionsFunctions {
	const workflow = workflowOf(node, parameters, node);
	const tested = workflow.getNode(node.description.displayName)!;
	const additionalData = { ...additionalDataWith(), currentNodeParameters: parameters };
	return new LoadOptionsContext(workflow, tested, additionalData, '');
}

/** Runs the node on items, and gives what came out. */
export async function runNode({
	node,
	parameters,
	items,
	credential,
	onError,
	started,
}: Job): Promise<Outcome> {
	const source: INodeType = {
		description: {
			displayName: 'Source',
			name: 'source',
			group: ['transform'],
			version: 1,
			description: '',
			defaults: {},
			inputs: [],
			outputs: [NodeConnectionTypes.Main],
			properties: [],
		},
		execute: async () => [items ?? [{ json: {} }]],
	};
	const workflow = workflowOf(node, parameters, source, onError);
	const execution = new WorkflowExecute(additionalDataWith(credential), 'manual');
	const running = execution.run(workflow, workflow.getNode('Source')!);
	const finished = createDeferredPromise<IRun>();
	running.then(finished.resolve, finished.reject);
	started?.(() => running.cancel());
	const run = await finished.promise;
	const [data] = run.data.resultData.runData[node.description.displayName] ?? [];
	const error = data?.error as
		(Error & { description?: string; context?: IDataObject }) | undefined;
	return {
		items: data?.data?.main?.[0] ?? [],
		errorItems: data?.data?.main?.[1] ?? [],
		error: error && {
			name: error.name,
			message: error.message,
			description: error.description,
			itemIndex: error.context?.itemIndex as number | undefined,
		},
		hints: data?.hints ?? [],
		run,
	};
}

/**
 * Runs operations of a node.
 * @param makeNode makes it: n8n changes descriptions in place, so each run gets its own
 */
export function runnerOf(makeNode: () => INodeType): RunOperation {
	return async (resource, operation, parameters, job) =>
		await runNode({
			node: makeNode(),
			parameters: { resource, operation, ...parameters } as INodeParameters,
			...job,
		});
}

/** A picker's value, chosen from its list: an ID. */
export const byId = (value: string) => ({ __rl: true, mode: 'list', value });

/** A picker's value, by its address in the Ximilar App. */
export const byUrl = (value: string) => ({ __rl: true, mode: 'url', value });

/** Incoming items with these fields. */
export const rows = (...jsons: IDataObject[]): INodeExecutionData[] =>
	jsons.map((json) => ({ json }));

/** A page of a list that is said to have many more. */
export const page = (results: IDataObject[], next: string | null = null) => ({
	count: 1000,
	next,
	previous: null,
	results,
});

/** Answers a call every time, and gives the bodies that came. */
export function answering<B extends object>(
	path: string,
	reply: (body: B, call: number) => [status: number, body?: unknown, headers?: nock.ReplyHeaders],
): B[] {
	const bodies: B[] = [];
	nock(API)
		.persist()
		.post(path)
		.optionally()
		.reply((_uri, sent) => {
			bodies.push(sent as B);
			return reply(sent as B, bodies.length) as [number, nock.Body];
		});
	return bodies;
}

/** A file that has the first bytes of a PNG image, and then a text of its own. */
export const png = (text: string): Buffer =>
	Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from(text)]);

/** Starts a server; gives its address. */
export async function listening(server: Server): Promise<string> {
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The whole text of an image, as it would be sent. */
export async function textOf(base64: Base64): Promise<string> {
	let text = '';
	for await (const slice of base64.slices()) text += slice;
	return text;
}

/** Waits until a list grows no more; gives its length. */
export async function untilNoMore(list: unknown[]): Promise<number> {
	for (let before = -1; before !== list.length; await setTimeout(60)) before = list.length;
	return list.length;
}

/** The JSON of items. */
export const jsonOf = (items: INodeExecutionData[]): IDataObject[] => items.map(({ json }) => json);
