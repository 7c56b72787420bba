import {
	deepCopy,
	type IDataObject,
	type INodeProperties,
	type INodePropertyOptions,
	type NodeParameterValue,
} from 'n8n-workflow';
import { fail } from '../api/error';
import { isObject } from '../api/json';
import { parsedJson } from './json';
import type { Methods } from './methods';

/** What a field's value is read from: the item at hand, in n8n's terms. */
export interface Source {
	/**
	 * The parameter at a path; null when it is hidden.
	 * @param asStored with its expressions as they stand in the workflow, not resolved
	 */
	parameter(path: string, asStored?: boolean): unknown;
	/** The JSON of the item that came in. */
	item(): IDataObject;
}

/**
 * A field of an operation: what the user is asked, and how the answer becomes a typed value.
 * Properties are functions, because n8n changes descriptions in place: each node gets fresh ones.
 */
export interface Field<T> {
	/** The n8n property, without its name, which is the field's key. */
	property(): Omit<INodeProperties, 'name'>;
	/**
	 * @param raw the parameter's value; null or undefined when the field is hidden
	 * @throws XimilarError that names the field by its label
	 */
	read(raw: unknown, source: Source, path: string): T;
	/** What the editor asks the node for while a user fills the field in. */
	methods?: Methods;
	/** What is different where the node is a tool of an AI Agent. */
	asTool?: Pick<INodeProperties, 'default'>;
}

export type Fields = Record<string, Field<unknown>>;

export type Values<F extends Fields> = { [K in keyof F]: F[K] extends Field<infer T> ? T : never };

/**
 * The values of fields.
 * @throws XimilarError as the fields do
 */
export function valuesOf<F extends Fields>(fields: F, source: Source): Values<F> {
	const read = Object.entries(fields).map(([name, field]) => [
		name,
		field.read(source.parameter(name), source, name),
	]);
	return Object.fromEntries(read) as Values<F>;
}

export type Property = Omit<INodeProperties, 'name' | 'type' | 'default'> & { default?: unknown };

function field<T>(
	type: INodeProperties['type'],
	fallback: unknown,
	property: Property,
	read: (raw: unknown, label: string) => T,
): Field<T> {
	return {
		property: () =>
			({ ...deepCopy(property), type, default: property.default ?? fallback }) as INodeProperties,
		read: (raw) => read(raw, property.displayName),
	};
}

export function isBlank(raw: unknown): boolean {
	return raw === undefined || raw === null || (typeof raw === 'string' && raw.trim() === '');
}

/** A value in words: objects are no reading matter, and some cannot be turned into text at all. */
function shown(raw: unknown): string {
	if (typeof raw === 'object' && raw !== null) return Array.isArray(raw) ? 'a list' : 'an object';
	return `"${String(raw ?? '')}"`;
}

export function asText(raw: unknown, label: string): string {
	if (typeof raw === 'object' && raw !== null) {
		fail(`${label} must be text`, `It is ${shown(raw)}. Check the expression in ${label}.`);
	}
	return String(raw ?? '');
}

/** Text that may be empty. */
export function text(property: Property): Field<string> {
	return field('string', '', property, asText);
}

/** Text that must not be blank; blanks around it are dropped. */
export function requiredText(property: Property): Field<string> {
	return field('string', '', { ...property, required: true }, (raw, label) => {
		const value = asText(raw, label).trim();
		return (
			value || fail(`${label} is empty`, `Enter a value in ${label}, or check its expression.`)
		);
	});
}

interface NumberLimits {
	min?: number;
	max?: number;
	integer?: boolean;
}

/** A number within limits; text that is a number (from a spreadsheet) is taken as one. */
export function number(property: Property, limits: NumberLimits = {}): Field<number> {
	const { min, max, integer } = limits;
	const withLimits = {
		...property,
		typeOptions: {
			minValue: min,
			maxValue: max,
			numberPrecision: integer ? 0 : undefined,
			...property.typeOptions,
		},
	};
	return field('number', 0, withLimits, (raw, label) => {
		const value = typeof raw === 'string' && raw.trim() ? Number(raw) : raw;
		if (typeof value !== 'number' || !Number.isFinite(value)) {
			fail(`${label} must be a number`, `It is ${shown(raw)}. Check the value or its expression.`);
		}
		if (integer && !Number.isInteger(value))
			fail(`${label} must be a whole number`, `It is ${value}.`);
		if ((min !== undefined && value < min) || (max !== undefined && value > max)) {
			const range = [
				min === undefined ? '' : `at least ${min}`,
				max === undefined ? '' : `at most ${max}`,
			];
			fail(`${label} must be ${range.filter(Boolean).join(' and ')}`, `It is ${value}.`);
		}
		return value;
	});
}

