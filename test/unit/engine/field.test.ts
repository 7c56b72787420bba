import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';
import {
	anyValue,
	boolean,
	choice,
	isBlank,
	jsonList,
	jsonObject,
	mapped,
	notice,
	number,
	optional,
	requiredText,
	shownWhen,
	text,
	time,
	type Field,
	type Property,
} from '../../../nodes/shared/engine/field';
import { isRefusal, outcome, refusal, sourceOf } from './fields';

/** Makes a field of a test, within it. */
type Make = (property: Property) => Field<unknown>;

const SIZE: Property = { displayName: 'Size' };

/** Two choices, and one that is empty. */
const sizes: Make = (property) =>
	choice({ ...property, default: 'small' }, [
		{ name: 'Small', value: 'small' },
		{ name: 'Large', value: 'large' },
		{ name: 'Any', value: '' },
	]);

describe('what the user is asked:', () => {
	test.each<[string, Make, object]>([
		['a text', text, { type: 'string', default: '' }],
		[
			'a text with a default',
			(property) => text({ ...property, default: 'L' }),
			{ type: 'string', default: 'L' },
		],
		['a text that is required', requiredText, { type: 'string', default: '', required: true }],
		['any value', anyValue, { type: 'string', default: '' }],
		['a number', number, { type: 'number', default: 0, typeOptions: {} }],
		[
			'a number within limits',
			(property) => number({ ...property, default: 5 }, { min: 0, max: 9, integer: true }),
			{
				type: 'number',
				default: 5,
				typeOptions: { minValue: 0, maxValue: 9, numberPrecision: 0 },
			},
		],
		[
			'a number with an option of its own',
			(property) => number({ ...property, typeOptions: { numberPrecision: 2 } }, { max: 1 }),
			{ type: 'number', default: 0, typeOptions: { maxValue: 1, numberPrecision: 2 } },
		],
		['a switch', boolean, { type: 'boolean', default: false }],
		[
			'a switch that is on',
			(property) => boolean({ ...property, default: true }),
			{ type: 'boolean', default: true },
		],
		['a time', time, { type: 'dateTime', default: '' }],
		['a JSON object', jsonObject, { type: 'json', default: '{}' }],
		['a JSON list', jsonList, { type: 'json', default: '[]' }],
		['a notice', () => notice('Size'), { type: 'notice', default: '' }],
		[
			'a choice',
			sizes,
			{
				type: 'options',
				default: 'small',
				options: [
					{ name: 'Small', value: 'small' },
					{ name: 'Large', value: 'large' },
					{ name: 'Any', value: '' },
				],
			},
		],
		[
			'what may be left blank',
			(property) => optional(requiredText(property)),
			{ type: 'string', default: '' },
		],
		[
			'what is turned into another value',
			(property) => mapped(text(property), Number),
			{ type: 'string', default: '' },
		],
		[
			'what is shown with others only',
			(property) => shownWhen({ color: ['red'] }, text(property)),
			{ type: 'string', default: '', displayOptions: { show: { color: ['red'] } } },
		],
		[
			'what is shown with several others only',
			(property) =>
				shownWhen({ color: ['red'] }, shownWhen({ '/shape': [1, true] }, text(property))),
			{
				type: 'string',
				default: '',
				displayOptions: { show: { color: ['red'], '/shape': [1, true] } },
			},
		],
	])('%s', (_, make, property) => {
		expect(make(SIZE).property()).toEqual({ ...SIZE, ...property });
	});

	test('each node gets a property of its own, so that n8n can change it in place', () => {
		const field = shownWhen({ color: ['red'] }, sizes(SIZE));
		const { options, displayOptions } = field.property();
		options!.length = 0;
		displayOptions!.show!.color!.push('blue');
		expect(field.property()).toMatchObject({
			options: [{ value: 'small' }, { value: 'large' }, { value: '' }],
			displayOptions: { show: { color: ['red'] } },
		});
	});
});

const date = new Date('2024-05-01T10:00:00Z');

