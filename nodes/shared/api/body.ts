import { randomUUID } from 'crypto';
import type { Body } from './exchange';

/** Bytes that stand as base64 text in a JSON body, e.g. an image in `_base64`. */
export class Base64 {
	/** @param prefix what stands before it in the text, e.g. "data:image/png;base64," */
	constructor(
		readonly bytes: Buffer,
		readonly prefix = '',
	) {}
}

/** A multiple of 3, so that the base64 texts of slices can stand one behind the other. */
const SLICE = 96 * 1024;

/**
 * JSON whose base64 is made slice by slice while it is sent: neither its text nor a copy of it is
 * ever in memory as a whole. A Blob, because that is what an HTTP client takes that knows its size.
 */
class JsonBlob extends Blob {
	constructor(
		private readonly pieces: Array<string | Base64>,
		private readonly check: () => void,
	) {
		super([], { type: 'application/json' });
		const size = pieces.reduce((sum, piece) => sum + sizeOf(piece), 0);
		Object.defineProperty(this, 'size', { value: size, enumerable: true });
	}

	override stream(): ReturnType<Blob['stream']> {
		return this.chunks() as unknown as ReturnType<Blob['stream']>;
	}

	private async *chunks(): AsyncGenerator<Buffer> {
		for (const piece of this.pieces) {
			if (typeof piece === 'string') {
				yield Buffer.from(piece);
				continue;
			}
			if (piece.prefix) yield Buffer.from(piece.prefix);
			for (let at = 0; at < piece.bytes.length; at += SLICE) {
				this.check();
				yield Buffer.from(piece.bytes.toString('base64', at, at + SLICE), 'latin1');
			}
		}
	}
}

function sizeOf(piece: string | Base64): number {
	return typeof piece === 'string'
		? Buffer.byteLength(piece)
		: Buffer.byteLength(piece.prefix) + 4 * Math.ceil(piece.bytes.length / 3);
}

/**
 * A JSON body: a text, or a stream where {@link Base64} is in it. A stream serves one try.
 * @param check is called between slices; what it throws ends the sending
 */
export function jsonBody(value: unknown, check: () => void): Body {
	const found: Base64[] = [];
	// No text of the user's can be mistaken for a place that nobody knows before.
	const place = randomUUID();
	const text = JSON.stringify(value, (_key, inner: unknown) =>
		inner instanceof Base64 ? `${place} ${found.push(inner) - 1}` : inner,
	);
	if (!found.length) return text;
	const pieces = text
		.split(new RegExp(`${place} (\\d+)`))
		.map((piece, index) => (index % 2 ? found[Number(piece)]! : piece));
	return new JsonBlob(pieces, check);
}
