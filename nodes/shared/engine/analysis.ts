import type { IDataObject } from 'n8n-workflow';
import { z } from 'zod';
import { checked, type Schema } from '../api/client';
import { withoutBytes } from '../api/images';
import { XimilarError, errorFromResponse } from '../api/error';
import { choice, collection, number, type Fields, type Values } from './field';
import {
	aboutImage,
	imageFields,
	imagesOf,
	recordOf,
	sizeOf,
	type ImageInput,
	type LoadedImage,
} from './imageFields';
import { runOf, simplifyField, type Operation, type Run } from './operation';
import { withFieldsInFront } from './rows';
import type { Row, Session } from './session';

/** At most ten records go into one request (seed 000, "Batch Processing"). */
const MAX_RECORDS = 10;
/** A request is sent before its images exceed this, in bytes before base64. */
const MAX_REQUEST_BYTES = 16 * 2 ** 20;
/** The images of all requests under way, in bytes before base64. One larger image goes alone. */
const MAX_BYTES_IN_FLIGHT = 48 * 2 ** 20;

const analysisOptions = {
	batchSize: number(
		{
			displayName: 'Batch Size',
			default: MAX_RECORDS,
			description:
				'How many images go into one request. Each image costs the same either way; more in one request is faster.',
		},
		{ min: 1, max: MAX_RECORDS, integer: true },
	),
	keepInput: choice(
		{
			displayName: 'Keep Input Data',
			default: 'nothing',
			description:
				'What of the incoming item is kept on the outgoing one. An incoming field that has the name of a result field is renamed to input_….',
		},
		[
			{ name: 'Nothing', value: 'nothing' },
			{ name: 'JSON Fields', value: 'json', description: 'A spreadsheet row keeps its columns' },
			{ name: 'JSON Fields and Files', value: 'all' },
		],
	),
	parallelRequests: number(
		{
			displayName: 'Parallel Requests',
			default: 4,
			description:
				'How many requests are under way at once. Lower it when Ximilar reports too many requests.',
		},
		{ min: 1, max: 16, integer: true },
	),
	timeout: number(
		{
			displayName: 'Timeout',
			default: 300,
			description:
				'How many seconds to wait for the answer to one request. A request that was given up may be paid for again when it is repeated.',
		},
		{ min: 1, max: 3600 },
	),
};

type AnalysisFields<F extends Fields, O extends Fields> = F &
	ReturnType<typeof imageFields> & {
		simplify: ReturnType<typeof simplifyField>;
		options: ReturnType<typeof collection<O & typeof analysisOptions>>;
	};

type AnalysisValues<F extends Fields, O extends Fields> = Values<AnalysisFields<F, O>>;

interface Declaration<F extends Fields, O extends Fields, R> {
	name: string;
	action: string;
	description: string;
	fields: F;
	/** Options of the operation, beside those that every analysis has. */
	options: O;
	path: string;
	/** The request's body without its records. Images of items with equal bodies share requests. */
	body(values: AnalysisValues<F, O>): IDataObject;
	/** What each record carries beside its image. */
	record?(values: AnalysisValues<F, O>): IDataObject;
	/** One record of the answer. */
	schema: Schema<R>;
	/** The row of one image: flat, most useful first. */
	simplify(record: R, values: AnalysisValues<F, O>): IDataObject;
	/** The record as the API gave it, after the operation's options; as it is when absent. */
	raw?(record: R, values: AnalysisValues<F, O>): IDataObject;
	/** A reason that holds for the request as a whole, asked for before a refused one is split. */
	diagnose?(run: Run, values: AnalysisValues<F, O>): Promise<XimilarError | undefined>;
}

/** What became of one image. */
type Outcome = Row | { refusal: unknown };

/** One image on its way: which item it belongs to, and where its outcome goes. */
interface Entry {
	index: number;
	image: ImageInput;
	record: IDataObject;
	bytes: number;
	settle(outcome: Outcome): void;
}

interface Batch<V> {
	values: V;
	body: IDataObject;
	entries: Entry[];
	bytes: number;
}

