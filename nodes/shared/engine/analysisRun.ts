import type { IDataObject } from 'n8n-workflow';
import { checked, type Schema } from '../api/client';
import { bisect, createSemaphore, mapLimit } from '../api/concurrency';
import type { XimilarError } from '../api/error';
import {
	analyse,
	answerAbout,
	MAX_RECORDS,
	type ImageSource,
	type RecordOutcome,
} from '../api/records';
import { pack, type Open, type Sized } from './batches';
import type { Item, Run } from './execution';
import { aboutImage, type ImageInput, type ImageValues } from './imageInput';
import { createVerdicts, type Verdicts } from './verdicts';

/** A request is sent before its images exceed this, in bytes before base64. */
const MAX_REQUEST_BYTES = 16 * 2 ** 20;
/** What all requests that wait or are under way may hold in memory, in bytes. */
const MAX_BYTES_HELD = 48 * 2 ** 20;
/** What a request counts at least, so that not all of them wait side by side. */
const MIN_WEIGHT = 2 ** 20;

/** Seconds for the answer to one request. */
export const TIMEOUT = 300;

/** What every analysis knows of an item's values. */
export interface AnalysisValues {
	simplify: boolean;
	options: { batchSize?: number; timeout?: number; workspace?: string };
}

export type AnalysisItem = Item<AnalysisValues>;

/** The calls of one analysis: how they are made, and what becomes of their answers. */
export interface AnalysisCalls<V, R> {
	path: string;
	/** The request's body without its records. Images of items with equal bodies share requests. */
	body(values: V): IDataObject;
	/** What each record carries beside its image. */
	record?(values: V): IDataObject;
	/** One record of the answer. */
	schema: Schema<R>;
	/**
	 * The row of one image: flat, most useful first.
	 * @param answer the answer that the record stands in
	 */
	simplify(record: R, values: V, answer: IDataObject): IDataObject;
	/** The record as the API gave it, after the operation's options; as it is when absent. */
	raw?(record: R, values: V): IDataObject;
	/** A reason that holds for the request as a whole, asked for before a refused one is split. */
	diagnose?(run: Run, values: V): Promise<XimilarError | undefined>;
}

type Calls = AnalysisCalls<AnalysisValues, IDataObject>;

type Outcome = { row: IDataObject } | { error: unknown };

/** An item on its way: it is ended when all its images have their outcomes. */
interface Job {
	item: AnalysisItem;
	images: ImageInput[];
	outcomes: Outcome[];
	missing: number;
}

/** One image on its way. */
interface Entry extends Sized {
	job: Job;
	position: number;
	source: ImageSource;
}

/** Analyses the images of all items, and ends each item when its own have their outcomes. */
export async function analyseAll(calls: Calls, items: AnalysisItem[]): Promise<void> {
	const jobs = await checkedJobs(items);
	const room = createSemaphore(MAX_BYTES_HELD);
	const running = new Set<Promise<void>>();
	const verdicts = createVerdicts();

	/** Resolves when there is room for the request: then the next images can be loaded. */
	const start = async (batch: Entry[]): Promise<void> => {
		const giveBack = await room.acquire(Math.max(heldBy(batch), MIN_WEIGHT));
		const sending = send(calls, batch, verdicts).finally(() => {
			running.delete(sending);
			giveBack();
		});
		running.add(sending);
	};

	let open: Open<Entry> = new Map();
	for (const job of jobs) {
		for (const position of job.images.keys()) {
			const entry = await load(calls, job, position, verdicts);
			if (!entry) continue;
			const packed = pack(open, entry, MAX_REQUEST_BYTES);
			open = packed.open;
			for (const batch of packed.ready) await start(batch);
		}
	}
	for (const batch of open.values()) await start([...batch]);
	await Promise.all(running);
}

/** @returns nothing for an image that cannot be sent: it is settled */
async function load(
	calls: Calls,
	job: Job,
	position: number,
	verdicts: Verdicts,
): Promise<Entry | undefined> {
	if (job.outcomes[position]) return undefined;
	const { values } = job.item;
	const { batchSize = MAX_RECORDS, timeout, workspace } = values.options;
	const key = JSON.stringify([calls.body(values), batchSize, timeout, workspace]);
	try {
		job.item.throwIfEnded();
		verdicts.throwIfRefused(key);
		const source = await job.images[position]!.load();
		return { job, position, source, bytes: sizeOf(source), key, batchSize };
	} catch (error) {
		settle({ job, position }, { error });
		return undefined;
	}
}

