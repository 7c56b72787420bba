import {
	sleep,
	type IExecuteFunctions,
	type ILoadOptionsFunctions,
	type IPollFunctions,
} from 'n8n-workflow';
import type { Connection } from '../api/client';
import { parseCredentials } from '../api/credential';
import { createMemoize } from '../api/concurrency';
import type { Fetch } from '../api/download';
import type { HttpResponse, Transport } from '../api/exchange';
import { createLimiter } from '../api/limiter';

/** How many calls may be under way at once, unless the user says otherwise. */
export const MAX_PARALLEL = 16;

/** The n8n context that a call is made from. */
type Caller = IExecuteFunctions | ILoadOptionsFunctions | IPollFunctions;

/**
 * The world around a client, as n8n has it.
 * @param options.signal ends calls, and waits between tries, at once; see {@link Connection}
 * @param options.maxParallel how many calls may be under way at once
 */
export function connectionOf(
	caller: Caller,
	{ signal, maxParallel = MAX_PARALLEL }: { signal?: AbortSignal; maxParallel?: number } = {},
): Connection {
	const once = createMemoize();
	return {
		limiter: createLimiter(maxParallel),
		account: async () =>
			await once('account', async () =>
				parseCredentials(await caller.getCredentials('ximilarApi')),
			),
		transport: transportOf(caller),
		sleep,
		signal,
		cancelSignal: 'getExecutionCancelSignal' in caller ? caller.getExecutionCancelSignal() : signal,
	};
}

function transportOf(caller: Caller): Transport {
	return async ({ method, url, headers, body, timeout, signal }) => {
		// Made anew for each try: n8n writes the Authorization header into it.
		const response = (await caller.helpers.httpRequestWithAuthentication.call(
			endedBy(caller, signal),
			'ximilarApi',
			{
				method,
				url,
				headers,
				body: body as string,
				encoding: 'arraybuffer',
				returnFullResponse: true,
				ignoreHttpStatusErrors: true,
				disableFollowRedirect: true,
				timeout,
			},
		)) as { statusCode: number; headers: HttpResponse['headers']; body: HttpResponse['body'] };
		return { status: response.statusCode, headers: response.headers, body: response.body };
	};
}

/**
 * A context whose calls end with a signal of ours: n8n's helper passes none of its options on, but
 * asks the context that it is called on for the execution's own.
 */
function endedBy(caller: Caller, signal: AbortSignal): Caller {
	return Object.create(caller, { getExecutionCancelSignal: { value: () => signal } }) as Caller;
}

/** Fetches public addresses through n8n, without any credential. */
export function fetchOf({ helpers }: IExecuteFunctions): Fetch {
	return async (url, { timeout, signal }) => {
		const { statusCode, body } = (await helpers.httpRequest({
			url,
			method: 'GET',
			headers: { Accept: 'image/*' },
			encoding: 'stream',
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			timeout,
			abortSignal: signal,
		})) as { statusCode: number; body: AsyncIterable<Buffer> };
		return { status: statusCode, body };
	};
}
