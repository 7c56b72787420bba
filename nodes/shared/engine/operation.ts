import type { IDataObject } from 'n8n-workflow';
import { mapLimit } from '../api/concurrency';
import { withoutBytes } from '../api/images';
import { collection } from './collection';
import { ITEMS_AT_ONCE, type Execution, type Item, type Run } from './execution';
import { boolean, type Field, type Fields, type Values } from './field';
import { workspacePicker } from './workspace';

/** One operation of a resource: what the user reads, is asked for, and gets. */
export interface Operation {
	name: string;
	action: string;
	description: string;
	fields: Fields;
	/** Carries it out for all items, and ends each of them. */
	perform(execution: Execution): Promise<void>;
}

/** A resource of a node: its display name and its operations by internal name. */
export interface Resource {
	name: string;
	operations: Record<string, Operation>;
}

/** What every kind of operation declares. */
export interface Declaration<F extends Fields, O extends Fields> {
	name: string;
	action: string;
	description: string;
	fields: F;
	/** Rarely used fields. */
	options?: O;
	/** It works within a workspace that the user may choose; a text says what the workspace is for. */
	workspace?: true | string;
	/** The short form of a row, good for a spreadsheet; the user can switch it off. */
	simplify?(row: IDataObject): IDataObject;
}

/** The values of an operation's fields, those that the engine adds included. */
export type DeclaredValues<F extends Fields, O extends Fields> = Values<F> & {
	options: Partial<Values<O>> & { workspace?: string };
};

/**
 * The texts and fields of an operation, with those that the engine adds, and how it gets its items.
 */
export function declared<F extends Fields, O extends Fields>({
	name,
	action,
	description,
	fields,
	options,
	workspace,
	simplify,
}: Declaration<F, O>) {
	const { filters, ...others } = fields as Fields;
	const all: Fields = {
		...others,
		...(simplify ? { simplify: simplifyField() } : {}),
		...(filters ? { filters } : {}),
		...(options || workspace
			? { options: collection({ ...options, ...workspaceOption(workspace) }) }
			: {}),
	};
	return {
		texts: { name, action, description, fields: all },
		itemsOf: async (execution: Execution) =>
			(await execution.items(all, (row, values) => {
				const shown = withoutBytes(row);
				return simplify && values.simplify ? simplify(shown) : shown;
			})) as Array<Item<DeclaredValues<F, O>>>,
	};
}

/** The option to choose a workspace, for what has one. */
export function workspaceOption(workspace: true | string | undefined): {
	workspace?: Field<string | undefined>;
} {
	if (!workspace) return {};
	return { workspace: workspacePicker(workspace === true ? undefined : workspace) };
}

/**
 * An operation of the plain kind: one item in, a function from its field values to a result, and
 * that result (or each of a list) out as a row.
 */
export function operation<F extends Fields, O extends Fields = Record<never, never>>(
	declaration: Declaration<F, O> & {
		/**
		 * 1 where the order of the calls matters, or where a call must not be made in vain; few where an
		 * item holds much in memory.
		 */
		itemsAtOnce?: number;
		run(run: Run, values: DeclaredValues<F, O>): Promise<IDataObject | IDataObject[]>;
	},
): Operation {
	const { run, itemsAtOnce = ITEMS_AT_ONCE } = declaration;
	const { texts, itemsOf } = declared(declaration);
	return {
		...texts,
		perform: async (execution) =>
			await mapLimit(await itemsOf(execution), itemsAtOnce, async (item) => {
				try {
					item.throwIfEnded();
					item.end({ rows: [await run(item, item.values)].flat() });
				} catch (error) {
					item.end({ errors: [error] });
				}
			}),
	};
}

/**
 * An operation that looks at all items together, because one call can serve many of them.
 * @param declaration.run ends every item that it is given
 */
export function jointOperation<F extends Fields, O extends Fields = Record<never, never>>(
	declaration: Declaration<F, O> & {
		run(items: Array<Item<DeclaredValues<F, O>>>): Promise<void>;
	},
): Operation {
	const { texts, itemsOf } = declared(declaration);
	const perform = async (execution: Execution) => {
		const items = await itemsOf(execution);
		if (items.length) await declaration.run(items);
	};
	return { ...texts, perform };
}

/** The switch that every operation with a short form has. */
export const simplifyField = () =>
	boolean({
		displayName: 'Simplify',
		default: true,
		description: 'Whether to return a simplified version of the response instead of the raw data',
	});
