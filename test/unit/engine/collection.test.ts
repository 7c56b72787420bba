import fc from 'fast-check';
import { collection, list, updateFields } from '../../../nodes/shared/engine/collection';
import {
	number,
	optional,
	requiredText,
	text,
	type Field,
} from '../../../nodes/shared/engine/field';
import { isRefusal, outcome, refusal, sourceOf } from './fields';

/** Fields in groups. */

const fields = () => ({
	name: requiredText({ displayName: 'Name' }),
	count: number({ displayName: 'Count' }, { min: 0 }),
	color: optional(text({ displayName: 'Color' })),
});

const words = { displayName: 'Lines', description: 'What to write', placeholder: 'Add Line' };

/** A field that tells where it is read from. */
const traced = (): Field<unknown> => ({
	property: () => ({ displayName: 'Place', type: 'string', default: '' }),
	read: (raw, source, path) => [raw, source.item().sku, path],
	methods: { listSearch: { searchPlaces: async () => ({ results: [] }) } },
});

describe('what the user is asked:', () => {
	const [name, count, color] = [
		{ name: 'name', displayName: 'Name', type: 'string', default: '' },
		{
			name: 'count',
			displayName: 'Count',
			type: 'number',
			default: 0,
			typeOptions: { minValue: 0 },
		},
		{ name: 'color', displayName: 'Color', type: 'string', default: '' },
	];

	test.each<[string, () => Field<unknown>, object]>([
		[
			'rarely used fields by their labels, none of them required',
			() => collection(fields()),
			{ displayName: 'Options', placeholder: 'Add Option' },
		],
		[
			'rarely used fields under another label',
			() => collection(fields(), { displayName: 'Filters', placeholder: 'Add Filter' }),
			{ displayName: 'Filters', placeholder: 'Add Filter' },
		],
		[
			'what an update changes',
			() => updateFields(fields()),
			{ displayName: 'Update Fields', placeholder: 'Add Field' },
		],
	])('%s', (_, make, label) => {
		const property = make().property();
		expect(property).toEqual({
			...label,
			type: 'collection',
			default: {},
			options: [color, count, name],
		});
	});

	test('fields as often as wanted, in their order', () => {
		expect(list(fields(), words).property()).toEqual({
			...words,
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			default: {},
			options: [
				{
					name: 'entries',
					displayName: 'Lines',
					values: [{ ...name, required: true }, count, color],
				},
			],
		});
	});

	test.each<[string, (inner: Record<string, Field<unknown>>) => Field<unknown>]>([
		['rarely used', collection],
		['to be updated', updateFields],
		['in a list', (inner) => list(inner, words)],
	])('what the editor asks for a field %s is asked of the field itself', (_, around) => {
		const place = traced();
		expect(around({ place }).methods).toEqual({ ...place.methods, resourceMapping: {} });
	});
});

const ADDED = { name: ' a ', count: '2' };

test.each<[string, () => Field<unknown>, unknown, unknown]>([
	['what was added, and nothing else', () => collection(fields()), ADDED, { name: 'a', count: 2 }],
	['zero', () => collection(fields()), { count: 0 }, { count: 0 }],
	['what has no field any more', () => collection(fields()), { size: 1 }, {}],
	['nothing', () => collection(fields()), {}, {}],
	['a collection that is hidden', () => collection(fields()), null, {}],
	['what is to be updated', () => updateFields(fields()), ADDED, { name: 'a', count: 2 }],
	[
		'a list',
		() => list(fields(), words),
		{ entries: [ADDED, { name: 'b', count: 0, color: 'red' }] },
		[
			{ name: 'a', count: 2, color: undefined },
			{ name: 'b', count: 0, color: 'red' },
		],
	],
	['an empty list', () => list(fields(), words), {}, []],
	['a list that is hidden', () => list(fields(), words), null, []],
])('%s is read', (_, make, raw, values) => {
	const read = outcome(make(), raw);
	expect(read).toEqual(values);
	expect(Object.keys(read as object)).toEqual(Object.keys(values as object));
});

const NO_NAME = refusal('Name is empty', 'Enter a value in Name, or check its expression.');
const NO_CHANGE = refusal('Update Fields is empty', 'Add what to change, and its new value.');

test.each<[string, () => Field<unknown>, unknown, unknown]>([
	['an added field that is empty', () => collection(fields()), { name: '' }, NO_NAME],
	[
		'an added field that an expression leaves empty',
		() => collection(fields()),
		{ name: null },
		NO_NAME,
	],
	['a field that a list lacks', () => list(fields(), words), { entries: [ADDED, {}] }, NO_NAME],
	['an update of nothing', () => updateFields(fields()), {}, NO_CHANGE],
	['an update that is hidden', () => updateFields(fields()), undefined, NO_CHANGE],
	['an update of what has no field any more', () => updateFields(fields()), { size: 1 }, NO_CHANGE],
])('%s is refused, in words', (_, make, raw, error) => {
	expect(outcome(make(), raw)).toEqual(error);
});

test('a field in a group is read from its own place', () => {
	const source = sourceOf({}, { sku: 'a' });
	const inner = { place: traced() };
	expect(collection(inner).read({ place: 1 }, source, 'options')).toEqual({
		place: [1, 'a', 'options.place'],
	});
	expect(updateFields(inner).read({ place: 1 }, source, 'updateFields')).toEqual({
		place: [1, 'a', 'updateFields.place'],
	});
	expect(list(inner, words).read({ entries: [{ place: 1 }, {}] }, source, 'lines')).toEqual([
		{ place: [1, 'a', 'lines.entries[0].place'] },
		{ place: [undefined, 'a', 'lines.entries[1].place'] },
	]);
});

test('whatever is added, each value is taken or refused by the label of its field', () => {
	const value = fc.anything({ withBigInt: true, withNullPrototype: true });
	const added = fc.record({ name: value, count: value, color: value }, { requiredKeys: [] });
	const isRead = (read: unknown) =>
		['Name', 'Count', 'Color'].some((label) => isRefusal(read, label)) ||
		Object.values(read as object).every((one) =>
			['string', 'number', 'undefined'].includes(typeof one),
		);
	fc.assert(
		fc.property(added, (raw) => {
			expect(isRead(outcome(collection(fields()), raw))).toBe(true);
			const read = outcome(list(fields(), words), { entries: [raw] });
			expect(isRead(Array.isArray(read) ? read[0] : read)).toBe(true);
		}),
	);
});
