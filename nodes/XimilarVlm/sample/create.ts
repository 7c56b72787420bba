import type { IDataObject } from 'n8n-workflow';
import { fail } from '../../shared/api/error';
import { callOptions } from '../../shared/engine/callOptions';
import type { Run } from '../../shared/engine/execution';
import { downloadOptions } from '../../shared/engine/imageFields';
import { boolean, choice, jsonObject, optional, requiredText } from '../../shared/engine/field';
import { descriptionText } from '../../shared/engine/namedFields';
import { operation } from '../../shared/engine/operation';
import { datasets } from '../entities';
import { inputMetadata, sampleType, testMark } from './attributes';
import { createSampleFinder } from './findSample';
import { finishSample, readSample, type ExistingSample } from './finishSample';
import { rememberedImages, type ImageMemory } from './rememberedImages';
import { givenValues, optionalValueFields } from './valueFields';
import { checkedValues } from './values';
import { sampleImageFields, wantedImages } from './wantedImages';

export const create = operation({
	name: 'Create',
	action: 'Create sample',
	description:
		'Create a training sample in a dataset, with its images, metadata and variable values. Returns its ID and what it holds.',
	fields: {
		dataset: datasets.picker({ description: 'The dataset that the sample belongs to' }),
		name: optional(
			requiredText({
				displayName: 'Name',
				placeholder: 'e.g. Card 17',
				description: 'A name to find the sample by, e.g. to complete it in another run',
			}),
		),
		...sampleImageFields(),
		...optionalValueFields(),
	},
	options: {
		...callOptions(),
		...downloadOptions(),
		description: descriptionText(),
		ifExists: ifExists(),
		inputMetadata: optional(inputMetadata()),
		metadata: optional(
			jsonObject({
				displayName: 'Metadata',
				placeholder: 'e.g. {"sku": "A-17"}',
				description: 'What to keep with the sample, as a JSON object',
			}),
		),
		noResize: boolean({
			displayName: 'Keep Full Size',
			description:
				'Whether Ximilar keeps uploaded images in their full size instead of making them smaller. Images that were uploaded before keep the size they have; not_applied then names this option.',
		}),
		test: testMark(),
		sampleType: sampleType(),
	},
	workspace: 'The workspace of the dataset, instead of the default one',
	simplify: (sample) => ({
		id: sample.id,
		name: sample.name,
		already_existed: sample.already_existed,
		changed: sample.changed,
		not_applied: sample.not_applied,
		test: sample.test,
		type: sample.type,
		image_ids: sample.image_ids,
		values: sample.values,
		dataset_id: sample.dataset,
		workspace: sample.workspace,
	}),
	// The files of a sample are in memory together.
	itemsAtOnce: 4,
	run: async (run, { dataset, name, options, ...given }) => {
		const { ifExists: then = 'create', workspace } = options;
		if (then !== 'create' && !name) {
			fail('Name is empty', 'If Sample Exists finds a sample by its Name: give each item one.');
		}
		const assignments = await checkedValues(run, dataset, workspace, givenValues(given));
		const finish = async (existing?: ExistingSample) => {
			const memory = existing ? reusable(existing) : {};
			const wanted = {
				dataset,
				name,
				facts: {
					description: options.description,
					test: options.test,
					type: options.sampleType,
					input_meta_data: filled(options.inputMetadata),
					meta_data: filled(options.metadata),
				},
				noResize: options.noResize,
				assignments,
				images: await wantedImages(run, given, memory, options.maxDownloadSize),
				isRepeatable: then === 'complete',
			};
			const sample = await finishSample(run.api, wanted, existing);
			if (sample.not_applied) {
				run.hint(
					'Some images were uploaded before, and keep the size they have (not_applied): Keep Full Size did not apply to them.',
				);
			}
			return sample;
		};
		if (then === 'create' || !name) return await finish();
		return await byName(run, { dataset, name, workspace }, async (found) => {
			if (found && then === 'fail') {
				fail(
					`The dataset has a sample with the name "${name}" already: ${found}`,
					'Nothing was made. To finish that sample, set If Sample Exists to Complete It.',
				);
			}
			return await finish(found === undefined ? undefined : await readSample(run.api, found));
		});
	},
});

/**
 * Works on the one sample of a name. Two items of a run with one name are one sample: the second
 * finds what the first has made.
 * @param work is given the sample's ID, if there is one, and gives the sample
 */
async function byName(
	{ api, memoize, withLock }: Run,
	{ dataset, name, workspace }: { dataset: string; name: string; workspace?: string },
	work: (found: string | undefined) => Promise<IDataObject>,
): Promise<IDataObject> {
	const key = `samples of ${dataset} in ${workspace}`;
	const finder = await memoize(key, async () => createSampleFinder(api, dataset));
	return await withLock(`"${name}" of ${key}`, async () => {
		const found = await withLock(key, async () => await finder.find(name));
		const sample = await work(found?.id as string | undefined).catch((error: unknown) => {
			// It may have been made all the same.
			if (!found) finder.reset();
			throw error;
		});
		finder.add(sample);
		return sample;
	});
}

/** What is remembered of the images that the sample still has. */
function reusable({ sample, imageIds }: ExistingSample): ImageMemory {
	const memory = Object.entries(rememberedImages(sample));
	return Object.fromEntries(memory.filter(([id]) => imageIds.includes(id)));
}

function ifExists() {
	return choice(
		{
			displayName: 'If Sample Exists',
			default: 'create',
			description: 'What to do when the dataset has a sample with exactly this name',
		},
		[
			{
				name: 'Complete It',
				value: 'complete',
				description:
					'Whatever it lacks is added or changed, and its values are set again. So a run that was broken off can be run again, and makes nothing twice. What it knows of its images is kept in its metadata.',
			},
			{ name: 'Create Another', value: 'create' },
			{ name: 'Fail', value: 'fail' },
		],
	);
}

/** Left out when blank: the service fills in the input metadata of the dataset then (seed 003). */
function filled(metadata: IDataObject | undefined): IDataObject | undefined {
	return metadata && Object.keys(metadata).length ? metadata : undefined;
}
