/** The order of the list and of the history: "not stated" by any document, so tests choose it. */
import { createHash } from 'node:crypto';
import type { ORDERS } from '../settings';
import type { VlmRequest } from './state';

export interface Order {
	by: (typeof ORDERS)[number];
	/** Makes one shuffling out of many. */
	shuffle: string;
}

/** Where a request stands: a later position sorts after an earlier one, as texts. */
export type Position = [key: string, id: string];

export function positionOf(request: VlmRequest, { by, shuffle }: Order): Position {
	const { id, created, completed_at } = request;
	if (by.startsWith('shuffled')) {
		const seed = by === 'shuffled' ? shuffle : '';
		return [createHash('sha1').update(seed).update(id).digest('hex'), id];
	}
	return [by.startsWith('completed') ? (completed_at ?? '') : created, id];
}

function compareTexts(a: string, b: string): number {
	if (a === b) return 0;
	return a < b ? -1 : 1;
}

/** Negative when the first comes before the second. */
export function comparePositions(a: Position, b: Position, { by }: Order): number {
	const sign = by.endsWith('_desc') ? -1 : 1;
	return sign * (compareTexts(a[0], b[0]) || compareTexts(a[1], b[1]));
}

export function inOrder(requests: VlmRequest[], order: Order): VlmRequest[] {
	return requests
		.map((request) => ({ request, position: positionOf(request, order) }))
		.sort((a, b) => comparePositions(a.position, b.position, order))
		.map(({ request }) => request);
}
