import { base64OfBytes } from '../../shared/api/body';
import type { Api } from '../../shared/api/client';
import { uploadImage } from '../../shared/api/trainingImages';
import type { Run } from '../../shared/engine/execution';
import { shownWhen } from '../../shared/engine/field';
import { imageFields, imageSource } from '../../shared/engine/imageFields';
import { aboutImage, type ImageInput, type ImageValues } from '../../shared/engine/imageInput';
import { trainingImageIds } from './images';
import {
	findRemembered,
	hashOf,
	hashOfAddress,
	type ImageMemory,
	type Origin,
} from './rememberedImages';

/** The images that a sample shall have: where they come from, and how they get into the workspace. */

export const sampleImageFields = () => ({
	...imageFields(),
	imageSource: imageSource([
		{ name: 'None', value: 'none', description: 'Images are added later, or not at all' },
		{
			name: 'Training Image IDs',
			value: 'ids',
			description: 'Images that are in the workspace already',
		},
	]),
	trainingImages: shownWhen({ imageSource: ['ids'] }, trainingImageIds()),
});

/** The values of {@link sampleImageFields}. */
interface SampleImageValues extends Omit<ImageValues, 'imageSource'> {
	imageSource: ImageValues['imageSource'] | 'ids' | 'none';
	trainingImages?: string[];
}

/** A file that has to go into the workspace first. */
interface NewImage {
	name: string;
	bytes: Buffer;
	origin: Origin;
}

/** In the workspace already, or a new one. */
export type WantedImage = { id: string; origin?: Origin } | NewImage;

/**
 * The images of an item, in their order. Files are loaded, so that one that Ximilar does not take is
 * refused before anything is made; those that are remembered are not loaded again.
 * @param memory what is remembered of images that can be reused
 * @param maxDownload how many megabytes are fetched from an address at most
 */
export async function wantedImages(
	run: Run,
	values: SampleImageValues,
	memory: ImageMemory,
	maxDownload: number | undefined,
): Promise<WantedImage[]> {
	const { imageSource, trainingImages = [], ...where } = values;
	if (imageSource === 'none') return [];
	if (imageSource === 'ids') return trainingImages.map((id) => ({ id }));
	const wanted: WantedImage[] = [];
	for (const image of run.images({ imageSource, ...where })) {
		wanted.push(await wantedImage(image, memory, maxDownload));
	}
	return wanted;
}

async function wantedImage(
	{ name, address: given, loadFile }: ImageInput,
	memory: ImageMemory,
	maxDownload: number | undefined,
): Promise<WantedImage> {
	const address = given === undefined ? undefined : hashOfAddress(given);
	const byAddress = findRemembered(memory, { address });
	if (byAddress) return { id: byAddress, origin: { address } };
	try {
		const { bytes } = await loadFile(maxDownload);
		const origin = { address, bytes: hashOf(bytes) };
		const byBytes = findRemembered(memory, origin);
		return byBytes ? { id: byBytes, origin } : { name, bytes, origin };
	} catch (error) {
		throw aboutImage(name, error);
	}
}

/**
 * Uploads an image into the workspace, once: the same image has the same ID.
 * @returns its ID, and whether it is new: `isNew` is false when it was certainly there before
 */
export async function uploadOnce(
	api: Api,
	{ name, bytes }: NewImage,
	noresize: boolean | undefined,
): Promise<{ id: string; isNew: boolean }> {
	try {
		const image = await uploadImage(api, base64OfBytes(bytes), { noresize: noresize || undefined });
		return 'existingId' in image
			? { id: image.existingId, isNew: image.mayBeOurs }
			: { id: image.created.id as string, isNew: true };
	} catch (error) {
		throw aboutImage(name, error);
	}
}
