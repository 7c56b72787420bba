import type { IDataObject } from 'n8n-workflow';
import { checked, type Schema } from '../api/client';
import { bisect, createSemaphore, mapLimit } from '../api/concurrency';
import { XimilarError } from '../api/error';
import { analyse, MAX_RECORDS, type ImageSource, type RecordOutcome } from '../api/records';
import { pack, type Open, type Sized } from './batches';
import { callOptions } from './callOptions';
import type { Execution, Item, Run } from './execution';
import { choice, number, type Fields, type Values } from './field';
import { imageFields } from './imageFields';
import { aboutImage, type ImageInput, type ImageValues } from './imageInput';
import { declared, simplifyField, type DeclaredValues, type Operation } from './operation';
import { createVerdicts, type Verdicts } from './verdicts';

/** A request is sent before its images exceed this, in bytes before base64. */
const MAX_REQUEST_BYTES = 16 * 2 ** 20;
/** What all requests that wait or are under way may hold in memory, in bytes. */
const MAX_BYTES_HELD = 48 * 2 ** 20;
/** What a request counts at least, so that not all of them wait side by side. */
const MIN_WEIGHT = 2 ** 20;

/** Seconds. */
const TIMEOUT = 300;

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
	...callOptions(),
	timeout: number(
		{
			displayName: 'Timeout',
			default: TIMEOUT,
			description:
				'How many seconds to wait for the answer to one request. A request that was given up may be paid for again when it is repeated.',
		},
		{ min: 1, max: 3600 },
	),
};

type AnalysisFields<F extends Fields> = F & { simplify: ReturnType<typeof simplifyField> };
type AnalysisOptions<O extends Fields> = O & typeof analysisOptions;
type AnalysisValues<F extends Fields, O extends Fields> = DeclaredValues<
	AnalysisFields<F>,
	AnalysisOptions<O>
>;

interface Analysis<F extends Fields, O extends Fields, R> {
	name: string;
	action: string;
	description: string;
	fields: F;
	/** Options of the operation, beside those that every analysis has. */
	options: O;
	workspace?: string;
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

type Outcome = { row: IDataObject } | { error: unknown };

/** An item on its way: it is ended when all its images have their outcomes. */
interface Job<V> {
	item: Item<V>;
	images: ImageInput[];
	outcomes: Outcome[];
	missing: number;
}

/** One image on its way. */
interface Entry<V> extends Sized {
	job: Job<V>;
	position: number;
	source: ImageSource;
}

/**
 * An operation that analyses images: packs those of many items into requests, keeps several under
 * way within a bound of bytes, bisects a refused request until the bad record is found, and gives
 * each item the rows of its own images.
 */
export function analysis<F extends Fields, O extends Fields, R extends IDataObject>(
	declaration: Analysis<F, O, R>,
): Operation {
	type V = AnalysisValues<F, O>;
	const { fields, options, name, action, description, workspace } = declaration;
	const { texts, itemsOf } = declared({
		name,
		action,
		description,
		workspace,
		fields: { ...fields, ...imageFields(), simplify: simplifyField() },
		options: { ...analysisOptions, ...options },
	});

	async function perform(execution: Execution): Promise<void> {
		const items = itemsOf(execution) as unknown as Array<Item<V>>;
		const jobs = await checkedJobs(items);
		const room = createSemaphore(MAX_BYTES_HELD);
		const running = new Set<Promise<void>>();
		const verdicts = createVerdicts();

		/** Resolves when there is room for the request: then the next images can be loaded. */
		const start = async (batch: Array<Entry<V>>): Promise<void> => {
			const giveBack = await room.acquire(Math.max(heldBy(batch), MIN_WEIGHT));
			const sending = send(batch, verdicts).finally(() => {
				running.delete(sending);
				giveBack();
			});
			running.add(sending);
		};

		let open: Open<Entry<V>> = new Map();
		for (const job of jobs) {
			for (const position of job.images.keys()) {
				const entry = await load(job, position, verdicts);
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
		job: Job<V>,
		position: number,
		verdicts: Verdicts,
	): Promise<Entry<V> | undefined> {
		if (job.outcomes[position]) return undefined;
		const { values } = job.item;
		const { batchSize = MAX_RECORDS, timeout } = optionsOf(values);
		const { workspace: place } = values.options;
		const key = JSON.stringify([declaration.body(values), batchSize, timeout, place]);
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
	async function send(batch: Array<Entry<V>>, verdicts: Verdicts): Promise<void> {
		const { key, job } = batch[0]!;
		const { item } = job;
		const { values } = item;
		const { timeout = TIMEOUT } = optionsOf(values);
		await bisect(batch, async (entries) => {
			const failAll = (error: unknown) => entries.forEach((entry) => settle(entry, { error }));
			try {
				const { answer, outcomes } = await analyse(
					item.api,
					declaration.path,
					declaration.body(values),
					entries.map((entry) => ({
						image: entry.source,
						more: declaration.record?.(entry.job.item.values),
					})),
					{ timeout: timeout * 1000, check: () => verdicts.check(key) },
				);
				verdicts.accepted(key);
				entries.forEach((entry, index) => settle(entry, rowOf(entry, answer, outcomes[index]!)));
			} catch (error) {
				const verdict = await verdicts.judge(key, error, entries.length, () => diagnose(item));
				if (verdict === 'split') return 'split';
				failAll(verdict);
			}
		});
	}

	async function diagnose(item: Item<V>): Promise<XimilarError | undefined> {
		return await declaration.diagnose?.(item, item.values).catch(() => undefined);
	}

	function rowOf(
		{ job, position }: Entry<V>,
		answer: IDataObject,
		outcome: RecordOutcome,
	): Outcome {
		if ('error' in outcome) return outcome;
		const { values } = job.item;
		const { name: image } = job.images[position]!;
		try {
			const record = checked(declaration.schema, outcome.record, declaration.path);
			if (!values.simplify) {
				const records = [declaration.raw?.(record, values) ?? record];
				return { row: { image, ...answer, records } };
			}
			return { row: { image, ...declaration.simplify(record, values) } };
		} catch (error) {
			return { error };
		}
	}

	return { ...texts, perform };
}

/** The options that every analysis has. */
function optionsOf(values: { options: object }): Partial<Values<typeof analysisOptions>> {
	return values.options;
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
async function checkedJobs<V>(items: Array<Item<V>>): Promise<Array<Job<V>>> {
	const jobs = items.flatMap((item): Array<Job<V>> => {
		try {
			const images = item.images(item.values as ImageValues);
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
function settle<V>({ job, position }: { job: Job<V>; position: number }, outcome: Outcome): void {
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
