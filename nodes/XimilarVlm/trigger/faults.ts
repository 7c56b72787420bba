import { duration, XimilarError } from '../../shared/api/error';
import type { ReadList } from './collect';
import type { List } from './lists';
import type { Fault } from './state';

/** What the user is told of lists that cannot be read. */

const MINUTE = 60_000;

/** How long a page has to fail, and how often, before the user is told, while other pages can be read. */
const TELL_AFTER = 60 * MINUTE;
const TELL_AFTER_FAILURES = 2;

/** On which occasion n8n polls. */
export type Occasion = 'activation' | 'schedule' | 'test';

const GO_ON: Record<Occasion, string> = {
	activation: 'Activate the workflow again.',
	schedule: 'The next poll goes on where this one stood.',
	test: 'Test the step again.',
};

/** Whether nothing of a list could be read. */
export function isDead({ reading }: ReadList): boolean {
	return reading.error !== undefined && reading.fault?.depth === 0;
}

/** Whether the user has to be told of a fault, once. */
export function isToTell({ reading }: ReadList, now: number): boolean {
	const { error, fault } = reading;
	return (
		error !== undefined &&
		fault !== undefined &&
		!fault.told &&
		fault.failures >= TELL_AFTER_FAILURES &&
		now - fault.since >= TELL_AFTER
	);
}

/** What is told of a fault that stays while other finishes flow. */
export function faultError(
	{ status }: List,
	{ depth, since }: Fault,
	error: XimilarError,
	now: number,
): XimilarError {
	const minutes = Math.round((now - since) / MINUTE);
	const what = depth
		? `a page of the list of ${status} requests`
		: `the list of ${status} requests`;
	return error.with({
		message: `Ximilar has not given ${what} for ${duration(minutes * MINUTE)}: ${error.message}`,
		description: `What else finishes starts the workflow as usual, also what this poll has found: the next one hands it on. ${
			depth
				? 'The page is tried again at growing intervals'
				: 'The list is tried again at each poll'
		}; what it holds comes later, as long as Ximilar keeps it. This is told once. ${error.description}`,
	});
}

/** An error of a poll in words that say what was slow, where that was it. */
export function slowError(
	error: unknown,
	{ status }: List,
	milliseconds: number,
	occasion: Occasion,
): unknown {
	if (!(error instanceof XimilarError) || !['aborted', 'timeout'].includes(error.kind))
		return error;
	return new XimilarError(
		`Ximilar did not answer within ${duration(milliseconds)} when asked for ${status} requests`,
		`${GO_ON[occasion]} If it persists, choose a Task in Filters, so that there is less to look through, or ask Ximilar.`,
		{ kind: 'timeout', cause: error },
	);
}
