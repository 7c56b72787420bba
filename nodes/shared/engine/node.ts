import {
	NodeOperationError,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';
import { ximilarApiTest } from './credentialTest';
import { createExecution } from './execution';
import type { Field, Fields } from './field';
import { methodsOf } from './methods';
import type { Operation, Resource } from './operation';

/** A node's resources by internal name. */
export type Resources = Record<string, Resource>;

/**
 * The properties of a node: its resource, its operations, and their fields, each shown for its own
 * resource and operation. Every call makes fresh objects.
 */
export function propertiesOf(resources: Resources): INodeProperties[] {
	return [
		resourceProperty(resources),
		...Object.entries(resources).flatMap(([resource, { operations }]) => [
			operationProperty(resource, operations),
			...Object.entries(operations).flatMap(([name, { fields }]) =>
				propertiesOfFields(fields).map((property): INodeProperties => {
					const show = {
						resource: [resource],
						operation: [name],
						...property.displayOptions?.show,
					};
					return { ...property, displayOptions: { show } };
				}),
			),
		]),
	];
}

/**
 * What stands below a node's name on the canvas, in words: "Get Many: Label", or "Read with GPT" where
 * there is one resource. Where the operation is an expression, n8n's own names stand there.
 */
export function subtitleOf(resources: Resources): string {
	const all = Object.entries(resources);
	const words = all.flatMap(([resource, { name, operations }]) =>
		Object.entries(operations).map(([key, operation]) => [
			`${resource} ${key}`,
			all.length > 1 ? `${operation.name}: ${name}` : operation.name,
		]),
	);
	const chosen = '$parameter["resource"] + " " + $parameter["operation"]';
	return `={{ (${JSON.stringify(Object.fromEntries(words))})[${chosen}] || $parameter["operation"] }}`;
}

/**
 * The properties of fields alone; a field that is different in a tool has one for each. Every call
 * makes fresh objects.
 */
export function propertiesOfFields(fields: Fields): INodeProperties[] {
	return Object.entries(fields).flatMap(([name, { property, asTool }]) =>
		asTool
			? [
					shownAsTool(false, { ...property(), name }),
					shownAsTool(true, { ...property(), ...asTool, name }),
				]
			: [{ ...property(), name }],
	);
}

function shownAsTool(isTool: boolean, property: INodeProperties): INodeProperties {
	const show = { '@tool': [isTool], ...property.displayOptions?.show };
	return { ...property, displayOptions: { show } };
}

/** What the editor can ask the node for: the methods that the fields of its operations bring along. */
export function methodsOfNode(resources: Resources) {
	const fields = Object.values(resources).flatMap(({ operations }) =>
		Object.values(operations).flatMap((operation) =>
			Object.values<Field<unknown>>(operation.fields),
		),
	);
	return { credentialTest: { ximilarApiTest }, ...methodsOf(fields) };
}

function resourceProperty(resources: Resources): INodeProperties {
	const options = Object.entries(resources)
		.map(([value, { name }]) => ({ name, value }))
		.sort((a, b) => a.name.localeCompare(b.name));
	return {
		displayName: 'Resource',
		name: 'resource',
		// A resource without a choice is kept, hidden: n8n makes the texts for AI tools from it, and from
		// its one option the list of actions in the node panel.
		type: options.length === 1 ? 'hidden' : 'options',
		noDataExpression: true,
		options,
		default: options[0]!.value,
	};
}

function operationProperty(
	resource: string,
	operations: Record<string, Operation>,
): INodeProperties {
	const options = Object.entries(operations)
		.map(([value, { name, action, description }]) => ({ name, value, action, description }))
		.sort((a, b) => a.name.localeCompare(b.name));
	// n8n's scanner of packages takes a name for a default, and an expression for none.
	const first = options[0]!.value;
	return {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: [resource] } },
		options,
		default: first,
	};
}

/** A node's `execute`: runs the chosen operation over all items. */
export function executorOf(resources: Resources) {
	return async function (this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const name = this.getNodeParameter('operation', 0) as string;
		const operation = resources[this.getNodeParameter('resource', 0) as string]?.operations[name];
		if (!operation) {
			throw new NodeOperationError(this.getNode(), `This node has no operation "${name}"`, {
				description:
					'Choose an operation of the node. For any other call of the API, use the HTTP Request node with the predefined credential type Ximilar API.',
			});
		}
		const execution = createExecution(this, operation.fields);
		await operation.perform(execution);
		return [execution.output()];
	};
}
