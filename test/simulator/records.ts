/** `records`: the batch of images that analysing calls take (seed 000, Image Data and Batch Processing). */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyRequest } from 'fastify';
import { charge, requireCredits } from './account';
import { refuse, refuseField } from './errors';
import { decodeBase64, type Json, isObject } from './fields';
import { type Image, type Inspection, inspect } from './images';
import type { State } from './state';

const MAX_RECORDS = 10;
const DOWNLOAD_TIMEOUT_MS = 5000;

/** A record that keeps the rules, and where its image is. */
export interface ImageRecord {
	sent: Json;
	image: { url: string } | { bytes: Buffer };
}

/** Refuses records that break a rule of the request itself; such a request is not analysed at all. */
export function checkRecords(records: unknown, extraFields: readonly string[]): ImageRecord[] {
	if (records === undefined) refuseField('records', 'This field is required.');
	if (!Array.isArray(records)) refuseField('records', 'Expected a list of records.');
	if (records.length === 0) refuseField('records', 'This list may not be empty.');
	if (records.length > MAX_RECORDS) {
		refuseField('records', `At most ${MAX_RECORDS} records are allowed, got ${records.length}.`);
	}
	const allowed = ['_id', '_url', '_base64', ...extraFields];
	return records.map((record: unknown, index) => {
		const fail = (text: string) => refuseField('records', `Record ${index}: ${text}`);
		return checkRecord(record, allowed, fail);
	});
}

function checkRecord(
	record: unknown,
	allowed: readonly string[],
	fail: (text: string) => never,
): ImageRecord {
	if (!isObject(record)) return fail('expected an object.');
	for (const [name, value] of Object.entries(record)) {
		if (!allowed.includes(name)) fail(`unknown field "${name}".`);
		if (typeof value !== 'string') fail(`"${name}" must be a string.`);
	}
	const { _url, _base64 } = record as { _url?: string; _base64?: string };
	if ((_url === undefined) === (_base64 === undefined)) {
		fail('exactly one of "_url" and "_base64" is required.');
	}
	if (_base64 !== undefined) {
		const bytes = decodeBase64(_base64) ?? fail('"_base64" is not valid base64.');
		return { sent: record, image: { bytes } };
	}
	if (!/^https?:\/\/\S+$/i.test(_url!)) fail('"_url" must be a http or https address.');
	return { sent: record, image: { url: _url! } };
}

/** What an address answers with: its bytes and their media type. */
export async function fetched(
	url: string,
): Promise<{ bytes: Buffer; type: string } | { refused: string }> {
	try {
		const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
		const bytes = Buffer.from(await response.arrayBuffer());
		return response.ok
			? { bytes, type: response.headers.get('content-type') ?? '' }
			: { refused: `The image could not be downloaded (HTTP ${response.status}).` };
	} catch {
		return { refused: 'The image could not be downloaded.' };
	}
}

/** Downloads an address as the service does: it must lead to the image itself (seed 000). */
async function download(url: string): Promise<Inspection> {
	const answer = await fetched(url);
	if ('refused' in answer) return answer;
	if (/^text\/html\b/i.test(answer.type)) {
		return { refused: 'The address leads to a web page, it is not an image.' };
	}
	return await inspect(answer.bytes);
}

async function inspectRecord({ image }: ImageRecord): Promise<Inspection> {
	return 'bytes' in image ? await inspect(image.bytes) : await download(image.url);
}

export interface BatchRules {
	price: number;
	echoBase64: boolean;
	/** What the analysis adds to a record's answer. */
	analyse: (image: Image, sent: Json) => Json;
}

export interface BatchAnswer {
	records: Json[];
	status: Json;
	statistics: Json;
}

/**
 * Analyses a checked batch. Answers keep the order of the records. Every record is billed, refused
 * ones too (no seed says otherwise); a request that is refused whole costs nothing.
 */
export async function analyseBatch(
	state: State,
	request: FastifyRequest,
	records: ImageRecord[],
	rules: BatchRules,
): Promise<BatchAnswer> {
	const started = performance.now();
	requireCredits(request.caller, records.length * rules.price);
	const inspections = await Promise.all(records.map(inspectRecord));
	const refused = inspections.find((inspection) => 'refused' in inspection);
	if (state.settings.refusal === 'request' && refused && 'refused' in refused) {
		refuse(400, { detail: refused.refused });
	}
	// Again and at once with the charge: other requests were served while the images were decoded.
	requireCredits(request.caller, records.length * rules.price);
	charge(state, request, records.length, rules.price);
	if (state.settings.recordMs > 0) await sleep(state.settings.recordMs * records.length);

	const requestId = randomUUID();
	const answers = records.map((record, index) => {
		const inspection = inspections[index]!;
		const { _base64, _id = randomUUID(), ...rest } = record.sent;
		const echo = { ...rest, ...(rules.echoBase64 && _base64 !== undefined ? { _base64 } : {}) };
		if ('refused' in inspection) {
			const _status = { code: 400, text: inspection.refused, request_id: requestId };
			return { ...echo, _status, _id };
		}
		const { image } = inspection;
		return {
			...echo,
			_status: { code: 200, text: 'OK', request_id: requestId },
			_id,
			_width: image.width,
			_height: image.height,
			_sha256: image.sha256,
			_format: image.format,
			...rules.analyse(image, record.sent),
		};
	});
	return {
		records: answers,
		status: { code: 200, text: 'OK', request_id: requestId, proc_id: randomUUID() },
		statistics: { 'processing time': (performance.now() - started) / 1000 },
	};
}
