import type { IDataObject } from 'n8n-workflow';
import type { Api } from '../../shared/api/client';
import { at } from '../../shared/api/entities';
import { fail } from '../../shared/api/error';
import { objectOrEmpty } from '../../shared/api/schemas';
import { boolean, choice, jsonObject } from '../../shared/engine/field';
import { operation } from '../../shared/engine/operation';
import { sampleFields, samples } from '../entities';

/** What a sample says of itself: its test mark, its type and its input metadata. */

/** How a sample's images are used in training (seed 003, "Set Sample Type"). */
export const sampleType = () =>
	choice(
		{
			displayName: 'Type',
			default: 'multi_random',
			description: "How the sample's images are used in training",
		},
		[
			{
				name: 'All Images in Order',
				value: 'multi_ordered',
				description: 'All images, in their order (multi_ordered)',
			},
			{
				name: 'All Images in Random Order',
				value: 'multi_random',
				description: 'The default (multi_random)',
			},
			{ name: 'Single Image', value: 'single', description: 'Just one of the images (single)' },
		],
	);

export const testMark = () =>
	boolean({
		displayName: 'Test',
		description:
			'Whether it is a test sample, which measures how good a model is and does not train it',
	});

export const inputMetadata = () =>
	jsonObject({
		displayName: 'Input Metadata',
		placeholder: 'e.g. {"category": "jacket"}',
		description: 'What user prompts can refer to in training and inference, as a JSON object',
	});

/**
 * Makes a sample a test sample, or a training sample again: POST sample/ID/set-test/ and
 * set-untest/ (seed 003). A lost call is sent again: the mark is the same afterwards.
 */
export async function markTest(api: Api, sample: string, test: boolean): Promise<IDataObject> {
	const call = test ? 'set-test/' : 'set-untest/';
	return await api.post(at(samples, sample, call), objectOrEmpty, undefined, { idempotent: true });
}

/** Changes a sample: PATCH sample/ID/ with `type` or `input_meta_data` (seed 003). */
export async function changeSample(
	api: Api,
	sample: string,
	changes: IDataObject,
): Promise<IDataObject> {
	return await api.patch(at(samples, sample), objectOrEmpty, changes);
}

const onSample = { workspace: true, simplify: samples.row } as const;

export const setTest = operation({
	...onSample,
	name: 'Set Test',
	action: 'Set sample as test or training sample',
	description: 'Make a sample a test sample, or a training sample again',
	fields: { ...sampleFields(), test: testMark() },
	run: async ({ api }, { sample, test }) => ({
		id: sample,
		test,
		...(await markTest(api, sample, test)),
	}),
});

export const setType = operation({
	...onSample,
	name: 'Set Type',
	action: 'Set type of sample',
	description: 'Set how the images of a sample are used in training: one, all, or all in order',
	fields: { ...sampleFields(), sampleType: sampleType() },
	run: async ({ api }, { sample, sampleType: type }) => ({
		id: sample,
		type,
		...(await changeSample(api, sample, { type })),
	}),
});

export const addInputMetadata = operation({
	...onSample,
	name: 'Add Input Metadata',
	action: 'Add input metadata to sample',
	description: 'Add input metadata to a sample; Ximilar merges it with what is there',
	fields: { ...sampleFields(), inputMetadata: inputMetadata() },
	run: async ({ api }, { sample, inputMetadata: metadata }) => {
		if (!Object.keys(metadata).length) {
			fail('Input Metadata is empty', 'Enter a JSON object, e.g. {"category": "jacket"}.');
		}
		const changes = { input_meta_data: metadata };
		return { id: sample, ...changes, ...(await changeSample(api, sample, changes)) };
	},
});
