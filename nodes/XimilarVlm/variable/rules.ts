import { combineErrors, fail, XimilarError } from '../../shared/api/error';
import { isObject } from '../../shared/api/json';
import type { Rules, Variable } from '../../shared/api/schemas';
import { isBlank } from '../../shared/engine/field';
import { parsedJson } from '../../shared/engine/json';

/** A variable and the value it gets, in the variable's type. */
export interface Assignment {
	variable: Variable;
	value: unknown;
}

/** Values as they come in: names, and whatever a cell, an expression or JSON gives. */
export interface GivenValues {
	entries: Array<[name: string, value: unknown]>;
	/** Names that the dataset does not know are no mistyped ones, but other columns of a row. */
	mayHaveOthers?: boolean;
	/** Only these shall change: a required one that is not among them keeps what it has. */
	partial?: boolean;
	/** Names of values that a form of an earlier version filled in by itself: they count as not given. */
	prefilled?: string[];
}

const TO_CORRECT = 'Correct the value in this item. Nothing was sent for it.';

/**
 * The given values in their variables' types, in the order of the variables. Blank ones count as
 * not given.
 * @throws XimilarError that names each value that cannot be set, and the rule it breaks
 */
export function assignmentsOf(variables: Variable[], given: GivenValues): Assignment[] {
	const errors: unknown[] = [];
	const collect = <T>(work: () => T): T | undefined => {
		try {
			return work();
		} catch (error) {
			errors.push(error);
			return undefined;
		}
	};

	const byName = new Map<string, unknown>();
	for (const [name, value] of given.entries) {
		if (isBlank(value)) continue;
		const known = variables.some((variable) => variable.name === name);
		if (known && !byName.has(name)) byName.set(name, value);
		else if (known) collect(() => fail(`Variable "${name}" is given twice`, TO_CORRECT));
		else if (!given.mayHaveOthers) collect(() => unknownVariable(name, variables));
	}

	const assignments = variables.flatMap((variable) => {
		if (byName.has(variable.name)) {
			return (
				collect(() => [{ variable, value: valueOf(variable, byName.get(variable.name)) }]) ?? []
			);
		}
		if (isNeeded(variable) && !given.partial) collect(() => missing(variable, given.prefilled));
		return [];
	});
	if (errors.length) throw combineErrors(errors);
	return assignments;
}

/** Whether a value must be given: a default value stands in for a missing one (seed 003). */
export function isNeeded({ required, default_value: fallback }: Rules): boolean {
	return required === true && (fallback === undefined || fallback === null);
}

/** The choices of a string variable; none when it takes any text. */
export function choicesOf({ choices }: Rules): string[] {
	return (choices ?? '')
		.split(',')
		.map((choice) => choice.trim())
		.filter(Boolean);
}

/**
 * A value in the type of its variable, kept to its rules. A type that no seed names takes any
 * value: the service judges it.
 * @throws XimilarError that names the variable and the rule
 */
export function valueOf(rules: Rules, raw: unknown): unknown {
	const reader = readers[rules.type] as Reader | undefined;
	if (!reader) return raw;
	try {
		return reader(raw, rules);
	} catch (error) {
		throw error instanceof XimilarError ? error.about(`Variable "${rules.name}"`) : error;
	}
}

type Reader = (raw: unknown, rules: Rules) => unknown;

const readers: Record<string, Reader> = {
	string: (raw, rules) => {
		if (typeof raw === 'object') fail(`${shown(raw)} is not text`, TO_CORRECT);
		const text = String(raw);
		const choices = choicesOf(rules);
		if (!choices.length) return withLength(text, [...text].length, 'characters', rules);
		const choice = text.trim();
		if (choices.includes(choice)) return choice;
		return fail(`${shown(raw)} is not one of its choices: ${choices.join(', ')}`, TO_CORRECT);
	},

	integer: (raw, rules) => {
		const value = numberIn(raw);
		if (!Number.isInteger(value)) fail(`${value} is not a whole number`, TO_CORRECT);
		if (!Number.isSafeInteger(value)) {
			fail(`${shown(raw)} is too large to be kept exactly`, TO_CORRECT);
		}
		return withinLimits(value, rules);
	},

	float: (raw, rules) => {
		const value = withinLimits(numberIn(raw), rules);
		const step = limit(rules.step_size) ?? 0;
		return step > 0 ? onStep(value, step, rules) : value;
	},

	boolean: (raw) => {
		const word = typeof raw === 'string' ? raw.trim().toLowerCase() : raw;
		if (word === true || word === 'true') return true;
		if (word === false || word === 'false') return false;
		return fail(`${shown(raw)} is neither true nor false`, TO_CORRECT);
	},

	array: (raw, rules) => {
		const value = typeof raw === 'string' ? parsedJson(raw, 'the text') : raw;
		return Array.isArray(value)
			? withLength(value, value.length, 'entries', rules)
			: fail(`${shown(raw)} is not a list`, `Give a list, e.g. ["a", "b"]. ${TO_CORRECT}`);
	},

	object: (raw) => {
		const value = typeof raw === 'string' ? parsedJson(raw, 'the text') : raw;
		return isObject(value)
			? value
			: fail(`${shown(raw)} is not an object`, `Give one, e.g. {"a": 1}. ${TO_CORRECT}`);
	},
};

