/* eslint-disable no-restricted-syntax, project/no-mutation -- n8n polls in one process, its leader. What
is kept here is about polls that this process runs itself, and may be forgotten when it ends. */
import type { IPollFunctions } from 'n8n-workflow';

/** What the process remembers of its polls beside the state that n8n saves. */

/**
 * n8n's durable mode runs the polls that were due side by side, after a start for example, each with
 * a copy of the same state: all of them would emit the same. There, one that begins while another
 * runs, or before its state is surely saved, leaves everything to the next one.
 */
const busyUntil = new Map<string, number>();
const HANDOVER = 2_000;

export function isBusy(place: string): boolean {
	return (busyUntil.get(place) ?? 0) > Date.now();
}

export function markBusy(place: string): void {
	busyUntil.set(place, Infinity);
}

/** @param isCopy the poll's state was a copy, which is still to be saved */
export function markDone(place: string, isCopy: boolean): void {
	busyUntil.set(place, isCopy ? Date.now() + HANDOVER : 0);
}

/** The contexts that have polled: n8n keeps one from an activation to the next. */
const contexts = new WeakSet<IPollFunctions>();

/** Whether a context polls for the first time; it has then. */
export function isFirstPoll(context: IPollFunctions): boolean {
	if (contexts.has(context)) return false;
	contexts.add(context);
	return true;
}

/** Faults that were told: of a poll that fails, n8n need not save the state. */
const told = new Set<string>();

export function wasTold(fault: string): boolean {
	return told.has(fault);
}

export function markTold(fault: string): void {
	told.add(fault);
}
