import { CredentialTestContext } from 'n8n-core';
import type { ICredentialsDecrypted, IHttpRequestOptions } from 'n8n-workflow';
import nock from 'nock';
import { XimilarApi } from '../../credentials/XimilarApi.credentials';
import { XimilarOcr } from '../../nodes/XimilarOcr/XimilarOcr.node';
import { API, TOKEN } from './workflow';

const { ximilarApiTest } = new XimilarOcr().methods.credentialTest;

/** What the Test button of the credential does. */
const press = async (data: Record<string, string> = {}) =>
	await ximilarApiTest.call(new CredentialTestContext(), {
		data: { apiToken: TOKEN, baseUrl: API, ...data },
	} as unknown as ICredentialsDecrypted);

const account = { credits_counter: 5, credits_limit: 10 };

test('a good token is told so', async () => {
	nock(API, { reqheaders: { authorization: `Token ${TOKEN}` } })
		.get('/account/v2/details/')
		.reply(200, account);
	expect(await press()).toEqual({ status: 'OK', message: 'Connection successful' });
});

test('a bad token is told with where to find a good one', async () => {
	nock(API).get('/account/v2/details/').reply(401, { detail: 'Invalid token.' });
	const { status, message } = await press();
	expect(status).toBe('Error');
	expect(message).toMatch(/^Ximilar did not accept the API token\. Open /);
	expect(message).toContain('Settings » Token');
});

test.each([
	['http://api.ximilar.com', 'API Base URL must begin with https://'],
	['ximilar', 'API Base URL is not a web address'],
])('the base address %s is refused, and the token not sent', async (baseUrl, text) => {
	expect(await press({ baseUrl })).toMatchObject({
		status: 'Error',
		message: expect.stringContaining(text),
	});
});

test('a host that does not exist is told in words', async () => {
	nock(API)
		.get('/account/v2/details/')
		.replyWithError(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }));
	const { message } = await press();
	expect(message).toContain('Ximilar could not be reached. Check API Base URL');
});

test('a server that is not Ximilar is told in words', async () => {
	nock(API)
		.get('/account/v2/details/')
		.reply(200, '<html></html>', { 'Content-Type': 'text/html' });
	expect((await press()).message).toContain('The answer was a web page (HTML)');
	nock(API).get('/account/v2/details/').reply(200, { hello: 'world' });
	expect((await press()).message).toContain(
		"Ximilar's answer lacks what this operation needs: credits_counter",
	);
});

describe('an address of one’s own that leads elsewhere is named:', () => {
	const PROXY = 'https://proxy.example.com';
	const elsewhere =
		"API Base URL does not lead to Ximilar's API. What answered at https://proxy.example.com/v2/ is something else: set it to https://api.ximilar.com.";

	test.each([
		['a web page', 200, '<html></html>'],
		['a page that is not there', 404, '<html></html>'],
		['JSON of something else', 200, { hello: 'world' }],
		['JSON that it is not there', 404, { detail: 'Not found.' }],
	])('%s', async (_, status, body) => {
		nock(PROXY).get('/v2/account/v2/details/').reply(status, body);
		const { message } = await press({ baseUrl: `${PROXY}/v2/` });
		expect(message).toContain(elsewhere);
		expect(message).not.toMatch(/\.\.(\s|$)|API Base URL.*API Base URL/);
	});

	test('a token that it does not know, with the address in mind', async () => {
		nock(PROXY).get('/account/v2/details/').reply(401, { detail: 'Invalid token.' });
		const { message } = await press({ baseUrl: PROXY });
		expect(message).toMatch(
			/^Ximilar did not accept the API token\. Open .* API Base URL is https:\/\/proxy\.example\.com, and Ximilar's own is https:\/\/api\.ximilar\.com\.$/,
		);
	});
});

describe('what is said is whole:', () => {
	const OWN = "Ximilar's own is https://api.ximilar.com.";

	test.each([API, ` ${API}// `])('at %j, which is ours, no other is named', async (baseUrl) => {
		nock(API).get('/account/v2/details/').reply(500, { detail: 'Oops' });
		const { message } = await press({ baseUrl });
		expect(message).toContain('Ximilar could not answer (status 500)');
		expect(message).not.toContain(OWN);
	});

	test('at another address it is', async () => {
		nock('https://proxy.example.com').get('/account/v2/details/').reply(500, { detail: 'Oops' });
		const { message } = await press({ baseUrl: 'https://proxy.example.com' });
		expect(message).toContain(OWN);
	});

	test('an address that is refused is named once', async () => {
		const { message } = await press({ baseUrl: 'http://proxy.example.com' });
		expect(message).toContain('API Base URL must begin with https://');
		expect(message).not.toContain(OWN);
	});

	test.each<[string, number, unknown, string]>([
		['a web page says what came', 200, '<html></html>', ' The answer was a web page (HTML)'],
		['what is not there says no more', 404, { detail: 'Not found.' }, ''],
	])('%s', async (_, status, body, more) => {
		nock('https://proxy.example.com')
			.get('/account/v2/details/')
			.reply(status, body as object);
		const { message } = await press({ baseUrl: 'https://proxy.example.com' });
		const first =
			"API Base URL does not lead to Ximilar's API. What answered at https://proxy.example.com is something else: set it to https://api.ximilar.com.";
		if (more) expect(message.startsWith(first + more)).toBe(true);
		else expect(message).toBe(first);
	});

	test('without any address, too', async () => {
		const { message } = await press({ baseUrl: undefined as unknown as string });
		expect(message).not.toContain('undefined');
	});
});

test('a redirect is not followed', async () => {
	nock(API).get('/account/v2/details/').reply(301, '', { Location: 'https://elsewhere.example/' });
	expect((await press()).message).toContain('API Base URL leads to another address');
});

describe('the token goes to the host of the credential only', () => {
	const credential = { apiToken: TOKEN, baseUrl: API };
	const authenticate = async (request: object) =>
		await new XimilarApi().authenticate(credential, request as IHttpRequestOptions);

	test.each([
		{ url: 'https://elsewhere.example/' },
		{ uri: 'http://api.ximilar.com/x' },
		{ url: '/relative' },
	])('%j is refused', async (request) => {
		await expect(authenticate(request)).rejects.toThrow('is for the Ximilar API only');
	});

	test('a request of the HTTP Request node gets it, and follows no redirect', async () => {
		expect(await authenticate({ uri: `${API}/anything`, headers: { Accept: 'x' } })).toEqual({
			uri: `${API}/anything`,
			headers: { Accept: 'x', Authorization: `Token ${TOKEN}` },
			disableFollowRedirect: true,
			followRedirect: false,
			followAllRedirects: false,
		});
	});
});