test.each<[string, Make, unknown, unknown]>([
	['a text', text, ' L ', ' L '],
	['no text', text, undefined, ''],
	['a number as text', text, 5, '5'],
	['a text that is required', requiredText, ' L ', 'L'],
	['zero as a text that is required', requiredText, 0, '0'],
	['any value', anyValue, date, date],
	['a number', number, -1.5, -1.5],
	['a number in a text', number, ' 1e3 ', 1000],
	['the least number', (property) => number(property, { min: 0 }), 0, 0],
	['the greatest number', (property) => number(property, { max: 9 }), '9', 9],
	['a whole number', (property) => number(property, { integer: true }), '3.0', 3],
	['a switch that is on', boolean, true, true],
	['a switch that is on, as text', boolean, ' TRUE ', true],
	['a switch that is on, as number', boolean, 1, true],
	['a switch that is off', boolean, false, false],
	['a switch that is off, as text', boolean, 'False', false],
	['a switch that is off, as number', boolean, 0, false],
	['a switch that is not set', boolean, ' ', false],
	['a time as text', time, '2024-05-01T12:00:00+02:00', date.getTime()],
	['a time as date', time, date, date.getTime()],
	['a time in milliseconds', time, 0, 0],
	['a choice', sizes, 'large', 'large'],
	['no choice', sizes, null, 'small'],
	['a choice of blanks', sizes, ' ', 'small'],
	['a JSON object as text', jsonObject, ' {"a": [1]}', { a: [1] }],
	['a JSON object', jsonObject, { a: 1 }, { a: 1 }],
	['a JSON list as text', jsonList, '[{}, 1]', [{}, 1]],
	['a JSON list', jsonList, [], []],
	['a notice', () => notice('Size'), 'read', undefined],
	['what is turned into another value', (property) => mapped(number(property), String), '7.0', '7'],
	['what may be left blank, and is', (property) => optional(number(property)), ' ', undefined],
	[
		'what may be left blank, and is hidden',
		(property) => optional(number(property)),
		null,
		undefined,
	],
	['what may be left blank, and is not', (property) => optional(number(property)), '0', 0],
	[
		'a switch that may be left blank, and is off',
		(property) => optional(boolean(property)),
		false,
		false,
	],
	[
		'a picker that is blank',
		(property) => optional(anyValue(property)),
		{ __rl: true, value: '' },
		undefined,
	],
	[
		'a picker that is not blank',
		(property) => optional(anyValue(property)),
		{ __rl: true, value: 'a' },
		{ __rl: true, value: 'a' },
	],
	[
		'an object that is no picker',
		(property) => optional(anyValue(property)),
		{ value: '' },
		{ value: '' },
	],
])('%s comes out as its value', (_, make, raw, value) => {
	expect(outcome(make(SIZE), raw)).toEqual(value);
});

const IS_TEXT = (what: string) =>
	refusal('Size must be text', `It is ${what}. Check the expression in Size.`);
const EMPTY = refusal('Size is empty', 'Enter a value in Size, or check its expression.');
const NO_NUMBER = (what: string) =>
	refusal('Size must be a number', `It is ${what}. Check the value or its expression.`);
const NO_TIME = (what: string) =>
	refusal('Size must be a date and time', `It is ${what}. Check its expression.`);
const NO_SWITCH = (what: string) => refusal('Size must be true or false', `It is ${what}.`);
const NO_CHOICE = (what: string) =>
	refusal(`Size cannot be ${what}`, 'Use one of: small, large, (empty).');
const NO_OBJECT = (what: string) =>
	refusal(
		'Size must be a JSON object',
		`It is ${what}. Enter names and values in braces, e.g. {"source": "shop"}.`,
	);
const NO_LIST = refusal('Size must be a JSON list', 'Enter its entries in brackets: [ … ].');

