import { text } from '../../../nodes/shared/engine/field';
import {
	methodsOfNode,
	propertiesOf,
	propertiesOfFields,
	subtitleOf,
	type Resources,
} from '../../../nodes/shared/engine/node';

/** What n8n reads of a node: its properties, the words below its name, and its methods. */

const operation = (name: string, fields = {}) => ({
	name,
	action: `${name} it`,
	description: `To ${name.toLowerCase()}`,
	fields,
	perform: async () => {},
});

const search = async () => ({ results: [] });
const colour = { ...text({ displayName: 'Colour' }), methods: { listSearch: { search } } };

const several: Resources = {
	zebra: { name: 'Zebra', operations: { read: operation('Read') } },
	apple: {
		name: 'Apple',
		operations: {
			write: operation('Write', {
				colour,
				shape: {
					property: () => ({
						...text({ displayName: 'Shape' }).property(),
						displayOptions: { show: { colour: ['red'] } },
					}),
					asTool: { default: 'round' },
				},
			}),
			count: operation('Count'),
		},
	},
};
const one: Resources = { apple: several.apple! };

describe('the properties of a node', () => {
	test('begin with its resources, by their names', () => {
		expect(propertiesOf(several)[0]).toEqual({
			displayName: 'Resource',
			name: 'resource',
			type: 'options',
			noDataExpression: true,
			options: [
				{ name: 'Apple', value: 'apple' },
				{ name: 'Zebra', value: 'zebra' },
			],
			default: 'apple',
		});
	});

	test('hide the resource where there is one', () => {
		expect(propertiesOf(one)[0]).toMatchObject({ type: 'hidden', default: 'apple' });
	});

	test('have the operations of each resource, by their names', () => {
		const operations = propertiesOf(several).filter(({ name }) => name === 'operation');
		expect(operations).toEqual([
			expect.objectContaining({
				displayName: 'Operation',
				type: 'options',
				noDataExpression: true,
				displayOptions: { show: { resource: ['zebra'] } },
				default: 'read',
			}),
			expect.objectContaining({
				displayOptions: { show: { resource: ['apple'] } },
				options: [
					{ name: 'Count', value: 'count', action: 'Count it', description: 'To count' },
					{ name: 'Write', value: 'write', action: 'Write it', description: 'To write' },
				],
				default: 'count',
			}),
		]);
	});

	test('show each field for its own resource and operation, and what it asks for itself', () => {
		const fields = propertiesOf(several).filter(
			({ name }) => name !== 'resource' && name !== 'operation',
		);
		const own = { resource: ['apple'], operation: ['write'] };
		expect(
			fields.map(({ name, default: value, displayOptions }) => [name, value, displayOptions]),
		).toEqual([
			['colour', '', { show: own }],
			['shape', '', { show: { ...own, '@tool': [false], colour: ['red'] } }],
			['shape', 'round', { show: { ...own, '@tool': [true], colour: ['red'] } }],
		]);
		expect(fields.map(({ displayName }) => displayName)).toEqual(['Colour', 'Shape', 'Shape']);
	});

	test('of a field that is different in a tool are two', () => {
		const size = { ...text({ displayName: 'Size' }), asTool: { default: 'large' } };
		const both = propertiesOfFields({ size });
		expect(both.map(({ default: value, displayOptions }) => [value, displayOptions])).toEqual([
			['', { show: { '@tool': [false] } }],
			['large', { show: { '@tool': [true] } }],
		]);
	});

	test('are fresh each time, because n8n changes them', () => {
		expect(propertiesOf(several)[0]).not.toBe(propertiesOf(several)[0]);
		expect(propertiesOfFields({ colour })[0]).not.toBe(propertiesOfFields({ colour })[0]);
	});
});

describe('the words below a name on the canvas', () => {
	const shown = (resources: Resources, parameter: Record<string, string>) => {
		const [, expression] = /^=\{\{ (.*) \}\}$/.exec(subtitleOf(resources))!;
		// As n8n evaluates it.
		return new Function('$parameter', `return ${expression}`)(parameter) as string;
	};

	test.each([
		['Write: Apple', several, { resource: 'apple', operation: 'write' }],
		['Read: Zebra', several, { resource: 'zebra', operation: 'read' }],
		['Write', one, { resource: 'apple', operation: 'write' }],
		['sing', several, { resource: 'apple', operation: 'sing' }],
	])('%s', (words, resources, parameter) => {
		expect(shown(resources, parameter)).toBe(words);
	});
});

test('the editor may ask for what the fields bring along, and for a test of the credential', () => {
	expect(methodsOfNode(several)).toEqual({
		credentialTest: { ximilarApiTest: expect.any(Function) as unknown },
		listSearch: { search },
		resourceMapping: {},
	});
});
