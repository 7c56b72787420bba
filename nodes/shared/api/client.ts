import type {
	IDataObject,
	IExecuteFunctions,
	IHttpRequestMethods,
	ILoadOptionsFunctions,
	IPollFunctions,
} from 'n8n-workflow';
import type { ZodType, ZodTypeDef } from 'zod';
import { parseCredentials } from './authorization';
import { XimilarError, errorFromResponse, fail, shorten } from './error';
import { throwIfAborted, wait, withTimeout, type AbortFlag } from './time';

/** The n8n context that a call is made from. */
export type Caller = IExecuteFunctions | ILoadOptionsFunctions | IPollFunctions;

export type Query = Record<string, string | number | boolean | undefined>;

/** A zod schema of an answer: unknown fields pass, a missing vital one is named. */
export type Schema<T> = ZodType<T, ZodTypeDef, unknown>;

export interface CallOptions {
	/**
	 * May be sent again after it reached the service, because doing it twice does no harm. Reads,
	 * updates and deletions always may; a POST only when it says so.
	 */
	idempotent?: boolean;
	/** Milliseconds for one try. */
	timeout?: number;
}

/** Ximilar's API for one execution of one node. */
export interface Api {
	get<T>(path: string, schema: Schema<T>, query?: Query): Promise<T>;
	post<T>(path: string, schema: Schema<T>, body?: IDataObject, options?: CallOptions): Promise<T>;
	patch<T>(path: string, schema: Schema<T>, body: IDataObject): Promise<T>;
	put<T>(path: string, schema: Schema<T>, body: IDataObject): Promise<T>;
	delete(path: string, query?: Query): Promise<{ deleted: true }>;
}

interface Call extends Required<CallOptions> {
	method: IHttpRequestMethods;
	path: string;
	query?: Query;
	body?: IDataObject;
}

interface Answer {
	status: number;
	headers: Record<string, unknown>;
	text: string;
}

const MAX_TRIES = 4;
const DEFAULT_TIMEOUT = 60_000;
const INITIAL_BACKOFF = 1_000;
/** A server that asks for a longer pause than this is passed on to the user instead of waited for. */
const MAX_RETRY_AFTER = 120_000;

const RETRY_WHEN_IDEMPOTENT = new Set([408, 500, 502, 503, 504]);

/** Codes of a connection that was never made: the service has seen nothing. */
const NEVER_CONNECTED = new Set([
	'ECONNREFUSED',
	'ENOTFOUND',
	'EAI_AGAIN',
	'ENETUNREACH',
	'EHOSTUNREACH',
	'EADDRNOTAVAIL',
]);

interface Limits {
	maxTries?: number;
	timeout?: number;
	onAnswer?(headers: Record<string, unknown>): void;
}

/**
 * The client for one execution.
 * @param signal ends waits between tries at once
 * @param limits.maxTries how often a call is tried at most
 * @param limits.timeout milliseconds for one try, unless the call has its own
 * @param limits.onAnswer is told the headers of each answer
 */
export function createClient(
	caller: Caller,
	signal?: AbortFlag,
	{ maxTries = MAX_TRIES, timeout = DEFAULT_TIMEOUT, onAnswer = () => {} }: Limits = {},
): Api {
	// A refusal for too many requests holds for all calls of the run, not for the refused one alone.
	let pausedUntil = 0;

	async function send(call: Call): Promise<unknown> {
		const { base, token } = parseCredentials(await caller.getCredentials('ximilarApi'));
		const address = `${base}/${call.path}`;
		let mayHaveBeenDone = false;
		for (let tries = 1; ; tries++) {
			await wait(pausedUntil - Date.now(), signal);
			const outcome = await attempt(caller, call, address, signal, onAnswer);
			if ('value' in outcome) return outcome.value;
			// An earlier try of the deletion can have done it, and only its answer was lost.
			if (call.method === 'DELETE' && outcome.refusal.status === 404 && mayHaveBeenDone) return;
			mayHaveBeenDone ||= !outcome.notProcessed;
			const pause = outcome.shouldRetry ? retryDelay(tries + 1, outcome.retryAfter) : undefined;
			if (pause === undefined || tries === maxTries) throw redact(outcome.refusal, token);
			if (outcome.refusal.status === 429) pausedUntil = Math.max(pausedUntil, Date.now() + pause);
			await wait(pause, signal);
		}
	}

	async function parsed<T>(schema: Schema<T>, call: Call): Promise<T> {
		return checked(schema, await send(call), call.path);
	}

	const plain = { idempotent: true, timeout };
	return {
		get: async (path, schema, query) =>
			await parsed(schema, { ...plain, method: 'GET', path, query }),
		post: async (path, schema, body, options) =>
			await parsed(schema, { ...plain, idempotent: false, ...options, method: 'POST', path, body }),
		patch: async (path, schema, body) =>
			await parsed(schema, { ...plain, method: 'PATCH', path, body }),
		put: async (path, schema, body) =>
			await parsed(schema, { ...plain, method: 'PUT', path, body }),
		delete: async (path, query) => {
			await send({ ...plain, method: 'DELETE', path, query });
			return { deleted: true };
		},
	};
}

