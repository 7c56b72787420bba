import type { IDataObject } from 'n8n-workflow';
import { z } from 'zod';
import type { Base64 } from './body';
import type { Api, CallOptions } from './client';
import { XimilarError } from './error';
import { isObject } from './json';
import { errorFromResponse } from './response';

/** Analysing calls: images go out as records, and each record of the answer stands for one. */

/** At most ten records go into one request (seed 000, "Batch Processing"). */
export const MAX_RECORDS = 10;

/** An image as it is sent: the encoded file, or a public address. */
export type ImageSource = { base64: Base64 } | { url: string };

/** An image to analyse, and what its record carries beside it. */
interface RecordInput {
	image: ImageSource;
	more?: IDataObject;
}

/** What the service says of one image. */
export type RecordOutcome = { record: IDataObject } | { error: XimilarError };

/** Only `records` is vital: its own entries are checked one by one, so that one fails alone. */
const answerSchema = z
	.object({ records: z.array(z.object({ _id: z.unknown(), _status: z.unknown() }).passthrough()) })
	.passthrough();

/**
 * Analyses up to {@link MAX_RECORDS} images by one request. A result that was lost has to be paid
 * for again in any case, so it is asked for again.
 * @param body the request without its records
 * @param options.timeout milliseconds
 * @param options.check see {@link CallOptions}
 * @returns the answer, and the outcome of each image in the order in which they were given
 * @throws XimilarError when the request as a whole was refused
 */
export async function analyse(
	api: Api,
	path: string,
	body: IDataObject,
	inputs: RecordInput[],
	options: Required<Pick<CallOptions, 'timeout' | 'check'>>,
): Promise<{ answer: IDataObject; outcomes: RecordOutcome[] }> {
	const records = inputs.map(({ image, more }, position) => ({
		_id: String(position),
		...('url' in image ? { _url: image.url } : { _base64: image.base64 }),
		...more,
	}));
	const answer = (await api.post(
		path,
		answerSchema,
		{ ...body, records } as unknown as IDataObject,
		{ idempotent: true, maxTriesAfter500: 2, ...options },
	)) as IDataObject & { records: IDataObject[] };
	const found = recordsById(inputs.length, answer.records);
	return { answer, outcomes: found.map((record) => outcomeOf(record, path)) };
}

/** The answer to a request as if it had been about one image only: its place in it says nothing. */
export function answerAbout(record: IDataObject, answer: IDataObject): IDataObject {
	const { _id: _, ...rest } = record;
	return { ...answer, records: [rest] };
}

function outcomeOf(record: IDataObject | undefined, path: string): RecordOutcome {
	if (!record) {
		const error = new XimilarError(
			'Ximilar sent no result for it',
			'Run this item again. If it persists, report it to Ximilar.',
			{ kind: 'badAnswer' },
		);
		return { error };
	}
	const { _status: status } = record;
	return isObject(status) && typeof status.code === 'number' && status.code >= 300
		? { error: errorFromResponse(status.code, { status }, { path, isRecord: true }) }
		: { record };
}

/**
 * The records of an answer by the position they were sent at: by the `_id` that was sent, or in
 * order when the service gave none of them back.
 * @returns undefined where a result is missing
 */
export function recordsById(sent: number, records: IDataObject[]): Array<IDataObject | undefined> {
	const byId = new Map<unknown, IDataObject>();
	for (const record of records) if (!byId.has(record._id)) byId.set(record._id, record);
	const positions = Array.from({ length: sent }, (_, position) => position);
	const found = positions.map((position) => byId.get(String(position)));
	const noneCameBack = found.every((record) => record === undefined);
	return noneCameBack && records.length === sent ? records : found;
}
