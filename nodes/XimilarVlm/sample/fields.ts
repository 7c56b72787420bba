import {
	anyValue,
	boolean,
	choice,
	ids,
	jsonObject,
	list,
	requiredText,
	resourceMapper,
	shownWhen,
	type MappedValues,
} from '../../shared/engine/field';
import { imageFields, imageSource } from '../../shared/engine/imageFields';
import type { GivenValues } from '../variable/rules';

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

export const trainingImageIds = () =>
	ids('training image', {
		displayName: 'Training Image IDs',
		required: true,
		placeholder: 'e.g. 185c2019-1182-439c-900b-9f29c3f35926',
		description:
			'The IDs of uploaded images, in their order. Several are separated by commas, or given as a list by an expression.',
	});

export const detectionObjectIds = () =>
	ids('detection object', {
		displayName: 'Detection Object IDs',
		required: true,
		placeholder: 'e.g. f6a7b8c9-d0e1-2345-f678-901234567890',
		description:
			'The IDs of the objects. Several are separated by commas, or given as a list by an expression.',
	});

/** Where the images of a new sample come from. */
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

const valueSources = [
	{
		name: 'Form',
		value: 'form',
		description: "A field for each of the dataset's variables, or automatically by column names",
	},
	{ name: 'JSON', value: 'json', description: 'One object with the values by their names' },
	{
		name: 'Names and Values',
		value: 'pairs',
		description: 'Names of variables, each with its value',
	},
] as const;

const valueSource = <const V extends string>(
	others: Array<{ name: string; value: V; description: string }>,
) =>
	choice<(typeof valueSources)[number]['value'] | V>(
		{
			displayName: 'Value Source',
			default: 'form',
			description: "How the values of the dataset's variables are given",
		},
		[...valueSources, ...others],
	);

/** The fields by which the user gives the values of a dataset's variables. */
export const valueFields = () => ({
	valueSource: valueSource<never>([]),
	values: shownWhen(
		{ valueSource: ['form'] },
		resourceMapper({
			method: 'getVariables',
			dependsOn: ['dataset.value'],
			words: { singular: 'variable', plural: 'variables' },
			displayName: 'Values',
			description: 'What the sample should say. A field that is left empty is not set.',
		}),
	),
	valuesJson: shownWhen(
		{ valueSource: ['json'] },
		jsonObject({
			displayName: 'Values as JSON',
			placeholder: 'e.g. {"grade": 8.5, "explain": "Sharp corners"}',
			description: 'The values by the names of their variables, as a JSON object',
		}),
	),
	valuePairs: shownWhen(
		{ valueSource: ['pairs'] },
		list(
			{
				name: requiredText({
					displayName: 'Variable Name',
					placeholder: 'e.g. grade',
					description: 'The name of a variable of the dataset',
				}),
				value: anyValue({
					displayName: 'Value',
					placeholder: 'e.g. 8.5',
					description: "The value in the variable's type; lists and objects as JSON",
				}),
			},
			{
				displayName: 'Values by Name',
				placeholder: 'Add Value',
				description: 'Names of variables, each with its value',
			},
		),
	),
});

/** The same for a new sample, which may have no values yet. */
export const optionalValueFields = () => ({
	...valueFields(),
	valueSource: valueSource([
		{ name: 'None', value: 'none', description: 'Values are set later, or not at all' },
	]),
});

/** The values of {@link valueFields}. */
export interface ValueFieldValues {
	valueSource: 'form' | 'json' | 'pairs' | 'none';
	values?: MappedValues;
	valuesJson?: Record<string, unknown>;
	valuePairs?: Array<{ name: string; value: unknown }>;
}

/** What the user gave, whichever way. */
export function givenValues({ valueSource: source, ...given }: ValueFieldValues): GivenValues {
	switch (source) {
		case 'form':
			return {
				entries: Object.entries(given.values?.values ?? {}),
				mayHaveOthers: given.values?.automatic,
			};
		case 'json':
			return { entries: Object.entries(given.valuesJson ?? {}) };
		case 'pairs':
			return { entries: (given.valuePairs ?? []).map(({ name, value }) => [name, value]) };
		case 'none':
			return { entries: [], partial: true };
	}
}
