/** Pressure: how many calls an account may have open at once, how long a call takes, what was borne. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { LoggedRequest } from './log';
import type { State } from './state';

const seconds = z.number().nonnegative();

/** What Retry-After says: seconds, or an HTTP date so many seconds ahead. */
export const retryAfterSchema = z.union([
	z.object({ seconds }).strict(),
	z.object({ dateInSeconds: seconds }).strict(),
]);

export function retryAfterValue(after: z.infer<typeof retryAfterSchema>): string {
	if ('seconds' in after) return String(after.seconds);
	return new Date(Date.now() + after.dateInSeconds * 1000).toUTCString();
}

/** What the simulator bore since the start, or since the report was begun anew. */
export interface Report {
	/** Calls of the API that were taken, those refused for want of capacity not among them. */
	taken: number;
	/** The most of them at once. */
	mostAtOnce: number;
	/** Calls beyond the capacity, refused with a 429. */
	overCapacity: number;
	/** Calls that were given up before their answer. */
	aborted: number;
	/** Bytes of bodies. */
	bytes: number;
	/** Records that were analysed, and billed. */
	records: number;
	credits: number;
	/** Training images that were sent, those among them that were there already, and their bytes. */
	uploads: { count: number; bytes: number };
	/** Requests that were submitted to a VLM. */
	submissions: number;
	/** How often each image was analysed, by the SHA-256 of its file. */
	images: Record<string, number>;
	/** Analyses of images that came when `images` was full. */
	otherImages: number;
}

export function newReport(): Report {
	return {
		taken: 0,
		mostAtOnce: 0,
		overCapacity: 0,
		aborted: 0,
		bytes: 0,
		records: 0,
		credits: 0,
		uploads: { count: 0, bytes: 0 },
		submissions: 0,
		images: {},
		otherImages: 0,
	};
}

/** Images that a report tells apart. */
const MOST_IMAGES = 50_000;

/** Notes that an image was analysed. */
export function noteImage(state: State, sha256: string): void {
	const { report } = state;
	const known = report.images[sha256];
	if (known === undefined && state.imagesSeen >= MOST_IMAGES) {
		report.otherImages++;
		return;
	}
	if (known === undefined) state.imagesSeen++;
	report.images[sha256] = (known ?? 0) + 1;
}

/**
 * Takes a call, or refuses it when its account has as many open as the service bears. Nothing of the
 * body was read by then.
 */
export function admit(state: State, entry: LoggedRequest, reply: FastifyReply): boolean {
	const { capacity, capacityRetryAfter } = state.settings;
	const { report } = state;
	const open = [...state.open].filter(({ holds }) => holds);
	const ofAccount = open.filter(({ token }) => token === entry.token).length;
	if (capacity !== null && ofAccount >= capacity) {
		report.overCapacity++;
		if (capacityRetryAfter) void reply.header('retry-after', retryAfterValue(capacityRetryAfter));
		void reply.code(429).send({ detail: 'Request was throttled.' });
		return false;
	}
	entry.holds = true;
	report.taken++;
	report.mostAtOnce = Math.max(report.mostAtOnce, open.length + 1);
	return true;
}

/** Waits until a call has taken as long as the settings say, counted from when its body was there. */
export async function takeTime(state: State, { receivedAt, records }: FastifyRequest) {
	const { latencyMs, recordMs } = state.settings;
	const left = receivedAt + latencyMs + recordMs * records - performance.now();
	if (left > 0) await sleep(left);
}
