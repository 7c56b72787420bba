import type { INodeProperties } from 'n8n-workflow';
import { fail } from '../api/error';
import type { Field, Fields, Values } from './field';
import { methodsOf } from './methods';

/** Rarely used fields, added one by one; what was not added is left out. */
export function collection<F extends Fields>(
	fields: F,
	{ displayName = 'Options', placeholder = 'Add Option' } = {},
): Field<Partial<Values<F>>> {
	return {
		methods: methodsOf(Object.values(fields)),
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
		methods: methodsOf(Object.values(entry)),
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

/** What an update changes: only what was added is sent, and something has to be. */
export function updateFields<F extends Fields>(fields: F): Field<Partial<Values<F>>> {
	const inner = collection(fields, { displayName: 'Update Fields', placeholder: 'Add Field' });
	return {
		...inner,
		read: (raw, source, path) => {
			const given = inner.read(raw, source, path);
			return Object.keys(given).length
				? given
				: fail('Update Fields is empty', 'Add what to change, and its new value.');
		},
	};
}
