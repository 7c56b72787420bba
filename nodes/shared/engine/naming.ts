import { z } from 'zod';
import type { IDataObject } from 'n8n-workflow';
import type { Api, Query, Schema } from '../api/client';
import type { Memoize } from '../api/concurrency';
import type { Entity } from '../api/entities';
import { XimilarError } from '../api/error';
import { isObject } from '../api/json';
import { getList, getPage } from '../api/pages';
import { ID } from '../api/url';

/** Things that are named where an ID is needed: by a picker's By Name, or by an AI agent. */

/**
 * The ID of what is chosen in another field; undefined when nothing is.
 * @param listing the list that the field chooses from
 */
export type Chosen = (field: string, listing: Listing) => Promise<string | undefined>;

/** What has to be known of a list to find a thing in it. */
export interface Listing extends Entity {
	/** What else narrows the list, e.g. by what is chosen in another field. */
	narrow?(chosen: Chosen): Promise<Query> | Query;
	/** The API has no search for this list: all of it is read and searched. */
	searchedHere?: boolean;
	/** The API gives the list without pages. */
	unpaged?: boolean;
}

export type Entry = IDataObject & { id: string; name?: string | null };

export const entrySchema = z
	.object({ id: z.string(), name: z.string().nullish() })
	.passthrough() as unknown as Schema<Entry>;

/** Stands among the values of an item until the thing is found: {@link withIds}. */
export class Named {
	constructor(
		readonly name: string,
		readonly listing: Listing,
		/** It stood where an ID is expected: where no thing has the name, it is taken for one. */
		readonly mayBeId: boolean,
	) {}
}

/**
 * The ID of the one thing that has the name. Finding it is part of every item that names it, so each
 * name is looked for once in a run.
 * @param api within the workspace to look in
 * @param query what narrows the list
 * @throws XimilarError that tells the nearest names when no thing has it, and the IDs when several do
 */
export async function findByName(api: Api, named: Named, query: Query = {}): Promise<string> {
	const { name, listing, mayBeId } = named;
	const listed = await entriesLike(api, listing, query, name);
	const found = listed.filter((entry) => entry.name === name);
	if (found.length === 1) return found[0]!.id;
	if (found.length) throw severalHaveIt(named, found);
	if (mayBeId && ID.test(name)) return name;
	const others = listed.length ? listed : await firstEntries(api, listing, query);
	throw noneHasIt(named, nearest(name, others));
}

/** All entries whose names may be this one; all of the list, where the API has no search for it. */
async function entriesLike(
	api: Api,
	{ path, unpaged, searchedHere }: Listing,
	query: Query,
	name: string,
): Promise<Entry[]> {
	if (unpaged) return await api.get(path, z.array(entrySchema));
	const search = searchedHere ? {} : { search: name };
	return await getList(api, path, entrySchema, { ...query, ...search }, Infinity);
}

/** For an error only: what the list begins with. */
async function firstEntries(api: Api, listing: Listing, query: Query): Promise<Entry[]> {
	if (listing.unpaged || listing.searchedHere) return [];
	const page = await getPage(api, listing.path, entrySchema, query).catch(() => undefined);
	return page?.results ?? [];
}

const MAX_SHOWN = 5;

function noneHasIt({ name, listing: { thing } }: Named, near: string[]): XimilarError {
	const others = near.map((one) => `"${one}"`).join(', ');
	return new XimilarError(
		`There is no ${thing} with the name "${name}"${others ? `. Similar names: ${others}` : ''}`,
		'Enter the whole name; upper and lower case matter.',
		{ kind: 'notFound' },
	);
}

function severalHaveIt({ name, listing: { thing } }: Named, found: Entry[]): XimilarError {
	const shown = found.slice(0, MAX_SHOWN).map(({ id }) => id);
	const ids = shown.join(', ') + (found.length > MAX_SHOWN ? ', …' : '');
	return new XimilarError(
		`${found.length} ${thing}s have the name "${name}": ${ids}`,
		`Choose the ${thing} from the list, or enter its ID.`,
	);
}

/** The names that are most like one, the nearest first. */
function nearest(name: string, entries: Entry[]): string[] {
	const pairsOf = (text: string) => {
		const plain = text.toLowerCase();
		return new Set(Array.from(plain, (_, at) => plain.slice(at, at + 2)));
	};
	const wanted = pairsOf(name);
	const likeness = (other: string) => {
		const pairs = pairsOf(other);
		const shared = [...pairs].filter((pair) => wanted.has(pair)).length;
		return (2 * shared) / (pairs.size + wanted.size);
	};
	const names = [...new Set(entries.flatMap((entry) => entry.name || []))];
	return names
		.map((one) => ({ one, likeness: likeness(one) }))
		.sort((a, b) => b.likeness - a.likeness)
		.slice(0, MAX_SHOWN)
		.map(({ one }) => one);
}

interface Group {
	options?: unknown;
	filters?: unknown;
}

/**
 * The values of an item's fields with IDs in place of names. The workspace comes first, because all
 * else is looked for in it; a field that narrows another one stands before it.
 * @param api within the default workspace
 * @throws XimilarError as {@link findByName}, and those of its calls
 */
export async function withIds<V extends object>(values: V, api: Api, memoize: Memoize): Promise<V> {
	if (!hasNames(values)) return values;
	const groups = (['options', 'filters'] as const).flatMap((key) => {
		const group = (values as Group)[key];
		return isObject(group) ? [[key, { ...group } as Record<string, unknown>] as const] : [];
	});
	const whole: Record<string, unknown> = { ...values, ...Object.fromEntries(groups) };
	const all = [...groups.map(([, group]) => group), whole];

	const chosen: Chosen = async (field) =>
		all.map((group) => group[field]).find((value) => typeof value === 'string');
	const idOf = async (value: unknown, where: Api, place: unknown) => {
		if (!(value instanceof Named)) return value;
		const { listing, name, mayBeId } = value;
		const narrowed = await listing.narrow?.(chosen);
		const key = JSON.stringify(['named', listing.path, narrowed, place, name, mayBeId]);
		// What is not there is not looked for again; what could not be asked is.
		const outcome = await memoize(key, async () => await outcomeOf(where, value, narrowed));
		if ('error' in outcome) throw outcome.error;
		return outcome.id;
	};

	for (const group of all) {
		if ('workspace' in group) group.workspace = await idOf(group.workspace, api, undefined);
	}
	const workspace = groups.map(([, { workspace: id }]) => id).find(Boolean) as string | undefined;
	const within = api.inWorkspace(workspace);
	for (const group of [whole, ...all]) {
		for (const [key, value] of Object.entries(group)) {
			group[key] = await idOf(value, within, workspace);
		}
	}
	return whole as V;
}

type Outcome = { id: string } | { error: XimilarError };

/** That no thing has the name, or several do, is an outcome too. */
async function outcomeOf(api: Api, named: Named, query: Query | undefined): Promise<Outcome> {
	return await findByName(api, named, query).then(
		(id) => ({ id }),
		(error: unknown) => {
			const isOurs = error instanceof XimilarError && error.status === undefined;
			if (isOurs && ['input', 'notFound'].includes(error.kind)) return { error };
			throw error;
		},
	);
}

function hasNames(values: object): boolean {
	const { options, filters } = values as Group;
	return [values, options, filters].some(
		(group) => isObject(group) && Object.values(group).some((value) => value instanceof Named),
	);
}
