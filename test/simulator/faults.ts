/** Faults on demand: what a network and a service do when they misbehave. */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isObject, type Json } from './fields';
import type { LoggedRequest } from './log';
import { pageNumber } from './paging';
import { retryAfterSchema, retryAfterValue } from './pressure';
import { imagesIn, type SentImages } from './sent';
import type { State } from './state';

const milliseconds = z.number().nonnegative();

/** The calls that a fault is for. */
const matchSchema = z
	.object({
		method: z.string(),
		/** A part of the path. */
		path: z.string(),
		/** The whole path as the simulator knows it, such as `/vlm/v2/request/:id/`. */
		route: z.string(),
		/** Query parameters; null for one that is not there. */
		query: z.record(z.string().nullable()),
		/** The page of a list, counted from 1, also where a cursor leads from page to page. */
		page: z.number().int().positive(),
		/** The SHA-256 of an image's file that the body brings. */
		sha256: z.string(),
		/** A part of the address of an image that the body names. */
		url: z.string(),
		/** A part of the path with its query, or of the body as JSON. */
		mentions: z.string(),
		/** A part of the answer that the call would get; it is handled by then. */
		answer: z.string(),
	})
	.strict()
	.partial();

/** One fault. Its parts may be combined: a delay and a reset, a 429 with a Retry-After. */
export const faultSchema = z
	.object({
		/** Calls that it is for: all conditions must hold. Left out: all. */
		match: matchSchema.default({}),
		/** Matching calls that it lets through first. */
		skip: z.number().int().nonnegative().default(0),
		/** How many calls it is for. Those with a number form a queue and act one a call. */
		times: z.union([z.number().int().positive(), z.literal('always')]).default(1),
		/** Milliseconds of real time after which it acts no more. */
		forMs: milliseconds.optional(),
		/** Acts on the headers, before the body is read. */
		early: z.literal(true).optional(),

		/** Waits before handling; of a list, each call takes the next and the last stays. */
		delayMs: z.union([milliseconds, z.array(milliseconds).nonempty()]).optional(),
		/** Waits after handling. */
		delayAnswerMs: milliseconds.optional(),
		/** Acts only on calls beyond so many at once, with `answer` or else a plain 429. */
		parallelLimit: z.number().int().positive().optional(),

		/** Answers this instead; `handled`: the call is done and billed all the same. */
		answer: z
			.object({
				status: z.number().int().min(200).max(599),
				headers: z.record(z.string()).default({}),
				/** A text is sent as it is, anything else as JSON. */
				body: z.unknown(),
				/** Adds Retry-After: seconds, or an HTTP date so many seconds ahead. */
				retryAfter: retryAfterSchema.optional(),
				handled: z.boolean().default(false),
			})
			.strict()
			.optional(),
		/** A 200 with a web page. */
		html: z.literal(true).optional(),
		/** A 302 to this address. */
		redirect: z.string().optional(),
		/** Cuts the connection, before the call is handled or after. */
		reset: z.enum(['before', 'after']).optional(),
		/** Leaves the call without an answer, or with half of it, until the caller gives up. */
		stall: z.enum(['before', 'during']).optional(),

		/** Sends half of the body: with the length of the whole, or well ended. */
		cut: z.enum(['length', 'json']).optional(),
		/** Sends the body byte by byte, this many milliseconds apart. */
		dribbleMs: milliseconds.optional(),

		/** A 200 whose `status.code` is this. */
		statusCode: z.number().int().optional(),
		/** Fails a record of the answer. */
		record: z
			.object({
				index: z.number().int().nonnegative(),
				code: z.number().int().default(500),
				text: z.string().default('The record could not be processed.'),
			})
			.strict()
			.optional(),
		/** Hands back other `_id`s than were sent, or none. */
		ids: z.enum(['wrong', 'missing']).optional(),
		/** Leaves these records out of the answer. */
		dropRecords: z.array(z.number().int().nonnegative()).optional(),
		/** Hands the records back from last to first. */
		reverseRecords: z.literal(true).optional(),
	})
	.strict();

export type FaultInput = z.input<typeof faultSchema>;

export type Fault = z.output<typeof faultSchema> & {
	id: number;
	/** Calls that it has acted on. */
	used: number;
	/** When it was added, in milliseconds since 1970. */
	added: number;
};

/** When faults are chosen: by the headers, when the body is there, or when there is an answer. */
export type Stage = 'headers' | 'body' | 'answer';

export function addFaults(state: State, inputs: FaultInput[]): Fault[] {
	const first = Math.max(0, ...state.faults.map((fault) => fault.id)) + 1;
	const faults = inputs.map((input, index) => ({
		...faultSchema.parse(input),
		id: first + index,
		used: 0,
		added: Date.now(),
	}));
	state.faults.push(...faults);
	return faults;
}

