import { callOptions } from '../../../nodes/shared/engine/callOptions';
import { outcome, refusal } from './fields';

/** How many calls at once, and for how long: within which limits. */

test.each<[keyof ReturnType<typeof callOptions>, string, number, object, unknown[]]>([
	[
		'parallelRequests',
		'Maximum Parallel Requests',
		16,
		{ minValue: 1, maxValue: 64, numberPrecision: 0 },
		[1, '64'],
	],
	['rateLimitWait', 'Rate Limit Wait', 5, { minValue: 0, maxValue: 1440 }, [0, 0.5, '1440']],
])('%s', (key, displayName, fallback, typeOptions, taken) => {
	const field = callOptions()[key];
	expect(field.property()).toEqual({
		displayName,
		type: 'number',
		default: fallback,
		typeOptions,
		description: expect.stringMatching(/^How many \w/),
	});
	expect(taken.map((raw) => outcome(field, raw))).toEqual(taken.map(Number));
});

test.each<[keyof ReturnType<typeof callOptions>, number, string]>([
	['parallelRequests', 0, 'Maximum Parallel Requests must be at least 1 and at most 64'],
	['parallelRequests', 65, 'Maximum Parallel Requests must be at least 1 and at most 64'],
	['parallelRequests', 1.5, 'Maximum Parallel Requests must be a whole number'],
	['rateLimitWait', -1, 'Rate Limit Wait must be at least 0 and at most 1440'],
	['rateLimitWait', 1441, 'Rate Limit Wait must be at least 0 and at most 1440'],
])('%s cannot be %j', (key, raw, message) => {
	expect(outcome(callOptions()[key], raw)).toEqual(refusal(message, `It is ${raw}.`));
});