/** Only `records` is vital: its own entries are checked one by one, so that one fails alone. */
const answerSchema = z
	.object({ records: z.array(z.object({ _id: z.unknown(), _status: z.unknown() }).passthrough()) })
	.passthrough();

/**
 * An operation that analyses images: packs those of many items into requests, keeps several under
 * way within a bound of bytes, splits a refused request until the bad record is found, and gives
 * each item the rows of its own images.
 */
export function analysis<F extends Fields, O extends Fields, R extends IDataObject>(
	declaration: Declaration<F, O, R>,
): Operation {
	type V = AnalysisValues<F, O>;
	const { name, action, description } = declaration;
	const fields = {
		...declaration.fields,
		...imageFields(),
		simplify: simplifyField(),
		options: collection({ ...analysisOptions, ...declaration.options }),
	} as unknown as AnalysisFields<F, O>;

	async function perform(session: Session): Promise<void> {
		const open = new Map<string, Batch<V>>();
		const running = new Set<Promise<void>>();
		let bytesInFlight = 0;
		let bytesWaiting = 0;
		let failure: { error: unknown } | undefined;

		const send = async (key: string, batch: Batch<V>): Promise<void> => {
			open.delete(key);
			bytesWaiting -= batch.bytes;
			const { parallelRequests = 4 } = batch.values.options as { parallelRequests?: number };
			while (
				running.size >= parallelRequests ||
				(running.size > 0 && bytesInFlight + batch.bytes > MAX_BYTES_IN_FLIGHT)
			) {
				await Promise.race(running);
			}
			bytesInFlight += batch.bytes;
			const run = analyse(session, batch)
				.catch((error: unknown) => {
					failure ??= { error };
				})
				.finally(() => {
					running.delete(run);
					bytesInFlight -= batch.bytes;
				});
			running.add(run);
		};

		const add = async (index: number, image: ImageInput, values: V, settle: Entry['settle']) => {
			let loaded: LoadedImage;
			try {
				session.throwIfEnded();
				loaded = await image.load();
			} catch (error) {
				return settle({ refusal: aboutImage(image.name, error) });
			}
			const bytes = sizeOf(loaded);
			const body = declaration.body(values);
			const { batchSize = MAX_RECORDS, timeout } = values.options as Partial<
				Values<typeof analysisOptions>
			>;
			const key = JSON.stringify([body, batchSize, timeout]);
			const waiting = open.get(key);
			if (waiting && waiting.bytes + bytes > MAX_REQUEST_BYTES) await send(key, waiting);
			const batch = open.get(key) ?? { values, body, entries: [], bytes: 0 };
			open.set(key, batch);
			const record = { ...recordOf(loaded), ...declaration.record?.(values) };
			batch.entries.push({ index, image, record, bytes, settle });
			batch.bytes += bytes;
			bytesWaiting += bytes;
			if (batch.entries.length >= batchSize) await send(key, batch);
			// Items that ask for different things fill different requests; they share one bound.
			for (const [otherKey, other] of open) {
				if (bytesWaiting > MAX_REQUEST_BYTES) await send(otherKey, other);
			}
		};

		try {
			for (const index of session.indexes) {
				let values: V;
				let images: ImageInput[];
				try {
					values = session.values(fields as Fields, index) as V;
					images = imagesOf(session, index, values as never);
				} catch (error) {
					session.failed(index, error);
					continue;
				}
				const settle = collector(session, index, images, (row) =>
					withInput(session, index, values, row),
				);
				for (const [position, image] of images.entries()) {
					if (failure) throw failure.error;
					await add(index, image, values, (outcome) => settle(position, outcome));
				}
			}
			for (const [key, batch] of open) await send(key, batch);
		} finally {
			await Promise.all(running);
		}
		if (failure) throw failure.error;
	}

	/** Sends a batch and settles each of its entries; halves it when it is refused as bad. */
	async function analyse(session: Session, batch: Batch<V>, diagnosed = false): Promise<void> {
		const { values, body, entries } = batch;
		const fail = (refusal: unknown) => {
			for (const { image, settle } of entries) settle({ refusal: aboutImage(image.name, refusal) });
		};
		let answer: z.infer<typeof answerSchema>;
		try {
			session.throwIfEnded();
			const records = entries.map(({ record }, position) => ({ _id: String(position), ...record }));
			const { timeout = 300 } = values.options as { timeout?: number };
			// A result that was lost has to be paid for again in any case: so it is asked for again.
			answer = await session.api.post(
				declaration.path,
				answerSchema,
				{ ...body, records },
				{ idempotent: true, timeout: timeout * 1000 },
			);
		} catch (error) {
			if (!(error instanceof XimilarError) || !error.splittable) return fail(error);
			if (!diagnosed) {
				const reason = await declaration
					.diagnose?.(runOf(session, entries[0]!.index), values)
					.catch(() => undefined);
				if (reason) return fail(reason);
			}
			if (entries.length === 1) return fail(error);
			const middle = Math.ceil(entries.length / 2);
			await analyse(session, { ...batch, entries: entries.slice(0, middle) }, true);
			await analyse(session, { ...batch, entries: entries.slice(middle) }, true);
			return;
		}
		const records = recordsById(entries.length, answer.records as IDataObject[]);
		for (const [position, { image, settle }] of entries.entries()) {
			settle(outcomeOf(() => rowOf(answer, records[position], values, image), image));
		}
	}

	/** @throws XimilarError for a record that failed, is missing, or lacks a vital field */
	function rowOf(
		answer: z.infer<typeof answerSchema>,
		record: IDataObject | undefined,
		values: V,
		image: ImageInput,
	): IDataObject {
		if (!record) {
			throw new XimilarError(
				'Ximilar sent no result for it',
				'Run this item again. If it persists, report it to Ximilar.',
			);
		}
		const status = record._status as { code?: unknown } | null | undefined;
		if (typeof status?.code === 'number' && status.code >= 300) {
			throw errorFromResponse(status.code, { status }, declaration.path);
		}
		const known = checked(declaration.schema, record, declaration.path);
		if (!(values as { simplify: boolean }).simplify) {
			const records = [declaration.raw?.(known, values) ?? known];
			return withoutBytes({ ...(answer as IDataObject), records });
		}
		return { image: image.name, ...withoutBytes(declaration.simplify(known, values)) };
	}

	return { name, action, description, fields, perform };
}

