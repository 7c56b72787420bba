import { XimilarError } from '../../../nodes/shared/api/error';
import { exchange, type Call } from '../../../nodes/shared/api/exchange';
import { lost, never } from './fakes';

/** What is said of one try, word by word; what is repeated then, the tests of the client say. */

const CALL: Call = {
	method: 'GET',
	path: 'x/',
	url: 'https://api.example/x/',
	idempotent: true,
	timeout: 30_000,
	parameters: {},
};

/** What a try brings that ends so. */
async function outcomeOf(reaction: object, call: Partial<Call> = {}) {
	const transport = async () => {
		if (reaction instanceof Error) throw reaction;
		return { status: 200, headers: {}, body: '', ...reaction };
	};
	return await exchange(transport, { ...CALL, ...call }, undefined, () => undefined);
}

const LATER = 'Run this item again later';
const LOST = 'The connection was lost before the whole answer arrived';
const UNREACHABLE = (code: string) =>
	[
		'unreachable',
		'Ximilar could not be reached',
		`Check API Base URL in the credential, and this machine's connection to the internet (${code}). Nothing was sent.`,
	] as const;
const INSECURE = (code: string) =>
	[
		'certificate',
		'The connection to Ximilar is not secure',
		`The certificate of the server was not accepted (${code}). Check API Base URL in the credential, and any proxy. Nothing was sent.`,
	] as const;
const LATE = (codes = '') =>
	['timeout', 'Ximilar did not answer within 30 seconds', `${LATER}${codes}.`] as const;

test.each<readonly [string, object, string, string, string]>([
	['ENOTFOUND', lost('ENOTFOUND'), ...UNREACHABLE('ENOTFOUND')],
	[
		'two codes',
		Object.assign(new Error('EPIPE'), { code: 'EHOSTUNREACH' }),
		...UNREACHABLE('EHOSTUNREACH, EPIPE'),
	],
	...['CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_TLS_X', 'SELF_SIGNED'].map(
		(code) => [code, Object.assign(new Error(''), { code }), ...INSECURE(code)] as const,
	),
	['ETIMEDOUT', lost('ETIMEDOUT'), ...LATE(' (ETIMEDOUT)')],
	['ECONNABORTED', lost('ECONNABORTED'), ...LATE(' (ECONNABORTED)')],
	['ECONNRESET', lost('ECONNRESET'), 'connectionLost', LOST, `${LATER} (ECONNRESET).`],
	['no code', new Error('Odd.'), 'connectionLost', LOST, `${LATER}. n8n said: Odd.`],
	[
		'a time limit',
		new XimilarError('Late', 'Wait.', { kind: 'timeout' }),
		'timeout',
		'Late',
		'Wait.',
	],
	[
		'a credential',
		new XimilarError('Bad', 'Mend.', { kind: 'credential' }),
		'credential',
		'Bad',
		'Mend.',
	],
])('a connection that ends with %s', async (_, error, kind, message, description) => {
	expect(await outcomeOf(error)).toMatchObject({
		error: { kind, message, description },
		shouldRetry: !['certificate', 'credential'].includes(kind),
	});
});

const BEGAN = (text: string) =>
	`Check API Base URL in the credential, and any proxy on the way. The answer began with "${text}".`;
const WEB_PAGE = 'The answer was a web page (HTML), not an answer of the API';

test.each([
	['Hello [1', 'The answer was not JSON', BEGAN('Hello [1')],
	['x'.repeat(200), 'The answer was not JSON', BEGAN('x'.repeat(120))],
	[
		'<html><style>a\n{}</style><script src="x">1</script><p class="a">No<b>pe',
		WEB_PAGE,
		BEGAN('No pe'),
	],
	[
		' {"a',
		"Ximilar's answer was cut off on the way",
		'Run this item again. If it persists, a proxy between n8n and Ximilar may be limiting answers.',
	],
])('the answer %j', async (body, message, description) => {
	expect(await outcomeOf({ body })).toMatchObject({
		error: { kind: 'badAnswer', message, description },
	});
});

test.each([
	['bytes', Buffer.from('{"id":"é"}'), { id: 'é' }],
	['nothing', undefined, undefined],
	['null', null, undefined],
	['blanks', ' \n', undefined],
	['a status that is none', '{"status":{"code":"500"}}', { status: { code: '500' } }],
	['a status of success', '{"status":{"code":299}}', { status: { code: 299 } }],
])('an answer of %s has a value', async (_, body, value) => {
	expect(await outcomeOf({ body })).toEqual({ value });
});

