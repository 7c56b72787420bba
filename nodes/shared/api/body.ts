import { randomUUID } from 'crypto';
import type { Body } from './exchange';

/**
 * Bytes that stand as base64 text in a JSON body, e.g. an image in `_base64`. The text is made slice
 * by slice, each time it is read: it is never in memory as a whole.
 */
export class Base64 {
	/** How long the text is. */
	readonly length: number;

	/**
	 * @param slices the text in slices, anew for each call
	 * @param size how many bytes it stands for
	 * @param held how many bytes are in memory while it waits
	 * @param prefix what stands before it in the text, e.g. "data:image/png;base64,"
	 */
	constructor(
		readonly slices: () => AsyncIterable<string> | Iterable<string>,
		readonly size: number,
		readonly held: number,
		readonly prefix = '',
	) {
		this.length = 4 * Math.ceil(size / 3);
	}

	/** The same as a data URL. */
	asDataUrl(mediaType: string): Base64 {
		return new Base64(this.slices, this.size, this.held, `data:${mediaType};base64,`);
	}
}

/**
 * A multiple of 3, so that the base64 texts of slices can stand one behind the other; so short that
 * these texts are garbage of the cheap kind.
 */
const SLICE = 48 * 1024;

/** How long the text of a slice is. */
const SLICE_OF_TEXT = (SLICE / 3) * 4;

/** Base64 of bytes that are in memory. */
export function base64OfBytes(bytes: Buffer): Base64 {
	return new Base64(() => slicesOf(bytes), bytes.length, bytes.length);
}

function* slicesOf(bytes: Buffer): Generator<string> {
	for (let at = 0; at < bytes.length; at += SLICE) {
		yield bytes.toString('base64', at, at + SLICE);
	}
}

/**
 * Whether a text is base64, line breaks and the letters of web addresses included. It looks for what
 * is none: a pattern that matches megabytes of text as a whole overflows the stack.
 */
export function isBase64(text: string): boolean {
	const end = text.indexOf('=');
	const padding = end < 0 ? '' : text.slice(end).trimEnd();
	return (
		text.trim() !== '' && ['', '=', '=='].includes(padding) && !/[^A-Za-z0-9+/_\s=-]/.test(text)
	);
}

/** Base64 that is there as text already. */
export function base64OfText(text: string, size: number): Base64 {
	return new Base64(() => slicesOfText(text), size, 0);
}

function* slicesOfText(text: string): Generator<string> {
	for (let at = 0; at < text.length; at += SLICE_OF_TEXT) yield text.slice(at, at + SLICE_OF_TEXT);
}

/** The bytes of a file, in parts. */
export type Parts = AsyncIterable<Buffer> | Iterable<Buffer>;

/**
 * Base64 of a file that is read while it is sent.
 * @param open begins to read it, anew for each try; what it gives is given away, see {@link free}
 * @param size its bytes; it must have exactly so many
 */
export function base64OfStream(open: () => Promise<Parts>, size: number): Base64 {
	return new Base64(() => slicesOfStream(open), size, 0);
}

async function* slicesOfStream(open: () => Promise<Parts>): AsyncGenerator<string> {
	let rest: Buffer = Buffer.alloc(0);
	for await (const chunk of await open()) {
		const bytes = rest.length ? Buffer.concat([rest, chunk]) : chunk;
		const whole = bytes.length - (bytes.length % 3);
		yield* slicesOf(bytes.subarray(0, whole));
		rest = Buffer.from(bytes.subarray(whole));
		free(bytes);
	}
	if (rest.length) yield rest.toString('base64');
}

/**
 * Gives the memory of bytes back at once, where Node.js can and it is theirs alone. Otherwise the
 * garbage collector has to: it searches all of n8n's memory each time that such bytes add up.
 */
function free(bytes: Buffer): void {
	const memory = bytes.buffer as ArrayBuffer & { transfer?(length: number): void };
	if (bytes.length === memory.byteLength) memory.transfer?.(0);
}

