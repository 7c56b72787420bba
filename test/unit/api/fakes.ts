import type { Connection } from '../../../nodes/shared/api/client';
import type { Limiter } from '../../../nodes/shared/api/limiter';
import type { HttpRequest, HttpResponse } from '../../../nodes/shared/api/exchange';
import { throwIfAborted } from '../../../nodes/shared/api/time';

/** The world around a client, made of plain functions. */

export const TOKEN = '1af538baa9045a84c0e889f672baf83ff24deadb';

/** An answer; its body is sent as JSON, unless it is text. */
export interface Answer {
	status?: number;
	headers?: Record<string, unknown>;
	body?: unknown;
}

/** What a service does with a request: it answers, loses the connection, or never answers. */
export type Reaction = Answer | Error | 'never';

/** A promise that nothing settles. */
export const never = async (): Promise<never> => await new Promise<never>(() => undefined);

/** A connection that was lost, as n8n's HTTP helper tells of it. */
export const lost = (code: string): Error => Object.assign(new Error(`${code} happened`), { code });

/**
 * A service that reacts to requests as it is told, in their order; one more is an error of the test.
 * Sleeping takes no time, and any number of calls may be under way.
 */
export function connectionTo(...reactions: Reaction[]) {
	const requests: HttpRequest[] = [];
	const sleeps: number[] = [];
	const limiter: Limiter = {
		acquire: async (_again, signal) => {
			throwIfAborted(signal);
			return { release: () => undefined, refuse: () => false };
		},
		lastProgress: () => Date.now(),
	};
	const connection: Connection = {
		account: async () => ({ base: 'https://api.example/base', token: TOKEN }),
		transport: async (request) => {
			const reaction = reactions[requests.length];
			requests.push(request);
			if (!reaction) throw new Error(`Nobody expected request ${requests.length}`);
			if (reaction === 'never') return await never();
			if (reaction instanceof Error) throw reaction;
			return responseOf(reaction);
		},
		sleep: async (milliseconds) => void sleeps.push(milliseconds),
		limiter,
	};
	return { connection, requests, sleeps };
}

function responseOf({ status = 200, headers = {}, body = {} }: Answer): HttpResponse {
	return { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}
