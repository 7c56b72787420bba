import { unlessAborted, type Sleep } from './time';

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
	/** Set once the limit was found: when one call more is tried, and how long the next pause is. */
	probe?: { at: number; pause: number };
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
	const next = { ...state, running: state.running - 1 };
	const isFull = state.running >= state.limit;
	if (call.limit !== state.limit || !isFull) return next;
	if (state.probe) {
		const isDue = now >= state.probe.at && state.limit < state.max;
		return isDue ? withLimit(next, state.limit + 1, now) : next;
	}
	const { limit, calls, time } = state.level;
	const level = { limit, calls: calls + 1, time: time + call.time };
	if (level.calls < Math.ceil(limit / 2)) return { ...next, level };
	if (state.before && throughput(level) < WORTHWHILE * throughput(state.before)) {
		return withLimit(next, state.before.limit, now);
	}
	if (limit >= state.max) return { ...next, level };
	const doubled = Math.min(2 * limit, state.max);
	return { ...next, before: level, limit: doubled, level: levelOf(doubled) };
}

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
	const { probe = { at: Infinity, pause: FIRST_PROBE } } = state;
	const pause = now >= probe.at ? Math.min(2 * probe.pause, MAX_PROBE) : probe.pause;
	return { ...state, limit, level: levelOf(limit), probe: { at: now + pause, pause } };
}

/** A call's place among those under way. */
export interface Slot {
	/** @param outcome whether the server took the call */
	release(outcome: 'answered' | 'refused' | 'failed'): void;
}

/** What all calls of one execution share. */
export interface Limiter {
	/**
	 * Waits for a place. Calls begin in the order in which they ask, those that ask again first.
	 * @throws XimilarError of kind `aborted`
	 */
	acquire(again: boolean, signal: AbortSignal | undefined): Promise<Slot>;
	/** No call begins for some milliseconds. */
	pause(milliseconds: number): void;
	/** Whether any call is under way: if none is, a refusal is about time, not about their number. */
	isBusy(): boolean;
	/** When a call was last answered, or the first one was begun; in milliseconds since 1970. */
	lastProgress(): number;
}

/** @param max how many calls the user allows at once */
export function createLimiter(max: number, sleep: Sleep): Limiter {
	let state = firstState(max);
	let pauses = 0;
	let lastProgress: number | undefined;
	const queue: Array<() => void> = [];

	const startNext = () => {
		while (queue.length && hasRoom(state) && !pauses) {
			state = begun(state);
			queue.shift()!();
		}
	};

	const begin = (): Slot => {
		const start = Date.now();
		lastProgress ??= start;
		const { limit } = state;
		return {
			release: (outcome) => {
				const now = Date.now();
				if (outcome === 'answered') {
					lastProgress = now;
					state = answered(state, { limit, time: now - start }, now);
				} else state = outcome === 'refused' ? refused(state, now) : ended(state);
				startNext();
			},
		};
	};

	return {
		acquire: async (again, signal) => {
			let enter = () => {};
			const entered = new Promise<void>((resolve) => {
				enter = resolve;
			});
			if (again) queue.unshift(enter);
			else queue.push(enter);
			startNext();
			const leave = (error: unknown): never => {
				const place = queue.indexOf(enter);
				if (place >= 0) queue.splice(place, 1);
				else state = ended(state);
				throw error;
			};
			await unlessAborted(entered, signal).catch(leave);
			return begin();
		},
		pause: (milliseconds) => {
			pauses++;
			void sleep(milliseconds).then(() => {
				pauses--;
				startNext();
			});
		},
		isBusy: () => state.running > 0,
		lastProgress: () => lastProgress ?? Date.now(),
	};
}
