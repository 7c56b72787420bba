import { duration, fail, XimilarError } from './error';
import { imageAddress } from './images';
import { throwIfAborted, withTimeout } from './time';

const TIMEOUT = 60_000;

/** Fetches an address without any credential, and gives the answer whatever its status. */
export type Fetch = (
	url: string,
	options: { timeout: number; signal: AbortSignal },
) => Promise<{ status: number; body: AsyncIterable<Buffer> }>;

/**
 * Fetches an image from its address.
 * @param signal ends the download at once
 * @param maxBytes the largest file that is taken
 * @returns the file's bytes; its type is not judged here
 * @throws XimilarError for an address that is none, does not answer in a minute, or gives too much
 */
export async function download(
	fetch: Fetch,
	address: string,
	signal: AbortSignal,
	maxBytes: number,
): Promise<Buffer> {
	const url = imageAddress(address);
	const giveUp = new AbortController();
	const late = () =>
		fail(
			`It did not arrive within ${duration(TIMEOUT)}`,
			'Check the address, or run this item again later.',
			{ kind: 'timeout' },
		);
	const stop = () => giveUp.abort();
	signal.addEventListener('abort', stop, { once: true });
	try {
		return await withTimeout(
			fetchBytes(fetch, url, giveUp.signal, maxBytes),
			TIMEOUT,
			late,
			signal,
		);
	} catch (error) {
		throwIfAborted(signal);
		throw error instanceof XimilarError ? error : unreachable(error);
	} finally {
		signal.removeEventListener('abort', stop);
		giveUp.abort();
	}
}

function unreachable(error: unknown): XimilarError {
	const { code, message, cause } = error as {
		code?: string;
		message?: string;
		cause?: { code?: string };
	};
	const shown = code ?? cause?.code;
	// n8n's protection against requests to private addresses, in its versions that have one.
	if (message?.includes('request was blocked')) {
		return new XimilarError(
			'n8n does not allow requests to its address',
			'It is a private one, leads to one, or is on the deny list of this n8n. Use a public address, or ask the administrator of n8n to allow it.',
			{ kind: 'imageAddress', cause: error },
		);
	}
	return new XimilarError(
		'It could not be fetched',
		`Check that the address is right and public${shown ? ` (${shown})` : ''}.`,
		{ kind: 'imageAddress', cause: error },
	);
}

async function fetchBytes(
	fetch: Fetch,
	url: string,
	signal: AbortSignal,
	maxBytes: number,
): Promise<Buffer> {
	const { status, body } = await fetch(url, { timeout: TIMEOUT, signal });
	if (status < 200 || status >= 300) {
		fail(
			`The address answered with status ${status}`,
			'Check that the address is right and public.',
			{ kind: 'imageAddress' },
		);
	}
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of body) {
		size += chunk.length;
		if (size > maxBytes) {
			fail(`It is larger than ${maxBytes / 2 ** 20} MB`, 'Use a smaller version of the image.', {
				kind: 'downloadSize',
			});
		}
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}
