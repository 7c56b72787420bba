/**
 * Lints everything with both n8n plugins. They read literals only, and the nodes' descriptions are
 * built by code: so each built description is written out as a literal, in a scratch file beside
 * the sources, and linted as well.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ESLint } from 'eslint';
import type { INodeTypeDescription } from 'n8n-workflow';
import { format } from 'prettier';
import { nodesOfPackage, root } from './nodes';

const scratch = path.join(root, '.lint');

async function writeDescription(name: string, description: INodeTypeDescription): Promise<void> {
	// The plugins know the connection types only by their names, and keys only without quotes.
	const literal = JSON.stringify(description).replaceAll(
		/"(inputs|outputs)":\["main"\]/g,
		'"$1":[NodeConnectionTypes.Main]',
	);
	const folder = path.join(scratch, name);
	await mkdir(folder, { recursive: true });
	const code =
		"import { NodeConnectionTypes, type INodeType, type INodeTypeDescription } from 'n8n-workflow';\n" +
		`export class ${name} implements INodeType { description: INodeTypeDescription = ${literal}; }`;
	await writeFile(
		path.join(folder, `${name}.node.ts`),
		await format(code, { parser: 'typescript', singleQuote: true, useTabs: true }),
	);
}

async function main(): Promise<void> {
	await rm(scratch, { recursive: true, force: true });
	for (const { className, node } of await nodesOfPackage()) {
		await writeDescription(className, node.description);
	}
	const eslint = new ESLint({ cwd: root });
	const results = await eslint.lintFiles(['.', 'package.json', '.lint/**/*.ts']);
	const report = await (await eslint.loadFormatter('stylish')).format(results);
	if (report) console.error(report);
	process.exitCode = results.some(({ errorCount, warningCount }) => errorCount + warningCount > 0)
		? 1
		: 0;
	if (process.exitCode === 0) await rm(scratch, { recursive: true, force: true });
}

void main();
