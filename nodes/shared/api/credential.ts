import type { ICredentialDataDecryptedObject, IHttpRequestOptions } from 'n8n-workflow';
import { fail } from './error';
import { parseUrl } from './url';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Where Ximilar's API is (seed 000). */
export const API_BASE_URL = 'https://api.ximilar.com';

const HOW_TO_MEND = `Open the Ximilar credential and set API Base URL to ${API_BASE_URL}.`;

const failCredential = (message: string, description: string): never =>
	fail(message, description, { kind: 'credential' });

/** Where the API is, and what opens it. */
export interface Account {
	/** The API's base address, without a slash at its end. */
	base: string;
	token: string;
}

/**
 * The account that a credential is for.
 * @throws XimilarError of kind `credential` when the address is not a safe one, or the token is
 * empty or cannot stand in a header
 */
export function parseCredentials({ baseUrl, apiToken }: ICredentialDataDecryptedObject): Account {
	const base = baseAddress(String(baseUrl ?? '').trim());
	const token = String(apiToken ?? '').trim();
	if (!/^[\x21-\x7e]+$/.test(token)) {
		failCredential(
			token ? 'The API token has characters that no token has' : 'The API token is empty',
			'Open the Ximilar credential and paste the token from the Ximilar App (Settings » Token).',
		);
	}
	return { base, token };
}

function baseAddress(text: string): string {
	if (!text) failCredential('API Base URL is empty', HOW_TO_MEND);
	const url = parseUrl(text) ?? failCredential('API Base URL is not a web address', HOW_TO_MEND);
	const loopback = LOOPBACK.test(url.hostname);
	if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) {
		failCredential(
			'API Base URL must begin with https://',
			`${HOW_TO_MEND} An address with http:// is accepted for this machine only (localhost).`,
		);
	}
	if (url.username || url.password || url.search || url.hash) {
		failCredential(
			'API Base URL must be a plain address, without login, query or anchor',
			HOW_TO_MEND,
		);
	}
	const base = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
	if (/^((api|app|docs|www)\.)?ximilar\.com$/.test(url.hostname) && base !== API_BASE_URL) {
		failCredential(`API Base URL is not that of Ximilar's API: ${base}`, HOW_TO_MEND);
	}
	return base;
}

/**
 * A request with the token in its Authorization header (seed 000, "Authentication").
 * @throws XimilarError when the request goes to another origin than the credential's, and as
 * {@link parseCredentials}
 */
export function authorize(
	credentials: ICredentialDataDecryptedObject,
	request: IHttpRequestOptions,
): IHttpRequestOptions {
	const { base, token } = parseCredentials(credentials);
	// n8n's HTTP Request node names the address `uri`.
	const { url, uri } = request as IHttpRequestOptions & { uri?: string };
	const target = parseUrl(String(url ?? uri ?? ''));
	if (target?.origin !== new URL(base).origin) {
		failCredential(
			'The API token of this credential is for the Ximilar API only',
			`It is not sent to ${target?.host ?? 'another address'}. Use another credential for that request.`,
		);
	}
	return {
		...request,
		headers: { ...request.headers, Authorization: `Token ${token}` },
		// A redirect could carry the token to another host.
		disableFollowRedirect: true,
		...(uri === undefined ? {} : { followRedirect: false, followAllRedirects: false }),
	};
}
