import { readFile } from 'node:fs/promises';
import path from 'node:path';
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

/** Where the examples look for their files, and what they pick: replaced by what is here. */
export type Replacements = Record<string, string>;

/**
 * An example workflow of the project as a user has it after the two steps that its README asks for:
 * choose the credential, and put in one's own folder, task or addresses.
 * @param others credentials of other services, by their types
 */
export async function example(
	file: string,
	credential: { id: string; name: string },
	replacements: Replacements,
	others: Record<string, { id: string; name: string }> = {},
): Promise<Workflow> {
	let text = await readFile(path.join(projectDirectory, 'examples', file), 'utf8');
	for (const [from, to] of Object.entries(replacements)) {
		if (!text.includes(from)) throw new Error(`${file} holds no "${from}"`);
		text = text.replaceAll(from, JSON.stringify(to).slice(1, -1));
	}
	const workflow = JSON.parse(text) as Workflow;
	for (const node of workflow.nodes) {
		for (const type of Object.keys(node.credentials ?? {})) {
			const chosen = type === 'ximilarApi' ? credential : others[type];
			if (chosen) node.credentials = { [type]: chosen };
		}
	}
	return workflow;
}
