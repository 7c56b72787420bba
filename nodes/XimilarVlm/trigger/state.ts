import { createHash } from 'crypto';
import type { Query } from '../../shared/api/client';
import type { Walk } from './walk';

/**
 * What the trigger remembers of a list between polls. Pure: no clock, no calls.
 *
 * A finish is a request's ID and its completed_at. Each finish after the watermark that was emitted
 * is remembered by a key; the watermark moves only where a reading has proved that nothing before it
 * is still to come. So neither the order of the list matters, nor the place at which a finish turns
 * up late.
 */

/** A request that reached a final status; it finishes again when it was resubmitted. */
export interface Finish {
	id: string;
	status: string;
	/** Its completed_at, in milliseconds; undefined where Ximilar does not tell it. */
	at?: number;
	/** A time that its last processing cannot have begun before, in milliseconds. */
	began?: number;
}

/** A page that cannot be read, or a first page: then the list is dead. */
export interface Fault {
	/** How many pages come before it. */
	depth: number;
	since: number;
	failures: number;
	/** It is not read again before this time. */
	retryAt: number;
	/** The user was told. */
	told?: boolean;
}

/** The state of one list. Plain JSON. */
export interface ListState {
	/** The starting point. */
	start: number;
	/** Finishes up to here are settled: they were emitted, or lie before the starting point. */
	watermark: number;
	/** Keys of the emitted finishes after the watermark, one behind the other, by ten minutes. */
	seen: Record<string, string>;
	/** When those were emitted of which their lists do not tell when they finished, by their keys. */
	timeless: Record<string, number>;
	/** The latest completed_at that was met. */
	newest: number;
	/** It was proved that the list shows what finished last first. */
	newestFirst: boolean;
	/** When the last readings began that met all of a list of numbered pages. */
	recent: number[];
	/** Fingerprints of entries that need not be looked up again. */
	fingerprints: string;
	/** A walk through all pages. */
	scan?: Walk;
	/** A walk that time cut short amid unseen finishes. */
	rest?: Walk;
	/** The last page, where that is the one that gets new entries. */
	tail?: Query;
	fault?: Fault;
}

/**
 * How a reading proves that it met every finish of its time: in one go, in several pages that are
 * numbered, or in several polls by such pages. An entry that leaves a list of numbered pages, by a
 * resubmission say, moves the others forward past a reading.
 */
export type Proof = { kind: 'exact' | 'numbered' | 'slow'; since: number };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** 60 bits: among 100,000 keys, a chance of 1 to 10^13 for each new one. */
const KEY_LENGTH = 10;
const BUCKET = 10 * MINUTE;

/** How long after its completion a finish may stay out of the lists. */
export const LATENESS = 15 * MINUTE;
/** Readings of numbered pages that have to agree. They have to cover an hour, slow ones a day. */
export const READINGS = 3;

/**
 * Requests are deleted two weeks after they finished (seed 003, "Request Lifecycle"), so nothing
 * older than this is waited for. It bounds the state where a list can never be read to its end.
 */
const LONGEST_RETENTION = 31 * DAY;

/** How far the service's clocks may differ. */
const CLOCK_TOLERANCE = 10_000;

/** How many fingerprints are kept at most, the newest: a forgotten one costs a call, no more. */
const MAX_FINGERPRINTS = 5000;

/** How many of those are kept at least of which nobody tells when they finished. */
const MIN_TIMELESS = 1000;

/** A short hash of a text. */
export function hash(text: string): string {
	return createHash('sha256').update(text).digest('base64url').slice(0, KEY_LENGTH);
}

/**
 * What tells one finish from all others. A request does not finish twice within a second, and not
 * every answer tells fractions of one.
 */
