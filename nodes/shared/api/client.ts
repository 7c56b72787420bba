import type { IDataObject, IHttpRequestMethods } from 'n8n-workflow';
import type { ZodType, ZodTypeDef } from 'zod';
import type { Account } from './credential';
import { fail, shorten, XimilarError } from './error';
import { exchange, type Call, type Transport } from './exchange';
import { wait, type Sleep } from './time';

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
	/**
	 * The API within one workspace: named in the query of reads and deletes, in the JSON of writes
	 * (seeds, "Using Different Workspace").
	 * @param workspace the account's default one when it is left out
	 */
	inWorkspace(workspace: string | undefined): Api;
}

/** What a client needs of the world around it. */
export interface Connection {
	/** @throws XimilarError of kind `credential` */
	account(): Promise<Account>;
	transport: Transport;
	sleep: Sleep;
	/** Ends calls, and waits between tries, at once. */
	signal?: AbortSignal;
}

interface Limits {
	/** How often a call is tried at most. */
	maxTries?: number;
	/** Milliseconds for one try, unless the call has its own. */
	timeout?: number;
	/** Is told the headers of each answer. */
	onResponse?(headers: Record<string, unknown>): void;
}

const MAX_TRIES = 4;
const DEFAULT_TIMEOUT = 60_000;
const INITIAL_BACKOFF = 1_000;
/** A server that asks for a longer pause than this is passed on to the user instead of waited for. */
const MAX_RETRY_AFTER = 120_000;

interface Sent extends Required<CallOptions> {
	method: IHttpRequestMethods;
	path: string;
	query?: Query;
	body?: IDataObject;
}

/** The client for one execution. */
export function createClient(
	{ account, transport, sleep, signal }: Connection,
	{ maxTries = MAX_TRIES, timeout = DEFAULT_TIMEOUT, onResponse = () => {} }: Limits = {},
): Api {
	// Too many requests: that holds for all calls of the run, not for the refused one alone.
	let pausedUntil = 0;

	async function send({ path, query, body, ...rest }: Sent): Promise<unknown> {
		const { base, token } = await account();
		const call: Call = {
			...rest,
			path,
			url: `${base}/${path}${queryText(query)}`,
			...(body && { body: () => JSON.stringify(body) }),
		};
		let mayHaveBeenDone = false;
		for (let tries = 1; ; tries++) {
			await wait(sleep, pausedUntil - Date.now(), signal);
			const outcome = await exchange(transport, call, signal, onResponse);
			if ('value' in outcome) return outcome.value;
			const { error, notProcessed, retryAfter } = outcome;
			// An earlier try of the deletion can have done it, and only its answer was lost.
			if (call.method === 'DELETE' && error.status === 404 && mayHaveBeenDone) return undefined;
			mayHaveBeenDone ||= !notProcessed;
			const delay = outcome.shouldRetry ? retryDelay(tries, retryAfter) : undefined;
			if (delay === undefined || tries === maxTries) {
				throw redact(postponed(error, retryAfter), token);
			}
			if (error.kind === 'rateLimit') pausedUntil = Math.max(pausedUntil, Date.now() + delay);
			await wait(sleep, delay, signal);
		}
	}

	async function parsed<T>(schema: Schema<T>, sent: Sent): Promise<T> {
		return checked(schema, await send(sent), sent.path);
	}

	const plain = { idempotent: true, timeout };
	const api: Api = {
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
		inWorkspace: (workspace) => (workspace ? scoped(api, workspace) : api),
	};
	return api;
}

function scoped(api: Api, workspace: string): Api {
	return {
		get: async (path, schema, query) => await api.get(path, schema, { workspace, ...query }),
		post: async (path, schema, body, options) =>
			await api.post(path, schema, { ...body, workspace }, options),
		patch: async (path, schema, body) => await api.patch(path, schema, { ...body, workspace }),
		put: async (path, schema, body) => await api.put(path, schema, { ...body, workspace }),
		delete: async (path, query) => await api.delete(path, { workspace, ...query }),
		inWorkspace: api.inWorkspace,
	};
}

function queryText(query: Query = {}): string {
	const given = Object.entries(query).filter(([, value]) => value !== undefined);
	const text = new URLSearchParams(
		given.map(([key, value]): [string, string] => [key, String(value)]),
	).toString();
	return text && `?${text}`;
}

/** Exponential backoff with jitter, or what the server asked for; undefined when that is too long. */
function retryDelay(triesBefore: number, retryAfter: number | undefined): number | undefined {
	if (retryAfter !== undefined) return retryAfter <= MAX_RETRY_AFTER ? retryAfter : undefined;
	const ceiling = INITIAL_BACKOFF * 2 ** (triesBefore - 1);
	return ceiling / 2 + (Math.random() * ceiling) / 2;
}

/** Says so when the server wants a longer pause than a workflow should wait. */
function postponed(error: XimilarError, retryAfter = 0): XimilarError {
	if (retryAfter <= MAX_RETRY_AFTER) return error;
	const minutes = Math.ceil(retryAfter / 60_000);
	return error.with({
		description: `Ximilar asks to wait ${minutes} minutes before the next request. ${error.description}`,
	});
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
		{ kind: 'badAnswer' },
	);
}

/** A server may echo what it was sent: the token never shows. */
function redact(error: XimilarError, token: string): XimilarError {
	const { kind, status, mayBeOneRecord } = error;
	const clean = (text: string) => text.split(token).join('[API token]');
	const [message, description] = [clean(error.message), clean(error.description)];
	// The cause may hold the token as well.
	return new XimilarError(message, description, { kind, status, mayBeOneRecord });
}
