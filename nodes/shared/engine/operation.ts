import type { IDataObject } from 'n8n-workflow';
import type { Api, Query, Schema } from '../api/client';
import { withoutBytes } from '../api/images';
import { getList } from '../api/pages';
import { boolean, collection, number, shownWhen, type Fields, type Values } from './field';
import { imagesOf, type ImageInput, type ImageValues } from './imageFields';
import { mapLimit } from '../api/concurrency';
import type { Row, Session } from './session';

/** One operation of a resource: what the user reads, is asked for, and gets. */
export interface Operation {
	name: string;
	action: string;
	description: string;
	fields: Fields;
	/** Carries it out for all items of the session, and settles each of them. */
	perform(session: Session): Promise<void>;
}

/** A resource of a node: its display name and its operations by internal name. */
export interface Resource {
	name: string;
	operations: Record<string, Operation>;
}

/** What an operation's function works with. */
export interface Run {
	api: Api;
	signal: AbortSignal;
	/** What the items of this run share: see `once` and `inTurn`. */
	shared: Map<string, Promise<unknown>>;
	/** The images of the item at hand, by the values of `imageFields`, not loaded yet. */
	images(values: ImageValues): ImageInput[];
	/** Shows a hint beside the output. */
	hint(text: string): void;
}

/** The function's surroundings for one item of a session. */
export function runOf(session: Session, index: number): Run {
	const { api, signal, shared, hint } = session;
	return { api, signal, shared, hint, images: (values) => imagesOf(session, index, values) };
}

/** How many items of a plain operation are under way at once. */
export const ITEMS_AT_ONCE = 4;

interface Declaration<F extends Fields> {
	name: string;
	action: string;
	description: string;
	fields: F;
	/** 1 where the order of the calls matters, or where a call must not be made in vain. */
	itemsAtOnce?: number;
	/** The short form of a result, good as a spreadsheet row; the user can switch it off. */
	simplify?(result: IDataObject): IDataObject;
	run(run: Run, values: Values<F>): Promise<IDataObject | IDataObject[]>;
}

/**
 * An operation of the plain kind: one item in, a function from its field values to a result, and
 * that result (or each of a list) out as an item linked to the one that came in.
 */
export function operation<F extends Fields>(declaration: Declaration<F>): Operation {
	const { name, action, description, run, simplify, itemsAtOnce = ITEMS_AT_ONCE } = declaration;
	const fields: Fields = {
		...declaration.fields,
		...(simplify ? { simplify: simplifyField() } : {}),
	};
	return {
		name,
		action,
		description,
		fields,
		perform: async (session) =>
			await mapLimit(session.indexes, itemsAtOnce, async (index) => {
				await session.settle(index, async () => {
					const values = session.values(fields, index);
					const results = await run(runOf(session, index), values as Values<F>);
					const shown = values.simplify && simplify ? simplify : withoutBytes<IDataObject>;
					return [results].flat().map((result): Row => ({ json: shown(result) }));
				});
			}),
	};
}

/** An item of a joint operation: settled by one of its two functions, once. */
export interface JointItem<V> extends Run {
	values: V;
	/** @throws XimilarError when an earlier one showed that every further call would be refused too */
	throwIfEnded(): void;
	/** Takes the item's results. */
	done(results: IDataObject | IDataObject[]): void;
	/** Takes the reason why it cannot be done. Ends the whole run unless the node shall continue. */
	failed(error: unknown): void;
}

/**
 * An operation that looks at all items together, because one call can serve many of them.
 * @param declaration.run settles every item that it is given
 */
export function jointOperation<F extends Fields>(
	declaration: Omit<Declaration<F>, 'run' | 'itemsAtOnce'> & {
		run(items: Array<JointItem<Values<F>>>): Promise<void>;
	},
): Operation {
	const { name, action, description, run, simplify } = declaration;
	const fields: Fields = {
		...declaration.fields,
		...(simplify ? { simplify: simplifyField() } : {}),
	};
	const perform = async (session: Session) => {
		const items: Array<JointItem<Values<F>>> = [];
		for (const index of session.indexes) {
			try {
				const values = session.values(fields, index);
				const shown = values.simplify && simplify ? simplify : withoutBytes<IDataObject>;
				items.push({
					...runOf(session, index),
					values: values as Values<F>,
					throwIfEnded: session.throwIfEnded,
					done: (results) =>
						session.done(
							index,
							[results].flat().map((result) => ({ json: shown(result) })),
						),
					failed: (error) => session.failed(index, error),
				});
			} catch (error) {
				session.failed(index, error);
			}
		}
		if (items.length) await run(items);
	};
	return { name, action, description, fields, perform };
}

/**
 * A list operation: the user's filters become the query, and no page is fetched that the limit
 * does not need.
 * @param declaration.query from the filters to the query; the filters as they are when absent
 * @param declaration.keep which entries fit the filters, where the service cannot tell
 * @param declaration.maxPageSize what the service gives at most in a page that has no more entries
 * than the limit; its own page size when absent
 */
export function listOperation<F extends Fields>(declaration: {
	name?: string;
	action: string;
	description: string;
	path: string;
	schema: Schema<IDataObject>;
	filters: F;
	query?(filters: Partial<Values<F>>): Query;
	keep?(entry: IDataObject, filters: Partial<Values<F>>): boolean;
	maxPageSize?: number;
	simplify?(entry: IDataObject): IDataObject;
}): Operation {
	const {
		path,
		schema,
		filters,
		query = (given) => given as Query,
		keep = () => true,
		maxPageSize,
		...rest
	} = declaration;
	return operation({
		name: 'Get Many',
		...rest,
		fields: {
			returnAll: returnAllField(),
			limit: shownWhen({ returnAll: [false] }, limitField()),
			filters: collection(filters, { displayName: 'Filters', placeholder: 'Add Filter' }),
		},
		run: async ({ api }, { filters: given, limit = Infinity }) => {
			const first = {
				...query(given),
				...(maxPageSize ? { page_size: Math.min(limit, maxPageSize) } : {}),
			};
			return await getList(api, path, schema, first, limit, (entry) => keep(entry, given));
		},
	});
}

/** The switch that every operation with a short form has. */
export const simplifyField = () =>
	boolean({
		displayName: 'Simplify',
		default: true,
		description: 'Whether to return a simplified version of the response instead of the raw data',
	});

const returnAllField = () =>
	boolean({
		displayName: 'Return All',
		description: 'Whether to return all results or only up to a given limit',
	});

const limitField = () =>
	number(
		{ displayName: 'Limit', default: 50, description: 'Max number of results to return' },
		{ min: 1, integer: true },
	);