type Outcome =
	| { value: unknown }
	| { refusal: XimilarError; shouldRetry: boolean; notProcessed?: boolean; retryAfter?: number };

/** One try of a call: its parsed answer, or why there is none and whether another try is allowed. */
async function attempt(
	caller: Caller,
	call: Call,
	address: string,
	signal: AbortFlag | undefined,
	onAnswer: NonNullable<Limits['onAnswer']>,
): Promise<Outcome> {
	const exchange = await exchangeOnce(caller, call, address, signal);
	if ('lost' in exchange) return outcomeOfLost(exchange.lost, call, signal);

	const { status, headers, text } = exchange;
	onAnswer(headers);
	if (status >= 300 && status < 400) return { refusal: redirected(headers), shouldRetry: false };
	const body = parse(text);
	if (status >= 200 && status < 300) return outcomeOfSuccess(text, body, call, exchange);
	const retryAfter = retryAfterOf(headers);
	const notProcessed = status === 429 || (status === 503 && retryAfter !== undefined);
	const refusal = postponed(
		errorFromResponse(status, body ?? (isHtml(text, headers) ? undefined : text), call.path),
		retryAfter,
	);
	return {
		refusal: !call.idempotent && status >= 500 && !notProcessed ? outcomeUnknown(refusal) : refusal,
		shouldRetry: notProcessed || (call.idempotent && RETRY_WHEN_IDEMPOTENT.has(status)),
		notProcessed: notProcessed,
		retryAfter,
	};
}