test('a status of 300 within an answer is a failure', async () => {
	expect(await outcomeOf({ body: '{"status":{"code":300}}' })).toMatchObject({
		error: { status: 300 },
		shouldRetry: false,
	});
});

const SENT_ONLY =
	'The API token is sent to the address in the credential only: correct API Base URL there.';

test.each([
	[300, {}, `The server answered with a redirect. ${SENT_ONLY}`],
	[
		399,
		{ location: `https://x/${'y'.repeat(300)}` },
		`The server answered with a redirect to https://x/${'y'.repeat(190)}. ${SENT_ONLY}`,
	],
])('status %i with %j leads elsewhere', async (status, headers, description) => {
	expect(await outcomeOf({ status, headers })).toMatchObject({
		error: { kind: 'refused', message: 'API Base URL leads to another address', description },
		shouldRetry: false,
	});
});

test.each([
	['7', 7000],
	['0.25', 250],
	['Thu, 01 Jan 1970 00:00:00 GMT', 0],
	['7 seconds', undefined],
	['', undefined],
])('Retry-After %j asks for %s milliseconds', async (text, retryAfter) => {
	const outcome = await outcomeOf({ status: 429, headers: { 'retry-after': text } });
	expect(outcome).toMatchObject({ shouldRetry: true, notProcessed: true, isTooMany: true });
	expect('retryAfter' in outcome && outcome.retryAfter).toBe(retryAfter);
});

test('Retry-After says of a 503 alone that nothing was done', async () => {
	const headers = { 'retry-after': '1' };
	expect(await outcomeOf({ status: 503, headers })).toMatchObject({ notProcessed: true });
	for (const reaction of [{ status: 500, headers }, { status: 503 }]) {
		expect(await outcomeOf(reaction)).toMatchObject({ notProcessed: false, isTooMany: false });
	}
});

const CREATING: Partial<Call> = { method: 'POST', idempotent: false };

test.each<[string, object, Partial<Call>]>([
	['a refusal of what creates', { status: 400 }, CREATING],
	['a rate limit', { status: 429 }, CREATING],
	['a failure of what may be repeated', { status: 500 }, {}],
])('%s leaves no doubt whether it was done', async (_, reaction, call) => {
	const outcome = await outcomeOf(reaction, call);
	const { description } = (outcome as { error: XimilarError }).error;
	expect(description).not.toContain('It may have been carried out');
});

test.each([
	['a page, by its header', 'Log in', { 'content-type': 'text/html; charset=utf-8' }],
	['a page, by its beginning', '\n <html>Log in', {}],
])('%s is a web page', async (_, body, headers) => {
	expect(await outcomeOf({ body, headers })).toMatchObject({ error: { message: WEB_PAGE } });
});

test('a text about a web page is none', async () => {
	expect(await outcomeOf({ body: 'No <html> here' })).toMatchObject({
		error: { message: 'The answer was not JSON' },
	});
});

test.each([
	['Width < 10 [px]', ': Width < 10 [px]'],
	['\n<error>Width</error>', ''],
	['\n{"detail": "Wid', ': Wid…'],
])('a refusal %j is told as far as it is words', async (body, reason) => {
	expect(await outcomeOf({ status: 400, body })).toMatchObject({
		error: { message: `Ximilar refused this${reason}` },
	});
});

test.each(['e_lower', '404', 'E-42', 404])('the code %j says nothing to a user', async (code) => {
	expect(await outcomeOf(Object.assign(new Error('Odd.'), { code }))).toMatchObject({
		error: { description: `${LATER}. n8n said: Odd.` },
	});
});

test('an answer that never comes has no code', async () => {
	const transport = async () => await never();
	const call: Call = { ...CALL, timeout: 10 };
	expect(await exchange(transport, call, undefined, () => undefined)).toMatchObject({
		error: { kind: 'timeout', description: `${LATER}.` },
		shouldRetry: true,
	});
});

test.each([408, 500, 502, 503, 504])('status %i may have been carried out', async (status) => {
	const unknown = 'It may have been carried out all the same, so it was not sent again: look in';
	const outcome = await outcomeOf({ status }, { method: 'POST', idempotent: false });
	expect(outcome).toMatchObject({
		error: { description: expect.stringContaining(unknown) },
		shouldRetry: false,
	});
	expect(await outcomeOf({ status })).toMatchObject({ shouldRetry: true });
});
