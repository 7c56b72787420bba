import { fail } from './error';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

const HOW_TO_MEND =
	'Open the Ximilar credential and set API Base URL to https://api.ximilar.com. Plain http is taken for an address of this machine only.';

/**
 * The API's base address from a credential, without a slash at its end.
 * @throws XimilarError when it is no address, has user data in it, or is plain http to another machine
 */
export function baseAddress(text: unknown): string {
	const trimmed = String(text ?? '').trim();
	if (!trimmed) fail('API Base URL is empty', HOW_TO_MEND);
	const url = parseUrl(trimmed) ?? fail('API Base URL is not a web address', HOW_TO_MEND);
	const loopback = LOOPBACK.test(url.hostname);
	if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) {
		fail('API Base URL must begin with https://', HOW_TO_MEND);
	}
	if (url.username || url.password || url.search || url.hash) {
		fail('API Base URL must be a plain address, without login, query or anchor', HOW_TO_MEND);
	}
	return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** A parsed address, or undefined when the text is none. */
export function parseUrl(text: string): URL | undefined {
	return URL.canParse(text) ? new URL(text) : undefined;
}

/**
 * A path with its values encoded, so that no ID can lead to another call:
 * path`recognition/v2/task/${id}/`
 */
export function path(parts: TemplateStringsArray, ...values: string[]): string {
	return parts.reduce(
		(whole, part, index) => whole + encodeURIComponent(values[index - 1]!) + part,
	);
}