/** A number, or text that is one in JSON's way of writing, with a sign and blanks around allowed. */
function numberIn(raw: unknown): number {
	if (typeof raw === 'number' && Number.isFinite(raw)) return raw;
	const text = typeof raw === 'string' ? raw.trim() : '';
	if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) {
		const value = Number(text);
		return Number.isFinite(value) ? value : fail(`${shown(raw)} is too large`, TO_CORRECT);
	}
	const hint = /^[+-]?\d+,\d+$/.test(text)
		? `Write it with a dot: ${text.replace(',', '.')}. Nothing was sent for this item.`
		: TO_CORRECT;
	return fail(`${shown(raw)} is not a number`, hint);
}

function withinLimits(value: number, rules: Rules): number {
	const [min, max] = [limit(rules.min_value), limit(rules.max_value)];
	if (min !== undefined && value < min) {
		fail(`${value} is under its minimum of ${min}`, TO_CORRECT);
	}
	if (max !== undefined && value > max) {
		fail(`${value} is over its maximum of ${max}`, TO_CORRECT);
	}
	return value;
}

function withLength<T>(value: T, length: number, parts: string, rules: Rules): T {
	const [min, max] = [limit(rules.min_length), limit(rules.max_length)];
	if (min !== undefined && length < min) {
		fail(`it has ${length} ${parts}, and needs at least ${min}`, TO_CORRECT);
	}
	if (max !== undefined && length > max) {
		fail(`it has ${length} ${parts}, and may have at most ${max}`, TO_CORRECT);
	}
	return value;
}

/**
 * The seed does not say where steps count from: from the minimum, as in the number fields of forms,
 * or from zero where there is none.
 */
function onStep(value: number, step: number, rules: Rules): number {
	const start = limit(rules.min_value) ?? 0;
	if (isMultiple(value, start, step)) return value;
	const below = start + Math.floor((value - start) / step) * step;
	const nearest = [below, below + step]
		.filter((near) => near <= (limit(rules.max_value) ?? Infinity))
		.map((near) => Number(near.toPrecision(12)));
	return fail(
		`${value} does not fit its step size of ${step}`,
		`Next to it are ${nearest.join(' and ')}. ${TO_CORRECT}`,
	);
}

/** Decimal fractions have no exact floating point number: their rounding is no reason to refuse. */
function isMultiple(value: number, base: number, step: number): boolean {
	const steps = (value - base) / step;
	const rounding = (4 * Number.EPSILON * (Math.abs(value) + Math.abs(base))) / step;
	return Math.abs(steps - Math.round(steps)) <= Math.max(1e-9, rounding);
}

/** A rule's number; some services write decimal numbers as text. */
function limit(raw: unknown): number | undefined {
	const value = typeof raw === 'string' && raw.trim() ? Number(raw) : raw;
	return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

const SHOWN_LENGTH = 60;

/** A value for a message: text in quotes, and never more than a line. */
function shown(raw: unknown): string {
	const text = JSON.stringify(raw) ?? String(raw);
	return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}

function unknownVariable(name: string, variables: Variable[]): never {
	const known = variables.map((variable) => variable.name).join(', ');
	return fail(
		`The dataset has no variable "${name}"`,
		known ? `Its variables are: ${known}.` : 'It has no variables yet: create them first.',
	);
}

function missing({ name }: Variable, prefilled: string[] = []): never {
	const note = prefilled.includes(name) ? ` ${prefilledNote([name])}` : '';
	return fail(
		`Variable "${name}" is required, and no value is given`,
		`It has no default value either. Give "${name}" a value in this item. Nothing was sent for it.${note}`,
	);
}

/** Why values that stand in a form are not sent, and what to do where they are meant. */
export function prefilledNote(names: string[]): string {
	return `The form's own value of ${names.map((name) => `"${name}"`).join(', ')} is not sent: an earlier version of this node filled it in by itself, touched or not. If it is meant, open the node, refresh the list of variables, and choose the value there.`;
}
