import type { IDataObject } from 'n8n-workflow';
import type { Api } from '../../shared/api/client';
import { entitySchema } from '../../shared/api/schemas';
import type { Assignment } from '../variable/rules';
import { SAMPLES } from './find';
import { addImages, addMissingImages, checkOrder, uploaded, type GivenImage } from './images';
import { changeSample, markTest } from './marks';
import { runSteps, type Step } from './steps';
import { byVariable, valueSteps } from './values';

/** A sample as a row wants it, everything checked and loaded. */
export interface WantedSample {
	dataset: string;
	name?: string;
	description?: string;
	test?: boolean;
	type?: string;
	input_meta_data?: IDataObject;
	meta_data?: IDataObject;
	images: GivenImage[];
	noResize?: boolean;
	assignments: Assignment[];
}

/**
 * Makes a sample from its beginning, or completes one: uploads its images, creates it, adds the
 * images by one call in their order, and sets its values one by one.
 * @param existing a sample to complete; images that it has are not added again
 * @throws XimilarError that names what was made, and what is missing
 */
export async function finish(
	api: Api,
	wanted: WantedSample,
	existing?: IDataObject,
): Promise<IDataObject> {
	const { images, noResize, assignments, ...facts } = wanted;
	let sample = existing;
	const id = () => sample!.id as string;
	const imageIds: string[] = [];

	const uploads = images.flatMap((image): Step[] => {
		if ('id' in image) {
			imageIds.push(image.id);
			return [];
		}
		const work = async () => {
			const imageId = await uploaded(api, image, noResize);
			if (!imageIds.includes(imageId)) imageIds.push(imageId);
			return `image ${imageId} ("${image.name}")`;
		};
		return [{ what: `the upload of "${image.name}"`, work }];
	});
	const creation: Step = {
		what: 'the sample',
		work: async () => {
			sample = await api.post(SAMPLES, entitySchema, facts);
			return `sample ${id()}`;
		},
	};
	const adding: Step = {
		what: 'its images',
		work: async () => {
			if (existing) await addMissingImages(api, id(), imageIds);
			else await addImages(api, id(), imageIds);
		},
	};
	const ordering: Step = {
		what: 'the check of their order',
		work: async () => await checkOrder(api, id(), imageIds),
	};

	const steps = [
		...uploads,
		...(existing ? differences(api, existing, wanted) : [creation]),
		...(images.length ? [adding] : []),
		...(images.length && (wanted.type ?? existing?.type) === 'multi_ordered' ? [ordering] : []),
		...valueSteps(api, id, assignments),
	];
	await runSteps(
		wanted.name ? `Sample "${wanted.name}"` : 'The sample',
		steps,
		() => howToGoOn(wanted.name, sample),
		existing ? [`sample ${id()}`] : [],
	);
	return {
		...sample,
		alreadyExisted: existing !== undefined,
		image_ids: imageIds,
		values: byVariable(assignments),
	};
}

/** What creating says by itself, and completing has to change where it differs. */
function differences(api: Api, existing: IDataObject, { test, type }: WantedSample): Step[] {
	const id = existing.id as string;
	const mark: Step = {
		what: 'its test mark',
		work: async () => void (await markTest(api, id, test!)),
	};
	const retype: Step = {
		what: 'its type',
		work: async () => void (await changeSample(api, id, { type })),
	};
	return [
		...(test !== undefined && existing.test !== test ? [mark] : []),
		...(type !== undefined && existing.type !== type ? [retype] : []),
	];
}

function howToGoOn(name: string | undefined, sample: IDataObject | undefined): string {
	if (name) {
		return 'Run this item again with the option If Sample Exists set to Complete It: nothing is made twice.';
	}
	return sample
		? 'Finish it by its ID with Add Images and Set Variable Values. Running this item again would make another sample, because it has no name to be found by.'
		: 'Run this item again: images that are there already are found, not doubled.';
}
