import type { IDataObject } from 'n8n-workflow';
import type { Base64 } from '../../shared/api/body';
import type { Api } from '../../shared/api/client';
import { createCoalescer, mapLimit } from '../../shared/api/concurrency';
import { at } from '../../shared/api/entities';
import { fail, XimilarError } from '../../shared/api/error';
import { holds } from '../../shared/api/json';
import { anySchema } from '../../shared/api/schemas';
import { addLabelsTogether, getImage, uploadImage } from '../../shared/api/trainingImages';
import { boolean, choice, jsonObject, optional } from '../../shared/engine/field';
import { imageOperation } from '../../shared/engine/imageOperation';
import { ids } from '../../shared/engine/locator';
import { labels, trainingImages } from '../entities';

export const upload = imageOperation({
	name: 'Upload',
	action: 'Upload training image',
	description:
		'Upload images to train tasks with, and add labels to them. Returns their IDs; images that were uploaded before are reused.',
	fields: {
		label: labels.optionalPicker({
			description: 'A label to add to the image (optional)',
		}),
	},
	options: {
		furtherLabels: ids('label', {
			displayName: 'Further Label IDs',
			placeholder: 'e.g. 9d4b5433-add9-46e2-be64-7a928c5f68e8',
			description:
				'More labels to add, by their IDs. Separate several with commas, or use an expression that returns a list.',
		}),
		ifExists: choice(
			{
				displayName: 'If Image Exists',
				default: 'return',
				description: 'What to do when the same image was uploaded before',
			},
			[
				{
					name: 'Return Existing',
					value: 'return',
					description:
						'The existing image comes out, with already_existed true. The labels are added to it; its size, metadata and marks stay as they are, and not_applied names the options that this concerns.',
				},
				{ name: 'Fail', value: 'fail' },
			],
		),
		metadata: optional(
			jsonObject({
				displayName: 'Metadata',
				placeholder: 'e.g. {"sku": "A-17"}',
				description: 'What to keep with the image, as a JSON object',
			}),
		),
		noResize: boolean({
			displayName: 'Keep Full Size',
			description: 'Whether Ximilar keeps the image in its full size instead of making it smaller',
		}),
		test: boolean({
			displayName: 'Test',
			description:
				'Whether to mark it as a test image, which measures how good a model is and does not train it',
		}),
	},
	workspace: 'The workspace to upload to, instead of the default one',
	simplify: ({ already_existed, not_applied, added_label_ids, ...image }) => {
		const { id, labels: _, ...row } = trainingImages.row!(image);
		return { id, already_existed, not_applied, added_label_ids, ...row };
	},
	run: async ({ api, memoize, hint }, file, { label, options }) => {
		const { found, alreadyExisted } = await uploadOrFind(api, file, options);
		const wanted = new Set([...(label ? [label] : []), ...(options.furtherLabels ?? [])]);
		const present = Array.isArray(found.labels) ? (found.labels as IDataObject[]) : [];
		const missing = [...wanted].filter((one) => !present.some(({ id }) => id === one));
		if (missing.length) {
			const key = JSON.stringify(['labels', options.workspace, missing]);
			const together = await memoize(key, async () => labelling(api, missing));
			const errors = await together({ id: found.id as string, alreadyExisted });
			if (errors.has(found.id)) throw errors.get(found.id);
		}
		const not_applied = alreadyExisted ? notApplied(found, options) : [];
		if (not_applied.length) {
			hint(
				`Some images existed already (already_existed), and stay as they are: ${not_applied.join(', ')} did not apply to them. Training Image » Update changes metadata and marks.`,
			);
		}
		return {
			...found,
			already_existed: alreadyExisted,
			...(not_applied.length && { not_applied }),
			added_label_ids: missing,
		};
	},
});

interface UploadOptions {
	ifExists?: 'return' | 'fail';
	metadata?: IDataObject;
	noResize?: boolean;
	test?: boolean;
}

