import type { IDataObject } from 'n8n-workflow';
import type { Base64 } from '../api/body';
import { createSemaphore, mapLimit } from '../api/concurrency';
import { sentences, XimilarError } from '../api/error';
import { callOptions } from './callOptions';
import { ITEMS_AT_ONCE, type Item, type Run } from './execution';
import type { Fields } from './field';
import { downloadOptions, imageFields } from './imageFields';
import {
	aboutImage,
	loadBase64,
	MAX_DOWNLOAD,
	type ImageInput,
	type ImageValues,
} from './imageInput';
import { declared, type Declaration, type DeclaredValues, type Operation } from './operation';

/**
 * What images that are loaded or under way may hold in memory, in bytes. Until one is loaded, as much
 * as it may hold is kept free for it.
 */
const MAX_BYTES_HELD = 150 * 2 ** 20;

type Outcome = { row: IDataObject } | { error: unknown };

/** An item on its way: it is ended when all its images have their outcomes, or with the run. */
interface Job<V> {
	item: Item<V>;
	images: ImageInput[];
	outcomes: Outcome[];
	missing: number;
	isEnded: boolean;
}

/**
 * An operation that does one thing with each image, by calls of its own: a row each, those of an
 * item in the order of its images. All images are checked before the first call. An image that
 * cannot be done leaves the rows of the item's others.
 * @param declaration.run is given the image's file; an address is fetched before
 */
export function imageOperation<F extends Fields, O extends Fields>(
	declaration: Declaration<F, O> & {
		simplify(row: IDataObject): IDataObject;
		run(run: Run, file: Base64, values: DeclaredValues<F, O>): Promise<IDataObject>;
	},
): Operation {
	type V = DeclaredValues<F, O>;
	const { run, simplify, fields, options, ...rest } = declaration;
	const { texts, itemsOf } = declared({
		...rest,
		fields: { ...imageFields(), ...fields },
		options: { ...options, ...callOptions(), ...downloadOptions() },
		simplify: ({ image, ...row }) => ({ image, ...simplify(row) }),
	});

	return {
		...texts,
		perform: async (execution) => {
			const jobs = await checkedJobs((await itemsOf(execution)) as unknown as Array<Item<V>>);
			const room = createSemaphore(MAX_BYTES_HELD);
			await mapLimit(placesOf(jobs), ITEMS_AT_ONCE, async ({ job, position }) => {
				const { item, images } = job;
				const { maxDownloadSize = MAX_DOWNLOAD } = item.values.options as {
					maxDownloadSize?: number;
				};
				const giveBack = await room.acquire(Math.max(maxDownloadSize, MAX_DOWNLOAD) * 2 ** 20);
				try {
					item.throwIfEnded();
					const file = await loadBase64(images[position]!, maxDownloadSize);
					giveBack(file.held);
					item.throwIfEnded();
					settle(job, position, { row: await run(item, file, item.values) });
				} catch (error) {
					settle(job, position, { error });
				} finally {
					giveBack();
				}
			});
		},
	};
}

/** The items with their images, all of them checked. One whose images cannot be found is ended. */
async function checkedJobs<V>(items: Array<Item<V>>): Promise<Array<Job<V>>> {
	const jobs = items.flatMap((item): Array<Job<V>> => {
		try {
			item.throwIfEnded();
			const images = item.images(item.values as ImageValues);
			return [{ item, images, outcomes: [], missing: images.length, isEnded: false }];
		} catch (error) {
			item.end({ errors: [error] });
			return [];
		}
	});
	const places = placesOf(jobs);
	items[0]?.progress.expect(places.length);
	await mapLimit(places, ITEMS_AT_ONCE, async ({ job, position }) => {
		await job.images[position]!.check().catch((error: unknown) => settle(job, position, { error }));
	});
	return jobs;
}

/** The images that have no outcome yet. */
function placesOf<V>(jobs: Array<Job<V>>): Array<{ job: Job<V>; position: number }> {
	return jobs.flatMap((job) =>
		[...job.images.keys()]
			.filter((position) => !job.outcomes[position])
			.map((position) => ({ job, position })),
	);
}

/** Takes an image's outcome. The item ends with the last one, or with an error that ends the run. */
function settle<V>(job: Job<V>, position: number, outcome: Outcome): void {
	const { item, images, outcomes } = job;
	const { name: image } = images[position]!;
	outcomes[position] =
		'row' in outcome
			? { row: { image, ...outcome.row } }
			: { error: aboutImage(image, outcome.error) };
	item.progress.done();
	job.missing--;
	if (job.isEnded) return reportLate(item, outcomes[position]);
	if (job.missing && ('row' in outcome || item.continueOnFail)) return;
	job.isEnded = true;
	item.end({
		rows: outcomes.flatMap((one) => ('row' in one ? [one.row] : [])),
		errors: outcomes.flatMap((one) => ('error' in one ? [one.error] : [])),
	});
}

/** What was done with an image before the end of the run reached it. */
function reportLate<V>(item: Item<V>, outcome: Outcome): void {
	const error = 'error' in outcome ? outcome.error : undefined;
	if (error instanceof XimilarError && error.saysMore) item.report(sentences(error.message));
}
