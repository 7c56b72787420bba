import {
	deepCopy,
	type IDataObject,
	type INodeProperties,
	type INodePropertyOptions,
	type NodeParameterValue,
} from 'n8n-workflow';
import { fail } from '../api/error';
import { parsedJson } from './json';
import { isObject } from './rows';

/** What a field's value is read from: the item at hand, in n8n's terms. */
export interface Source {
	/** The parameter at a path, with expressions resolved; null when it is hidden. */
	parameter(path: string): unknown;
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
}

export type Fields = Record<string, Field<unknown>>;

export type Values<F extends Fields> = { [K in keyof F]: F[K] extends Field<infer T> ? T : never };

type Property = Omit<INodeProperties, 'name' | 'type' | 'default'> & { default?: unknown };

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

function isBlank(raw: unknown): boolean {
	return raw === undefined || raw === null || (typeof raw === 'string' && raw.trim() === '');
}

function asText(raw: unknown, label: string): string {
	if (typeof raw === 'object' && raw !== null) {
		fail(
			`${label} must be text`,
			`It is ${Array.isArray(raw) ? 'a list' : 'an object'}. Check the expression in ${label}.`,
		);
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
			...(min === undefined ? {} : { minValue: min }),
			...(max === undefined ? {} : { maxValue: max }),
			...(integer ? { numberPrecision: 0 } : {}),
			...property.typeOptions,
		},
	};
	return field('number', 0, withLimits, (raw, label) => {
		const value = typeof raw === 'string' && raw.trim() ? Number(raw) : raw;
		if (typeof value !== 'number' || !Number.isFinite(value)) {
			fail(
				`${label} must be a number`,
				`It is "${String(raw ?? '')}". Check the value or its expression.`,
			);
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
		return fail(`${label} must be true or false`, `It is "${asText(raw, label)}".`);
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
				`${label} cannot be "${asText(raw, label)}"`,
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

/** The ID of a thing that has no list to pick from; its link in the Ximilar App is taken as well. */
export function id(thing: string, property: Property): Field<string> {
	return field('string', '', { ...property, required: true }, (raw, label) =>
		idIn(raw, label, thing),
	);
}

/**
 * Several IDs or links, each once: text with commas or lines between them, or a list, of IDs or of
 * objects with an `id`.
 */
export function ids(thing: string, property: Property): Field<string[]> {
	return field('string', '', property, (raw, label) => {
		const texts = [raw ?? []].flat().flatMap((one) =>
			// The signs around a list's entries go too: an AI tool writes lists as JSON text.
			asText(isObject(one) ? one.id : one, label).split(/[\s,;"'[\]]+/),
		);
		const found = [...new Set(texts.filter(Boolean).map((text) => idIn(text, label, thing)))];
		return property.required && !found.length ? [idIn('', label, thing)] : found;
	});
}

/** A text shown between the fields; it has no value. */
export function notice(displayName: string): Field<undefined> {
	return field('notice', '', { displayName }, () => undefined);
}

/** Rarely used fields, added one by one; what was not added is left out. */
export function collection<F extends Fields>(
	fields: F,
	{ displayName = 'Options', placeholder = 'Add Option' } = {},
): Field<Partial<Values<F>>> {
	return {
		property: () => ({
			displayName,
			type: 'collection',
			placeholder,
			default: {},
			options: Object.entries(fields)
				.map(([name, inner]) => {
					// What was added has to have a value; n8n knows no required one in here.
					const { required: _, ...property } = inner.property();
					return { ...property, name };
				})
				.sort((a, b) => a.displayName.localeCompare(b.displayName)) as INodeProperties[],
		}),
		read: (raw, source, path) => {
			const given = (raw ?? {}) as Record<string, unknown>;
			const read = Object.entries(fields)
				.filter(([name]) => given[name] !== undefined)
				.map(([name, inner]) => [name, inner.read(given[name], source, `${path}.${name}`)]);
			return Object.fromEntries(read) as Partial<Values<F>>;
		},
	};
}

/** Groups of fields, as many as the user adds. */
export function list<F extends Fields>(
	entry: F,
	{ description, ...words }: { displayName: string; description: string; placeholder: string },
): Field<Array<Values<F>>> {
	return {
		property: () => ({
			...words,
			description,
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			default: {},
			options: [
				{
					name: 'entries',
					displayName: words.displayName,
					values: Object.entries(entry).map(([name, inner]) => ({
						...inner.property(),
						name,
					})) as INodeProperties[],
				},
			],
		}),
		read: (raw, source, path) => {
			const { entries = [] } = (raw ?? {}) as { entries?: Array<Record<string, unknown>> };
			return entries.map((given, position) => {
				const read = Object.entries(entry).map(([name, inner]) => [
					name,
					inner.read(given[name], source, `${path}.entries[${position}].${name}`),
				]);
				return Object.fromEntries(read) as Values<F>;
			});
		},
	};
}

/** What a resource mapper gives: values by name, as the user or the incoming item has them. */
export interface MappedValues {
	values: IDataObject;
	/** They are the whole incoming item, which may have other fields than those mapped. */
	automatic: boolean;
}

/**
 * A form whose fields the service knows. Its values are read as they stand: n8n's own conversion
 * (an empty number becomes 0, true becomes 1) would hide what is to be refused (`n8n.md`).
 * @param method the resource mapping method of the node
 * @param dependsOn parameters whose change reloads the form
 */
export function resourceMapper({
	method,
	dependsOn,
	words: { singular, plural },
	...property
}: {
	method: string;
	dependsOn: string[];
	words: { singular: string; plural: string };
	displayName: string;
	description: string;
}): Field<MappedValues> {
	return {
		property: () => ({
			...property,
			type: 'resourceMapper',
			noDataExpression: true,
			default: { mappingMode: 'defineBelow', value: null },
			typeOptions: {
				loadOptionsDependsOn: [...dependsOn],
				resourceMapper: {
					resourceMapperMethod: method,
					mode: 'add',
					fieldWords: { singular, plural },
					addAllFields: true,
					supportAutoMap: true,
				},
			},
		}),
		read: (raw, source) => {
			const { mappingMode, value } = (raw ?? {}) as { mappingMode?: string; value?: unknown };
			const automatic = mappingMode === 'autoMapInputData';
			return { values: automatic ? source.item() : isObject(value) ? value : {}, automatic };
		},
	};
}

/** A field whose value is turned into another one. */
export function mapped<T, U>(inner: Field<T>, turn: (value: T) => U): Field<U> {
	return {
		property: inner.property,
		read: (raw, source, path) => turn(inner.read(raw, source, path)),
	};
}

/** A field that may be left blank: then it has no value, and is not sent. */
export function optional<T>(inner: Field<T>): Field<T | undefined> {
	return {
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

/** A picker's three ways to name one thing: from a list, by its ID, by its address in the app. */
export function picker({
	thing,
	search,
	dependsOn,
	...property
}: {
	/** What is picked, in lower case, e.g. "task". */
	thing: string;
	/** The name of the list search method of the node. */
	search: string;
	/** Parameters that narrow the list; their change empties the choice. */
	dependsOn?: string[];
	displayName: string;
	description: string;
	required?: boolean;
}): Field<string> {
	const { displayName } = property;
	return {
		property: () => ({
			...property,
			type: 'resourceLocator',
			default: { mode: 'list', value: '' },
			...(dependsOn ? { typeOptions: { loadOptionsDependsOn: [...dependsOn] } } : {}),
			modes: [
				{
					displayName: 'From List',
					name: 'list',
					type: 'list',
					placeholder: `Select a ${thing}...`,
					typeOptions: { searchListMethod: search, searchable: true },
				},
				{
					displayName: 'By ID',
					name: 'id',
					type: 'string',
					placeholder: 'e.g. 185c2019-1182-439c-900b-9f29c3f35926',
					validation: [
						{
							type: 'regex',
							properties: { regex: '^[0-9A-Za-z-]+$', errorMessage: `Not a ${thing} ID` },
						},
					],
				},
				{
					displayName: 'By URL',
					name: 'url',
					type: 'string',
					placeholder: `e.g. https://app.ximilar.com/.../185c2019-1182-439c-900b-9f29c3f35926`,
					extractValue: { type: 'regex', regex: APP_LINK.source },
					validation: [
						{
							type: 'regex',
							properties: {
								regex: APP_LINK.source,
								errorMessage: `Not a link to a ${thing} in the Ximilar App`,
							},
						},
					],
				},
			],
		}),
		read: (raw) => idIn(raw, displayName, thing),
	};
}

/** The last UUID of an address in the Ximilar App is the thing that the page shows. */
const APP_LINK =
	/https:\/\/app\.ximilar\.com\/.*([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}).*/;

/**
 * An ID out of a resource locator, or out of plain text as an expression may give it.
 * @throws XimilarError when it is empty, a foreign address, or cannot be an ID: only letters, digits
 * and dashes can (`api.md`, Rules of every call)
 */
export function idIn(raw: unknown, label: string, thing: string): string {
	const locator = raw as { __rl?: boolean; value?: unknown } | null;
	const value = asText(locator?.__rl ? locator.value : raw, label).trim();
	if (!value) fail(`${label} is empty`, `Choose a ${thing} from the list, or enter its ID.`);
	if (value.includes('/')) {
		return (
			APP_LINK.exec(value)?.[1] ??
			fail(
				`${label} is not a link to a ${thing} in the Ximilar App`,
				`Copy the address from the browser while the ${thing} is open in app.ximilar.com, or choose it from the list.`,
			)
		);
	}
	if (!/^[0-9A-Za-z-]+$/.test(value)) {
		fail(
			`${label} is not an ID: "${value.slice(0, 80)}"`,
			'An ID has letters, digits and dashes only. Choose from the list, or copy the ID from the Ximilar App.',
		);
	}
	return value;
}
