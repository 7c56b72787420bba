import type { IDataObject } from 'n8n-workflow';
import { path } from './address';
import { checked, type Api } from './client';
import { XimilarError, reasonIn, errorFromResponse } from './error';
import { anySchema, entitySchema } from './schemas';

/** Recognition's training images, which the samples of vision language models consist of as well. */
export const TRAINING_IMAGES = 'recognition/v2/training-image/';

/** A whole image goes up in one request, over a line of any speed. */
const UPLOAD_TIMEOUT = 300_000;

/** What an upload says beside the image; what is undefined is left out. */
export interface UploadFacts {
	meta_data?: IDataObject;
	noresize?: boolean;
	test_image?: boolean;
}

/**
 * Uploads an image (POST training-image/, `api.md`). The service takes each image once, judged by
 * its content.
 * @returns the new image, or the ID of the one that is there already
 */
export async function uploadImage(
	api: Api,
	bytes: Buffer,
	facts: UploadFacts,
): Promise<{ created: IDataObject } | { existingId: string }> {
	const body = { base64: bytes.toString('base64'), ...facts };
	const answer = await api
		.post(TRAINING_IMAGES, anySchema, body, { timeout: UPLOAD_TIMEOUT })
		.catch((error: unknown) => {
			if (existingIdIn(error instanceof XimilarError ? error.message : '')) {
				return { detail: (error as XimilarError).message };
			}
			throw error;
		});
	// Which status comes with this `detail`, or list, is not said: what it says decides.
	if (Array.isArray(answer) || (answer as IDataObject | null)?.detail) {
		const existingId = existingIdIn(reasonIn(answer));
		if (existingId) return { existingId };
		throw errorFromResponse(400, answer, TRAINING_IMAGES);
	}
	return { created: checked(entitySchema, answer, TRAINING_IMAGES) };
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
	return await api.get(path`recognition/v2/training-image/${id}/`, entitySchema);
}

/** Marks of an image: it tests models instead of training them; it is real. */
export interface Marks {
	test?: boolean;
	real?: boolean;
}

/**
 * Marks many images by one call (POST training-image/update, `api.md`). When it is refused, it is
 * halved until the images are found that made it so: an unknown ID never spoils the others.
 * @param images IDs, each once
 * @returns why images were not marked, by their IDs; empty when all were
 */
export async function markImages(
	api: Api,
	images: string[],
	marks: Marks,
): Promise<Map<string, unknown>> {
	// The client of Ximilar always sends the three empty lists as well.
	const body = {
		images,
		labels: [],
		'labels-add': [],
		'labels-remove': [],
		...(marks.test === undefined ? {} : { [marks.test ? 'mark-test' : 'unmark-test']: true }),
		...(marks.real === undefined ? {} : { [marks.real ? 'mark-real' : 'unmark-real']: true }),
	};
	try {
		const answer = await api.post(`${TRAINING_IMAGES}update`, anySchema, body, {
			idempotent: true,
		});
		// The client of Ximilar calls the answer a count. A smaller one than that of the images means
		// that some were passed over in silence.
		const count = (answer as { count?: unknown } | null)?.count ?? answer;
		return typeof count === 'number' && count < images.length
			? await unknownAmong(api, images)
			: new Map<string, unknown>();
	} catch (error) {
		const mayBeOneOfThem =
			error instanceof XimilarError && [400, 404, 413, 422].includes(error.status ?? 0);
		if (!mayBeOneOfThem || images.length === 1) return new Map(images.map((id) => [id, error]));
		const middle = Math.ceil(images.length / 2);
		const first = await markImages(api, images.slice(0, middle), marks);
		const second = await markImages(api, images.slice(middle), marks);
		return new Map([...first, ...second]);
	}
}

/** The images that cannot be had, with the reason. */
async function unknownAmong(api: Api, images: string[]): Promise<Map<string, unknown>> {
	const errors = new Map<string, unknown>();
	for (const id of images) {
		await getImage(api, id).catch((error: unknown) => errors.set(id, error));
	}
	return errors;
}
