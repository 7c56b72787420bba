import type { IDataObject } from 'n8n-workflow';
import type { Query } from '../api/client';
import { at } from '../api/entities';
import { createNamed, type IfExists } from '../api/named';
import { anySchema } from '../api/schemas';
import { updateFields } from './collection';
import { optional, type Field, type Fields, type Values } from './field';
import { listOperation, type ListDeclaration } from './listOperation';
import { listSearch, type Listing } from './listSearch';
import { picker } from './locator';
import { ifNameExists } from './namedFields';
import { operation, type DeclaredValues, type Operation } from './operation';

/** A kind of thing that the API keeps, as the nodes show it. */
export interface EntityDefinition extends Listing {
	/** The name of the field that says which one, e.g. "trainingImage". */
	key: string;
	/** A thing as a spreadsheet row; the user can switch it off. Left out: as the API gives it. */
	row?(thing: IDataObject): IDataObject;
	/** The fields that say which one; its picker when left out. */
	fields?(): Fields;
}

interface PickerWords {
	displayName?: string;
	description?: string;
	/** Parameters that narrow the list; their change empties the choice. */
	dependsOn?: string[];
	/** Another list than that of all, with a name for its search. */
	narrowed?: Pick<Listing, 'describe' | 'narrow'> & { name: string };
}

export type Kind = ReturnType<typeof entity>;

/**
 * From the description of a thing: its picker, and those operations on it that are of the plain
 * kind.
 */
export function entity(definition: EntityDefinition) {
	const { thing, key, schema, row } = definition;
	const title = thing.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
	const idOf = (values: object) => (values as Record<string, string>)[key]!;

	const anyPicker = ({ displayName = title, description, dependsOn, narrowed }: PickerWords) =>
		picker({
			thing,
			name: narrowed?.name ?? `search${key[0]!.toUpperCase()}${key.slice(1)}s`,
			search: listSearch({ ...definition, ...narrowed }),
			dependsOn,
			displayName,
			description: description ?? `The ${thing} to work with`,
			required: true,
		});

	const own = definition.fields ?? (() => ({ [key]: anyPicker({}) }));
	const plain = { workspace: true, simplify: row } as const;

	return {
		...definition,
		title,

		/** A field to choose one. */
		picker: anyPicker,

		/** A field to choose one, or none. */
		optionalPicker: (words: PickerWords): Field<string | undefined> => optional(anyPicker(words)),

		get: (description: string): Operation =>
			operation({
				...plain,
				name: 'Get',
				action: `Get ${thing}`,
				description,
				fields: own(),
				run: async ({ api }, values) => await api.get(at(definition, idOf(values)), schema),
			}),

		delete: (description: string): Operation =>
			operation({
				name: 'Delete',
				action: `Delete ${thing}`,
				description,
				fields: own(),
				workspace: true,
				run: async ({ api }, values) => await api.delete(at(definition, idOf(values))),
			}),

		getAll: <F extends Fields>(declaration: ListDeclaration<F>): Operation =>
			listOperation(definition, { simplify: row, ...declaration }),

		/**
		 * Creates one, or returns the one that has its name (POST to its list).
		 * @param declaration.among narrows the list in which the name is looked for
		 */
		create: <F extends Fields, O extends Fields>(declaration: {
			description: string;
			fields: F;
			options: O;
			workspace?: string;
			body(values: DeclaredValues<F, O>): IDataObject & { name: string };
			among?(values: DeclaredValues<F, O>): Query;
		}): Operation =>
			operation({
				name: 'Create',
				action: `Create ${thing}`,
				workspace: 'The workspace to create it in, instead of the default one',
				...declaration,
				options: { ...declaration.options, ifExists: ifNameExists(title) },
				simplify:
					row && (({ alreadyExisted, ...created }) => ({ ...row(created), alreadyExisted })),
				// One after the other: of two items with the same name, the second finds what the first made.
				itemsAtOnce: 1,
				run: async ({ api }, values) => {
					const { ifExists } = values.options as { ifExists?: IfExists };
					const given = values as unknown as DeclaredValues<F, O>;
					const among = declaration.among?.(given);
					return await createNamed(api, definition, declaration.body(given), ifExists, among);
				},
			}),

		/** Changes what was added to Update Fields (PATCH). */
		update: <F extends Fields>(declaration: {
			description: string;
			fields: F;
			body(changes: Partial<Values<F>>): IDataObject;
		}): Operation =>
			operation({
				...plain,
				name: 'Update',
				action: `Update ${thing}`,
				description: declaration.description,
				fields: { ...own(), updateFields: updateFields(declaration.fields) },
				run: async ({ api }, values) => {
					const changes = declaration.body(values.updateFields as Partial<Values<F>>);
					return await api.patch(at(definition, idOf(values)), schema, changes);
				},
			}),

		/**
		 * Adds another thing to one, or removes it: POST ID/add-label/ and its like (seeds 002 and 003,
		 * `api.md`). Its answer may be empty, and doing it twice does what doing it once does.
		 */
		connect: (
			change: 'add' | 'remove',
			other: {
				thing: string;
				key: string;
				title: string;
				picker(words: PickerWords): Field<string>;
			},
			description: string,
		): Operation => {
			const [verb, joint, done] =
				change === 'add' ? ['Add', 'to', 'added'] : ['Remove', 'from', 'removed'];
			return operation({
				name: `${verb} ${other.title}`,
				action: `${verb} ${other.thing} ${joint} ${thing}`,
				description,
				fields: {
					...own(),
					[other.key]: other.picker({
						description: `The ${other.thing} to ${change} ${joint} the ${thing}`,
					}),
				},
				workspace: true,
				run: async ({ api }, values) => {
					const [id, otherId] = [idOf(values), (values as Record<string, unknown>)[other.key]];
					await api.post(
						at(definition, id, `${change}-${other.key}/`),
						anySchema,
						{ [`${other.key}_id`]: otherId as string },
						{ idempotent: true },
					);
					return { [key]: id, [other.key]: otherId as string, [done]: true };
				},
			});
		},
	};
}
