/** How long a poll may take. Pure, in milliseconds. */

const SECOND = 1000;

/** A poll by schedule takes so long at least, where n8n allows it. */
const SHORTEST_LIMIT = 30 * SECOND;
/** And so much of the time since the poll before: the rarer the polls, the more there is to read. */
const PART_OF_GAP = 1 / 120;
/** n8n 2 names this limit (`getPollBudgetMs`), n8n 1 has none. */
export const LONGEST_LIMIT = 300 * SECOND;
/** The first poll after an activation or a start of n8n: a user, or other workflows, wait for it. */
export const FIRST_LIMIT = 10 * SECOND;

/** At the end, no further page is begun; then no further request is asked for. */
const RESERVE = 9 * SECOND;
const RESERVE_AT_MOST = 0.3;

/** The time limit of a poll by schedule. @param gap since the poll before */
export function limitOf(gap: number): number {
	return Math.min(LONGEST_LIMIT, Math.max(SHORTEST_LIMIT, Math.round(gap * PART_OF_GAP)));
}

/** After how long a poll with this limit begins no further page, and asks for no further request. */
export function partsOf(limit: number): { forPages: number; forRequests: number } {
	const reserve = Math.min(RESERVE, limit * RESERVE_AT_MOST);
	return { forPages: limit - reserve, forRequests: limit - reserve / 2 };
}
