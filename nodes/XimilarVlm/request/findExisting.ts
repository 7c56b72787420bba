import { createHash } from 'crypto';
import type { IDataObject } from 'n8n-workflow';
import { mapLimit } from '../../shared/api/concurrency';
import { at, REQUEST } from '../../shared/api/entities';
import { fail, XimilarError } from '../../shared/api/error';
import { isObject } from '../../shared/api/json';
import { requestSchema } from '../../shared/api/schemas';
import { wholeRequest } from './answer';
import { requestsOf } from './findLost';
import { Base64 } from '../../shared/api/body';
import type { Submission } from './submitEach';

/** Requests that an earlier run submitted, and did not tell of because it was cut short. */

/** This is done after a crash only, so it may take minutes. */
const MAX_PAGES = 1000;
const CALLS_AT_ONCE = 4;
/** How far the clocks of n8n and Ximilar may differ, in milliseconds. */
const CLOCK_TOLERANCE = 60_000;

interface Existing {
	created: number;
	request: IDataObject;
}

/** Requests by their fingerprints. */
type Index = Map<string, Existing[]>;

/**
 * Ends those submissions that exist already as requests, each with another one. Where that cannot
 * be found out, the submission is ended with why: nothing is submitted twice.
 * @returns the others, in their order
 */
export async function endExisting(submissions: Submission[]): Promise<Submission[]> {
	const left = new Set(submissions);
	const groups = new Map<string, Submission[]>();
	for (const one of submissions) {
		if (!one.existing) continue;
		const key = `${one.task} ${one.existing.workspace ?? ''}`;
		groups.set(key, [...(groups.get(key) ?? []), one]);
	}
	for (const group of groups.values()) {
		try {
			const index = await indexFor(group);
			for (const one of group) await endOne(one, index, left);
		} catch (error) {
			for (const one of group) if (left.delete(one)) one.endWithError(unsent(error));
		}
	}
	return submissions.filter((one) => left.has(one));
}

/** The requests of a task since the earliest time that one of its submissions names. */
async function indexFor(group: Submission[]): Promise<Index> {
	const [{ task, item }] = group as [Submission];
	const since = Math.min(...group.map(({ existing }) => existing!.since)) - CLOCK_TOLERANCE;
	const listed =
		(await requestsOf(item.api, task, MAX_PAGES)) ??
		fail(
			'The task has too many requests to look through',
			'Look for the requests with the operation Get Many, or leave Return Existing Since out.',
		);
	const index: Index = new Map();
	const candidates = listed.filter(({ created }) => !(createdAt(created) < since));
	await mapLimit(candidates, CALLS_AT_ONCE, async ({ id, created }) => {
		item.throwIfEnded();
		const raw = await item.api.get(at(REQUEST, id as string), requestSchema).catch(unlessDeleted);
		const payload = raw && isObject(raw.request) ? raw.request.messages : undefined;
		if (!raw || !payload) return;
		const key = await fingerprintOf(payload, raw);
		const one = { created: createdAt(created), request: wholeRequest.parse(raw) };
		index.set(key, [...(index.get(key) ?? []), one]);
	});
	return index;
}

async function endOne(one: Submission, index: Index, left: Set<Submission>): Promise<void> {
	const { item, existing, messages, more } = one;
	if (!index.size) return;
	try {
		item.throwIfEnded();
		const found = index.get(await fingerprintOf(await messages(), more)) ?? [];
		const place = found.findIndex(({ created }) => !(created < existing!.since - CLOCK_TOLERANCE));
		if (place < 0) return;
		// A second submission of the same images is another request.
		const [{ request }] = found.splice(place, 1) as [Existing];
		left.delete(one);
		one.end(request);
	} catch (error) {
		left.delete(one);
		one.endWithError(error);
	}
}

/** Not a number where it is not told: then it may be any time. */
const createdAt = (created: unknown) => Date.parse(String(created));

function unlessDeleted(error: unknown): undefined {
	if (error instanceof XimilarError && error.status === 404) return undefined;
	throw error;
}

function unsent(error: unknown): unknown {
	if (!(error instanceof XimilarError)) return error;
	return error.with({
		message: `Whether the request exists already could not be found out: ${error.message}`,
		description: `It was not submitted. Run the workflow again. ${error.description}`,
	});
}

/** What tells a request from those with other texts, images or saved prompts. */
async function fingerprintOf(
	messages: unknown,
	{ system_prompt_id: system, user_prompt_id: user }: IDataObject,
): Promise<string> {
	const hash = createHash('sha256').update(JSON.stringify([system ?? null, user ?? null]));
	for (const message of Array.isArray(messages) ? (messages as unknown[]) : []) {
		if (!isObject(message)) continue;
		const { role, content } = message;
		const parts = Array.isArray(content)
			? (content as unknown[])
			: [{ type: 'text', text: content }];
		for (const part of parts) {
			if (isObject(part)) hash.update(JSON.stringify([role, await describePart(part)]));
		}
	}
	return hash.digest('base64');
}

/** A part of a message: its text, the address of its image, or a hash of the image's bytes. */
async function describePart({ text, image_url: image }: IDataObject): Promise<unknown> {
	if (image === undefined) return text ?? null;
	const url: unknown = isObject(image) ? image.url : image;
	const hash = createHash('sha256');
	if (url instanceof Base64) {
		for await (const slice of url.slices()) hash.update(slice);
	} else {
		const text = String(url);
		if (!text.startsWith('data:')) return { url: text };
		hash.update(text.slice(text.indexOf(',') + 1));
	}
	return { bytes: hash.digest('base64') };
}