/** A switch; "true" and "false" as text (from a spreadsheet) are taken. */
export function boolean(property: Property): Field<boolean> {
	return field('boolean', false, property, (raw, label) => {
		if (isBlank(raw)) return false;
		const value = typeof raw === 'string' ? raw.trim().toLowerCase() : raw;
		if (value === true || value === 'true' || value === 1) return true;
		if (value === false || value === 'false' || value === 0) return false;
		return fail(`${label} must be true or false`, `It is ${shown(raw)}.`);
	});
}

/** A point in time, in milliseconds since 1970; an expression may give a date, or text in ISO 8601. */
export function time(property: Property): Field<number> {
	return field('dateTime', '', property, (raw, label) => {
		// What expressions give: Date, and n8n's own DateTime, whose value is its milliseconds.
		const value = typeof raw === 'string' ? Date.parse(raw) : (raw as object | null)?.valueOf?.();
		if (typeof value !== 'number' || Number.isNaN(value)) {
			fail(`${label} must be a date and time`, `It is ${shown(raw)}. Check its expression.`);
		}
		return value;
	});
}

type Choice<V extends string> = Omit<INodePropertyOptions, 'value'> & { value: V };

/** Any value: what is typed is text, what an expression gives stays as it is. */
export function anyValue(property: Property): Field<unknown> {
	return field('string', '', property, (raw) => raw);
}

/** One of fixed choices. */
export function choice<const V extends string>(
	property: Omit<Property, 'options' | 'default'> & { default: NoInfer<V> },
	choices: Array<Choice<V>>,
): Field<V> {
	return field('options', property.default, { ...property, options: choices }, (raw, label) => {
		const found = choices.find(({ value }) => value === (isBlank(raw) ? property.default : raw));
		return (
			found?.value ??
			fail(
				`${label} cannot be ${shown(raw)}`,
				`Use one of: ${choices.map(({ value }) => value || '(empty)').join(', ')}.`,
			)
		);
	});
}

/** A JSON object: as text, which says where it is broken, or as the object that an expression gives. */
export function jsonObject(property: Property): Field<IDataObject> {
	return field('json', '{}', property, (raw, label) => {
		if (isBlank(raw)) fail(`${label} is empty`, 'Enter a JSON object, e.g. {"source": "shop"}.');
		const value = typeof raw === 'string' ? parsedJson(raw, label) : raw;
		return isObject(value)
			? value
			: fail(
					`${label} must be a JSON object`,
					`It is ${Array.isArray(value) ? 'a list' : 'a plain value'}. Enter names and values in braces, e.g. {"source": "shop"}.`,
				);
	});
}

/** A JSON list: as text, or as the list that an expression gives. */
export function jsonList(property: Property): Field<unknown[]> {
	return field('json', '[]', property, (raw, label) => {
		if (isBlank(raw)) fail(`${label} is empty`, 'Enter a JSON list, in brackets.');
		const value = typeof raw === 'string' ? parsedJson(raw, label) : raw;
		return Array.isArray(value)
			? (value as unknown[])
			: fail(`${label} must be a JSON list`, 'Enter its entries in brackets: [ … ].');
	});
}

/** A text shown between the fields; it has no value. */
export function notice(displayName: string): Field<undefined> {
	return field('notice', '', { displayName }, () => undefined);
}

/** A field whose value is turned into another one. */
export function mapped<T, U>(inner: Field<T>, turn: (value: T) => U): Field<U> {
	return {
		...inner,
		read: (raw, source, path) => turn(inner.read(raw, source, path)),
	};
}

/** A field that may be left blank: then it has no value, and is not sent. */
export function optional<T>(inner: Field<T>): Field<T | undefined> {
	return {
		...inner,
		property: () => {
			const { required: _, ...property } = inner.property();
			return property;
		},
		read: (raw, source, path) => (isBlankValue(raw) ? undefined : inner.read(raw, source, path)),
	};
}

function isBlankValue(raw: unknown): boolean {
	const value = (raw as { __rl?: boolean; value?: unknown } | null)?.__rl
		? (raw as { value?: unknown }).value
		: raw;
	return isBlank(value);
}

/**
 * A field that is shown, and has a value, only while others have certain values. Inside a
 * collection, the names of those outside begin with a slash, as n8n wants it.
 */
export function shownWhen<T>(
	show: Record<string, NodeParameterValue[]>,
	inner: Field<T>,
): Field<T | undefined> {
	return {
		...inner,
		property: () => {
			const property = inner.property();
			return {
				...property,
				displayOptions: { show: { ...property.displayOptions?.show, ...deepCopy(show) } },
			};
		},
		read: (raw, source, path) => {
			const shown = Object.entries(show).every(([name, values]) =>
				values.includes(source.parameter(name.replace(/^\//, '')) as NodeParameterValue),
			);
			return shown ? inner.read(raw, source, path) : undefined;
		},
	};
}
