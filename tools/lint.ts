/**
 * Lints everything with both n8n plugins. They read literals only, and the nodes' descriptions are
 * built by code: so each built description is written out as a literal, in a scratch file beside
 * the sources, and linted as well.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ESLint } from 'eslint';
import type { INodeType } from 'n8n-workflow';
import { format } from 'prettier';
import { n8n } from '../package.json';

const root = path.join(__dirname, '..');
const scratch = path.join(root, '.lint');

async function writeDescription(built: string): Promise<void> {
	const source = path.join(root, built.replace(/^dist/, '').replace(/\.js$/, '.ts'));
	const name = path.basename(source, '.node.ts');
	const module = (await import(source)) as Record<string, new () => INodeType>;
	const { description } = new module[name]!();
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
	for (const node of n8n.nodes) await writeDescription(node);
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
