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

/** It is about the account or the connection, whatever the item holds. */
const ABOUT_ALL: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
	...FATAL,
	'forbidden',
	'certificate',
]);

interface Facts {
	kind?: ErrorKind;
	/** HTTP status, or the status that an answer named in its body. */
	status?: number;
	cause?: unknown;
	/** One record of the request may have made the service refuse all of them. */
	mayBeOneRecord?: boolean;
	/** It tells what was done before: see {@link XimilarError.with}. */
	saysMore?: boolean;
	/** By its kind when it is left out: see {@link XimilarError.concernsAll}. */
	concernsAll?: boolean;
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

	/** It is about the account, the task or the connection: other images and items fare alike. */
	readonly concernsAll: boolean;

	constructor(message: string, description: string, facts: Facts = {}) {
		super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
		this.description = description;
		this.kind = facts.kind ?? 'input';
		this.status = facts.status;
		this.mayBeOneRecord = facts.mayBeOneRecord ?? false;
		this.saysMore = facts.saysMore ?? false;
		this.concernsAll = facts.concernsAll ?? ABOUT_ALL.has(this.kind);
	}

	/** What is known of it beside its words, for a copy in others. */
	get facts(): Facts {
		const { kind, status, mayBeOneRecord, saysMore, concernsAll } = this;
		return { kind, status, mayBeOneRecord, saysMore, concernsAll };
	}

	/** A copy that says more; this error is its cause. */
	with({ message = this.message, description = this.description }): XimilarError {
		return this.copy(message, description, { saysMore: true });
	}

	/** A copy with what was done before in front: so it tells something of one item, whatever it is about. */
	after(done: string): XimilarError {
		return this.with({ message: `${done}: ${this.message}` });
	}

	/** A copy with the thing it is about in front, e.g. an image's name. */
	about(subject: string): XimilarError {
		return this.copy(`${subject}: ${this.message}`, this.description, this.facts);
	}

	/** Whether it tells something of one image or item: of itself, or of what was done with it. */
	get concernsOne(): boolean {
		return !this.concernsAll || this.saysMore;
	}

	/** A copy that is known to be about the whole request, and not about one image or item. */
	aboutAll(): XimilarError {
		return this.concernsAll
			? this
			: this.copy(this.message, this.description, { concernsAll: true });
	}

	private copy(message: string, description: string, facts: Facts): XimilarError {
		return new XimilarError(message, description, { ...this.facts, ...facts, cause: this });
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

/** Several errors of one item as one, what is said alike said once; the worst is its cause. */
export function combineErrors(errors: unknown[]): unknown {
	const known = errors.filter((error) => error instanceof XimilarError);
	const [first] = known;
	if (errors.length === 1 || !first || known.length < errors.length) return errors[0];
	const worst = known.find(isFatal) ?? first;
	const messages = new Set(known.map(({ message }) => message));
	return new XimilarError([...messages].join(' | '), worst.description, {
		...worst.facts,
		saysMore: known.some(({ saysMore }) => saysMore),
		concernsAll: known.every(({ concernsAll }) => concernsAll),
		cause: worst,
	});
}

const MAX_SHOWN = 600;

/** Keeps a server's text readable in one line of n8n's error box. */
export function shorten(text: string): string {
	const line = text.replace(/\s+/g, ' ').trim();
	return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line;
}

/** Texts as sentences, one after the other: a server's own may end with a full stop, or without. */
export function sentences(...texts: string[]): string {
	return texts
		.map((text) => text.trim())
		.filter(Boolean)
		.map((text) => (/[.!?…]$/.test(text) ? text : `${text}.`))
		.join(' ');
}

/** A number of things, e.g. "1 image" or "5 images". */
export function counted(count: number, thing: string): string {
	return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

/** A time in words, e.g. "1 second" or "5 minutes". */
export function duration(milliseconds: number): string {
	const seconds = Math.max(1, Math.round(milliseconds / 1000));
	return seconds < 120 ? counted(seconds, 'second') : counted(Math.ceil(seconds / 60), 'minute');
}
