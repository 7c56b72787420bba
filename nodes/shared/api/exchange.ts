import type { IHttpRequestMethods } from 'n8n-workflow';
import { JsonBlob } from './body';
import { duration, sentences, shorten, XimilarError } from './error';
import { isObject, parseCutJson, parseJson } from './json';
import { errorFromResponse } from './response';
import { throwIfAborted, withTimeout } from './time';

/** One try of a call: the request goes out, and its answer is judged. */

/** A body as it is sent: text, or bytes that are made while they are read. */
export type Body = string | Blob;

/** A request without its credential. */
export interface HttpRequest {
	method: IHttpRequestMethods;
	url: string;
	headers: Record<string, string>;
	body?: Body;
	/** Milliseconds. */
	timeout: number;
	/** Ends the request, wherever it is: its connection is closed. */
	signal: AbortSignal;
}

export interface HttpResponse {
	status: number;
	headers: Record<string, unknown>;
	body: Uint8Array | string | null | undefined;
}

/**
 * Sends a request with the credential's token, follows no redirect, and gives the answer whatever
 * its status. What it throws is a connection that failed.
 */
export type Transport = (request: HttpRequest) => Promise<HttpResponse>;

/** A call of the API, with all that its tries have in common. */
export interface Call {
	method: IHttpRequestMethods;
	/** Where it goes, without query, for messages. */
	path: string;
	url: string;
	/**
	 * Makes the body, anew for each try; none when it is left out.
	 * @param over ends the reading of what the body is made of
	 */
	body?: (over: AbortSignal) => Body;
	/** May be sent again after it reached the service. */
	idempotent: boolean;
	/** Milliseconds for one try. */
	timeout: number;
	maxTriesAfter500?: number;
	/** Its query and the fields of its body: they tell what an answer is about. */
	parameters: Readonly<Record<string, unknown>>;
}

/** What a try brought. */
export type Outcome =
	| { value: unknown }
	| {
			error: XimilarError;
			shouldRetry: boolean;
			/** The service has not begun with it: a creating call may be sent again as well. */
			notProcessed?: boolean;
			/** The service has too many calls: it said so, or closed before the whole call was out. */
			isTooMany?: boolean;
			/** What the service asked to wait, in milliseconds. */
			retryAfter?: number;
	  };

const RETRY_WHEN_IDEMPOTENT: ReadonlySet<number> = new Set([408, 500, 502, 503, 504]);

/** Codes of a connection that was never made: the service has seen nothing. */
const NEVER_CONNECTED: ReadonlySet<string> = new Set([
	'ECONNREFUSED',
	'ENOTFOUND',
	'EAI_AGAIN',
	'ENETUNREACH',
	'EHOSTUNREACH',
	'EADDRNOTAVAIL',
]);

/** @throws XimilarError of kind `aborted` */
export async function exchange(
	transport: Transport,
	call: Call,
	signal: AbortSignal | undefined,
	onResponse: (headers: Record<string, unknown>) => void,
): Promise<Outcome> {
	throwIfAborted(signal);
	const over = new AbortController();
	const body = call.body?.(over.signal);
	let response: HttpResponse;
	try {
		response = await withTimeout(
			transport({
				method: call.method,
				url: call.url,
				// The seeds ask for this header on every request, GET included.
				headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
				body,
				timeout: call.timeout,
				signal: over.signal,
			}),
			call.timeout,
			() => {
				throw timeoutOf(call);
			},
			signal,
		);
	} catch (error) {
		throwIfAborted(signal);
		const unsent = body instanceof JsonBlob && !body.isSent ? body : undefined;
		if (unsent?.error) return { error: unreadable(unsent.error), shouldRetry: false };
		return outcomeOfLost(error, call, unsent !== undefined);
	} finally {
		// One that nobody waits for any more is not to go on and be billed, and what was answered before
		// all of it was out needs no rest.
		over.abort();
	}
	onResponse(response.headers);
	return outcomeOf(response, call);
}