type Matcher = Fault['match'];

/** Whether the head of a call is as a fault wants it. */
function matches({ method, path, route, query = {}, page }: Matcher, call: LoggedRequest): boolean {
	const sent = call.query as Record<string, string | undefined>;
	return (
		(method === undefined || method.toUpperCase() === call.method) &&
		(path === undefined || call.path.includes(path)) &&
		(route === undefined || route === call.route) &&
		Object.entries(query).every(([name, value]) => (sent[name] ?? null) === value) &&
		(page === undefined || page === pageNumber(sent))
	);
}

/** Whether a call brings the images or texts, or gets the answer, that a fault is for. */
function matchesContent(
	{ sha256, url, mentions, answer }: Matcher,
	{ images, sent, text }: Content,
): boolean {
	return (
		(sha256 === undefined || images!.hashes.includes(sha256)) &&
		(url === undefined || images!.urls.some((one) => one.includes(url))) &&
		(mentions === undefined || sent!.includes(mentions)) &&
		(answer === undefined || text!.includes(answer))
	);
}

function stageOf({ early, match }: Fault): Stage {
	if (match.answer !== undefined) return 'answer';
	return early ? 'headers' : 'body';
}

/** What is known of a call beyond its headers, as far as it is needed. */
interface Content {
	images?: SentImages;
	sent?: string;
	text?: string;
}

async function contentFor(
	faults: Fault[],
	{ path, query }: LoggedRequest,
	{ body, answer }: Stuff,
): Promise<Content> {
	const ofImages = faults.some(({ match }) => match.sha256 ?? match.url);
	const ofTexts = faults.some(({ match }) => match.mentions !== undefined);
	return {
		images: ofImages ? await imagesIn(body) : undefined,
		sent: ofTexts ? [path, JSON.stringify(query), JSON.stringify(body)].join('\n') : undefined,
		text: answer,
	};
}

/** What there is of a call at its stage. */
interface Stuff {
	body?: unknown;
	answer?: string;
}

function overLimit(state: State, fault: Fault): boolean {
	if (fault.parallelLimit === undefined) return true;
	const open = [...state.open].filter((one) => matches(fault.match, one));
	return open.length > fault.parallelLimit;
}

/**
 * The faults that act on this call at this stage: the first in the queue that matches, and all that
 * always act. One that is to let calls through first, or whose limit is not reached, does not act and
 * is not used up.
 */
export async function takeFaults(
	state: State,
	entry: LoggedRequest,
	stage: Stage,
	stuff: Stuff = {},
): Promise<Fault[]> {
	const possible = state.faults.filter(
		(fault) =>
			stageOf(fault) === stage &&
			Date.now() < fault.added + (fault.forMs ?? Infinity) &&
			matches(fault.match, entry),
	);
	if (possible.length === 0) return [];
	const content = await contentFor(possible, entry, stuff);
	const taken: Fault[] = [];
	let queueTaken = state.faults.some(
		({ id, times }) => times !== 'always' && entry.faults.includes(id),
	);
	for (const fault of possible) {
		if (!matchesContent(fault.match, content)) continue;
		if (fault.times !== 'always' && (queueTaken || fault.used >= fault.times)) continue;
		if (fault.skip > 0) {
			fault.skip--;
			continue;
		}
		if (!overLimit(state, fault)) continue;
		if (fault.times !== 'always') queueTaken = true;
		fault.used++;
		taken.push(fault);
	}
	entry.faults.push(...taken.map((fault) => fault.id));
	return taken;
}

/** Ends the connection with a TCP reset. */
function cutOff(request: FastifyRequest): void {
	request.logged.cut = true;
	request.raw.socket.resetAndDestroy();
}

function substitute(fault: Fault): NonNullable<Fault['answer']> | undefined {
	if (fault.answer) return fault.answer;
	const plain = { headers: {}, handled: false };
	if (fault.html) {
		return {
			...plain,
			status: 200,
			headers: { 'content-type': 'text/html; charset=utf-8' },
			body: '<!DOCTYPE html><html><body><h1>We are down for maintenance</h1></body></html>',
		};
	}
	if (fault.redirect !== undefined) {
		return { ...plain, status: 302, headers: { location: fault.redirect }, body: '' };
	}
	if (fault.parallelLimit !== undefined) {
		return { ...plain, status: 429, body: { detail: 'Request was throttled.' } };
	}
	return undefined;
}

/** Puts status and headers of a substitute answer onto the reply, and returns its body. */
function dress(reply: FastifyReply, answer: NonNullable<Fault['answer']>): string {
	void reply.code(answer.status);
	if (answer.retryAfter) void reply.header('retry-after', retryAfterValue(answer.retryAfter));
	if (typeof answer.body === 'string') {
		void reply.headers(answer.headers);
		return answer.body;
	}
	void reply.headers({ 'content-type': 'application/json', ...answer.headers });
	return JSON.stringify(answer.body ?? {});
}

