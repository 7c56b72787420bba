import { unlessAborted } from './time';

/**
 * Finds by itself how many calls a server takes at once, and keeps that many under way. The rules
 * are pure functions of a state; {@link createLimiter} queues the calls by them.
 */

/** Nothing is known of the server yet: enough to be fast, few enough for a small account. */
const FIRST_LIMIT = 4;
/** How many times as many are tried, as long as nothing speaks against more, and later on. */
const FIRST_GROWTH = 4;
const GROWTH = 2;
/** More calls must bring at least this many times the throughput, or they are no use. */
const WORTHWHILE = 1.2;
/** A leap that brought at least this many times it, and not enough, is looked at once more. */
const DOUBTFUL = 1.25;
/** Milliseconds until a limit that was found is tried out again, and how that pause grows. */
const FIRST_PROBE = 10_000;
const MAX_PROBE = 60_000;

/** How long calls took that were begun while so many might be under way. */
interface Level {
	limit: number;
	/** How many were begun. */
	begun: number;
	/**
	 * How many of them do not count: at least half of the limit, because a server that queues answers
	 * those as fast as ever that found no queue.
	 */
	skipped: number;
	/** How many of those that count were answered, in so many milliseconds together. */
	calls: number;
	time: number;
	/** The level that this one must be better than. */
	before?: Level;
	/** The level that was taken back for this one. */
	above?: Level;
}

export interface LimitState {
	/** How many calls may be under way. */
	limit: number;
	/** How many the user allows. */
	max: number;
	running: number;
	/** What is known of the limit of now. */
	level: Level;
	/**
	 * Set once the limit was found: when which other is tried, how long the pause before it is, and
	 * whether it is being tried.
	 */
	probe?: { at: number; pause: number; next: number; isUnderWay?: boolean };
}

/** What a call tells of the limit when it is answered. */
interface Place {
	/** The limit when it was begun. */
	limit: number;
	/** How many calls of that limit were begun with this one. */
	position: number;
}

const levelOf = (limit: number, compared: Pick<Level, 'before' | 'above'> = {}): Level => ({
	limit,
	begun: 0,
	skipped: limit / 2,
	calls: 0,
	time: 0,
	...compared,
});

/** Calls a millisecond, were all of them like these. */
const throughput = ({ limit, calls, time }: Level): number => (limit * calls) / Math.max(time, 1);

/** @param times how many times the throughput that fewer calls can have brought */
const isWorthwhile = (more: Level, less: Level, times = 1): boolean =>
	throughput(more) >= WORTHWHILE * times * throughput(less);

/** @param max how many calls the user allows */
export function firstState(max: number): LimitState {
	const limit = Math.min(FIRST_LIMIT, max);
	return { limit, max, running: 0, level: levelOf(limit) };
}

export const hasRoom = ({ running, limit }: LimitState): boolean => running < limit;

export function begun(state: LimitState): LimitState {
	const { running, level } = state;
	return { ...state, running: running + 1, level: { ...level, begun: level.begun + 1 } };
}

/** The place of the call that was begun last. */
export const placeIn = ({ limit, level }: LimitState): Place => ({
	limit,
	position: level.begun,
});

/**
 * A call was answered. Where all that may be were under way, and brought more than fewer before,
 * still more are tried; what brings no more is taken back.
 * @param time milliseconds until its answer
 */
export function answered(state: LimitState, place: Place, time: number, now: number): LimitState {
	const next = { ...state, running: state.running - 1 };
	const { level, limit, running } = state;
	if (running < limit) return next;
	// One of before also tells what that was worth.
	const { before } = level;
	const isCounted = ({ limit: of, skipped }: Level) =>
		place.limit === of && place.position > skipped;
	if (isCounted(level)) return judged({ ...next, level: withCall(level, time) }, now);
	if (!before || !isCounted(before)) return next;
	return { ...next, level: { ...level, before: withCall(before, time) } };
}

const withCall = (level: Level, time: number): Level => ({
	...level,
	calls: level.calls + 1,
	time: level.time + time,
});