function outcomeOf(makeRow: () => IDataObject, image: ImageInput): Outcome {
	try {
		return { json: makeRow() };
	} catch (error) {
		return { refusal: aboutImage(image.name, error) };
	}
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

/** Gathers the outcomes of an item's images, and hands them to the session when all are there. */
function collector(
	session: Session,
	index: number,
	images: ImageInput[],
	finish: (row: Row) => Row,
): (position: number, outcome: Outcome) => void {
	const outcomes: Outcome[] = [];
	let missing = images.length;
	return (position, outcome) => {
		outcomes[position] = outcome;
		if (--missing > 0) return;
		const rows = outcomes.filter((one): one is Row => 'json' in one);
		const errors = outcomes.flatMap((one) => ('refusal' in one ? [one.refusal] : []));
		// What was paid for is kept, also when another image of the item was refused.
		if (rows.length) session.done(index, rows.map(finish));
		if (errors.length) session.failed(index, combineErrors(errors));
	};
}

/** Several refused images of one item make one item error. */
export function combineErrors(errors: unknown[]): unknown {
	const known = errors.filter((refusal) => refusal instanceof XimilarError);
	const [first] = known;
	if (errors.length === 1 || !first || known.length < errors.length) return errors[0];
	const message = known.map((refusal) => refusal.message).join(' | ');
	const isFatal = known.some((refusal) => refusal.isFatal);
	return new XimilarError(message, first.description, { status: first.status, isFatal: isFatal });
}

/** A row with what the user wants to keep of the incoming item. */
function withInput(session: Session, index: number, values: unknown, row: Row): Row {
	const { keepInput } = (values as { options: { keepInput?: string } }).options;
	if (keepInput !== 'json' && keepInput !== 'all') return row;
	const { json, binary } = session.context.getInputData()[index]!;
	return {
		json: withFieldsInFront(json, row.json, 'input'),
		...(keepInput === 'all' && binary ? { binary } : {}),
	};
}
