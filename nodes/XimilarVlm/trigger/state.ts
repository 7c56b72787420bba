import { createHash } from 'crypto';
import type { Query } from '../../shared/api/client';

/**
 * What the trigger remembers between polls, and how it moves on. Pure: no clock, no calls.
 *
 * A finish is a request's ID and its completed_at. Each finish after the mark that was emitted is
 * remembered by a key; the mark only moves where a complete reading of the list has proved that
 * nothing before it is still to come. So the order of the list does not matter, nor does the place
 * at which a finish turns up late.
 */

/** A request that reached a final status; it finishes again when it was resubmitted. */
export interface Finish {
	id: string;
	/** Its completed_at, in milliseconds. */
	at: number;
}

/** A reading of a list from its first page on, which may take several polls. */
export interface Scan {
	/** A time that the service's clock had reached when the first page was read. */
	since: number;
	/** Where it goes on. */
	next: Query;
	/** The completed_at of the last entry that was read. */
	last?: number;
	/** Every entry so far was completed no later than the one before it. */
	newestFirst: boolean;
}

/** The state of one list. Plain JSON. */
export interface ListState {
	/** Finishes up to here are settled: they were emitted, or lie before the starting point. */
	watermark: number;
	/** Keys of the emitted finishes after the mark, one behind the other, by minute of completion. */
	seen: Record<string, string>;
	/** The latest completed_at that was met. */
	newest: number;
	/** The last complete reading found the newest first. */
	newestFirst: boolean;
	/** Prints of entries that need not be looked up again; see {@link MAX_FINGERPRINTS}. */
	fingerprints: string;
	scan?: Scan;
}

/** The states of all lists that a trigger watches, by their keys. */
export type States = Record<string, ListState>;

/** What one poll read of one list. */
export interface Reading<F extends Finish> {
	/** The finishes that were new when they were met. */
	found: F[];
	newest: number;
	newestFirst: boolean;
	fingerprints: string[];
	/** Where the next poll goes on; undefined when it begins anew. */
	scan?: Scan;
	/** The `since` of a reading that got to the end. */
	complete?: number;
	/** A time that the service's clock had reached during this poll. */
	reached?: number;
	/** Why it stopped early. What was found before is good all the same. */
	fault?: unknown;
	/** How many pages were read. */
	pages: number;
}

/** 60 bits: a collision among 100,000 remembered finishes has a chance of 1 to 10^13 for each new one. */
const KEY_LENGTH = 10;
const MINUTE = 60_000;

/**
 * Requests are deleted two weeks after they finished (seed 003, "Request Lifecycle"), so nothing
 * older than this is waited for. It bounds the state where a list can never be read to its end.
 */
const LONGEST_RETENTION = 31 * 24 * 60 * MINUTE;

/** How many prints are kept at most, the newest of them: a forgotten one costs a call, no more. */
export const MAX_FINGERPRINTS = 5000;

function hash(text: string): string {
	return createHash('sha256').update(text).digest('base64url').slice(0, KEY_LENGTH);
}

/** What tells one finish from all others. */
export function keyOf({ id, at }: Finish): string {
	return hash(`${id} ${at}`);
}

/** What tells a list's entry from the same entry in another state. */
export function fingerprintOf(entry: object): string {
	return hash(JSON.stringify(entry));
}

/** The hashes that stand one behind the other in a text. */
export function* hashesIn(text: string): Generator<string> {
	for (let at = 0; at < text.length; at += KEY_LENGTH) yield text.slice(at, at + KEY_LENGTH);
}

/**
 * The state in which a list is watched from a time on.
 * @param settled finishes that belong to the time before, whatever their completed_at
 * @param fingerprints prints of entries that belong there as well
 */
export function startingAt(
	start: number,
	settled: Finish[] = [],
	fingerprints: string[] = [],
): ListState {
	const later = settled.filter(({ at }) => at > start);
	return {
		watermark: start,
		seen: remembered({}, later, start),
		newest: start,
		newestFirst: false,
		fingerprints: fingerprints.join(''),
	};
}

/** Whether a finish is neither settled nor emitted. */
export function unseen({ watermark: watermark, seen }: ListState): (finish: Finish) => boolean {
	const keys = new Set(Object.values(seen).flatMap((text) => [...hashesIn(text)]));
	return (finish) => finish.at > watermark && !keys.has(keyOf(finish));
}

/**
 * Emits what a reading found and moves the state on. `state` is the one at the end of the reading:
 * where another poll has overtaken this one, what that one emitted is not emitted again.
 * @param allowedLateness how long after its completion a finish may stay out of a complete reading
 */
export function settle<F extends Finish>(
	state: ListState,
	reading: Reading<F>,
	allowedLateness: number,
): { emitted: F[]; state: ListState } {
	const isNew = unseen(state);
	const byKey = new Map(reading.found.filter(isNew).map((finish) => [keyOf(finish), finish]));
	const emitted = [...byKey.values()];
	// What completed up to `complete - lateness` was there to be met when that reading began.
	const watermark = Math.max(
		state.watermark,
		(reading.complete ?? -Infinity) - allowedLateness,
		(reading.reached ?? -Infinity) - LONGEST_RETENTION,
	);
	const fingerprints = state.fingerprints + reading.fingerprints.join('');
	return {
		emitted,
		state: {
			watermark: watermark,
			seen: remembered(state.seen, emitted, watermark),
			newest: Math.max(state.newest, reading.newest),
			newestFirst: reading.newestFirst,
			fingerprints: fingerprints.slice(-MAX_FINGERPRINTS * KEY_LENGTH),
			...(reading.scan ? { scan: JSON.parse(JSON.stringify(reading.scan)) as Scan } : {}),
		},
	};
}

/** Moves all lists on, and emits what they have brought in the order of completion. */
export function settleAll<F extends Finish>(
	lists: Array<{ key: string; allowedLateness: number }>,
	states: States,
	readings: Array<Reading<F>>,
): { emitted: F[]; states: States } {
	const settled = lists.map((list, index) =>
		settle(states[list.key]!, readings[index]!, list.allowedLateness),
	);
	return {
		emitted: settled.flatMap(({ emitted }) => emitted).sort(byCompletion),
		states: Object.fromEntries(lists.map(({ key }, index) => [key, settled[index]!.state])),
	};
}

export function byCompletion(a: Finish, b: Finish): number {
	return a.at - b.at || (a.id < b.id ? -1 : 1);
}

/** The keys after the mark, those of further finishes included. */
function remembered(
	seen: Record<string, string>,
	further: Finish[],
	watermark: number,
): Record<string, string> {
	const byMinute = new Map(Object.entries(seen));
	for (const finish of further) {
		const minute = Math.floor(finish.at / MINUTE).toString(36);
		byMinute.set(minute, (byMinute.get(minute) ?? '') + keyOf(finish));
	}
	return Object.fromEntries(
		[...byMinute].filter(([minute]) => (parseInt(minute, 36) + 1) * MINUTE > watermark),
	);
}
