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
	expect(message).toContain('Ximilar did not accept the API token: Invalid token.');
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
	expect(message).toContain('Ximilar could not be reached. Check the API base URL');
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

test('a redirect is not followed', async () => {
	nock(API).get('/account/v2/details/').reply(301, '', { Location: 'https://elsewhere.example/' });
	expect((await press()).message).toContain('The API base URL leads to another address');
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
