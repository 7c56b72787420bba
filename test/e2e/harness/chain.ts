import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { CredentialReference } from './editor';
import { projectDirectory } from './pack';
import type { Workflow } from './workflows';

/** A node of a chain: its name, its type, its parameters, and what else it has. */
export interface Link {
	name: string;
	type: string;
	parameters?: object;
	typeVersion?: number;
	onError?: string;
	credentials?: object;
}

/** A workflow that starts by hand and leads through the nodes in their order. */
export function chain(name: string, ...links: Link[]): Workflow {
	const nodes = [{ name: 'Start', type: 'n8n-nodes-base.manualTrigger' }, ...links].map(
		(link, at) => ({ typeVersion: 1, parameters: {}, position: [at * 220, 0], ...link }),
	);
	const connections = Object.fromEntries(
		nodes
			.slice(1)
			.map((node, at) => [
				nodes[at]!.name,
				{ main: [[{ node: node.name, type: 'main', index: 0 }]] },
			]),
	);
	return { name, nodes, connections };
}

/** The nodes of the examples that need a credential, and its type. */
const CREDENTIAL_TYPES: Array<[node: RegExp, credential: string]> = [
	[/^n8n-nodes-ximilar\./, 'ximilarApi'],
	[/\.emailSend$/, 'smtp'],
	[/\.emailReadImap$/, 'imap'],
	[/\.googleSheets$/, 'googleSheetsOAuth2Api'],
	[/\.lmChatOpenAi$/, 'openAiApi'],
	[/\.googleDrive(Trigger)?$/, 'googleDriveOAuth2Api'],
];

/** What a user fills in, as the example's notes say. */
export interface Filled {
	/** Texts that stand for something of one's own, such as a folder or an address. */
	texts?: Record<string, string>;
	/** Fields by their node; a text becomes the choice of a list where the field has one. */
	fields?: Record<string, Record<string, unknown>>;
	/** Nodes of services that are out of reach, by their names, and the nodes of n8n that stand for them. */
	twins?: Record<
		string,
		{ type: string; typeVersion: number; parameters: object; webhookId?: string }
	>;
}

/**
 * An example workflow of the project as it is after import, each node with the credential of its type,
 * where there is one.
 * @param credentials by their types
 * @param texts what to put in the place of texts, as far as they are there
 */
export async function imported(
	file: string,
	credentials: Record<string, CredentialReference>,
	texts: Record<string, string> = {},
): Promise<Workflow> {
	let text = await readFile(path.join(projectDirectory, 'examples', file), 'utf8');
	for (const [from, to] of Object.entries(texts))
		text = text.replaceAll(from, JSON.stringify(to).slice(1, -1));
	const workflow = JSON.parse(text) as Workflow;
	for (const node of workflow.nodes) {
		const type = credentialTypeOf(node.type);
		if (type && credentials[type]) node.credentials = { [type]: credentials[type] };
	}
	return workflow;
}

/**
 * An example workflow of the project that can run: imported, with the credentials chosen and the fields
 * filled in that its notes name. Nothing else is changed, and nothing that is missing goes unseen.
 */
export async function example(
	file: string,
	credentials: Record<string, CredentialReference>,
	{ texts = {}, fields = {}, twins = {} }: Filled = {},
): Promise<Workflow> {
	const original = JSON.stringify(await imported(file, {}));
	const unknown = Object.keys(texts).find((from) => !original.includes(from));
	if (unknown) throw new Error(`${file} holds no "${unknown}"`);
	const workflow = await imported(file, credentials, texts);
	for (const [name, twin] of Object.entries(twins)) Object.assign(nodeOf(workflow, name), twin);
	for (const [name, values] of Object.entries(fields)) {
		const { parameters } = nodeOf(workflow, name);
		for (const [field, value] of Object.entries(values)) {
			const old = parameters[field];
			if (old === undefined) throw new Error(`${file}: ${name} has no field ${field}`);
			parameters[field] = isLocator(old) && typeof value === 'string' ? { ...old, value } : value;
		}
	}
	for (const { name, type, parameters = {}, credentials: chosen } of workflow.nodes) {
		const empty = Object.entries(parameters).find(([, one]) => isLocator(one) && one.value === '');
		if (empty) throw new Error(`${file}: choose ${empty[0]} in ${name}`);
		if (credentialTypeOf(type) && !chosen) throw new Error(`${file}: ${name} needs a credential`);
	}
	return workflow;
}

function credentialTypeOf(nodeType: string): string | undefined {
	return CREDENTIAL_TYPES.find(([pattern]) => pattern.test(nodeType))?.[1];
}

/** A node of a workflow by its name. */
export function nodeOf(
	workflow: Workflow,
	name: string,
): Workflow['nodes'][number] & { parameters: Record<string, unknown> } {
	const node = workflow.nodes.find((one) => one.name === name);
	if (!node) throw new Error(`${workflow.name} has no node "${name}"`);
	return node as ReturnType<typeof nodeOf>;
}

/** Whether a field is one in which one thing is picked, such as a task. */
export function isLocator(value: unknown): value is { __rl: true; mode: string; value: string } {
	return typeof value === 'object' && value !== null && '__rl' in value;
}
