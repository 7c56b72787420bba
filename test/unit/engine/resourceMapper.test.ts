import type { IDataObject } from 'n8n-workflow';
import { resourceMapper } from '../../../nodes/shared/engine/resourceMapper';
import { sourceOf } from './fields';

/** A form whose fields the service knows. */

const load = async () => ({ fields: [] });
const DEPENDS_ON = ['variables.value'];

const form = () =>
	resourceMapper({
		name: 'getVariables',
		load,
		dependsOn: DEPENDS_ON,
		words: { singular: 'variable', plural: 'variables' },
		displayName: 'Values',
		description: 'What to set',
	});

test('the editor gets a form whose fields it asks the node for', () => {
	const field = form();
	expect(field.methods).toEqual({ resourceMapping: { getVariables: load } });
	const property = field.property();
	expect(property).toEqual({
		displayName: 'Values',
		description: 'What to set',
		type: 'resourceMapper',
		noDataExpression: true,
		default: { mappingMode: 'defineBelow', value: null },
		typeOptions: {
			loadOptionsDependsOn: ['variables.value'],
			resourceMapper: {
				resourceMapperMethod: 'getVariables',
				mode: 'add',
				fieldWords: { singular: 'variable', plural: 'variables' },
				addAllFields: true,
				supportAutoMap: true,
				hideNoDataError: true,
			},
		},
	});
	expect(property.typeOptions!.loadOptionsDependsOn).not.toBe(DEPENDS_ON);
});

/** What the form gives for values, and what the workflow has stored of them, with fields of defaults. */
function read(
	value: unknown,
	{ stored = value, defaults = {} }: { stored?: unknown; defaults?: IDataObject } = {},
) {
	const schema = Object.entries(defaults).map(([id, defaultValue]) => ({ id, defaultValue }));
	const parameter = (path: string, asStored?: boolean) =>
		asStored && path === 'options.values.value' ? stored : 'another parameter';
	const raw = { mappingMode: 'defineBelow', value, schema };
	return form().read(raw, { ...sourceOf(), parameter }, 'options.values');
}

const values = (all: IDataObject, prefilled: string[] = []) => ({
	values: all,
	automatic: false,
	prefilled,
});

test.each<[string, unknown, Parameters<typeof read>[1], object]>([
	['values come out as they stand', { a: 0, b: '', c: null }, {}, values({ a: 0, b: '', c: null })],
	['no values', null, {}, values({})],
	['a text in place of values', 'a', { stored: null }, values({})],
	[
		'a value that is the default of its field was filled in by the form',
		{ a: 'x', b: 'y', c: 'x' },
		{ defaults: { a: 'x', b: 'x' } },
		values({ b: 'y', c: 'x' }, ['a']),
	],
	[
		'a switch that is off, of a field without a default, was filled in by the form',
		{ a: false, b: true },
		{ defaults: { a: undefined, b: undefined } },
		values({ b: true }, ['a']),
	],
	[
		'a switch that is off was meant, where the form would have switched it on',
		{ a: false, b: true },
		{ defaults: { a: true, b: true } },
		values({ a: false }, ['b']),
	],
	[
		'a switch that is off was meant, where the form has no such field',
		{ a: false },
		{ defaults: { b: undefined } },
		values({ a: false }),
	],
	[
		'an expression was meant, whatever it gives',
		{ a: 'x', b: false },
		{ stored: { a: '={{ "x" }}', b: '={{ false }}' }, defaults: { a: 'x', b: undefined } },
		values({ a: 'x', b: false }),
	],
	[
		'of an expression that gives all values, each was meant',
		{ a: 'x' },
		{ stored: null, defaults: { a: 'x' } },
		values({ a: 'x' }),
	],
])('%s', (_, value, more, result) => {
	expect(read(value, more)).toEqual(result);
});

test.each([undefined, null, {}, { value: { a: false } }])(
	'a form that is hidden, or stored without a mode or fields, has its values: %j',
	(raw) => {
		expect(form().read(raw, sourceOf(), 'values')).toEqual(
			values((raw as { value?: IDataObject } | null)?.value ?? {}),
		);
	},
);

test('values may be the whole item', () => {
	const raw = { mappingMode: 'autoMapInputData', value: { a: 1 }, schema: [] };
	const item = { sku: 'x', a: false };
	expect(form().read(raw, sourceOf({}, item), 'values')).toEqual({
		values: item,
		automatic: true,
		prefilled: [],
	});
});
