import { authorize, parseCredentials } from '../../../nodes/shared/api/credential';
import { TOKEN } from './fakes';

const BASE = 'https://api.ximilar.com';

test.each([
	['https://api.ximilar.com', BASE],
	['  https://api.ximilar.com// ', BASE],
	['https://example.com:8443/proxy/', 'https://example.com:8443/proxy'],
	['http://localhost:8080', 'http://localhost:8080'],
	['http://127.12.0.255:1/', 'http://127.12.0.255:1'],
	['http://[::1]:8080', 'http://[::1]:8080'],
	['https://ximilar.com.example/', 'https://ximilar.com.example'],
	['https://not-ximilar.com', 'https://not-ximilar.com'],
])('the base address %j is %s', (baseUrl, base) => {
	expect(parseCredentials({ baseUrl, apiToken: ` ${TOKEN}\n` })).toEqual({ base, token: TOKEN });
});

const mend = 'Open the Ximilar credential and set API Base URL to https://api.ximilar.com.';

test.each([
	['', 'API Base URL is empty'],
	[' \n', 'API Base URL is empty'],
	[undefined, 'API Base URL is empty'],
	['api.ximilar.com', 'API Base URL is not a web address'],
	['ftp://api.ximilar.com', 'API Base URL must begin with https://'],
	['ftp://localhost', 'API Base URL must begin with https://'],
	['http://api.ximilar.com', 'API Base URL must begin with https://'],
	['http://localhost.example.com', 'API Base URL must begin with https://'],
	['http://my-localhost', 'API Base URL must begin with https://'],
	['http://1127.0.0.1.example.com', 'API Base URL must begin with https://'],
	...['https://a@x.com', 'https://:b@x.com', 'https://x.com?a', 'https://x.com#a'].map(
		(address): [string, string] => [
			address,
			'API Base URL must be a plain address, without login, query or anchor',
		],
	),
	...['https://api.ximilar.com/v2', 'https://app.ximilar.com', 'https://ximilar.com/'].map(
		(address): [string, string] => [
			address,
			`API Base URL is not that of Ximilar's API: ${address.replace(/\/$/, '')}`,
		],
	),
])('the base address %j is refused: %s', (baseUrl, message) => {
	expect(() => parseCredentials({ baseUrl: baseUrl as string, apiToken: TOKEN })).toThrow(
		expect.objectContaining({
			kind: 'credential',
			message,
			description: expect.stringContaining(mend),
		}),
	);
});

test.each([
	['', 'The API token is empty'],
	['  ', 'The API token is empty'],
	[undefined, 'The API token is empty'],
	['a b', 'The API token has characters that no token has'],
	['a\r\nX: y', 'The API token has characters that no token has'],
	['ä', 'The API token has characters that no token has'],
])('the token %j is refused: %s', (apiToken, message) => {
	expect(() => parseCredentials({ baseUrl: BASE, apiToken: apiToken as string })).toThrow(
		expect.objectContaining({
			kind: 'credential',
			message,
			description:
				'Open the Ximilar credential and paste the token from the Ximilar App (Settings » Token).',
		}),
	);
});

const credentials = { baseUrl: BASE, apiToken: TOKEN };

test('a request gets the token, and follows no redirect', () => {
	const url = `${BASE}/account/v2/details/`;
	expect(authorize(credentials, { url, headers: { A: 'b' } })).toEqual({
		url,
		headers: { A: 'b', Authorization: `Token ${TOKEN}` },
		disableFollowRedirect: true,
	});
});

test("so does one of n8n's HTTP Request node", () => {
	const request = { uri: `${BASE}/x`, followRedirect: true };
	expect(authorize(credentials, request as never)).toEqual({
		uri: `${BASE}/x`,
		headers: { Authorization: `Token ${TOKEN}` },
		disableFollowRedirect: true,
		followRedirect: false,
		followAllRedirects: false,
	});
});

test.each([
	['https://api.ximilar.com.evil.example/x', 'api.ximilar.com.evil.example'],
	['http://api.ximilar.com/x', 'api.ximilar.com'],
	['https://api.ximilar.com:8443/x', 'api.ximilar.com:8443'],
	['/x', 'another address'],
	['', 'another address'],
	[undefined, 'another address'],
])('the token does not go to %j', (url, host) => {
	expect(() => authorize(credentials, { url: url as string })).toThrow(
		expect.objectContaining({
			kind: 'credential',
			message: 'The API token of this credential is for the Ximilar API only',
			description: `It is not sent to ${host}. Use another credential for that request.`,
		}),
	);
});
