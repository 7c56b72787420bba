import { CREDENTIALS } from './bench';
import type { Link } from './chain';

/** Nodes that many chains are made of. */

/** A node of this package, named Ximilar. */
export const ximilarNode = (
	node: 'Account' | 'Ocr' | 'Recognition' | 'Vlm',
	resource: string,
	operation: string,
	parameters: object = {},
	more: Partial<Link> = {},
): Link => ({
	name: 'Ximilar',
	type: `n8n-nodes-ximilar.ximilar${node}`,
	parameters: { resource, operation, ...parameters },
	credentials: CREDENTIALS,
	...more,
});

/** A node that puts out these items. */
export const itemsNode = (...jsons: object[]): Link => ({
	name: 'Items',
	type: 'n8n-nodes-base.code',
	typeVersion: 2,
	parameters: { jsCode: `return ${JSON.stringify(jsons)}.map((json) => ({ json }))` },
});

/** A node that reads the files that match a pattern. */
export const filesNode = (fileSelector: string): Link => ({
	name: 'Files',
	type: 'n8n-nodes-base.readWriteFile',
	parameters: { operation: 'read', fileSelector, options: {} },
});

/** A picker's value, chosen by ID. */
export const byId = (value: string) => ({ __rl: true, mode: 'id', value });
