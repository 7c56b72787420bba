import { told, withFieldsInFront } from '../../../nodes/shared/engine/rows';

test.each([
	['other names', { sku: 1 }, { label: 'a' }, { sku: 1, label: 'a' }],
	['a name that is taken', { label: 'b' }, { label: 'a' }, { input_label: 'b', label: 'a' }],
	['the same value', { label: ['a'] }, { label: ['a'] }, { label: ['a'] }],
	[
		'a renamed name that the row has',
		{ label: 'b' },
		{ label: 'a', input_label: 'c' },
		{ input_2_label: 'b', label: 'a', input_label: 'c' },
	],
	[
		'a renamed name that is further itself, whatever the order',
		{ label: 'b', input_label: 'c', input_2_label: 'd' },
		{ label: 'a' },
		{ input_3_label: 'b', input_label: 'c', input_2_label: 'd', label: 'a' },
	],
	[
		'a renamed name that comes from another one',
		{ a: 1, input_a: 2 },
		{ a: 0, input_a: 3 },
		{ input_2_a: 1, input_input_a: 2, a: 0, input_a: 3 },
	],
	['names of every object', { constructor: 1, toString: 2 }, {}, { constructor: 1, toString: 2 }],
])('a row gets further fields in front, and none is lost: %s', (_, further, row, whole) => {
	const made = withFieldsInFront(further, row, 'input');
	expect(made).toEqual(whole);
	expect(Object.keys(made)).toEqual(Object.keys(whole));
});

test('a row leaves out what the answer does not tell, and nothing else', () => {
	const row = { a: undefined, b: null, c: '', d: 0, e: false, f: [] };
	expect(Object.entries(told(row))).toEqual(Object.entries(row).slice(1));
});
