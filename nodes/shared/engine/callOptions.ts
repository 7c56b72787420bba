import { number } from './field';
import { MAX_PARALLEL } from './connection';

/** The options of operations that make many calls. */
export const callOptions = () => ({
	parallelRequests: number(
		{
			displayName: 'Maximum Parallel Requests',
			default: MAX_PARALLEL,
			description:
				'How many requests may be under way at once. The node finds out by itself how many Ximilar takes, up to this number.',
		},
		{ min: 1, max: 64, integer: true },
	),
	rateLimitWait: number(
		{
			displayName: 'Rate Limit Wait',
			default: 5,
			description:
				'How many minutes to keep trying while Ximilar reports too many requests and answers none',
		},
		{ min: 0, max: 24 * 60 },
	),
});
