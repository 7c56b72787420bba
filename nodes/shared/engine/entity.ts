import type { IDataObject } from 'n8n-workflow';
import type { Query } from '../api/client';
import { at } from '../api/entities';
import { createNamed, type IfExists } from '../api/named';
import { anySchema } from '../api/schemas';
import { updateFields } from './collection';
import { optional, type Field, type Fields, type Values } from './field';
import { listOperation, type ListDeclaration } from './listOperation';
import { listSearch, type PickerListing } from './listSearch';
import { inTitleCase, picker } from './locator';
import { ifNameExists } from './namedFields';
import { operation, type DeclaredValues, type Operation } from './operation';

/** A kind of thing that the API keeps, as the nodes show it. */
interface EntityDefinition extends PickerListing {
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
	narrowed?: Pick<PickerListing, 'describe' | 'narrow'> & { name: string };
}

/** What the functions below need of a kind of thing. */
interface Kind extends EntityDefinition {
	/** In title case, e.g. "Training Image". */
	title: string;
	/** The fields that say which one. */
	own(): Fields;
	/** The ID of the one that the fields name. */
	idOf(values: object): string;
}

/**
 * From the description of a thing: its picker, and those operations on it that are of the plain
 * kind.
 */
export function entity(definition: EntityDefinition) {
	const { thing, key } = definition;
	const title = inTitleCase(thing);
	const anyPicker = (words: PickerWords) => pickerOf(definition, title, words);
	const kind: Kind = {
		...definition,
		title,
		own: definition.fields ?? (() => ({ [key]: anyPicker({}) })),
		idOf: (values) => (values as Record<string, string>)[key]!,
	};
	return {
		...definition,
		title,
		/** A field to choose one. */
		picker: anyPicker,
		/** A field to choose one, or none. */
		optionalPicker: (words: PickerWords): Field<string | undefined> => optional(anyPicker(words)),
		get: (description: string) => getOf(kind, description),
		delete: (description: string) => deleteOf(kind, description),
		getAll: <F extends Fields>(declaration: ListDeclaration<F>) =>
			listOperation(definition, { simplify: kind.row, ...declaration }),
		create: <F extends Fields, O extends Fields>(declaration: CreateDeclaration<F, O>) =>
			createOf(kind, declaration),
		update: <F extends Fields>(declaration: UpdateDeclaration<F>) => updateOf(kind, declaration),
		connect: (change: 'add' | 'remove', other: Connectable, description: string) =>
			connectionOf(kind, change, other, description),
	};
}

function pickerOf(
	definition: EntityDefinition,
	title: string,
	{ displayName = title, description, dependsOn, narrowed }: PickerWords,
): Field<string> {
	const { thing, key } = definition;
	const listing = { ...definition, ...narrowed };
	return picker({
		listing,
		name: narrowed?.name ?? `search${key[0]!.toUpperCase()}${key.slice(1)}s`,
		search: listSearch(listing),
		dependsOn,
		displayName,
		description: description ?? `The ${thing} to work with`,
		required: true,
	});
}

function getOf(kind: Kind, description: string): Operation {
	return operation({
		name: 'Get',
		action: `Get ${kind.thing}`,
		description,
		fields: kind.own(),
		workspace: true,
		simplify: kind.row,
		run: async ({ api }, values) => await api.get(at(kind, kind.idOf(values)), kind.schema),
	});
}

function deleteOf(kind: Kind, description: string): Operation {
	return operation({
		name: 'Delete',
		action: `Delete ${kind.thing}`,
		description,
		fields: kind.own(),
		workspace: true,
		run: async ({ api }, values) => await api.delete(at(kind, kind.idOf(values))),
	});
}

interface CreateDeclaration<F extends Fields, O extends Fields> {
	description: string;
	fields: F;
	options: O;
	workspace?: string;
	body(values: DeclaredValues<F, O>): IDataObject & { name: string };
	/** Narrows the list in which the name is looked for. */
	among?(values: DeclaredValues<F, O>): Query;
}

/** Creates one, or returns the one that has its name (POST to its list). */
function createOf<F extends Fields, O extends Fields>(
	kind: Kind,
	declaration: CreateDeclaration<F, O>,
): Operation {
	const { row } = kind;
	return operation({
		name: 'Create',
		action: `Create ${kind.thing}`,
		workspace: 'The workspace to create it in, instead of the default one',
		...declaration,
		options: { ...declaration.options, ifExists: ifNameExists(kind.title) },
		simplify: row && (({ already_existed, ...created }) => ({ ...row(created), already_existed })),
		// One after the other: of two items with the same name, the second finds what the first made.
		itemsAtOnce: 1,
		run: async ({ api }, values) => {
			const { ifExists } = values.options as { ifExists?: IfExists };
			const given = values as unknown as DeclaredValues<F, O>;
			const among = declaration.among?.(given);
			return await createNamed(api, kind, declaration.body(given), ifExists, among);
		},
	});
}

interface UpdateDeclaration<F extends Fields> {
	description: string;
	fields: F;
	body(changes: Partial<Values<F>>): IDataObject;
}

/** Changes what was added to Update Fields (PATCH). */
function updateOf<F extends Fields>(kind: Kind, declaration: UpdateDeclaration<F>): Operation {
	return operation({
		name: 'Update',
		action: `Update ${kind.thing}`,
		description: declaration.description,
		fields: { ...kind.own(), updateFields: updateFields(declaration.fields) },
		workspace: true,
		simplify: kind.row,
		run: async ({ api }, values) => {
			const changes = declaration.body(values.updateFields as Partial<Values<F>>);
			return await api.patch(at(kind, kind.idOf(values)), kind.schema, changes);
		},
	});
}

/** What can be added to another thing. */
interface Connectable {
	thing: string;
	key: string;
	title: string;
	picker(words: PickerWords): Field<string>;
}

/**
 * Adds another thing to one, or removes it: POST ID/add-label/ and its like (seeds 002 and 003,
 * `api.md`). Its answer may be empty, and doing it twice does what doing it once does.
 */
function connectionOf(
	kind: Kind,
	change: 'add' | 'remove',
	other: Connectable,
	description: string,
): Operation {
	const [verb, joint, done] =
		change === 'add' ? ['Add', 'to', 'added'] : ['Remove', 'from', 'removed'];
	const [idKey, otherIdKey] = [idKeyOf(kind.thing), idKeyOf(other.thing)];
	const words = { description: `The ${other.thing} to ${change} ${joint} the ${kind.thing}` };
	return operation({
		name: `${verb} ${other.title}`,
		action: `${verb} ${other.thing} ${joint} ${kind.thing}`,
		description,
		fields: { ...kind.own(), [other.key]: other.picker(words) },
		workspace: true,
		run: async ({ api }, values) => {
			const id = kind.idOf(values);
			const otherId = (values as unknown as Record<string, string>)[other.key]!;
			const path = at(kind, id, `${change}-${other.key}/`);
			await api.post(path, anySchema, { [otherIdKey]: otherId }, { idempotent: true });
			return { [idKey]: id, [otherIdKey]: otherId, [done]: [otherId] };
		},
	});
}

/** What an ID is called in rows and bodies: training_image_id. */
function idKeyOf(thing: string): string {
	return `${thing.replaceAll(' ', '_')}_id`;
}
