import type { IDataObject } from 'n8n-workflow';
import { fail } from '../../shared/api/error';
import { boolean, choice, jsonObject, optional, requiredText } from '../../shared/engine/field';
import { descriptionText } from '../../shared/engine/namedFields';
import { operation } from '../../shared/engine/operation';
import { datasets } from '../entities';
import { inputMetadata, sampleType, testMark } from './attributes';
import { findSample, finishSample } from './finishSample';
import { newImages, sampleImageFields } from './newImages';
import { givenValues, optionalValueFields } from './valueFields';
import { checkedValues } from './values';

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
	simplify: ({ id, name, alreadyExisted, test, type, image_ids, values, dataset }) => ({
		id,
		name,
		alreadyExisted,
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
		const wanted = {
			dataset,
			name,
			description: options.description,
			test: options.test,
			type: options.sampleType,
			input_meta_data: filled(options.inputMetadata),
			meta_data: filled(options.metadata),
			noResize: options.noResize,
			assignments: await checkedValues(run, dataset, workspace, givenValues(given)),
			images: await newImages(run, given),
		};
		const { api } = run;
		if (then === 'create' || !name) return await finishSample(api, wanted);
		// Two items with one name are one sample: the second finds what the first has made.
		return await run.withLock(`sample "${name}" of ${dataset}`, async () => {
			const existing = await findSample(api, dataset, name);
			if (existing && then === 'fail') {
				fail(
					`The dataset has a sample with the name "${name}" already: ${String(existing.id)}`,
					'Nothing was made. To finish that sample, set If Sample Exists to Complete It.',
				);
			}
			return await finishSample(api, wanted, existing);
		});
	},
});

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
					'Images that it lacks are added, and its values set again. So a run that was broken off can be run again, and makes nothing twice.',
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
