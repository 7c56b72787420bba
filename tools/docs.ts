/**
 * Writes docs/operations.md, the reference of all nodes, from what the nodes say of themselves and from
 * a run of each operation; and docs/troubleshooting.md.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { INodeProperties, INodePropertyOptions, INodeTypeDescription } from 'n8n-workflow';
import { nodesOfPackage, root } from './nodes';
import { runOperations, type OperationRun } from './operationRuns';
import { TROUBLESHOOTING, troubleshooting } from './troubleshooting';

export const REFERENCE = path.join(root, 'docs/operations.md');

type Show = Record<string, unknown[] | undefined>;

const showOf = (property: INodeProperties): Show => property.displayOptions?.show ?? {};

const inCell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** Text for a table's cell: what a field is for, its choices, and when it is there. */
function explanation(property: INodeProperties, fields: INodeProperties[]): string {
	const choices =
		property.type === 'options'
			? `One of: ${(property.options as INodePropertyOptions[]).map(({ name }) => name).join(', ')}`
			: '';
	const conditions = Object.entries(showOf(property))
		.filter(([name]) => !['resource', 'operation', '@tool'].includes(name))
		.map(([name, values]) => {
			const other = fields.find((field) => field.name === name.replace(/^\//, ''));
			return `${other?.displayName ?? name} is ${(values ?? []).map((value) => nameOf(other, value)).join(' or ')}`;
		});
	const when = conditions.length ? `Only when ${conditions.join(' and ')}` : '';
	return [property.description ?? '', choices, when]
		.filter(Boolean)
		.map((sentence) => sentence.replace(/\.?$/, '.'))
		.join(' ');
}

function nameOf(property: INodeProperties | undefined, value: unknown): string {
	const options = (property?.options ?? []) as INodePropertyOptions[];
	if (typeof value === 'boolean') return value ? 'on' : 'off';
	return options.find((option) => option.value === value)?.name ?? String(value);
}

function rowsOf(fields: INodeProperties[], all = fields, group = ''): string[] {
	return fields.flatMap((field) => {
		if (field.type === 'notice' || field.type === 'hidden') return [];
		const name = `${group}${field.displayName}`;
		if (field.type === 'collection') {
			return rowsOf(field.options as INodeProperties[], all, `${name} » `);
		}
		const required = field.required ? ' (required)' : '';
		return [`| ${name}${required} | ${inCell(explanation(field, all))} |`];
	});
}

/** What a run showed: the calls to the API, whether they cost credits, and an item. */
function shownBy({ calls, costsCredits, row }: OperationRun): string[] {
	const fields = Object.entries(row).map(
		([name, value]) => `  ${JSON.stringify(name)}: ${inOneLine(value)}`,
	);
	return [
		'',
		`Costs ${costsCredits ? 'credits for each image' : 'no credits'}. Calls: ${calls.map((call) => `\`${call}\``).join(', ')}.`,
		'',
		'```json',
		`{\n${fields.join(',\n')}\n}`,
		'```',
	];
}

/** JSON with the blanks that people put into it. */
function inOneLine(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(inOneLine).join(', ')}]`;
	if (typeof value !== 'object' || value === null) return JSON.stringify(value);
	const fields = Object.entries(value).map(
		([name, field]) => `${JSON.stringify(name)}: ${inOneLine(field)}`,
	);
	return fields.length ? `{ ${fields.join(', ')} }` : '{}';
}

function sectionsOf(description: INodeTypeDescription, runs: Map<string, OperationRun>): string[] {
	const { properties } = description;
	const operations = properties.filter(({ name }) => name === 'operation');
	const resources = properties.find(({ name }) => name === 'resource');
	return operations.flatMap((property) => {
		const [resource] = showOf(property).resource as [string];
		return (property.options as INodePropertyOptions[]).flatMap(
			({ name, value, description: text }) => {
				const fields = properties.filter((field) => {
					const show = showOf(field);
					return (
						field.name !== 'operation' &&
						!show['@tool']?.includes(true) &&
						show.resource?.includes(resource) &&
						show.operation?.includes(value)
					);
				});
				const title =
					resources?.type === 'options' ? `${nameOf(resources, resource)} » ${name}` : name;
				const rows = rowsOf(fields);
				const table = rows.length
					? ['', '| Field | What it is for |', '| --- | --- |', ...rows]
					: [];
				const run = runs.get(`${description.name} ${resource} ${value}`);
				if (!run) throw new Error(`${title} of ${description.displayName} is not run`);
				const heading = ['', `### ${title}`, '', `${(text ?? '').replace(/\.?$/, '.')}`];
				return [...heading, ...table, ...shownBy(run)];
			},
		);
	});
}

/** The whole reference, as Markdown. */
export async function reference(): Promise<string> {
	const nodes = await nodesOfPackage();
	const runs = await runOperations();
	const lines = nodes.flatMap(({ node: { description } }) => {
		const plain = description.properties.filter(
			({ name }) => !['resource', 'operation'].includes(name),
		);
		const sections = description.properties.some(({ name }) => name === 'operation')
			? sectionsOf(description, runs)
			: ['', '| Field | What it is for |', '| --- | --- |', ...rowsOf(plain)];
		return ['', `## ${description.displayName}`, '', `${description.description}.`, ...sections];
	});
	return [
		'# Operations',
		'',
		'Written by `npm run docs` from the nodes themselves. The calls, the costs and the items are those of a run of each operation on one image (640 × 480), against the simulator.',
		...lines,
		'',
	].join('\n');
}

if (require.main === module) {
	void (async () => {
		await mkdir(path.dirname(REFERENCE), { recursive: true });
		await writeFile(REFERENCE, await reference());
		await writeFile(TROUBLESHOOTING, await troubleshooting());
		// n8n's engine keeps handles open.
		process.exit();
	})();
}
