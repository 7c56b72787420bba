import type { FaultInput } from '../simulator/faults';

/** What goes wrong with a call, whatever the call. */

export interface FaultCase {
	name: string;
	/** What the simulator does with the call; `elsewhere` is another host. */
	fault(elsewhere: string): FaultInput;
	/**
	 * Whether the service may have carried the call out: then it has, so that a second call would do
	 * it twice.
	 */
	isDone: boolean;
}

const TEXT = 'Because of a test';
const PAGE = `<!DOCTYPE html><html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1><hr>nginx</body></html>`;

const answer = (
	name: string,
	answered: FaultInput['answer'],
	isDone = answered?.handled ?? false,
): FaultCase => ({ name, fault: () => ({ answer: answered }), isDone });

const refusal = (status: number, body: unknown = { detail: TEXT }, what = '') =>
	answer(`${status}${what}`, { status, body });

const broken = (status: number, body: unknown = { detail: TEXT }) =>
	answer(`${status}`, { status, body, handled: true });

const html = (status: number) => ({
	status,
	body: PAGE,
	headers: { 'content-type': 'text/html' },
	handled: true,
});

const tooMany = (
	name: string,
	retryAfter: NonNullable<FaultInput['answer']>['retryAfter'],
	status = 429,
) => answer(name, { status, retryAfter, body: { detail: TEXT } });

const failed = (code: number) =>
	answer(`200, status.code ${code}`, {
		status: 200,
		body: {
			status: { code, text: TEXT, request_id: 'f9cec41f-dd6e-4aa9-93b3-4f2510fd5eb6' },
			statistics: {},
		},
	});

export const FAULTS: FaultCase[] = [
	refusal(400, { detail: TEXT }, ' (detail)'),
	refusal(400, { name: [TEXT] }, ' (field)'),
	refusal(400, { status: { code: 400, text: TEXT }, statistics: {} }, ' (status)'),
	...[401, 402, 403, 404, 405, 409].map((status) => refusal(status)),
	broken(408),
	answer('413', { ...html(413), handled: false }),
	tooMany('429', undefined),
	tooMany('429, Retry-After: seconds', { seconds: 2 }),
	tooMany('429, Retry-After: date', { dateInSeconds: 3 }),
	tooMany('429, Retry-After: 0', { seconds: 0 }),
	broken(500),
	answer('502 (HTML)', html(502)),
	broken(503),
	tooMany('503, Retry-After', { seconds: 2 }, 503),
	answer('504 (HTML)', html(504)),
	{ name: 'reset before the answer', isDone: true, fault: () => ({ reset: 'after' }) },
	{ name: 'reset during the answer', isDone: true, fault: () => ({ cut: 'length' }) },
	{ name: 'no answer', isDone: true, fault: () => ({ stall: 'before' }) },
	{ name: 'half an answer', isDone: true, fault: () => ({ stall: 'during' }) },
	{ name: 'cut JSON', isDone: true, fault: () => ({ cut: 'json' }) },
	answer('200, HTML', html(200)),
	answer('200, empty', { status: 200, body: '', handled: true }),
	failed(400),
	failed(500),
	{ name: 'redirect', isDone: false, fault: (elsewhere) => ({ redirect: elsewhere }) },
];