export function keyOf({ id, status, at }: Finish): string {
	return hash(`${id} ${at === undefined ? status : Math.floor(at / 1000)}`);
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
 * @param fingerprints those of entries that belong there as well
 */
export function startingAt(
	start: number,
	settled: Finish[] = [],
	fingerprints: string[] = [],
): ListState {
	return {
		start,
		watermark: start,
		seen: remembered(
			{},
			settled.filter(({ at }) => at !== undefined && at > start),
			start,
		),
		timeless: {},
		newest: start,
		newestFirst: false,
		recent: [],
		fingerprints: fingerprints.join(''),
	};
}

/** Whether a finish is neither settled nor emitted. */
export function unseen({
	start,
	watermark,
	seen,
	timeless,
}: ListState): (finish: Finish) => boolean {
	const keys = new Set(Object.values(seen).flatMap((text) => [...hashesIn(text)]));
	const isTimeless = Object.keys(timeless).length > 0;
	return (finish) => {
		const emitted = isTimeless ? timeless[keyOf({ ...finish, at: undefined })] : undefined;
		if (finish.at === undefined) return emitted === undefined && !(finish.began! <= start);
		// The same finish, of which Ximilar has told the time meanwhile.
		if (emitted !== undefined && finish.at <= emitted + CLOCK_TOLERANCE) return false;
		return finish.at > watermark && !keys.has(keyOf(finish));
	};
}

/** How many finishes after the watermark are remembered. */
export function countSeen({ seen }: ListState): number {
	return Object.values(seen).join('').length / KEY_LENGTH;
}

/**
 * The state with further finishes as emitted ones.
 * @param untimed those whose list does not tell when they finished
 */
export function withEmitted(
	state: ListState,
	emitted: Finish[],
	untimed: Finish[],
	now: number,
): ListState {
	const timeless = untimed.map(
		(finish) => [keyOf({ ...finish, at: undefined }), finish.at ?? now] as const,
	);
	const kept = Object.entries(state.timeless)
		.sort(([, a], [, b]) => b - a)
		.filter(([, at], index) => index < MIN_TIMELESS || at > now - LONGEST_RETENTION);
	return {
		...state,
		seen: remembered(state.seen, emitted, state.watermark),
		timeless: Object.fromEntries([...kept, ...timeless]),
	};
}

/**
 * The state with what readings have proved: what completed before was there to be met.
 * @param reached the latest time that the service's clock and its finishes showed
 * @param open when those completed that were met and are not emitted yet
 */
export function withProofs(
	state: ListState,
	proofs: Proof[],
	reached = -Infinity,
	open: number[] = [],
): ListState {
	const paged = proofs.filter(({ kind }) => kind !== 'exact');
	const recent = [...state.recent, ...paged.map(({ since }) => since)].slice(-READINGS);
	const proved = proofs.map(({ kind, since }) => {
		if (kind === 'exact') return since - LATENESS;
		if (recent.length < READINGS) return -Infinity;
		return Math.min(recent[0]! - LATENESS, since - (kind === 'slow' ? DAY : HOUR));
	});
	const watermark = Math.max(
		state.watermark,
		Math.min(Math.max(reached - LONGEST_RETENTION, ...proved), ...open.map((at) => at - 1)),
	);
	return { ...state, recent, watermark, seen: remembered(state.seen, [], watermark) };
}

/** The fingerprints with further ones. */
export function withFingerprints(fingerprints: string, further: string[]): string {
	return (fingerprints + further.join('')).slice(-MAX_FINGERPRINTS * KEY_LENGTH);
}

/** In the order of completion; those without a time come last. */
export function byCompletion(a: Finish, b: Finish): number {
	const [first, second] = [a.at ?? Infinity, b.at ?? Infinity];
	return first === second ? (a.id < b.id ? -1 : 1) : first - second;
}

/** The keys after the watermark, those of further finishes included. */
function remembered(
	seen: Record<string, string>,
	further: Finish[],
	watermark: number,
): Record<string, string> {
	const byTime = new Map(Object.entries(seen));
	for (const finish of further) {
		if (finish.at === undefined) continue;
		const bucket = Math.floor(finish.at / BUCKET).toString(36);
		byTime.set(bucket, (byTime.get(bucket) ?? '') + keyOf(finish));
	}
	return Object.fromEntries(
		[...byTime].filter(([bucket]) => (parseInt(bucket, 36) + 1) * BUCKET > watermark),
	);
}