function outcomeOfSuccess(text: string, body: unknown, call: Call, answer: Answer): Outcome {
	if (call.method === 'DELETE' || text.trim() === '') return { value: undefined };
	if (body === undefined) {
		const cut = /^\s*[{[]/.test(text) && !isHtml(text, answer.headers);
		const refusal = cut
			? new XimilarError(
					"Ximilar's answer was cut off on the way",
					'Run this item again. If it persists, a proxy between n8n and Ximilar may be limiting answers.',
				)
			: new XimilarError(
					isHtml(text, answer.headers)
						? 'The answer was a web page (HTML), not an answer of the API'
						: 'The answer was not JSON',
					`Check the API base URL of the credential, and any proxy on the way. The answer began with: ${shorten(text).slice(0, 120)}`,
				);
		return {
			refusal: call.idempotent ? refusal : outcomeUnknown(refusal),
			shouldRetry: cut && call.idempotent,
		};
	}
	const code = failedCode(body);
	if (code === undefined) return { value: body };
	// The service has worked on it and said no: asking again could be billed again. Only a rate
	// limit, by which nothing was done, is waited out.
	return { refusal: errorFromResponse(code, body, call.path), shouldRetry: code === 429 };
}

/** The `status.code` of an answer that came as HTTP 200 and failed all the same (`api.md`). */
function failedCode(body: unknown): number | undefined {
	const code = (body as { status?: { code?: unknown } } | null)?.status?.code;
	return typeof code === 'number' && code >= 300 ? code : undefined;
}

async function exchangeOnce(
	caller: Caller,
	call: Call,
	address: string,
	signal: AbortFlag | undefined,
): Promise<Answer | { lost: unknown }> {
	throwIfAborted(signal);
	const query = new URLSearchParams();
	for (const [key, value] of Object.entries(call.query ?? {})) {
		if (value !== undefined) query.append(key, String(value));
	}
	// Made anew for each try: n8n writes the Authorization header into it.
	const request = caller.helpers.httpRequestWithAuthentication.call(caller, 'ximilarApi', {
		method: call.method,
		url: query.size ? `${address}?${query.toString()}` : address,
		// The seeds ask for this header on every request, GET included.
		headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
		body: call.body && JSON.stringify(call.body),
		encoding: 'arraybuffer',
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		disableFollowRedirect: true,
		timeout: call.timeout,
	});
	try {
		const { statusCode, headers, body } = (await withTimeout(
			request,
			call.timeout,
			() => fail('late', '', { status: 408 }),
			signal,
		)) as { statusCode: number; headers: Record<string, unknown>; body: unknown };
		return { status: statusCode, headers, text: textOf(body) };
	} catch (error) {
		return { lost: error };
	}
}

function textOf(body: unknown): string {
	if (body === undefined || body === null) return '';
	return typeof body === 'string' ? body : Buffer.from(body as ArrayBuffer).toString('utf8');
}

function outcomeOfLost(error: unknown, call: Call, signal: AbortFlag | undefined): Outcome {
	throwIfAborted(signal);
	if (error instanceof XimilarError && error.status !== 408)
		return { refusal: error, shouldRetry: false };
	const codes = codesIn(error);
	const shown = codes.length ? ` (${codes.join(', ')})` : '';
	if (codes.some((code) => NEVER_CONNECTED.has(code))) {
		const refusal = new XimilarError(
			'Ximilar could not be reached',
			`Check the API base URL of the credential and this machine's connection to the internet${shown}. Nothing was sent.`,
		);
		return { refusal, shouldRetry: true, notProcessed: true };
	}
	if (
		codes.some(
			(code) => code.includes('CERT') || code.startsWith('ERR_TLS') || code.includes('SIGNED'),
		)
	) {
		const refusal = new XimilarError(
			'The connection to Ximilar is not secure',
			`The certificate of the server was not accepted${shown}. Check the API base URL of the credential, and any proxy. Nothing was sent.`,
		);
		return { refusal, shouldRetry: false };
	}
	const late =
		error instanceof XimilarError || codes.includes('ECONNABORTED') || codes.includes('ETIMEDOUT');
	const refusal = late
		? new XimilarError(
				`Ximilar did not answer within ${Math.round(call.timeout / 1000)} seconds`,
				`Run this item again later${shown}.`,
			)
		: new XimilarError(
				'The connection was lost before the whole answer arrived',
				codes.length || !(error instanceof Error)
					? `Run this item again later${shown}.`
					: `Run this item again later. n8n said: ${shorten(error.message)}`,
			);
	return {
		refusal: call.idempotent ? refusal : outcomeUnknown(refusal),
		shouldRetry: call.idempotent,
	};
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

/** For calls that create something: the request went out, so nobody knows whether it was carried out. */
function outcomeUnknown(refusal: XimilarError): XimilarError {
	return new XimilarError(
		refusal.message,
		`It may have been carried out all the same, so it was not sent again: look in the Ximilar App before you repeat it. ${refusal.description}`,
		refusal,
	);
}

function redirected(headers: Record<string, unknown>): XimilarError {
	const target = String(headers.location ?? '');
	return new XimilarError(
		'The API base URL leads to another address',
		`The server answered with a redirect${target ? ` to ${shorten(target).slice(0, 200)}` : ''}. The API token is sent to the address in the credential only: correct API Base URL there.`,
	);
}

function isHtml(text: string, headers: Record<string, unknown>): boolean {
	return (
		String(headers['content-type'] ?? '').includes('html') || /^\s*<(!doctype|html)/i.test(text)
	);
}

/** Parsed JSON, or undefined when the text is none. */
function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** `Retry-After` in milliseconds: seconds, or an HTTP date. */
function retryAfterOf(headers: Record<string, unknown>): number | undefined {
	const text = String(headers['retry-after'] ?? '').trim();
	if (!text) return undefined;
	const milliseconds = /^\d+(\.\d+)?$/.test(text)
		? Number(text) * 1000
		: Date.parse(text) - Date.now();
	return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}

/** Says so when the server wants a longer pause than a workflow should wait. */
function postponed(refusal: XimilarError, retryAfter: number | undefined): XimilarError {
	if (retryAfter === undefined || retryAfter <= MAX_RETRY_AFTER) return refusal;
	const minutes = Math.ceil(retryAfter / 60_000);
	return new XimilarError(
		refusal.message,
		`Ximilar asks to wait ${minutes} minutes before the next request. ${refusal.description}`,
		refusal,
	);
}

/** Exponential backoff with jitter, or what the server asked for; undefined when that is too long. */
function retryDelay(nextTry: number, retryAfter: number | undefined): number | undefined {
	if (retryAfter !== undefined) return retryAfter <= MAX_RETRY_AFTER ? retryAfter : undefined;
	const ceiling = INITIAL_BACKOFF * 2 ** (nextTry - 2);
	return ceiling / 2 + (Math.random() * ceiling) / 2;
}

/**
 * An answer in its schema's type.
 * @throws XimilarError that names the vital fields the answer lacks
 */
export function checked<T>(schema: Schema<T>, value: unknown, path: string): T {
	const result = schema.safeParse(value);
	if (result.success) return result.data;
	const fields = result.error.issues.map(
		({ path: at, message }) => `${at.join('.') || 'the answer'} (${message})`,
	);
	return fail(
		`Ximilar's answer lacks what this operation needs: ${shorten(fields.slice(0, 5).join(', '))}`,
		`The answer came from ${path.split('?')[0]}. Check the API base URL of the credential; if it is right, Ximilar's API may have changed: update this package, or report it to its maintainers.`,
	);
}

/** A server may echo what it was sent: the token never shows. */
function redact(refusal: XimilarError, secret: string): XimilarError {
	const clean = (text: string) => text.split(secret).join('[API token]');
	return new XimilarError(clean(refusal.message), clean(refusal.description), refusal);
}
