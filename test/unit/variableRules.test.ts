import fc from 'fast-check';
import {
	assignmentsOf,
	choicesOf,
	isNeeded,
	valueOf,
	type GivenValues,
} from '../../nodes/XimilarVlm/variable/rules';
import type { XimilarError } from '../../nodes/shared/api/error';
import type { Rules, Variable } from '../../nodes/shared/api/schemas';

/** Values in their variables' types: what is taken, what is refused, and in which words. */

const variable = (type: string, rules: Partial<Rules> = {}): Variable => ({
	id: `id of ${rules.name ?? 'v'}`,
	name: 'v',
	type,
	...rules,
});

const errorOf = (work: () => unknown): XimilarError => {
	try {
		work();
	} catch (error) {
		return error as XimilarError;
	}
	throw new Error('It was taken.');
};

const errorFor = (rules: Rules, raw: unknown) => errorOf(() => valueOf(rules, raw));

describe('what is taken', () => {
	test.each<[Rules, unknown, unknown]>([
		[variable('float'), 8.5, 8.5],
		[variable('float'), '8.5', 8.5],
		[variable('float'), ' +8.5 ', 8.5],
		[variable('float'), '.5', 0.5],
		[variable('float'), '1e3', 1000],
		[variable('float'), '-2', -2],
		[variable('float', { min_value: 0, max_value: 10, step_size: 0.5 }), '10', 10],
		[variable('float', { step_size: 0.1 }), 0.3, 0.3],
		[variable('float', { step_size: 0.1 }), 0.1 + 0.2, 0.1 + 0.2],
		[variable('float', { min_value: 0.25, step_size: 0.5 }), 0.75, 0.75],
		[variable('float', { min_value: null, max_value: null, step_size: null }), 1e12, 1e12],
		[variable('integer'), 8, 8],
		[variable('integer'), '8', 8],
		[variable('integer'), '8.0', 8],
		[variable('integer'), '-0', -0],
		[variable('boolean'), true, true],
		[variable('boolean'), 'FALSE', false],
		[variable('boolean'), ' true ', true],
		[variable('string'), 'Sharp corners, one scratch', 'Sharp corners, one scratch'],
		[variable('string'), ' kept ', ' kept '],
		[variable('string'), 10, '10'],
		[variable('string'), true, 'true'],
		[variable('string', { choices: 'mint, near_mint' }), ' near_mint ', 'near_mint'],
		[variable('string', { choices: '' }), 'anything', 'anything'],
		[variable('string', { choices: '1,2' }), 2, '2'],
		[variable('string', { max_length: 2 }), '👍👍', '👍👍'],
		[variable('array'), [], []],
		[variable('array'), '["a", 1]', ['a', 1]],
		[variable('array', { min_length: 1, max_length: 2 }), ['a', 'b'], ['a', 'b']],
		[variable('object'), { a: 1 }, { a: 1 }],
		[variable('object'), '{"a": {"b": []}}', { a: { b: [] } }],
		[variable('float', { min_value: '0.5' as unknown as number }), 0.5, 0.5],
		[variable('geometry'), { anything: 'goes' }, { anything: 'goes' }],
	])('%j takes %j', (rules, raw, value) => {
		expect(valueOf(rules, raw)).toEqual(value);
	});
});