function outcomeOf({ status, headers, body: bytes }: HttpResponse, call: Call): Outcome {
	if (status >= 300 && status < 400) return { error: redirected(headers), shouldRetry: false };
	const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes ?? []).toString('utf8');
	const body = parseJson(text);
	const isHtml =
		String(headers['content-type'] ?? '').includes('html') || /^\s*<(!doctype|html)/i.test(text);
	if (status >= 200 && status < 300) return outcomeOfSuccess(text, body, isHtml, call);
	const retryAfter = retryAfterIn(headers);
	const notProcessed = status === 429 || (status === 503 && retryAfter !== undefined);
	const refused = { path: call.path, parameters: call.parameters, isHtml };
	const error = errorFromResponse(status, body ?? unparsed(text), refused);
	return {
		error:
			isOutcomeUnknown(status) && !call.idempotent && !notProcessed ? outcomeUnknown(error) : error,
		shouldRetry: notProcessed || (call.idempotent && RETRY_WHEN_IDEMPOTENT.has(status)),
		notProcessed,
		isTooMany: notProcessed,
		retryAfter,
	};
}

/** What can be said of a refusal that is no JSON: a proxy's words, or the API's as far as they came. */
function unparsed(text: string): unknown {
	if (/^\s*</.test(text)) return undefined;
	return /^\s*[{[]/.test(text) ? parseCutJson(text) : text;
}

/** A server that answers so may have begun with the call, or have it still under way. */
const isOutcomeUnknown = (status: number) => status >= 500 || status === 408;

function outcomeOfSuccess(text: string, body: unknown, isHtml: boolean, call: Call): Outcome {
	if (text.trim() === '') return { value: undefined };
	if (body === undefined) {
		const cut = /^\s*[{[]/.test(text) && !isHtml;
		// A deletion needs no answer, but a web page is nobody's word that it was done.
		if (call.method === 'DELETE' && !cut && !isHtml) return { value: undefined };
		const error = cut
			? badAnswer(
					"Ximilar's answer was cut off on the way",
					'Run this item again. If it persists, a proxy between n8n and Ximilar may be limiting answers.',
				)
			: badAnswer(
					isHtml
						? 'The answer was a web page (HTML), not an answer of the API'
						: 'The answer was not JSON',
					`Check API Base URL in the credential, and any proxy on the way. The answer began with "${shorten(withoutTags(text)).slice(0, 120)}".`,
				);
		return {
			error: call.idempotent ? error : outcomeUnknown(error),
			shouldRetry: cut && call.idempotent,
		};
	}
	const code = failedCode(body);
	if (code === undefined) return { value: body };
	// The service has worked on it and said no: asking again could be billed again. Only a rate
	// limit, by which nothing was done, is waited out.
	const isTooMany = code === 429;
	return { error: errorFromResponse(code, body, call), shouldRetry: isTooMany, isTooMany };
}

/** What a web page says. */
function withoutTags(text: string): string {
	return text.replace(/<(script|style)\b[\s\S]*?<\/\1>|<[^>]*>/gi, ' ');
}

const badAnswer = (message: string, description: string) =>
	new XimilarError(message, description, { kind: 'badAnswer' });

/** The `status.code` of an answer that came as HTTP 200 and failed all the same (`api.md`). */
function failedCode(body: unknown): number | undefined {
	const status = isObject(body) ? body.status : undefined;
	const code = isObject(status) ? status.code : undefined;
	return typeof code === 'number' && code >= 300 ? code : undefined;
}

function timeoutOf({ timeout }: Call, cause?: unknown): XimilarError {
	return new XimilarError(
		`Ximilar did not answer within ${duration(timeout)}`,
		`Run this item again later${shownCodes(cause)}.`,
		{ kind: 'timeout', cause },
	);
}

/** What is to be sent cannot be read any more. */
function unreadable(cause: unknown): XimilarError {
	return cause instanceof XimilarError
		? cause
		: new XimilarError(
				`The image could not be read: ${shorten((cause as Error).message)}`,
				'Check the step that delivers the file, and run this item again.',
				{ kind: 'image', cause },
			);
}

/**
 * @param isUnsent the connection was lost before the whole request was out: a service that has too
 * many calls may close it without reading on, and cannot have begun with it
 */
function outcomeOfLost(cause: unknown, call: Call, isUnsent: boolean): Outcome {
	// A credential that cannot be used, or a time limit that has passed.
	const known = cause instanceof XimilarError ? cause : undefined;
	if (known && known.kind !== 'timeout') return { error: known, shouldRetry: false };
	const codes = known ? [] : codesIn(cause);
	if (codes.some((code) => NEVER_CONNECTED.has(code))) {
		const error = new XimilarError(
			'Ximilar could not be reached',
			`Check API Base URL in the credential, and this machine's connection to the internet${shownCodes(cause)}. Nothing was sent.`,
			{ kind: 'unreachable', cause },
		);
		return { error, shouldRetry: true, notProcessed: true };
	}
	if (codes.some((code) => /CERT|^ERR_TLS|SIGNED/.test(code))) {
		const error = new XimilarError(
			'The connection to Ximilar is not secure',
			`The certificate of the server was not accepted${shownCodes(cause)}. Check API Base URL in the credential, and any proxy. Nothing was sent.`,
			{ kind: 'certificate', cause },
		);
		return { error, shouldRetry: false };
	}
	const late = codes.some((code) => code === 'ECONNABORTED' || code === 'ETIMEDOUT');
	const error = known ?? (late ? timeoutOf(call, cause) : connectionLost(cause, codes));
	return {
		error: call.idempotent || isUnsent ? error : outcomeUnknown(error),
		shouldRetry: call.idempotent || isUnsent,
		notProcessed: isUnsent,
		isTooMany: isUnsent,
	};
}

function connectionLost(cause: unknown, codes: string[]): XimilarError {
	return new XimilarError(
		'The connection was lost before the whole answer arrived',
		codes.length || !(cause instanceof Error)
			? `Run this item again later${shownCodes(cause)}.`
			: sentences('Run this item again later', `n8n said: ${shorten(cause.message)}`),
		{ kind: 'connectionLost', cause },
	);
}

/**
 * System codes in an error, e.g. ECONNRESET. n8n's NodeApiError drops the error it wraps, and keeps
 * the code as its `httpCode`, or in its messages only.
 */
function codesIn(error: unknown): string[] {
	const { code, httpCode, message, messages } = error as Record<string, unknown>;
	const given = [code, httpCode].filter((one) => typeof one === 'string' && /^[A-Z_]+$/.test(one));
	const texts = [message, ...(Array.isArray(messages) ? (messages as unknown[]) : [])];
	const named = texts.flatMap((text) => String(text ?? '').match(/\bE[A-Z_]{4,}\b/g) ?? []);
	return [...new Set([...given, ...named] as string[])];
}

function shownCodes(cause: unknown): string {
	const codes = cause === undefined ? [] : codesIn(cause);
	return codes.length ? ` (${codes.join(', ')})` : '';
}

/** For calls that create something: the request went out, so nobody knows whether it was carried out. */
export function outcomeUnknown(error: XimilarError): XimilarError {
	return error.with({
		description: `It may have been carried out all the same, so it was not sent again: look in the Ximilar App before you repeat it. ${error.description}`,
	});
}

function redirected(headers: Record<string, unknown>): XimilarError {
	const target = String(headers.location ?? '');
	return new XimilarError(
		'API Base URL leads to another address',
		`The server answered with a redirect${target ? ` to ${shorten(target).slice(0, 200)}` : ''}. The API token is sent to the address in the credential only: correct API Base URL there.`,
		{ kind: 'refused' },
	);
}

/** `Retry-After` in milliseconds: seconds, or an HTTP date. */
function retryAfterIn(headers: Record<string, unknown>): number | undefined {
	const text = String(headers['retry-after'] ?? '').trim();
	const milliseconds = /^\d+(\.\d+)?$/.test(text)
		? Number(text) * 1000
		: Date.parse(text) - Date.now();
	return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}