/** Sends a request and settles each of its entries. */
async function send(calls: Calls, batch: Entry[], verdicts: Verdicts): Promise<void> {
	const { key, job } = batch[0]!;
	const { item } = job;
	const { values } = item;
	const { timeout = TIMEOUT } = values.options;
	await bisect(batch, async (entries) => {
		const failAll = (error: unknown) => entries.forEach((entry) => settle(entry, { error }));
		try {
			const { answer, outcomes } = await analyse(
				item.api,
				calls.path,
				calls.body(values),
				entries.map((entry) => ({
					image: entry.source,
					more: calls.record?.(entry.job.item.values),
				})),
				{ timeout: timeout * 1000, check: () => verdicts.check(key) },
			);
			verdicts.accepted(key);
			entries.forEach((entry, index) =>
				settle(entry, rowOf(calls, entry, answer, outcomes[index]!)),
			);
		} catch (error) {
			const verdict = await verdicts.judge(key, error, entries.length, () => diagnose(calls, item));
			if (verdict === 'split') return 'split';
			failAll(verdict);
		}
	});
}

async function diagnose(calls: Calls, item: AnalysisItem): Promise<XimilarError | undefined> {
	return await calls.diagnose?.(item, item.values).catch(() => undefined);
}

function rowOf(
	calls: Calls,
	{ job, position }: Entry,
	answer: IDataObject,
	outcome: RecordOutcome,
): Outcome {
	if ('error' in outcome) return outcome;
	const { values } = job.item;
	const { name: image } = job.images[position]!;
	try {
		const record = checked(calls.schema, outcome.record, calls.path);
		if (!values.simplify) {
			const raw = calls.raw?.(record, values) ?? record;
			return { row: { image, ...answerAbout(raw, answer) } };
		}
		return { row: { image, ...calls.simplify(record, values, answer) } };
	} catch (error) {
		return { error };
	}
}

/** How many bytes the images of a request hold in memory. */
function heldBy(batch: Array<{ source: ImageSource }>): number {
	return batch.reduce((sum, { source }) => sum + ('url' in source ? 0 : source.base64.held), 0);
}

function sizeOf(source: ImageSource): number {
	return 'url' in source ? source.url.length : source.base64.size;
}

/** How many files are looked at side by side before anything is sent. */
const CHECKS_AT_ONCE = 8;

/**
 * The items with their images, all of them checked before the first credit is spent. An item whose
 * images cannot be found is ended.
 */
async function checkedJobs(items: AnalysisItem[]): Promise<Job[]> {
	const jobs = items.flatMap((item): Job[] => {
		try {
			const images = item.images(item.values as unknown as ImageValues);
			return [{ item, images, outcomes: [], missing: images.length }];
		} catch (error) {
			item.end({ errors: [error] });
			return [];
		}
	});
	const images = jobs.flatMap((job) =>
		job.images.map((image, position) => ({ job, position, image })),
	);
	jobs[0]?.item.progress.expect(images.length);
	await mapLimit(images, CHECKS_AT_ONCE, async ({ image, ...place }) => {
		await image.check().catch((error: unknown) => settle(place, { error }));
	});
	return jobs;
}

/** Takes an image's outcome, and ends its item with the last one. */
function settle({ job, position }: { job: Job; position: number }, outcome: Outcome): void {
	job.outcomes[position] =
		'error' in outcome ? { error: aboutImage(job.images[position]!.name, outcome.error) } : outcome;
	job.item.progress.done();
	if (--job.missing > 0) return;
	// What was paid for is kept, also when another image of the item could not be done.
	job.item.end({
		rows: job.outcomes.flatMap((one) => ('row' in one ? [one.row] : [])),
		errors: job.outcomes.flatMap((one) => ('error' in one ? [one.error] : [])),
	});
}