describe('what is refused names the variable and the rule', () => {
	const grade = variable('float', { name: 'grade', min_value: 0, max_value: 10, step_size: 0.5 });

	test.each<[Rules, unknown, string, string]>([
		[grade, '8,5', 'Variable "grade": "8,5" is not a number', 'Write it with a dot: 8.5.'],
		[grade, 11, 'Variable "grade": 11 is over its maximum of 10', 'Correct the value'],
		[grade, '-0.5', 'Variable "grade": -0.5 is under its minimum of 0', 'Correct the value'],
		[
			grade,
			2.3,
			'Variable "grade": 2.3 does not fit its step size of 0.5',
			'Next to it are 2 and 2.5.',
		],
		[
			variable('float', { max_value: 10, step_size: 3 }),
			9.5,
			'Variable "v": 9.5 does not fit its step size of 3',
			'Next to it are 9.',
		],
		[
			variable('float', { min_value: 0.25, step_size: 0.5 }),
			1.5,
			'Variable "v": 1.5 does not fit its step size of 0.5',
			'Next to it are 1.25 and 1.75.',
		],
		[grade, '8.5.1', 'Variable "grade": "8.5.1" is not a number', ''],
		[grade, '1,000.5', 'Variable "grade": "1,000.5" is not a number', ''],
		[grade, 'high', 'Variable "grade": "high" is not a number', ''],
		[grade, '0x10', 'Variable "grade": "0x10" is not a number', ''],
		[grade, 'Infinity', 'Variable "grade": "Infinity" is not a number', ''],
		[grade, '1e999', 'Variable "grade": "1e999" is too large', ''],
		[grade, NaN, 'Variable "grade": null is not a number', ''],
		[grade, true, 'Variable "grade": true is not a number', ''],
		[grade, [8.5], 'Variable "grade": [8.5] is not a number', ''],
		[variable('integer'), 8.5, 'Variable "v": 8.5 is not a whole number', ''],
		[variable('integer'), '8.5', 'Variable "v": 8.5 is not a whole number', ''],
		[
			variable('integer'),
			'9007199254740993',
			'Variable "v": "9007199254740993" is too large to be kept exactly',
			'',
		],
		[variable('integer', { max_value: 3 }), 4, 'Variable "v": 4 is over its maximum of 3', ''],
		[variable('boolean'), 'yes', 'Variable "v": "yes" is neither true nor false', ''],
		[variable('boolean'), 1, 'Variable "v": 1 is neither true nor false', ''],
		[
			variable('string', { choices: 'mint,near_mint' }),
			'Mint',
			'Variable "v": "Mint" is not one of its choices: mint, near_mint',
			'',
		],
		[variable('string'), { a: 1 }, 'Variable "v": {"a":1} is not text', ''],
		[
			variable('string', { min_length: 3 }),
			'ab',
			'Variable "v": it has 2 characters, and needs at least 3',
			'',
		],
		[
			variable('array', { max_length: 1 }),
			['a', 'b'],
			'Variable "v": it has 2 entries, and may have at most 1',
			'',
		],
		[variable('array'), 'a, b', 'Variable "v": the text is not valid JSON', '(line 1, column 1)'],
		[
			variable('array'),
			'{"a": 1}',
			'Variable "v": "{\\"a\\": 1}" is not a list',
			'e.g. ["a", "b"]',
		],
		[variable('array'), 7, 'Variable "v": 7 is not a list', ''],
		[variable('object'), '{"a": 1,}', 'Variable "v": the text is not valid JSON', 'column 9'],
		[variable('object'), ['a'], 'Variable "v": ["a"] is not an object', 'e.g. {"a": 1}'],
	])('%j refuses %j', (rules, raw, message, description) => {
		const { message: said, description: advice } = errorFor(rules, raw);
		expect(said).toBe(message);
		expect(advice).toContain(description);
		expect(`${said} ${advice}`).not.toMatch(/error|problem|failure|mistake/i);
	});

	test('a long value is shown in part', () => {
		expect(errorFor(variable('integer'), 'x'.repeat(500)).message.length).toBeLessThan(120);
	});
});

