/** What is to happen to requests, and when. */
import { now } from '../../clock';
import type { State } from '../../state';
import type { VlmEvent, VlmRequest } from './state';

/** Plans an event for a request's present run; of those at the same time, the first planned is first. */
export function schedule(
	state: State,
	request: VlmRequest,
	kind: VlmEvent['kind'],
	at: number,
	attempt = 1,
): void {
	const { events } = state.vlm;
	let low = 0;
	let high = events.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (events[middle]!.at <= at) low = middle + 1;
		else high = middle;
	}
	events.splice(low, 0, { at, kind, request: request.id, run: request.work.run, attempt });
}

/** Whether something is to happen by now. */
export function isDue(state: State): boolean {
	const [next] = state.vlm.events;
	return next !== undefined && next.at <= now(state.clock);
}

/** Milliseconds until something is to happen; undefined when nothing is, or time stands still. */
export function msToNext(state: State): number | undefined {
	const [next] = state.vlm.events;
	if (next === undefined || state.clock.stopped !== null) return undefined;
	return Math.max(0, next.at - now(state.clock));
}
