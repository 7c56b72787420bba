/** `records`: the batch of images that analysing calls take (seed 000, Image Data and Batch Processing). */
import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { charge, requireCredits, workspaceOf } from './account';
import { refuse, refuseField } from './errors';
import { decodeBase64, isObject, type Json, knownFields, knownQuery, plainBase64 } from './fields';
import { type Image, type Inspection, inspect } from './images';
import { noteImage } from './pressure';
import type { State } from './state';

const MAX_RECORDS = 10;
const DOWNLOAD_TIMEOUT_MS = 5000;

/** A record that keeps the rules, and where its image is. */
export interface ImageRecord {
	sent: Json;
	image: { url: string } | { bytes: Buffer };
}

/** Body and workspace of a call that analyses: the workspace stands in the body, or in the URL. */
export function analysingCall(
	request: FastifyRequest,
	fields: readonly string[],
): { body: Json; workspace: string } {
	const body = knownFields(request, [...fields, 'workspace']);
	const { workspace } = knownQuery(request, ['workspace']);
	return { body, workspace: workspaceOf(request.caller, body.workspace ?? workspace) };
}

/** Refuses records that break a rule of the request itself; such a request is not analysed at all. */
export function checkRecords(
	records: unknown,
	extraFields: readonly string[],
	strict: boolean,
): ImageRecord[] {
	if (records === undefined) refuseField('records', 'This field is required.');
	if (!Array.isArray(records)) refuseField('records', 'Expected a list of records.');
	if (records.length === 0) refuseField('records', 'This list may not be empty.');
	if (records.length > MAX_RECORDS) {
		refuseField('records', `At most ${MAX_RECORDS} records are allowed, got ${records.length}.`);
	}
	const allowed = ['_id', '_url', '_base64', ...extraFields];
	return records.map((record: unknown, index) => {
		const fail = (text: string) => refuseField('records', `Record ${index}: ${text}`);
		return strict ? checkStrictly(record, allowed, fail) : checkRecord(record, fail);
	});
}

/** As the service does: fields that it does not know may be there, and base64 may be a data URL. */
function checkRecord(record: unknown, fail: (text: string) => never): ImageRecord {
	if (!isObject(record)) return fail('expected an object.');
	const { _url, _base64 } = record;
	if (typeof _base64 === 'string') {
		const bytes = decodeBase64(plainBase64(_base64, false));
		return { sent: record, image: { bytes: bytes ?? fail('"_base64" is not valid base64.') } };
	}
	if (typeof _url !== 'string') return fail('one of "_url" and "_base64" is required.');
	if (!/^https?:\/\/\S+$/i.test(_url)) fail('"_url" must be a http or https address.');
	return { sent: record, image: { url: _url } };
}

/** As tests want it: a field that is misspelt, or that has no business here, is refused. */
function checkStrictly(
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
	if (_base64?.startsWith('data:')) fail('"_base64" is not valid base64.');
	return checkRecord(record, fail);
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
async function download(url: string, decoded: boolean): Promise<Inspection> {
	const answer = await fetched(url);
	if ('refused' in answer) return answer;
	if (/^text\/html\b/i.test(answer.type)) {
		return { refused: 'The address leads to a web page, it is not an image.' };
	}
	return await inspect(answer.bytes, decoded);
}

async function inspectRecord({ image }: ImageRecord, decoded: boolean): Promise<Inspection> {
	return 'bytes' in image
		? await inspect(image.bytes, decoded)
		: await download(image.url, decoded);
}

/** Refuses a whole request for an image in it, in one of the forms that services use. */
function refuseRequest(state: State, text: string): never {
	const requestId = randomUUID();
	const status = { code: 400, text, request_id: requestId, proc_id: randomUUID() };
	const bodies = {
		detail: { detail: text },
		status: { status, statistics: { 'processing time': 0 } },
		code: { detail: text, code: 'invalid' },
	};
	refuse(400, bodies[state.settings.refusalBody]);
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

/** What is seen in an image. Its pixels are let go at once: those of a hundred photos fill the memory. */
async function analyseRecord(
	{ settings }: State,
	record: ImageRecord,
	rules: BatchRules,
): Promise<{ sha256: string; seen: Json } | { refused: string }> {
	const inspection = await inspectRecord(record, settings.decode);
	if ('refused' in inspection) return inspection;
	const { sha256, format, width, height } = inspection.image;
	const facts = { _width: width, _height: height, _sha256: sha256, _format: format };
	return { sha256, seen: { ...facts, ...rules.analyse(inspection.image, record.sent) } };
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
	const analyses = await Promise.all(
		records.map(async (record) => await analyseRecord(state, record, rules)),
	);
	const refused = analyses.find((analysis) => 'refused' in analysis);
	if (state.settings.refusal === 'request' && refused && 'refused' in refused) {
		refuseRequest(state, refused.refused);
	}
	// Again and at once with the charge: other requests were served while the images were decoded.
	requireCredits(request.caller, records.length * rules.price);
	charge(state, request, records.length, rules.price);
	request.records = records.length;

	const requestId = randomUUID();
	const answers = records.map((record, index) => {
		const analysis = analyses[index]!;
		const { _base64, _id = randomUUID(), ...rest } = record.sent;
		const echo = { ...rest, ...(rules.echoBase64 && _base64 !== undefined ? { _base64 } : {}) };
		if ('refused' in analysis) {
			const _status = { code: 400, text: analysis.refused, request_id: requestId };
			return { ...echo, _status, _id };
		}
		noteImage(state, analysis.sha256);
		const _status = { code: 200, text: 'OK', request_id: requestId };
		return { ...echo, _status, _id, ...analysis.seen };
	});
	return {
		records: answers,
		status: { code: 200, text: 'OK', request_id: requestId, proc_id: randomUUID() },
		statistics: { 'processing time': (performance.now() - started) / 1000 },
	};
}
