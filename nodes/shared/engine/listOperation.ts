import type { IDataObject } from 'n8n-workflow';
import type { Query } from '../api/client';
import type { Entity } from '../api/entities';
import { getList } from '../api/pages';
import { collection } from './collection';
import { boolean, number, shownWhen, type Fields, type Values } from './field';
import { operation, workspaceOption, type Operation } from './operation';

type Filters<F extends Fields> = Partial<Values<F>> & { workspace?: string };

export interface ListDeclaration<F extends Fields> {
	name?: string;
	action?: string;
	description: string;
	filters: F;
	/** From the filters to the query; the filters as they are when absent. */
	query?(filters: Partial<Values<F>>): Query;
	/** Which entries fit the filters, where the service cannot tell. */
	keep?(entry: IDataObject, filters: Partial<Values<F>>): boolean;
	/**
	 * What the service gives at most in a page that has no more entries than the limit; its own page
	 * size when absent.
	 */
	maxPageSize?: number;
	simplify?(entry: IDataObject): IDataObject;
}

/**
 * A list operation: the user's filters become the query, and no page is fetched that the limit
 * does not need.
 */
export function listOperation<F extends Fields>(
	{ thing, path, schema }: Entity,
	declaration: ListDeclaration<F>,
): Operation {
	const {
		filters,
		query = (given) => given as Query,
		keep = () => true,
		maxPageSize,
		...rest
	} = declaration;
	return operation({
		name: 'Get Many',
		action: `Get many ${thing}s`,
		...rest,
		fields: {
			returnAll: returnAllField(),
			limit: shownWhen({ returnAll: [false] }, limitField()),
			filters: collection(
				{ ...filters, ...workspaceOption(true) },
				{ displayName: 'Filters', placeholder: 'Add Filter' },
			),
		},
		run: async ({ api }, { filters: all, limit = Infinity }) => {
			const { workspace: _, ...given } = all as Filters<F>;
			const own = given as Partial<Values<F>>;
			const first = {
				...query(own),
				...(maxPageSize ? { page_size: Math.min(limit, maxPageSize) } : {}),
			};
			return await getList(api, path, schema, first, limit, (entry) => keep(entry, own));
		},
	});
}

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
