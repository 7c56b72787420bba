import type { IDataObject } from 'n8n-workflow';
import type { Api } from '../../shared/api/client';
import { at } from '../../shared/api/entities';
import { fail, XimilarError } from '../../shared/api/error';
import { isSame } from '../../shared/api/json';
import { samples } from '../entities';
import type { Assignment } from '../variable/rules';
import { changeSample, markTest } from './attributes';
import { differencesOf, type SampleFacts } from './differences';
import { addImages, failOnOrder, orderedImageIds } from './images';
import {
	remember,
	rememberedImages,
	withMemory,
	type ImageMemory,
	type Origin,
} from './rememberedImages';
import { runSteps, type Step } from './runSteps';
import { byVariable, valueSteps } from './values';
import { uploadOnce, type WantedImage } from './wantedImages';

/** A sample as an item wants it, everything checked and loaded. */
interface WantedSample {
	dataset: string;
	name?: string;
	facts: SampleFacts;
	images: WantedImage[];
	noResize?: boolean;
	assignments: Assignment[];
	/** It shall be found and completed by later runs: it remembers its images. */
	isRepeatable: boolean;
}

/** A sample that is there, read just now. */
export interface ExistingSample {
	sample: IDataObject;
	/** In their order. */
	imageIds: string[];
}

/** What is known while a sample is finished; each step adds to it. */
interface Progress {
	api: Api;
	wanted: WantedSample;
	existing?: ExistingSample;
	/** Undefined until it is created. */
	sample?: IDataObject;
	/** The IDs of the wanted images, each at its place; undefined until it is uploaded. */
	wantedIds: Array<string | undefined>;
	/** What is known of their files, at the same places. */
	origins: Array<Origin | undefined>;
	/** What was changed in a sample that was there. */
	changed: string[];
}

const idOf = ({ sample }: Progress) => sample!.id as string;

/** The IDs of the wanted images, in their order: the same image has the same ID, and counts once. */
const imageIdsOf = ({ wantedIds }: Progress) => [
	...new Set(wantedIds.filter((id) => id !== undefined)),
];

const missingIdsOf = (progress: Progress) =>
	imageIdsOf(progress).filter((id) => !progress.existing?.imageIds.includes(id));

/** GET sample/ID/ and its images. */
export async function readSample(api: Api, id: string): Promise<ExistingSample> {
	const sample = await api.get(at(samples, id), samples.schema);
	return { sample, imageIds: await orderedImageIds(api, id) };
}

/**
 * Makes a sample from its beginning, or completes one: uploads its images, creates or changes it,
 * adds the images by one call in their order, and sets its values one by one. What the service may
 * not be able to do comes last.
 * @returns the sample as it is afterwards
 * @throws XimilarError that names what was made, and what is missing
 */
export async function finishSample(
	api: Api,
	wanted: WantedSample,
	existing?: ExistingSample,
): Promise<IDataObject> {
	const progress: Progress = {
		api,
		wanted,
		existing,
		sample: existing?.sample,
		wantedIds: wanted.images.map((image) => ('id' in image ? image.id : undefined)),
		origins: wanted.images.map(({ origin }) => origin),
		changed: [],
	};
	const steps = [
		...uploads(progress),
		...(existing ? changes(progress, existing) : [creation(progress)]),
		...(wanted.images.length ? [adding(progress)] : []),
		...valueSteps(api, () => idOf(progress), wanted.assignments),
		...(existing ? unprintedChanges(progress, existing) : []),
		...ordering(progress),
	];
	await runSteps(
		wanted.name ? `Sample "${wanted.name}"` : 'The sample',
		steps,
		() => howToGoOn(progress),
		existing ? [`sample ${idOf(progress)}`] : [],
	);
	const not_applied = notApplied(progress);
	return {
		...(await afterwards(progress, steps.length)),
		already_existed: existing !== undefined,
		...(existing && { changed: progress.changed }),
		...(not_applied.length && { not_applied }),
		image_ids: [...(existing?.imageIds ?? []), ...missingIdsOf(progress)],
		values: byVariable(wanted.assignments),
	};
}

/** The sample as it is now. What values it had cannot be read, but how many. */
async function afterwards(progress: Progress, steps: number): Promise<IDataObject> {
	const { api, wanted, existing, changed } = progress;
	const read = async () => await api.get(at(samples, idOf(progress)), samples.schema);
	// Of a new one, whatever follows its creation; that it cannot be read does not undo it.
	if (!existing) return steps > 1 ? await read().catch(() => progress.sample!) : progress.sample!;
	if (!steps) return existing.sample;
	const now = await read();
	if (now.variables_count !== existing.sample.variables_count) changed.push('values');
	const { test, printed } = differencesOf(now, wanted.facts);
	const left = [...(test === undefined ? [] : ['test']), ...Object.keys(printed)];
	if (left.length)
		fail(`Sample ${idOf(progress)}: Ximilar left ${named(left)} as it was`, inTheApp(left));
	return now;
}

function uploads(progress: Progress): Step[] {
	const { api, wanted, wantedIds, origins } = progress;
	return wanted.images.flatMap((image, place): Step[] => {
		if ('id' in image) return [];
		const work = async () => {
			const { id, isNew } = await uploadOnce(api, image, wanted.noResize);
			wantedIds[place] = id;
			if (isNew && wanted.noResize) origins[place] = { ...image.origin, full_size: true };
			return `image ${id} ("${image.name}")`;
		};
		return [{ what: `the upload of "${image.name}"`, work }];
	});
}