/** Waits until it is a body's turn to be sent; what it gives ends the turn. */
export type TakeTurn = () => Promise<() => void>;

/** A text of a JSON body, and the base64 that follows it. */
interface Part {
	text: string;
	base64?: Base64;
}

/**
 * JSON whose base64 is made while it is sent. A Blob, because that is what an HTTP client takes that
 * knows its size. It serves one try.
 */
export class JsonBlob extends Blob {
	/** Why it could not be read to its end. */
	error?: unknown;

	/** All of it went out. */
	isSent = false;

	constructor(
		private readonly parts: Part[],
		private readonly check: () => void,
		private readonly takeTurn: TakeTurn,
	) {
		super([], { type: 'application/json' });
		const size = parts.reduce((sum, part) => sum + sizeOf(part), 0);
		Object.defineProperty(this, 'size', { value: size, enumerable: true });
	}

	override stream(): ReturnType<Blob['stream']> {
		return this.chunks() as unknown as ReturnType<Blob['stream']>;
	}

	/**
	 * Bytes, not texts: an HTTP client that counts them takes a text for UTF-8, which costs more. Each
	 * file is begun to be read while the one before it is sent, and the first one before anything is
	 * sent: a service may count a call from its first byte on.
	 */
	private async *chunks(): AsyncGenerator<Buffer> {
		const begun: Slices[] = [];
		let endTurn: (() => void) | undefined;
		const begin = (part?: Part) => {
			if (part?.base64) begun.push(slicesBegun(part.base64));
		};
		begin(this.parts[0]);
		try {
			for (const [at, { text, base64 }] of this.parts.entries()) {
				begin(this.parts[at + 1]);
				await begun[0]?.first;
				endTurn ??= await this.takeTurn();
				yield Buffer.from(text);
				if (base64) yield* this.checked(base64, begun[0]!);
				begun.shift();
			}
			this.isSent = true;
		} catch (error) {
			throw this.noted(error);
		} finally {
			endTurn?.();
			for (const { rest } of begun) void rest.return(undefined);
		}
	}

	private noted(error: unknown): unknown {
		this.error = error;
		return error;
	}

	/** A body of another length than announced would leave the service waiting for the rest. */
	private async *checked({ length, prefix }: Base64, slices: Slices): AsyncGenerator<Buffer> {
		if (prefix) yield Buffer.from(prefix);
		let sent = 0;
		for (let next = await slices.first; !next.done; next = await slices.rest.next()) {
			this.check();
			sent += next.value.length;
			if (sent > length) break;
			yield Buffer.from(next.value, 'latin1');
		}
		if (sent !== length) throw new Error('The file has changed while it was sent');
	}
}

function sizeOf({ text, base64 }: Part): number {
	return Buffer.byteLength(text) + (base64 ? base64.prefix.length + base64.length : 0);
}

/** Slices of base64 whose first one is made already. */
interface Slices {
	first: Promise<IteratorResult<string>>;
	rest: AsyncGenerator<string>;
}

function slicesBegun({ slices }: Base64): Slices {
	async function* all() {
		yield* slices();
	}
	const rest = all();
	const first = rest.next();
	// Told to who reads it, which may be nobody.
	first.catch(() => {});
	return { first, rest };
}

/**
 * A JSON body: a text, or a stream where {@link Base64} is in it.
 * @param check is called between slices; what it throws ends the sending
 * @param takeTurn is called before the sending begins
 */
export function jsonBody(
	value: unknown,
	check: () => void,
	takeTurn: TakeTurn = async () => () => {},
): Body {
	const found: Base64[] = [];
	// No text of the user's can be mistaken for a place that nobody knows before.
	const place = randomUUID();
	const text = JSON.stringify(value, (_key, inner: unknown) =>
		inner instanceof Base64 ? `${place} ${found.push(inner) - 1}` : inner,
	);
	if (!found.length) return text;
	const parts = text
		.split(new RegExp(`${place} \\d+`))
		.map((piece, index) => ({ text: piece, base64: found[index] }));
	return new JsonBlob(parts, check, takeTurn);
}
