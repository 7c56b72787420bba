import type { IDataObject } from 'n8n-workflow';
import { fail } from '../../shared/api/error';
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
		'Create a finished training sample from an item: its images, its metadata and the values of its variables',
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
				'Whether Ximilar keeps uploaded images in their full size instead of making them smaller',
		}),
		test: testMark(),
		sampleType: sampleType(),
	},
	workspace: 'The workspace of the dataset, instead of the default one',
	simplify: ({ id, name, alreadyExisted, changed, test, type, image_ids, values, dataset }) => ({
		id,
		name,
		alreadyExisted,
		changed,
		test,
		type,
		image_ids,
		values,
		dataset,
	}),
	run: async (run, { dataset, name, options, ...given }) => {
		const { ifExists: then = 'create', workspace } = options;
		if (then !== 'create' && !name) {
			fail('Name is empty', 'If Sample Exists finds a sample by its Name: give each item one.');
		}
		const assignments = await checkedValues(run, dataset, workspace, givenValues(given));
		const finish = async (existing?: ExistingSample) => {
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
				images: await wantedImages(run, given, existing ? reusable(existing) : {}),
				isRepeatable: then === 'complete',
			};
			return await finishSample(run.api, wanted, existing);
		};
		if (then === 'create' || !name) return await finish();
		const key = `samples of ${dataset} in ${workspace}`;
		const finder = await run.memoize(key, async () => createSampleFinder(run.api, dataset));
		// Two items with one name are one sample: the second finds what the first has made.
		return await run.withLock(`"${name}" of ${key}`, async () => {
			const found = await run.withLock(key, async () => await finder.find(name));
			if (found && then === 'fail') {
				fail(
					`The dataset has a sample with the name "${name}" already: ${String(found.id)}`,
					'Nothing was made. To finish that sample, set If Sample Exists to Complete It.',
				);
			}
			const finishing = async () =>
				await finish(found && (await readSample(run.api, String(found.id))));
			const row = await finishing().catch((error: unknown) => {
				finder.reset();
				throw error;
			});
			finder.add(row);
			return row;
		});
	},
});

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