describe('the values of an item', () => {
	const grade = variable('float', { name: 'grade', required: true });
	const explain = variable('string', { name: 'explain' });
	const condition = variable('string', {
		name: 'condition',
		required: true,
		choices: 'mint,good',
		default_value: 'good',
	});
	const all = [grade, explain, condition];

	const given = (values: object, more: Partial<GivenValues> = {}) => ({
		entries: Object.entries(values),
		...more,
	});

	test('go to their variables, in the order of these', () => {
		expect(assignmentsOf(all, given({ explain: 'Sharp', grade: '8.5' }))).toEqual([
			{ variable: grade, value: 8.5 },
			{ variable: explain, value: 'Sharp' },
		]);
	});

	test.each([[''], ['  '], [null], [undefined]])('%j counts as not given', (blank) => {
		expect(assignmentsOf(all, given({ grade: 1, explain: blank }))).toHaveLength(1);
		expect(errorOf(() => assignmentsOf(all, given({ grade: blank }))).message).toBe(
			'Variable "grade" is required, and no value is given',
		);
	});

	test('a default value stands in for a missing one, a partial change needs none', () => {
		expect([grade, explain, condition].map(isNeeded)).toEqual([true, false, false]);
		expect(assignmentsOf(all, given({ explain: 'x' }, { partial: true }))).toHaveLength(1);
		expect(isNeeded(variable('boolean', { required: true, default_value: false }))).toBe(false);
	});

	test('a name that the dataset does not know is refused with those it knows', () => {
		const { message, description } = errorOf(() =>
			assignmentsOf(all, given({ grad: 1, grade: 2 })),
		);
		expect(message).toBe('The dataset has no variable "grad"');
		expect(description).toBe('Its variables are: grade, explain, condition.');
		expect(errorOf(() => assignmentsOf([], given({ a: 1 }))).description).toBe(
			'It has no variables yet: create them first.',
		);
	});

	test('other columns of a row are passed over', () => {
		const row = { url: 'https://example.com/a.jpg', grade: 2 };
		expect(assignmentsOf(all, given(row, { mayHaveOthers: true }))).toHaveLength(1);
	});

	test('a name that is given twice is refused', () => {
		const entries: Array<[string, unknown]> = [
			['grade', 1],
			['grade', 2],
		];
		expect(errorOf(() => assignmentsOf(all, { entries })).message).toBe(
			'Variable "grade" is given twice',
		);
	});

	test('everything that is wrong with an item is said at once', () => {
		const values = given({ explain: {}, condition: 'bad', colour: 'red' });
		expect(errorOf(() => assignmentsOf(all, values)).message).toBe(
			[
				'The dataset has no variable "colour"',
				'Variable "grade" is required, and no value is given',
				'Variable "explain": {} is not text',
				'Variable "condition": "bad" is not one of its choices: mint, good',
			].join(' | '),
		);
	});
});

