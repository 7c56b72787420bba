import type { IDataObject, IHttpRequestMethods } from 'n8n-workflow';
import type { ZodType, ZodTypeDef } from 'zod';
import type { Account } from './credential';
import { duration, fail, isFatal, shorten, XimilarError } from './error';
import { jsonBody } from './body';
import { createSemaphore } from './concurrency';
import { exchange, outcomeUnknown, type Call, type Outcome, type Transport } from './exchange';
import type { Limiter, Slot } from './limiter';
import { throwIfAborted, wait, type Sleep } from './time';

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
	/** How many answers of status 500 end it, whatever else failed in between; all tries when left out. */
	maxTriesAfter500?: number;
	/**
	 * Is called before each try, when there is a place for it; what it throws is thrown instead.
	 * Until what it returns has ended, others have the place.
	 * @param mayHaveBeenDone an earlier try may have been carried out, and only its answer was lost
	 */
	check?(mayHaveBeenDone: boolean): Promise<void> | void;
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
	/** What all calls of the execution share. */
	limiter: Limiter;
	/**
	 * Ends calls, and waits between tries, at once; a call that creates something is waited for when
	 * all of it is out.
	 */
	signal?: AbortSignal;
	/** Ends these calls as well. */
	cancelSignal?: AbortSignal;
}

interface Limits {
	/** How often a call is tried at most that was not answered, or could not be. */
	maxTries?: number;
	/** Milliseconds for which a server that asks for patience is waited for without any progress. */
	patience?: number;
	/** Milliseconds for one try, unless the call has its own. */
	timeout?: number;
	/** Is told the headers of each answer. */
	onResponse?(headers: Record<string, unknown>): void;
	/** Are told of each try that begins and ends. */
	onRequest?(): void;
	onEnd?(): void;
	/** Is told of each pause, in milliseconds, and why there is one. */
	onRetry?(error: XimilarError, delay: number): void;
}

const MAX_TRIES = 4;
export const DEFAULT_PATIENCE = 5 * 60_000;
const DEFAULT_TIMEOUT = 60_000;
/**
 * Milliseconds for which a body is sent before another one is begun. Bodies that begin together are
 * made one after the other: the service works on a request when all of it is there, and side by side
 * all would be late. A slow network is not waited for.
 */
const LONGEST_TURN = 30;
const INITIAL_BACKOFF = 500;
const MAX_BACKOFF = 8_000;

interface Sent extends CallOptions {
	idempotent: boolean;
	timeout: number;
	method: IHttpRequestMethods;
	path: string;
	query?: Query;
	body?: IDataObject;
}

/** The client for one execution; what its calls share stands in this one scope. */
export function createClient(connection: Connection, limits: Limits = {}): Api {
	const { account, transport, sleep, limiter, signal, cancelSignal } = connection;
	const { maxTries = MAX_TRIES, patience = DEFAULT_PATIENCE } = limits;
	const turns = createSemaphore(1);
	const takeTurn = async () => {
		const endTurn = await turns.acquire(1);
		void sleep(LONGEST_TURN).then(() => endTurn());
		return endTurn;
	};
	/** The service cannot have begun with what is not all out yet: so far the run's end ends any call. */
	const mayGoOn = (over: AbortSignal) => {
		throwIfAborted(over);
		throwIfAborted(signal);
	};
	/** Why every further call would fail. */
	let fatal: XimilarError | undefined;

	async function send({ path, query, body, check, ...rest }: Sent): Promise<unknown> {
		const { base, token } = await account();
		const call: Call = {
			...rest,
			path,
			url: `${base}/${path}${queryText(query)}`,
			...(body && { body: (over) => jsonBody(body, () => mayGoOn(over), takeTurn) }),
			parameters: { ...query, ...body },
		};
		let start: number | undefined;
		let mayHaveBeenDone = false;
		let tries = 0;
		let answersOf500 = 0;
		let refusals = 0;
		let slot: Slot | undefined;
		try {
			for (;;) {
				slot ??= await limiter.acquire(tries + refusals > 0, signal);
				start ??= Date.now();
				const pending = check?.(mayHaveBeenDone);
				if (pending) {
					slot.release(false);
					slot = undefined;
					await pending;
					continue;
				}
				const outcome = await sendOnce(call);
				slot = giveBack(slot, outcome);
				if ('value' in outcome) return outcome.value;
				const { error, notProcessed, isTooMany = false } = outcome;
				// An earlier try of the deletion can have done it, and only its answer was lost.
				if (call.method === 'DELETE' && error.status === 404 && mayHaveBeenDone) return undefined;
				mayHaveBeenDone ||= !notProcessed;
				if (isTooMany) refusals++;
				else tries++;
				if (!isTooMany && error.status === 500) answersOf500++;
				// A connection that is closed each time may be about this call alone, so that the progress
				// of others says nothing.
				const since = error.status === undefined ? start : limiter.lastProgress();
				const waited = Date.now() - since;
				const so = { tries, answersOf500, refusals, waited, maxTries, patience };
				const delay = delayBefore(outcome, call, so);
				if (typeof delay !== 'number') throw redact(delay, token);
				limits.onRetry?.(error, delay);
				await wait(sleep, delay, signal);
			}
		} finally {
			slot?.release(false);
		}
	}

	async function sendOnce(call: Call): Promise<Outcome> {
		if (fatal) return { error: fatal, shouldRetry: false };
		limits.onRequest?.();
		try {
			throwIfAborted(signal);
			// What becomes of a call that creates something shall be known, also when the run ends.
			const end = call.idempotent ? signal : cancelSignal;
			const outcome = await exchange(transport, call, end, limits.onResponse ?? (() => {}));
			if ('error' in outcome && isFatal(outcome.error)) fatal = outcome.error;
			return outcome;
		} finally {
			limits.onEnd?.();
		}
	}

	return apiOf(send, limits.timeout ?? DEFAULT_TIMEOUT);
}

