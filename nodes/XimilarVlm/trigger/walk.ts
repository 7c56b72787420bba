import type { Query } from '../../shared/api/client';
import { hash, type Finish } from './state';

/** Walks through the pages of a list, and what they show of its order. Pure. */

/** By chance, so many stand in their order once in 479 million times. */
const MIN_DESCENTS = 12;

/** An entry of a list. */
export interface Listed extends Finish {
	created?: number;
	/** Tells the entry from the same one in another state. */
	fingerprint: string;
}

/** A page of a list. */
export interface ListPage<E extends Listed> {
	entries: E[];
	next?: Query;
	/** The service's clock when it gave the page. */
	clock: number;
}

/** A walk through a list's pages from the first one on, which may take several polls. */
export interface Walk {
	/** A time that the service's clock had reached when the first page was read. */
	since: number;
	/** Where it goes on. */
	next: Query;
	/** How many pages it has read. */
	pages: number;
	/** Stands for a place that it has passed: there, it would go in a circle. */
	mark?: string;
	/** The last entry that was read. */
	last?: { at: number; created?: number };
	/** Every entry so far was completed no later than the one before it. */
	newestFirst: boolean;
	/** How many entries so far were completed before the one in front of them. */
	descents: number;
	/** One was created after the one in front of it; one before: then the order is not of creation. */
	hasCreatedLater: boolean;
	hasCreatedEarlier: boolean;
	/** The latest completion on its first page. */
	head: number;
	/** It was begun by an earlier poll. */
	isOld?: boolean;
}

/**
 * A walk after one more page.
 * @param reading the latest completed_at that was met, and whether the list's pages are numbered
 */
export function advance(
	walk: Walk | undefined,
	{ entries, next, clock }: ListPage<Listed>,
	{ newest, numbered }: { newest: number; numbered: boolean },
): Walk {
	const times = entries.flatMap(({ at, created }) => (at === undefined ? [] : [{ at, created }]));
	// Between two numbered pages the entries move on: only within one their order can be judged.
	const ordered = [...(walk?.last && !numbered ? [walk.last] : []), ...times];
	const pairs = ordered.slice(1).map((entry, index) => [ordered[index]!, entry] as const);
	const descents = pairs.filter(([first, { at }]) => first.at > at);
	const pages = (walk?.pages ?? 0) + 1;
	return {
		since: walk?.since ?? Math.min(clock, newest),
		next: next ?? {},
		pages: pages,
		// Brent's way to find a circle with one mark.
		mark: Number.isInteger(Math.log2(pages)) && next ? placeOf(next) : walk?.mark,
		last: times.at(-1) ?? walk?.last,
		newestFirst: (walk?.newestFirst ?? true) && pairs.every(([first, { at }]) => first.at >= at),
		descents: (walk?.descents ?? 0) + descents.length,
		hasCreatedLater:
			(walk?.hasCreatedLater ?? false) ||
			descents.some(([first, { created }]) => first.created! < created!),
		hasCreatedEarlier:
			(walk?.hasCreatedEarlier ?? false) ||
			descents.some(([first, { created }]) => first.created! > created!),
		head: walk?.head ?? latestIn({ entries }),
		...(walk?.isOld ? { isOld: true } : {}),
	};
}

/**
 * Whether a walk to the end of a list has proved that it shows what finished last first. Chance does
 * not put so many into that order, and neither does the order of creation.
 */
export function provesNewestFirst(walk: Walk): boolean {
	const { newestFirst, descents, hasCreatedLater, hasCreatedEarlier } = walk;
	return newestFirst && descents >= MIN_DESCENTS && hasCreatedLater && hasCreatedEarlier;
}

/** The latest completion on a page. */
export const latestIn = ({ entries }: { entries: Listed[] }) =>
	Math.max(0, ...entries.map(({ at }) => at ?? 0));

/** Stands for a page. */
export const placeOf = (next: Query) => hash(JSON.stringify(next));