/** What faults do before a call is handled. True when the call has got its answer by that. */
export async function actBefore(
	faults: Fault[],
	request: FastifyRequest,
	reply: FastifyReply,
): Promise<boolean> {
	for (const fault of faults) {
		const { delayMs } = fault;
		const delay = Array.isArray(delayMs)
			? delayMs[Math.min(fault.used, delayMs.length) - 1]
			: delayMs;
		if (delay !== undefined) await sleep(delay);
		if (fault.reset === 'before') {
			cutOff(request);
			reply.hijack();
			return true;
		}
		if (fault.stall === 'before') {
			reply.hijack();
			return true;
		}
		const answer = substitute(fault);
		if (answer && !answer.handled) {
			void reply.send(dress(reply, answer));
			return true;
		}
	}
	return false;
}

function changeRecords(fault: Fault, sent: Json[]): Json[] {
	let records = sent.map((record, index): Json => {
		if (fault.record?.index === index) {
			const { _id, _url } = record;
			const { code, text } = fault.record;
			return { _id, _url, _status: { code, text, request_id: randomUUID() } };
		}
		return record;
	});
	if (fault.ids === 'wrong') records = records.map((record) => ({ ...record, _id: randomUUID() }));
	if (fault.ids === 'missing') for (const record of records) delete record._id;
	const { dropRecords } = fault;
	if (dropRecords) records = records.filter((_, index) => !dropRecords.includes(index));
	return fault.reverseRecords ? records.reverse() : records;
}

/** The answer's JSON with the fault's changes; what is no JSON is left as it is. */
function changeJson(fault: Fault, payload: Buffer): Buffer {
	const { record, ids, dropRecords, reverseRecords, statusCode } = fault;
	const changes = record ?? ids ?? dropRecords ?? reverseRecords ?? statusCode;
	if (changes === undefined) return payload;
	let body: unknown;
	try {
		body = JSON.parse(payload.toString());
	} catch {
		return payload;
	}
	if (!isObject(body)) return payload;
	if (statusCode !== undefined) {
		const status = isObject(body.status) ? body.status : {};
		body.status = { ...status, code: statusCode, text: 'The request could not be processed.' };
	}
	if (Array.isArray(body.records)) body.records = changeRecords(fault, body.records as Json[]);
	return Buffer.from(JSON.stringify(body));
}

async function* slowly(payload: Buffer, ms: number): AsyncGenerator<Buffer> {
	for (let at = 0; at < payload.length; at++) {
		if (at > 0) await sleep(ms);
		yield payload.subarray(at, at + 1);
	}
}

async function* brokenOff(payload: Buffer, request: FastifyRequest): AsyncGenerator<Buffer> {
	yield payload;
	// Lets these bytes reach the other side before the connection ends.
	await sleep(20);
	request.raw.socket.destroy();
}

async function* neverEnding(payload: Buffer): AsyncGenerator<Buffer> {
	yield payload;
	await new Promise(() => {});
}

/** The way the body goes out: whole, in half, or byte by byte. */
function deliver(
	fault: Fault | undefined,
	request: FastifyRequest,
	reply: FastifyReply,
	body: Buffer,
): unknown {
	const half = body.subarray(0, Math.floor(body.length / 2));
	const sent = fault?.cut === 'json' ? half : body;
	void reply.header('content-length', sent.length);
	if (fault?.cut === 'length') return Readable.from(brokenOff(half, request));
	if (fault?.stall === 'during') return Readable.from(neverEnding(half));
	if (fault?.dribbleMs !== undefined) return Readable.from(slowly(body, fault.dribbleMs));
	return sent;
}

/** What faults do to an answer: that of a call that was handled, or the one sent instead. */
export async function actAfter(
	faults: Fault[],
	request: FastifyRequest,
	reply: FastifyReply,
	payload: unknown,
): Promise<unknown> {
	if (faults.length === 0) return payload;
	let body = Buffer.from((payload ?? '') as string | Buffer) as Buffer;
	for (const fault of faults) {
		if (fault.delayAnswerMs !== undefined) await sleep(fault.delayAnswerMs);
		if (fault.reset === 'after') cutOff(request);
		const answer = stageOf(fault) === 'answer' ? substitute(fault) : fault.answer;
		if (answer && (answer.handled || stageOf(fault) === 'answer')) {
			body = Buffer.from(dress(reply, answer));
		}
		body = changeJson(fault, body);
	}
	const delivering = faults.find(
		({ cut, dribbleMs, stall }) => cut || dribbleMs !== undefined || stall === 'during',
	);
	return deliver(delivering, request, reply, body);
}
