import { unlessAborted } from './time';

/**
 * Finds by itself how many calls a server takes at once, and keeps that many under way. The rules
 * are pure functions of a state; {@link createLimiter} queues the calls by them.
 */

/** Nothing is known of the server yet: enough to be fast, few enough for a small account. */
const FIRST_LIMIT = 4;
/** Twice the calls must bring at least this many times the throughput, or they are no use. */
const WORTHWHILE = 1.1;
/** Milliseconds until a limit that was found is tried out again, and how that pause grows. */
const FIRST_PROBE = 10_000;
const MAX_PROBE = 60_000;

/** How long calls took that were begun while so many were under way. */
interface Level {
	limit: number;
	calls: number;
	/** Milliseconds, of all of them together. */
	time: number;
}

export interface LimitState {
	/** How many calls may be under way. */
	limit: number;
	/** How many the user allows. */
	max: number;
	running: number;
	/** What is known of the limit that is tried out now, and of the one before. */
	level: Level;
	before?: Level;
	/**
	 * Set once the limit was found: when one call more is tried, how long the pause before it is, and
	 * whether it is being tried.
	 */
	probe?: { at: number; pause: number; isUnderWay?: boolean };
}

const levelOf = (limit: number): Level => ({ limit, calls: 0, time: 0 });

/** @param max how many calls the user allows */
export function firstState(max: number): LimitState {
	const limit = Math.min(FIRST_LIMIT, max);
	return { limit, max, running: 0, level: levelOf(limit) };
}

export const hasRoom = ({ running, limit }: LimitState): boolean => running < limit;

export const begun = (state: LimitState): LimitState => ({ ...state, running: state.running + 1 });

/**
 * A call was answered. Where all that may be were under way, and twice as many before brought more,
 * twice as many again are tried; what brings no more is taken back.
 * @param call.limit the limit when it was begun
 * @param call.time milliseconds until its answer
 */
export function answered(
	state: LimitState,
	call: { limit: number; time: number },
	now: number,
): LimitState {
	const { limit, max, before, probe } = state;
	const next = { ...state, running: state.running - 1 };
	const isFull = state.running >= limit;
	if (call.limit !== limit || !isFull) return next;
	if (probe && !probe.isUnderWay) {
		return now >= probe.at && limit < max ? tried(next, limit + 1, probe) : next;
	}
	const { calls, time } = state.level;
	const level = { limit, calls: calls + 1, time: time + call.time };
	if (level.calls < (probe ? limit : Math.ceil(limit / 2))) return { ...next, level };
	if (before && throughput(level) < WORTHWHILE * throughput(before)) {
		return withLimit(next, before.limit, now);
	}
	// One call more is borne: the server has room, and how much is found out as at the beginning.
	return limit < max
		? { ...tried(next, Math.min(2 * limit, max)), before: level }
		: { ...next, level, probe: undefined };
}

/** Tries another limit out. */
const tried = (state: LimitState, limit: number, probe?: LimitState['probe']): LimitState => ({
	...state,
	limit,
	before: undefined,
	level: levelOf(limit),
	probe: probe && { ...probe, isUnderWay: true },
});

/** Calls a millisecond, were all of them like these. */
const throughput = ({ limit, calls, time }: Level): number => (limit * calls) / Math.max(time, 1);

/** A call ended in another way: nothing is learnt of the limit. */
export const ended = (state: LimitState): LimitState => ({ ...state, running: state.running - 1 });

/** Too many: what is under way now is what the server bears. */
export function refused(state: LimitState, now: number): LimitState {
	const running = state.running - 1;
	return withLimit({ ...state, running }, Math.max(1, Math.min(state.limit, running)), now);
}

/** A limit that was found, until it is tried out again: later each time that brought nothing. */
function withLimit(state: LimitState, limit: number, now: number): LimitState {
	const { pause = FIRST_PROBE, isUnderWay } = state.probe ?? {};
	const next = isUnderWay ? Math.min(2 * pause, MAX_PROBE) : pause;
	return { ...state, limit, level: levelOf(limit), probe: { at: now + next, pause: next } };
}

/** A call's place among those under way. */
export interface Slot {
	/**
	 * Gives the place back.
	 * @param isAnswered whether the server took the call
	 */
	release(isAnswered: boolean): void;
	/**
	 * The server has too many calls: the place is given back, unless this call is the only one under
	 * way, and the server said so. Then the refusal is about time, not about the number of calls, and
	 * holds for all of them: none begins before this one was tried again.
	 * @param isSaid the server said so; it may also be concluded, and then be about this call alone
	 * @returns whether the call keeps its place, to be tried again in it
	 */
	refuse(isSaid: boolean): boolean;
}

/** What all calls of one execution share. */
export interface Limiter {
	/**
	 * Waits for a place. Calls begin in the order in which they ask, those that ask again first.
	 * @throws XimilarError of kind `aborted`
	 */
	acquire(isRetry: boolean, signal: AbortSignal | undefined): Promise<Slot>;
	/** When a call was last answered, or the first one was begun; in milliseconds since 1970. */
	lastProgress(): number;
}

/**
 * The queue around the state, which its slots share: so all of it stands in one scope.
 * @param max how many calls the user allows at once
 */
export function createLimiter(max: number): Limiter {
	let state = firstState(max);
	let lastProgress: number | undefined;
	const queue: Array<() => void> = [];

	const startNext = () => {
		while (queue.length && hasRoom(state)) {
			state = begun(state);
			queue.shift()!();
		}
	};

	const begin = (): Slot => {
		let start = Date.now();
		let { limit } = state;
		lastProgress ??= start;
		return {
			release: (isAnswered) => {
				const now = Date.now();
				if (isAnswered) lastProgress = now;
				state = isAnswered ? answered(state, { limit, time: now - start }, now) : ended(state);
				startNext();
			},
			refuse: (isSaid) => {
				const now = Date.now();
				state = refused(state, now);
				const isKept = isSaid && state.running === 0;
				if (isKept) {
					state = begun(state);
					[start, limit] = [now, state.limit];
				}
				startNext();
				return isKept;
			},
		};
	};

	/** Who gives up while waiting, or just as it may begin, gives its place to the next. */
	const leave = (enter: () => void) => {
		const place = queue.indexOf(enter);
		if (place >= 0) queue.splice(place, 1);
		else state = ended(state);
		startNext();
	};

	return {
		acquire: async (isRetry, signal) => {
			let enter = () => {};
			const entered = new Promise<void>((resolve) => {
				enter = resolve;
			});
			if (isRetry) queue.unshift(enter);
			else queue.push(enter);
			startNext();
			let slot: Slot | undefined;
			try {
				await unlessAborted(entered, signal);
				slot = begin();
				return slot;
			} finally {
				if (!slot) leave(enter);
			}
		},
		lastProgress: () => lastProgress ?? Date.now(),
	};
}
