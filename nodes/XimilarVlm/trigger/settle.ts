import { openIn, type Collected, type Open, type ReadList, type TriggerState } from './collect';
import { entryOf, type ListedRequest } from './lists';
import { withReading } from './reading';
import {
	byCompletion,
	hashesIn,
	keyOf,
	unseen,
	withEmitted,
	withFingerprints,
	withProofs,
	type ListState,
} from './state';

/**
 * Moves the state on by what a poll has read, and emits what is new, in the order of completion.
 * Pure. What another poll has emitted meanwhile is not emitted again.
 * @param state the one at the end of the poll
 * @param keys the lists of the readings, in their order; states of other lists go
 * @param times.now this machine's clock
 * @param times.clock the service's clock
 */
export function settle(
	state: TriggerState,
	keys: string[],
	collected: Collected,
	times: { now: number; clock: number },
): { emitted: ListedRequest[]; state: TriggerState } {
	// The credential or a filter was changed meanwhile, and another poll has begun anew.
	if (keys.some((key) => !(key in state.lists))) return { emitted: [], state };
	const open = openAfter(openIn(state, collected.key), collected);
	const finished = Object.values(open).flatMap(({ request }) =>
		request ? [entryOf(request)] : [],
	);
	const settled = keys.map((key, index) =>
		settleList(state.lists[key]!, collected.lists[index]!, finished, times.clock),
	);
	const begunMeanwhile = Object.entries(state.lists).filter(
		([key]) => !collected.known.includes(key),
	);
	const lists = {
		...Object.fromEntries(begunMeanwhile),
		...Object.fromEntries(keys.map((key, index) => [key, settled[index]!.state])),
	};
	return {
		emitted: settled.flatMap(({ emitted }) => emitted).sort(byCompletion),
		// Plain JSON, as n8n wants it.
		state: JSON.parse(
			JSON.stringify({
				lists,
				open,
				openOf: collected.key,
				polledAt: times.now,
			}),
		) as TriggerState,
	};
}

function settleList(
	state: ListState,
	{ reading, found, fingerprints, isCut }: ReadList,
	open: ListedRequest[],
	clock: number,
): { emitted: ListedRequest[]; state: ListState } {
	const isUnseen = unseen(state);
	const known = new Set(hashesIn(state.fingerprints));
	const fresh = found.filter(
		// Of one without a time, another poll may have read the time meanwhile.
		(one) => isUnseen(one) && !(one.at === undefined && known.has(one.fingerprint)),
	);
	const byKey = new Map(fresh.map((finish) => [keyOf(finish), finish]));
	const emitted = [...byKey.values()];
	const { fault } = reading;
	const isUntimed = reading.hasUntimed || state.fingerprints !== '';
	const untimed = emitted.filter(
		({ at, fingerprint }) => at === undefined || (isUntimed && !fingerprint),
	);
	const read = isCut ? { ...state, ...(fault && { fault }) } : withReading(state, reading);
	return {
		emitted,
		state: {
			...withProofs(
				withEmitted(read, emitted, untimed, clock),
				isCut ? [] : reading.proofs,
				reading.reached,
				open.flatMap(({ at }) => at ?? []),
			),
			fingerprints: withFingerprints(state.fingerprints, fingerprints),
		},
	};
}

function openAfter(before: Record<string, Open>, { open, asked }: Collected): Record<string, Open> {
	const done = new Set(asked);
	return { ...Object.fromEntries(Object.entries(before).filter(([id]) => !done.has(id))), ...open };
}
