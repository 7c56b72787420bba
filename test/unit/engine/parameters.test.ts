import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { createParameters } from '../../../nodes/shared/engine/parameters';

/** n8n's part of it: an expression is anything that begins with "=", here a field of the item. */
function contextOf(parameters: IDataObject, items: IDataObject[]) {
	const resolve = (stored: unknown, json: IDataObject): unknown => {
		if (typeof stored === 'string') return stored.startsWith('=') ? json[stored.slice(1)] : stored;
		if (Array.isArray(stored)) return stored.map((one) => resolve(one, json));
		if (typeof stored !== 'object' || stored === null) return stored;
		return Object.fromEntries(Object.entries(stored).map(([k, one]) => [k, resolve(one, json)]));
	};
	const getNodeParameter = jest.fn(
		(path: string, index: number, fallback: unknown, { rawExpressions = false } = {}) => {
			const stored = parameters[path];
			if (stored === undefined) return fallback;
			return rawExpressions ? stored : resolve(stored, items[index]!);
		},
	);
	const getInputData = () => items.map((json) => ({ json }));
	return {
		context: { getNodeParameter, getInputData } as unknown as IExecuteFunctions,
		asked: (asStored = false) =>
			getNodeParameter.mock.calls.filter(
				([, , , options]) => (options?.rawExpressions ?? false) === asStored,
			),
	};
}

const ITEMS = [{ sku: 'a' }, { sku: 'b' }, { sku: 'c' }];

test.each<[string, unknown, unknown[], number]>([
	['a text', 'plain', ['plain', 'plain', 'plain'], 1],
	['an expression', '=sku', ['a', 'b', 'c'], 3],
	['a locator', { __rl: true, value: 'x' }, Array(3).fill({ __rl: true, value: 'x' }), 1],
	[
		'an expression in a locator',
		{ __rl: true, value: '=sku' },
		['a', 'b', 'c'].map((value) => ({ __rl: true, value })),
		3,
	],
	[
		'an expression in a list of a collection',
		{ entries: [{ name: 'x' }, { name: '=sku' }] },
		['a', 'b', 'c'].map((name) => ({ entries: [{ name: 'x' }, { name }] })),
		3,
	],
	['a list', ['x', 'a=b'], Array(3).fill(['x', 'a=b']), 1],
	['a number', 0, [0, 0, 0], 1],
	['a switch that is off', false, [false, false, false], 1],
	['nothing', null, [null, null, null], 1],
	['a hidden one', undefined, [null, null, null], 1],
])('%s is resolved as often as it can differ', (_, stored, values, times) => {
	const { context, asked } = contextOf({ field: stored } as IDataObject, ITEMS);
	const sourceOf = createParameters(context);
	const read = () => ITEMS.map((__, index) => sourceOf(index).parameter('field'));

	expect(read()).toEqual(values);
	expect(asked()).toHaveLength(times);
	expect(read()).toEqual(values);
	expect(asked(true)).toHaveLength(1);
});

test('what is stored and what it means are kept apart, and so are two parameters', () => {
	const { context } = contextOf({ field: '=sku', other: 'x' }, ITEMS);
	const { parameter, item } = createParameters(context)(1);
	expect([parameter('field', true), parameter('field'), parameter('other')]).toEqual([
		'=sku',
		'b',
		'x',
	]);
	expect(parameter('field', true)).toBe('=sku');
	expect(item()).toEqual({ sku: 'b' });
});

test('what n8n cannot resolve is thrown for each item', () => {
	const getNodeParameter = jest.fn(() => {
		throw new Error('No such node');
	});
	const sourceOf = createParameters({ getNodeParameter } as unknown as IExecuteFunctions);
	for (const index of [0, 1]) {
		expect(() => sourceOf(index).parameter('field')).toThrow('No such node');
	}
});
