import type { ICredentialDataDecryptedObject, IHttpRequestOptions } from 'n8n-workflow';
import { baseAddress, parseUrl } from './address';
import { fail } from './error';

/**
 * The base address and the token of a credential.
 * @throws XimilarError when the address is not a safe one, or the token is empty or cannot stand in a
 * header
 */
export function parseCredentials(credentials: ICredentialDataDecryptedObject): {
	base: string;
	token: string;
} {
	const base = baseAddress(credentials.baseUrl);
	const token = String(credentials.apiToken ?? '').trim();
	if (!/^[\x21-\x7e]+$/.test(token)) {
		fail(
			token ? 'The API token has characters that no token has' : 'The API token is empty',
			'Open the Ximilar credential and paste the token from the Ximilar App (Settings » Token).',
		);
	}
	return { base, token };
}

/**
 * A request with the token in its Authorization header (seed 000, "Authentication").
 * @throws XimilarError when the request goes to another origin than the credential's, and as
 * {@link parseCredentials}
 */
export function authorized(
	credentials: ICredentialDataDecryptedObject,
	request: IHttpRequestOptions,
): IHttpRequestOptions {
	const { base, token } = parseCredentials(credentials);
	// n8n's HTTP Request node names the address `uri`.
	const { url, uri } = request as IHttpRequestOptions & { uri?: string };
	const target = parseUrl(String(url ?? uri ?? ''));
	if (target?.origin !== new URL(base).origin) {
		fail(
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