/** How often and how long a call was tried, and how often and how long it may be. */
interface SoFar {
	tries: number;
	/** How many of them were answered by status 500. */
	answersOf500: number;
	refusals: number;
	/** Milliseconds without progress. */
	waited: number;
	maxTries: number;
	/** Milliseconds for which it may wait without progress. */
	patience: number;
}

/** Milliseconds until the next try, or why there is none. */
function delayBefore(
	{ error, shouldRetry, isTooMany, retryAfter = 0 }: Exclude<Outcome, { value: unknown }>,
	call: Call,
	so: SoFar,
): number | XimilarError {
	if (!shouldRetry) return error;
	const delay = Math.max(retryAfter, backoff(so.tries + so.refusals));
	if (!isTooMany) {
		const isOver =
			so.tries >= so.maxTries || so.answersOf500 >= (call.maxTriesAfter500 ?? Infinity);
		return isOver ? error : delay;
	}
	// Waited out by time, not by tries.
	return so.waited + delay <= so.patience ? delay : outOfPatience(error, retryAfter, so.waited);
}

function apiOf(send: (sent: Sent) => Promise<unknown>, timeout: number): Api {
	async function parsed<T>(schema: Schema<T>, sent: Sent): Promise<T> {
		const answer = await send(sent);
		try {
			return checked(schema, answer, sent.path);
		} catch (error) {
			// It was accepted, and only the answer tells nothing of what was made.
			throw sent.idempotent ? error : outcomeUnknown(error as XimilarError);
		}
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

/** @returns the place, when the call keeps it for its next try */
function giveBack(slot: Slot, outcome: Outcome): Slot | undefined {
	if ('value' in outcome) slot.release(true);
	else if (!outcome.isTooMany) slot.release(outcome.error.status !== undefined);
	else if (slot.refuse(outcome.error.status !== undefined)) return slot;
	return undefined;
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

/** Exponential backoff with jitter, in milliseconds. */
function backoff(triesBefore: number): number {
	const ceiling = Math.min(INITIAL_BACKOFF * 2 ** (triesBefore - 1), MAX_BACKOFF);
	return ceiling / 2 + (Math.random() * ceiling) / 2;
}

function outOfPatience(error: XimilarError, retryAfter: number, waited: number): XimilarError {
	const words = [
		waited >= 1000 ? `Waited ${duration(waited)} without any answer.` : '',
		retryAfter >= 1000 ? `Ximilar asks to wait ${duration(retryAfter)} more.` : '',
	];
	return error.with({ description: [...words, error.description].filter(Boolean).join(' ') });
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
		`The answer came from ${path.split('?')[0]}. Check API Base URL in the credential; if it is right, Ximilar's API may have changed: update this package, or report it to its maintainers.`,
		{ kind: 'badAnswer' },
	);
}

/** A server may echo what it was sent: the token never shows. */
function redact(error: XimilarError, token: string): XimilarError {
	const clean = (text: string) => text.split(token).join('[API token]');
	const [message, description] = [clean(error.message), clean(error.description)];
	// The cause may hold the token as well.
	return new XimilarError(message, description, error.facts);
}