function creation(progress: Progress): Step {
	const { api, wanted } = progress;
	const { dataset, name, facts } = wanted;
	const work = async () => {
		const meta_data = metadataWithMemory(progress, facts.meta_data);
		const body = { dataset, name, ...facts, meta_data };
		progress.sample = await api.post(samples.path, samples.schema, body);
		return `sample ${idOf(progress)}`;
	};
	return { what: 'the sample', work };
}

/** What creating says by itself, and completing has to change where it differs. */
function changes(progress: Progress, { sample }: ExistingSample): Step[] {
	const { api, wanted, changed } = progress;
	const { test, printed } = differencesOf(sample, wanted.facts);
	const names = Object.keys(printed);
	const mark: Step = {
		what: 'its test mark',
		work: async () => {
			await markTest(api, idOf(progress), test!);
			changed.push('test');
		},
	};
	const change: Step = {
		what: named(names),
		work: async () => {
			await changeSample(api, idOf(progress), printed);
			changed.push(...names);
		},
	};
	return [...(test === undefined ? [] : [mark]), ...(names.length ? [change] : [])];
}

function adding(progress: Progress): Step {
	const work = async () => {
		const missing = missingIdsOf(progress);
		if (missing.length) await addImages(progress.api, idOf(progress), missing);
		if (!progress.existing) return;
		if (missing.length) progress.changed.push('images');
		await rememberImages(progress);
	};
	return { what: 'its images', work };
}

/** Keeps in the sample what is known of its images now: an aid only, which Ximilar may refuse. */
async function rememberImages(progress: Progress): Promise<void> {
	const sample = progress.sample!;
	const meta_data = metadataWithMemory(progress, sample.meta_data as IDataObject);
	if (isSame(meta_data ?? {}, sample.meta_data ?? {})) return;
	const call = changeSample(progress.api, idOf(progress), { meta_data });
	const isKept = await call.then(
		() => true,
		(error: unknown) => {
			if (isRefusal(error)) return false;
			throw error;
		},
	);
	if (isKept) progress.sample = { ...sample, meta_data };
}

/** A change of what no document says can be changed: judged by what the sample says afterwards. */
function unprintedChanges(progress: Progress, { sample }: ExistingSample): Step[] {
	const { api, wanted, changed } = progress;
	const differences = (now: IDataObject) => differencesOf(now, wanted.facts).unprinted;
	const names = Object.keys(differences(sample));
	const work = async () => {
		const changes = differences(progress.sample!);
		await changeSample(api, idOf(progress), changes).catch(notOffered(names));
		const now = await api.get(at(samples, idOf(progress)), samples.schema);
		const left = Object.keys(differences(now));
		if (left.length) fail(`Ximilar left ${named(left)} as it was`, inTheApp(left));
		changed.push(...names);
	};
	return names.length ? [{ what: named(names), work }] : [];
}

/** Metadata with what is known of the images now; undefined when there is nothing to say. */
function metadataWithMemory(
	progress: Progress,
	metadata: IDataObject | undefined,
): IDataObject | undefined {
	const memory = memoryOf(progress);
	return progress.wanted.isRepeatable && Object.keys(memory).length
		? withMemory(metadata, memory)
		: metadata;
}

function memoryOf({ existing, wantedIds, origins }: Progress): ImageMemory {
	return origins.reduce<ImageMemory>(
		(all, origin, place) => (origin ? remember(all, wantedIds[place]!, origin) : all),
		existing ? rememberedImages(existing.sample) : {},
	);
}

/** The options, by their names, that did not apply to some of the images. */
function notApplied(progress: Progress): string[] {
	if (!progress.wanted.noResize) return [];
	const memory = memoryOf(progress);
	return imageIdsOf(progress).every((id) => memory[id]?.full_size) ? [] : ['Keep Full Size'];
}

/** Reads the images back, where their order matters. */
function ordering(progress: Progress): Step[] {
	const { api, wanted, existing } = progress;
	if (!wanted.images.length) return [];
	if ((wanted.facts.type ?? existing?.sample.type) !== 'multi_ordered') return [];
	const work = async () => {
		const present =
			existing && !missingIdsOf(progress).length
				? existing.imageIds
				: await orderedImageIds(api, idOf(progress));
		failOnOrder(present, imageIdsOf(progress));
	};
	return [{ what: 'the order of its images', work }];
}

const WORDS: Record<string, string> = {
	test: 'test mark',
	type: 'type',
	input_meta_data: 'input metadata',
	description: 'description',
	meta_data: 'metadata',
};

const named = (names: string[]) => names.map((name) => `its ${WORDS[name]}`).join(' and ');

const inTheApp = (names: string[]) =>
	`Change ${named(names)} in the Ximilar App: the API's documentation prints no call for it.`;

/** That a call is not offered, and not that it could not be made. */
function isRefusal(error: unknown): error is XimilarError {
	return error instanceof XimilarError && [400, 404, 405].includes(error.status ?? 0);
}

const notOffered = (names: string[]) => (error: unknown) => {
	if (!isRefusal(error)) throw error;
	// What it is about is named by what is missing then.
	throw error.with({ description: inTheApp(names) });
};

function howToGoOn({ wanted: { name }, sample }: Progress): string {
	if (name) {
		return 'Run this item again with the option If Sample Exists set to Complete It: nothing is made twice.';
	}
	return sample
		? 'Finish it by its ID with Add Images and Set Variable Values. Running this item again would make another sample, because it has no name to be found by.'
		: 'Run this item again: images that were uploaded already are reused.';
}
