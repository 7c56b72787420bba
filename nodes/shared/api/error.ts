/** What kind of thing went wrong. The engine knows by it what to advise in the user interface. */
export type ErrorKind =
	/** A value that the user entered, or that an item holds, cannot be used. */
	| 'input'
	| 'image'
	| 'imageAddress'
	/** The file at an address is larger than what is taken. */
	| 'downloadSize'
	/** The credential itself: its address or its token cannot be used. */
	| 'credential'
	| 'token'
	| 'credits'
	| 'forbidden'
	| 'notFound'
	| 'badRequest'
	| 'tooLarge'
	| 'rateLimit'
	| 'server'
	/** Any other status that is no success, a redirect included. */
	| 'refused'
	| 'unreachable'
	| 'certificate'
	| 'connectionLost'
	| 'timeout'
	/** An answer that is not JSON, was cut off, or lacks a vital field. */
	| 'badAnswer'
	/** The execution was stopped, or an item failed and nothing further shall begin. */
	| 'aborted';

/** The same call may succeed a little later. */
const TRANSIENT: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
	'rateLimit',
	'server',
	'unreachable',
	'connectionLost',
	'timeout',
	'badAnswer',
]);

/** Every further call of the run would fail for the same reason. */
const FATAL: ReadonlySet<ErrorKind> = new Set<ErrorKind>(['credential', 'token', 'credits']);

interface Facts {
	kind?: ErrorKind;
	/** HTTP status, or the status that an answer named in its body. */
	status?: number;
	cause?: unknown;
	/** One record of the request may have made the service refuse all of them. */
	mayBeOneRecord?: boolean;
	/** It tells what was done before: see {@link XimilarError.with}. */
	saysMore?: boolean;
}

/**
 * Why something was not done, in the user's words. The engine turns it into n8n's own error types;
 * every floor below the engine throws nothing else on purpose.
 */
export class XimilarError extends Error {
	readonly kind: ErrorKind;

	/** What to do about it. */
	readonly description: string;

	/** Absent when no server answered. */
	readonly status?: number;

	readonly mayBeOneRecord: boolean;

	/** Beside the reason it tells what was done before, or goes on: the user has to know in any case. */
	readonly saysMore: boolean;

	constructor(message: string, description: string, facts: Facts = {}) {
		super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
		this.description = description;
		this.kind = facts.kind ?? 'input';
		this.status = facts.status;
		this.mayBeOneRecord = facts.mayBeOneRecord ?? false;
		this.saysMore = facts.saysMore ?? false;
	}

	/** A copy that says more, e.g. what was done before; this error is its cause. */
	with({ message = this.message, description = this.description }): XimilarError {
		return this.copy(message, description, true);
	}

	/** A copy with the thing it is about in front, e.g. an image's name. */
	about(subject: string): XimilarError {
		return this.copy(`${subject}: ${this.message}`, this.description, this.saysMore);
	}

	private copy(message: string, description: string, saysMore: boolean): XimilarError {
		const { kind, status, mayBeOneRecord } = this;
		const facts = { kind, status, mayBeOneRecord, saysMore, cause: this };
		return new XimilarError(message, description, facts);
	}
}

/** Throws a {@link XimilarError}; as an expression, so that it fits behind `??` and in a catch clause. */
export function fail(...args: ConstructorParameters<typeof XimilarError>): never {
	throw new XimilarError(...args);
}

/** Whether the same call may succeed a little later: no whole answer came, or one that says so. */
export function isTransient(error: unknown): error is XimilarError {
	return error instanceof XimilarError && (TRANSIENT.has(error.kind) || error.status === 408);
}

/** Whether every further call of this run would fail for the same reason, so that none is made. */
export function isFatal(error: unknown): error is XimilarError {
	return error instanceof XimilarError && FATAL.has(error.kind);
}

/** The error under copies that say more: the part that is of concern to other items as well. */
export function rootOf(error: XimilarError): XimilarError {
	return error.cause instanceof XimilarError ? rootOf(error.cause) : error;
}

/** Several errors of one item as one; the first is its cause. */
export function combineErrors(errors: unknown[]): unknown {
	const known = errors.filter((error) => error instanceof XimilarError);
	const [first] = known;
	if (errors.length === 1 || !first || known.length < errors.length) return errors[0];
	const worst = known.find(isFatal) ?? first;
	return new XimilarError(known.map(({ message }) => message).join(' | '), first.description, {
		kind: worst.kind,
		status: first.status,
		cause: worst,
	});
}

const MAX_SHOWN = 600;

/** Keeps a server's text readable in one line of n8n's error box. */
export function shorten(text: string): string {
	const line = text.replace(/\s+/g, ' ').trim();
	return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line;
}

/** A time in words, e.g. "1 second" or "5 minutes". */
export function duration(milliseconds: number): string {
	const seconds = Math.round(milliseconds / 1000);
	const [count, unit] = seconds < 120 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
	return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