/** What follows from what is known of the level: growth is quick, all else is well considered. */
function judged(state: LimitState, now: number): LimitState {
	const { limit, max, level, probe } = state;
	const { begun, calls, before, above } = level;
	// A leap must bring more than those can have brought that it passed over, and one that was too far
	// is not to last.
	const isLeap = before !== undefined && limit > GROWTH * before.limit;
	const isBetter = !before || isWorthwhile(level, before, isLeap ? GROWTH : 1);
	const mayGrow = isBetter && !probe && limit < max;
	if (calls < (mayGrow || isLeap ? limit / 4 : limit)) return state;
	if (!isBetter) {
		// Many that begin at once are slow in making and sending: those that follow them tell.
		if (isLeap && level.skipped < limit && isWorthwhile(level, before, DOUBTFUL)) {
			return { ...state, level: { ...level, skipped: begun, calls: 0, time: 0 } };
		}
		const next = GROWTH * before.limit;
		// What brings something may bring it with fewer calls as well.
		return isLeap && isWorthwhile(level, before)
			? withLimit(state, next, now, { next: limit, before, above: level })
			: withLimit(state, before.limit, now, { next, before: before.before, above: level });
	}
	if (above && isWorthwhile(above, level)) {
		return { ...state, ...tried(above.limit, { ...level, above: undefined }, probe) };
	}
	const known = { ...state, level: { ...level, before: undefined, above: undefined } };
	if (limit >= max) return { ...known, probe: undefined };
	// One that was found is kept for a while; one that was tried and is borne shows that there is room.
	if (!probe || probe.isUnderWay) {
		const growth = probe ? GROWTH : FIRST_GROWTH;
		return { ...state, ...tried(Math.min(growth * limit, max), level) };
	}
	if (now < probe.at) return known;
	// Where a server refuses, more calls show that by themselves; where it queues, they are compared.
	const isCompared = probe.next > limit + 1;
	const wanted = Math.min(probe.next, max);
	return { ...state, ...tried(wanted, isCompared ? known.level : undefined, probe) };
}

/** Tries another limit out. */
const tried = (
	limit: number,
	before: Level | undefined,
	probe?: LimitState['probe'],
): Pick<LimitState, 'limit' | 'level' | 'probe'> => ({
	limit,
	level: levelOf(limit, { before }),
	probe: probe && { ...probe, isUnderWay: true },
});

/** A call ended in another way: nothing is learnt of the limit. */
export const ended = (state: LimitState): LimitState => ({ ...state, running: state.running - 1 });

/** Too many: what is under way now is what the server bears. */
export function refused(state: LimitState, now: number): LimitState {
	const running = state.running - 1;
	const limit = Math.max(1, Math.min(state.limit, running));
	return withLimit({ ...state, running }, limit, now, { next: limit + 1 });
}

/**
 * A limit that was found, until another is tried out: later each time that brought nothing.
 * @param then.next the limit to try
 */
function withLimit(
	state: LimitState,
	limit: number,
	now: number,
	{ next, ...compared }: { next: number } & Pick<Level, 'before' | 'above'>,
): LimitState {
	const { pause: last = FIRST_PROBE, isUnderWay } = state.probe ?? {};
	const pause = isUnderWay ? Math.min(2 * last, MAX_PROBE) : last;
	const probe = { at: now + pause, pause, next };
	return { ...state, limit, level: levelOf(limit, compared), probe };
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
	const queue: Array<(place: Place) => void> = [];

	const startNext = () => {
		while (queue.length && hasRoom(state)) {
			state = begun(state);
			queue.shift()!(placeIn(state));
		}
	};

	const begin = (first: Place): Slot => {
		let start = Date.now();
		let place = first;
		lastProgress ??= start;
		return {
			release: (isAnswered) => {
				const now = Date.now();
				if (isAnswered) lastProgress = now;
				state = isAnswered ? answered(state, place, now - start, now) : ended(state);
				startNext();
			},
			refuse: (isSaid) => {
				const now = Date.now();
				state = refused(state, now);
				const isKept = isSaid && state.running === 0;
				if (isKept) {
					state = begun(state);
					[start, place] = [now, placeIn(state)];
				}
				startNext();
				return isKept;
			},
		};
	};

	/** Who gives up while waiting, or just as it may begin, gives its place to the next. */
	const leave = (enter: (place: Place) => void) => {
		const place = queue.indexOf(enter);
		if (place >= 0) queue.splice(place, 1);
		else state = ended(state);
		startNext();
	};

	return {
		acquire: async (isRetry, signal) => {
			let enter: (place: Place) => void = () => {};
			const entered = new Promise<Place>((resolve) => {
				enter = resolve;
			});
			if (isRetry) queue.unshift(enter);
			else queue.push(enter);
			startNext();
			let slot: Slot | undefined;
			try {
				slot = begin(await unlessAborted(entered, signal));
				return slot;
			} finally {
				if (!slot) leave(enter);
			}
		},
		lastProgress: () => lastProgress ?? Date.now(),
	};
}
