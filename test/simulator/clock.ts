/** The simulator's time: real time plus what tests have let pass. */

export interface Clock {
	/** Milliseconds that the simulator is ahead of real time. */
	ahead: number;
	/** Where the clock stands still until it is advanced; null lets it run. */
	stopped: number | null;
}

/** Milliseconds since 1970, in simulated time. */
export function now(clock: Clock): number {
	return clock.stopped ?? Date.now() + clock.ahead;
}

/** A time in the form that the seeds print, with microseconds. */
export function stamp(ms: number): string {
	return new Date(ms).toISOString().replace('Z', '000Z');
}

/** Simulated time in that form. */
export function timestamp(clock: Clock): string {
	return stamp(now(clock));
}

/** Lets time pass at once. */
export function advance(clock: Clock, ms: number): void {
	if (clock.stopped === null) clock.ahead += ms;
	else clock.stopped += ms;
}

/** Sets the time. */
export function setTime(clock: Clock, ms: number): void {
	advance(clock, ms - now(clock));
}

/** Stops the clock where it stands, or lets it run on from there. */
export function setRunning(clock: Clock, running: boolean): void {
	if (running && clock.stopped !== null) {
		clock.ahead = clock.stopped - Date.now();
		clock.stopped = null;
	} else if (!running) {
		clock.stopped = now(clock);
	}
}