describe('properties', () => {
	const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

	test('a number and its text give the same', () => {
		fc.assert(
			fc.property(finite, (value) => {
				expect(valueOf(variable('float'), String(value))).toBe(
					valueOf(variable('float'), Number(String(value))),
				);
			}),
		);
	});

	test('a number is taken exactly when it is within its limits', () => {
		fc.assert(
			fc.property(finite, finite, finite, (value, a, b) => {
				const [min_value, max_value] = [Math.min(a, b), Math.max(a, b)];
				const rules = variable('float', { min_value, max_value });
				if (value >= min_value && value <= max_value) expect(valueOf(rules, value)).toBe(value);
				else expect(errorFor(rules, value).message).toMatch(/^Variable "v": .* (under|over) its m/);
			}),
		);
	});

	const steps = fc.constantFrom(0.1, 0.2, 0.25, 0.5, 0.05, 0.01, 1, 2.5, 1e-3);
	const bases = fc.constantFrom(0, 0.5, 1, -3, 0.1, 100.25);

	test('a multiple of the step is taken, however it was computed', () => {
		fc.assert(
			fc.property(steps, bases, fc.integer({ min: 0, max: 100_000 }), (step, min, count) => {
				const rules = variable('float', { min_value: min, step_size: step });
				const decimals = 5;
				const value = min + count * step;
				expect(valueOf(rules, value)).toBe(value);
				expect(valueOf(rules, value.toFixed(decimals))).toBeCloseTo(value, decimals);
			}),
		);
	});

	test('what lies a tenth of a step or more off is refused', () => {
		fc.assert(
			fc.property(
				steps,
				fc.integer({ min: -10_000, max: 10_000 }),
				fc.double({ min: 0.1, max: 0.9, noNaN: true }),
				(step, count, off) => {
					const rules = variable('float', { step_size: step });
					expect(errorFor(rules, (count + off) * step).message).toContain(
						'does not fit its step size',
					);
				},
			),
		);
	});

	test('a decimal comma is refused with the number to write', () => {
		fc.assert(
			fc.property(fc.integer(), fc.nat(999), (whole, part) => {
				const { description } = errorFor(variable('float'), `${whole},${part}`);
				expect(description).toContain(`Write it with a dot: ${whole}.${part}.`);
			}),
		);
	});

	test('an integer is a safe whole number, whatever comes in', () => {
		fc.assert(
			fc.property(fc.oneof(fc.double(), fc.anything(), fc.string()), (raw) => {
				try {
					expect(Number.isSafeInteger(valueOf(variable('integer'), raw))).toBe(true);
				} catch (error) {
					expect((error as Error).message).toMatch(/^Variable "v": /);
				}
			}),
		);
	});

	const ofType: Record<string, (value: unknown) => boolean> = {
		string: (value) => typeof value === 'string',
		integer: Number.isInteger,
		float: Number.isFinite,
		boolean: (value) => typeof value === 'boolean',
		array: Array.isArray,
		object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
	};

	test.each(Object.keys(ofType))('%s: a value of its type, or an error that names it', (type) => {
		fc.assert(
			fc.property(fc.oneof(fc.anything(), fc.json(), fc.string()), (raw) => {
				let value: unknown;
				try {
					value = valueOf(variable(type), raw);
				} catch (error) {
					expect((error as Error).message).toMatch(/^Variable "v": /);
					return;
				}
				expect(ofType[type]!(value)).toBe(true);
			}),
		);
	});

	test('what was coerced once is taken as it is', () => {
		fc.assert(
			fc.property(fc.constantFrom(...Object.keys(ofType)), fc.jsonValue(), (type, raw) => {
				let value: unknown;
				try {
					value = valueOf(variable(type), raw);
				} catch {
					return;
				}
				expect(valueOf(variable(type), value)).toEqual(value);
			}),
		);
	});

	const word = fc.stringMatching(/^[a-z]{1,8}$/);

	test('exactly the choices are taken', () => {
		fc.assert(
			fc.property(fc.uniqueArray(word, { minLength: 1 }), word, (choices, value) => {
				const rules = variable('string', { choices: choices.join(', ') });
				expect(choicesOf(rules)).toEqual(choices);
				if (choices.includes(value)) expect(valueOf(rules, value)).toBe(value);
				else expect(errorFor(rules, value).message).toContain('is not one of its choices');
			}),
		);
	});

	test('either all values of an item go out, or none, and every bad one is named', () => {
		const columns = fc.uniqueArray(
			fc.record({
				name: word,
				required: fc.boolean(),
				given: fc.constantFrom<unknown>(undefined, '', '5', 5, 'five', 11),
			}),
			{ selector: ({ name }) => name, minLength: 1 },
		);
		fc.assert(
			fc.property(columns, (all) => {
				const variables = all.map(({ name, required }) =>
					variable('integer', { name, required, max_value: 10 }),
				);
				const entries = all.map(({ name, given }): [string, unknown] => [name, given]);
				const blank = (given: unknown) => given === undefined || given === '';
				const bad = all.filter(
					({ required, given }) => given === 'five' || given === 11 || (required && blank(given)),
				);
				if (!bad.length) {
					expect(assignmentsOf(variables, { entries }).map((one) => one.variable.name)).toEqual(
						all.filter(({ given }) => !blank(given)).map(({ name }) => name),
					);
					return;
				}
				const named = errorOf(() => assignmentsOf(variables, { entries }))
					.message.split(' | ')
					.map((message) => /^Variable "(.*?)"/.exec(message)![1]);
				expect(named.sort()).toEqual(bad.map(({ name }) => name).sort());
			}),
		);
	});
});
