import type { Api } from '../../shared/api/client';
import { uploadImage } from '../../shared/api/trainingImages';
import type { Run } from '../../shared/engine/execution';
import { shownWhen } from '../../shared/engine/field';
import { imageFields, imageSource } from '../../shared/engine/imageFields';
import { aboutImage, type ImageValues } from '../../shared/engine/imageInput';
import { trainingImageIds } from './images';

/** The images of a new sample: where they come from, and how they get into the workspace. */

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
export interface SampleImageValues extends Omit<ImageValues, 'imageSource'> {
	imageSource: ImageValues['imageSource'] | 'ids' | 'none';
	trainingImages?: string[];
}

/** In the workspace already, or a file that has to go there first. */
export type NewImage = { id: string } | { name: string; bytes: Buffer };

/**
 * The images of an item, in their order, all loaded: a file that Ximilar does not take is refused
 * before anything is made.
 */
export async function newImages(run: Run, values: SampleImageValues): Promise<NewImage[]> {
	const { imageSource, trainingImages = [], ...where } = values;
	if (imageSource === 'none') return [];
	if (imageSource === 'ids') return trainingImages.map((id) => ({ id }));
	const loaded: NewImage[] = [];
	for (const { name, loadFile } of run.images({ imageSource, ...where })) {
		try {
			loaded.push({ name, bytes: (await loadFile()).bytes });
		} catch (error) {
			throw aboutImage(name, error);
		}
	}
	return loaded;
}

/**
 * Uploads an image into the workspace, once: the same image has the same ID.
 * @returns its ID
 */
export async function uploadOnce(
	api: Api,
	{ name, bytes }: { name: string; bytes: Buffer },
	noresize: boolean | undefined,
): Promise<string> {
	try {
		const image = await uploadImage(api, bytes, { noresize: noresize || undefined });
		return 'existingId' in image ? image.existingId : (image.created.id as string);
	} catch (error) {
		throw aboutImage(name, error);
	}
}