test.each<[string, Make, unknown, unknown]>([
	['an object as text', text, {}, IS_TEXT('an object')],
	['a list as text', requiredText, ['L'], IS_TEXT('a list')],
	['blanks as a text that is required', requiredText, '  ', EMPTY],
	['nothing as a text that is required', requiredText, null, EMPTY],
	['a word as number', number, 'L', NO_NUMBER('"L"')],
	['blanks as number', number, ' ', NO_NUMBER('" "')],
	['nothing as number', number, null, NO_NUMBER('""')],
	['a switch as number', number, true, NO_NUMBER('"true"')],
	['a list as number', number, [1], NO_NUMBER('a list')],
	['an endless number', number, Infinity, NO_NUMBER('"Infinity"')],
	['a broken number', number, NaN, NO_NUMBER('"NaN"')],
	[
		'a part as whole number',
		(property) => number(property, { integer: true }),
		'1.5',
		refusal('Size must be a whole number', 'It is 1.5.'),
	],
	[
		'too little',
		(property) => number(property, { min: 1 }),
		0,
		refusal('Size must be at least 1', 'It is 0.'),
	],
	[
		'too much',
		(property) => number(property, { max: 1 }),
		'2',
		refusal('Size must be at most 1', 'It is 2.'),
	],
	[
		'too little, where there can be too much as well',
		(property) => number(property, { min: 0, max: 1 }),
		-0.1,
		refusal('Size must be at least 0 and at most 1', 'It is -0.1.'),
	],
	['a word as switch', boolean, 'yes', NO_SWITCH('"yes"')],
	['a number as switch', boolean, 2, NO_SWITCH('"2"')],
	['a list as switch', boolean, [], NO_SWITCH('a list')],
	['a word as time', time, 'soon', NO_TIME('"soon"')],
	['nothing as time', time, null, NO_TIME('""')],
	['a broken date as time', time, new Date(NaN), NO_TIME('an object')],
	['a bare object as time', time, Object.create(null), NO_TIME('an object')],
	['a list as time', time, [], NO_TIME('a list')],
	['a word that is no choice', sizes, 'huge', NO_CHOICE('"huge"')],
	['a number as choice', sizes, 7, NO_CHOICE('"7"')],
	['an object as choice', sizes, {}, NO_CHOICE('an object')],
	[
		'nothing as JSON object',
		jsonObject,
		' ',
		refusal('Size is empty', 'Enter a JSON object, e.g. {"source": "shop"}.'),
	],
	['a list as JSON object', jsonObject, '[1]', NO_OBJECT('a list')],
	['a number as JSON object', jsonObject, 7, NO_OBJECT('a plain value')],
	['null as JSON object', jsonObject, 'null', NO_OBJECT('a plain value')],
	[
		'broken text as JSON object',
		jsonObject,
		'{',
		refusal(
			'Size is not valid JSON',
			expect.stringContaining('It ends too early (line 1, column 2).') as unknown as string,
		),
	],
	[
		'nothing as JSON list',
		jsonList,
		undefined,
		refusal('Size is empty', 'Enter a JSON list, in brackets.'),
	],
	['an object as JSON list', jsonList, '{}', NO_LIST],
	[
		'broken text as JSON list',
		jsonList,
		'[1',
		expect.objectContaining({ message: 'Size is not valid JSON' }),
	],
])('%s is refused, in words', (_, make, raw, error) => {
	expect(outcome(make(SIZE), raw)).toEqual(error);
});

test('a field has its value only while it is shown', () => {
	const field = shownWhen({ color: ['red', 'blue'], '/options.shape': [true] }, text(SIZE));
	const given = (color: unknown, shape: unknown) =>
		outcome(field, 'L', sourceOf({ color, 'options.shape': shape } as IDataObject));
	expect(given('red', true)).toBe('L');
	expect(given('blue', true)).toBe('L');
	expect(given('green', true)).toBeUndefined();
	expect(given('red', false)).toBeUndefined();
	expect(given('red', null)).toBeUndefined();
});

test('fields around another one hand on where its value is, and what the editor asks for it', () => {
	const search = async () => ({ results: [] });
	const inner: Field<unknown> = {
		property: () => ({ displayName: 'Size', type: 'string', default: '' }),
		read: (raw, source, path) => [raw, source.item().sku, path],
		methods: { listSearch: { searchSizes: search } },
	};
	const field = optional(
		shownWhen(
			{ color: ['red'] },
			mapped(inner, (value) => value),
		),
	);
	const source = sourceOf({ color: 'red' }, { sku: 'a' });
	expect(field.read('L', source, 'options.size')).toEqual(['L', 'a', 'options.size']);
	expect(field.methods).toEqual({ listSearch: { searchSizes: search } });
});

test.each<[unknown, boolean]>([
	[undefined, true],
	[null, true],
	['', true],
	[' \n', true],
	['a', false],
	[0, false],
	[false, false],
	[[], false],
])('whether %j is blank: %j', (raw, blank) => {
	expect(isBlank(raw)).toBe(blank);
});

test('whatever an expression gives, a field takes it or refuses it by its label', () => {
	const typed: Array<[Make, (value: unknown) => boolean]> = [
		[text, (value) => typeof value === 'string'],
		[requiredText, (value) => /^\S/.test(value as string)],
		[number, Number.isFinite],
		[(property) => number(property, { min: 1, integer: true }), (value) => Number.isInteger(value)],
		[boolean, (value) => typeof value === 'boolean'],
		[time, (value) => typeof value === 'number'],
		[sizes, (value) => ['small', 'large', ''].includes(value as string)],
		[jsonObject, (value) => typeof value === 'object' && !Array.isArray(value)],
		[jsonList, Array.isArray],
	];
	const anything = fc.anything({
		key: fc.stringMatching(/^[a-z]{0,3}$/),
		withBigInt: true,
		withDate: true,
		withNullPrototype: true,
	});
	fc.assert(
		fc.property(anything, fc.constantFrom(...typed), (raw, [make, isRight]) => {
			const value = outcome(make(SIZE), raw);
			expect(isRight(value) || isRefusal(value, 'Size')).toBe(true);
			const unlessBlank = outcome(optional(make(SIZE)), raw);
			if (unlessBlank !== undefined) expect(unlessBlank).toEqual(value);
		}),
	);
});