async function uploadOrFind(
	api: Api,
	file: Base64,
	{ ifExists, metadata, noResize, test }: UploadOptions,
): Promise<{ found: IDataObject; alreadyExisted: boolean }> {
	const start = Date.now();
	const uploaded = await uploadImage(api, file, {
		meta_data: metadata,
		noresize: noResize || undefined,
		test_image: test || undefined,
	});
	if ('created' in uploaded) return { found: uploaded.created, alreadyExisted: false };
	const { existingId: id, mayBeOurs } = uploaded;
	// When an answer was lost and the image is a new one, it is the one that went up then.
	const found = mayBeOurs || ifExists !== 'fail' ? await existingImage(api, id) : undefined;
	if (found && mayBeOurs && !isOlder(found, start)) return { found, alreadyExisted: false };
	if (found && ifExists !== 'fail') return { found, alreadyExisted: true };
	return fail(
		`It exists already, as the training image ${id}`,
		'Nothing was uploaded. To go on with the existing image, set If Image Exists to Return Existing.',
	);
}

/** The options, by their names, that say something else than an existing image has; its size is not known. */
function notApplied(
	{ meta_data, test_image }: IDataObject,
	{ metadata = {}, noResize, test }: UploadOptions,
): string[] {
	return [
		...(noResize ? ['Keep Full Size'] : []),
		...(holds(meta_data, metadata) ? [] : ['Metadata']),
		...(test && !test_image ? ['Test'] : []),
	];
}

/** How far the clocks of n8n and the service may differ, in milliseconds. */
const CLOCK_SKEW = 10 * 60_000;

/** Whether an image was certainly there before its upload began. */
function isOlder({ created }: IDataObject, start: number): boolean {
	return Date.parse(String(created)) < start - CLOCK_SKEW;
}

async function existingImage(api: Api, id: string): Promise<IDataObject> {
	return await getImage(api, id).catch((error: unknown) => {
		throw error instanceof XimilarError
			? error.after(`It exists already${names(error, id) ? '' : `, as the training image ${id}`}`)
			: error;
	});
}

/** Whether an error names a thing by itself, so that nobody has to name it again. */
const names = (error: XimilarError, id: string) => error.message.includes(id);

interface Labelled {
	id: string;
	alreadyExisted: boolean;
}

/** How many images get their labels one by one at once, where one call for all did not do it. */
const IMAGES_AT_ONCE = 8;

/**
 * Adds labels to images: by one call to those that wait while others are dealt with. Whom it does
 * not reach gets them by calls of its own, which say what is wrong.
 * @returns gives why images did not get them, by their IDs
 */
function labelling(
	api: Api,
	labels: string[],
): (image: Labelled) => Promise<Map<unknown, unknown>> {
	return createCoalescer(async (images: Labelled[]) => {
		const ids = [...new Set(images.map(({ id }) => id))];
		const done = ids.length > 1 ? await addLabelsTogether(api, ids, labels) : new Set<string>();
		const errors = new Map<unknown, unknown>();
		const left = images.filter(({ id }) => !done.has(id));
		await mapLimit(left, IMAGES_AT_ONCE, async (image) => {
			await addLabels(api, image, labels).catch((error: unknown) => errors.set(image.id, error));
		});
		return errors;
	});
}

/**
 * Adds labels to an image, one after the other.
 * @throws XimilarError that names the image, what was done and what was not: nothing is orphaned unseen
 */
async function addLabels(
	api: Api,
	{ id, alreadyExisted }: Labelled,
	missing: string[],
): Promise<void> {
	for (const [position, label] of missing.entries()) {
		const body = { label_id: label };
		const call = api.post(at(trainingImages, id, 'add-label/'), anySchema, body, {
			idempotent: true,
		});
		await call.catch((error: unknown) => {
			if (!(error instanceof XimilarError)) throw error;
			const added = missing.slice(0, position).join(', ') || 'none';
			const unadded = names(error, label) ? 'a label' : `the label ${label}`;
			throw error.with({
				message: `It ${alreadyExisted ? 'exists already' : 'was uploaded'} as the training image ${id}, but ${unadded} could not be added: ${error.message}`,
				description: `Labels added: ${added}. Not added: ${missing.slice(position).join(', ')}. To add what is missing, run this item again with If Image Exists set to Return Existing. ${error.description}`,
			});
		});
	}
}
