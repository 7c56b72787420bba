import type { IDataObject } from 'n8n-workflow';
import type { Api } from '../../shared/api/client';
import { getList } from '../../shared/api/pages';
import { fail } from '../../shared/api/error';
import { samples } from '../entities';
import type { Assignment } from '../variable/rules';
import { changeSample, markTest } from './attributes';
import { addImages, addMissingImages, checkOrder } from './images';
import { uploadOnce, type NewImage } from './newImages';
import { runSteps, type Step } from './runSteps';
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
	images: NewImage[];
	noResize?: boolean;
	assignments: Assignment[];
}

/**
 * Makes a sample from its beginning, or completes one: uploads its images, creates it, adds the
 * images by one call in their order, and sets its values one by one.
 * @param existing a sample to complete; images that it has are not added again
 * @throws XimilarError that names what was made, and what is missing
 */
export async function finishSample(
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
			const imageId = await uploadOnce(api, image, noResize);
			if (!imageIds.includes(imageId)) imageIds.push(imageId);
			return `image ${imageId} ("${image.name}")`;
		};
		return [{ what: `the upload of "${image.name}"`, work }];
	});
	const creation: Step = {
		what: 'the sample',
		work: async () => {
			sample = await api.post(samples.path, samples.schema, facts);
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

/**
 * The sample of a dataset that has exactly this name: the service finds parts of names only.
 * @throws XimilarError when several have it
 */
export async function findSample(
	api: Api,
	dataset: string,
	name: string,
): Promise<IDataObject | undefined> {
	const isIt = (sample: IDataObject) =>
		sample.name === name && (sample.dataset === undefined || sample.dataset === dataset);
	const query = { dataset, search: name };
	const found = await getList(api, samples.path, samples.schema, query, Infinity, isIt);
	if (found.length > 1) {
		const all = found.map(({ id }) => String(id)).join(', ');
		fail(
			`The dataset has ${found.length} samples with the name "${name}": ${all}`,
			'Rename all but one of them in the Ximilar App, or set If Sample Exists to Create Another. Nothing was sent.',
		);
	}
	return found[0];
}
