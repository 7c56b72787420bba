import type { IExecuteFunctions } from 'n8n-workflow';
import { imageAddress } from './images';
import { XimilarError, fail } from './error';
import { throwIfAborted, withTimeout } from './time';

const TIMEOUT = 60_000;
const MAX_BYTES = 32 * 2 ** 20;

/**
 * Fetches an image from its address, without any credential.
 * @param signal ends the download at once
 * @returns the file's bytes, 32 MB at most; its type is not judged here
 * @throws XimilarError for an address that is none, does not answer in a minute, or gives too much
 */
export async function download(
	helpers: IExecuteFunctions['helpers'],
	address: string,
	signal?: AbortSignal,
): Promise<Buffer> {
	const url = imageAddress(address);
	const giveUp = new AbortController();
	const late = () =>
		fail(
			`The image did not arrive within ${TIMEOUT / 1000} seconds`,
			'Check the address, or run this item again later.',
		);
	try {
		const fetched = fetchBytes(
			helpers,
			url,
			signal ? AbortSignal.any([signal, giveUp.signal]) : giveUp.signal,
		);
		return await withTimeout(fetched, TIMEOUT, late, signal);
	} catch (error) {
		throwIfAborted(signal);
		return error instanceof XimilarError ? rethrow(error) : fail(...unreachable(error));
	} finally {
		giveUp.abort();
	}
}

function rethrow(refusal: XimilarError): never {
	return fail(refusal.message, refusal.description, refusal);
}

function unreachable(error: unknown): [string, string] {
	const { code, cause } = error as { code?: string; cause?: { code?: string } };
	const shown = code ?? cause?.code;
	return [
		'The image could not be fetched',
		`Check that the address is right and public${shown ? ` (${shown})` : ''}.`,
	];
}

async function fetchBytes(
	helpers: IExecuteFunctions['helpers'],
	url: string,
	abortSignal: AbortSignal,
): Promise<Buffer> {
	const { statusCode, body } = (await helpers.httpRequest({
		url,
		method: 'GET',
		headers: { Accept: 'image/*' },
		encoding: 'stream',
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		timeout: TIMEOUT,
		abortSignal,
	})) as { statusCode: number; body: AsyncIterable<Buffer> };
	if (statusCode < 200 || statusCode >= 300) {
		fail(
			`The address of the image answered with status ${statusCode}`,
			'Check that the address is right and public.',
		);
	}
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of body) {
		size += chunk.length;
		if (size > MAX_BYTES) {
			fail(
				`The image is larger than ${MAX_BYTES / 2 ** 20} MB`,
				'Use a smaller version of the image.',
			);
		}
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}
