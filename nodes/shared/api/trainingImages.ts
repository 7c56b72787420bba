import type { IDataObject } from 'n8n-workflow';
import type { Base64 } from './body';
import { checked, type Api } from './client';
import { bisect, mapLimit } from './concurrency';
import { at, TRAINING_IMAGE } from './entities';
import { XimilarError } from './error';
import { reasonIn, errorFromResponse } from './response';
import { anySchema, entitySchema } from './schemas';
import { UPLOAD_TIMEOUT } from './time';

/** What an upload says beside the image; what is undefined is left out. */
interface UploadFacts {
	meta_data?: IDataObject;
	noresize?: boolean;
	test_image?: boolean;
}

/**
 * Uploads an image (POST training-image/, `api.md`). The service takes each image once, judged by
 * its content: so it is sent again when its answer is lost.
 * @returns the new image, or the ID of the one that is there already, which an earlier try may have
 * made
 */
export async function uploadImage(
	api: Api,
	base64: Base64,
	facts: UploadFacts,
): Promise<{ created: IDataObject } | { existingId: string; mayBeOurs: boolean }> {
	let mayBeOurs = false;
	const body = { base64: base64 as unknown as string, ...facts };
	const answer = await api
		.post(TRAINING_IMAGE.path, anySchema, body, {
			idempotent: true,
			maxTriesAfter500: 2,
			timeout: UPLOAD_TIMEOUT,
			check: (mayHaveBeenDone) => {
				mayBeOurs = mayHaveBeenDone;
			},
		})
		.catch((error: unknown) => {
			if (error instanceof XimilarError && existingIdIn(error.message)) {
				return { detail: error.message };
			}
			throw perhapsUploaded(error, mayBeOurs);
		});
	// Which status comes with this `detail`, or list, is not said: what it says decides.
	if (Array.isArray(answer) || (answer as IDataObject | null)?.detail) {
		const existingId = existingIdIn(reasonIn(answer));
		if (existingId) return { existingId, mayBeOurs };
		throw errorFromResponse(400, answer, TRAINING_IMAGE);
	}
	try {
		return { created: checked(entitySchema, answer, TRAINING_IMAGE.path) };
	} catch (error) {
		throw perhapsUploaded(error, true);
	}
}

/**
 * Says what is not known of an upload that brought no answer; sending it again does no harm.
 * @param mayBeOurs an earlier try may have uploaded it
 */
function perhapsUploaded(error: unknown, mayBeOurs: boolean): unknown {
	if (!(error instanceof XimilarError)) return error;
	const isUnknown =
		mayBeOurs ||
		['server', 'connectionLost', 'timeout', 'badAnswer'].includes(error.kind) ||
		error.status === 408;
	if (!isUnknown) return error;
	return error.with({
		description: `It may have been uploaded all the same: run this item again, and the image that is there is used. ${error.description}`,
	});
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/** The image's ID in a text that says that the image already exists. */
function existingIdIn(text: string): string | undefined {
	if (!/already exists/i.test(text)) return undefined;
	const named = new RegExp(`image.?ID\\W{0,4}(${UUID})`, 'i').exec(text)?.[1];
	const all = new Set(text.match(new RegExp(UUID, 'gi')));
	return named ?? (all.size === 1 ? [...all][0] : undefined);
}

/** GET training-image/ID/ (`api.md`). */
export async function getImage(api: Api, id: string): Promise<IDataObject> {
	return await api.get(at(TRAINING_IMAGE, id), entitySchema);
}

/** Marks of an image: it tests models instead of training them; it is real. */
interface Marks {
	test?: boolean;
	real?: boolean;
}

/**
 * Marks many images by one call (POST training-image/update, `api.md`). When it is refused, it is
 * bisected until the images are found that made it so: an unknown ID never spoils the others.
 * @param images IDs, each once
 * @returns why images were not marked, by their IDs; empty when all were
 */
export async function markImages(
	api: Api,
	images: string[],
	marks: Marks,
): Promise<Map<string, unknown>> {
	const errors = new Map<string, unknown>();
	const change = changeOf(marks);
	await bisect(images, async (some) => {
		try {
			const count = (await changeTogether(api, some, change)) ?? some.length;
			const suspects = await passedOver(api, some, count, change).catch(() => some);
			await mapLimit(suspects, CHECKS_AT_ONCE, async (id) => {
				await getImage(api, id).catch((error: unknown) => errors.set(id, error));
			});
		} catch (error) {
			if (some.length > 1 && mayBeOneOfThem(error)) return 'split';
			for (const id of some) errors.set(id, error);
		}
	});
	return errors;
}

/**
 * Adds labels to many images by one call (POST training-image/update, `api.md`).
 * @param images IDs, each once
 * @param labels IDs, which none of the images has
 * @returns the images that are known to have them now; none when the call was refused, or its
 * answer tells no count: no document says what it tells
 */
export async function addLabelsTogether(
	api: Api,
	images: string[],
	labels: string[],
): Promise<Set<string>> {
	const change = { 'labels-add': labels };
	try {
		const count = await changeTogether(api, images, change);
		if (count === undefined) return new Set();
		const others = new Set(await passedOver(api, images, count, change));
		return new Set(images.filter((image) => !others.has(image)));
	} catch {
		return new Set();
	}
}

/** How many images that were passed over are asked for at once, why. */
const CHECKS_AT_ONCE = 8;

/**
 * Finds the images that were passed over in silence, by changing halves again: that does no harm.
 * @param count how many of them were changed
 */
async function passedOver(
	api: Api,
	images: string[],
	count: number,
	change: IDataObject,
): Promise<string[]> {
	if (count >= images.length) return [];
	if (count <= 0) return images;
	const middle = Math.ceil(images.length / 2);
	const halves = [images.slice(0, middle), images.slice(middle)];
	const counts: number[] = [];
	for (const half of halves) counts.push((await changeTogether(api, half, change)) ?? half.length);
	// A service that counts what it has changed, not what it has found, counts less the second time.
	if (counts[0]! + counts[1]! !== count) return images;
	const found: string[] = [];
	for (const [at, half] of halves.entries()) {
		found.push(...(await passedOver(api, half, counts[at]!, change)));
	}
	return found;
}

function mayBeOneOfThem(error: unknown): boolean {
	return (
		error instanceof XimilarError && ['badRequest', 'notFound', 'tooLarge'].includes(error.kind)
	);
}

const changeOf = ({ test, real }: Marks): IDataObject => ({
	...(test === undefined ? {} : { [test ? 'mark-test' : 'unmark-test']: true }),
	...(real === undefined ? {} : { [real ? 'mark-real' : 'unmark-real']: true }),
});

/** @returns how many were changed; undefined when the service does not tell */
async function changeTogether(
	api: Api,
	images: string[],
	change: IDataObject,
): Promise<number | undefined> {
	// The client of Ximilar always sends the three empty lists as well.
	const body = { images, labels: [], 'labels-add': [], 'labels-remove': [], ...change };
	const answer = await api.post(`${TRAINING_IMAGE.path}update`, anySchema, body, {
		idempotent: true,
	});
	// The client of Ximilar calls the answer a count.
	const count = (answer as { count?: unknown } | null)?.count ?? answer;
	return typeof count === 'number' ? count : undefined;
}
