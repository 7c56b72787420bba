import path from 'node:path';
import type { INodeType } from 'n8n-workflow';
import { n8n } from '../package.json';

export const root = path.join(__dirname, '..');

/** Every node of the package, made from its source, in the order of package.json. */
export async function nodesOfPackage(): Promise<Array<{ className: string; node: INodeType }>> {
	return await Promise.all(
		n8n.nodes.map(async (built) => {
			const source = path.join(root, built.replace(/^dist/, '').replace(/\.js$/, '.ts'));
			const className = path.basename(source, '.node.ts');
			const module = (await import(source)) as Record<string, new () => INodeType>;
			return { className, node: new module[className]!() };
		}),
	);
}
