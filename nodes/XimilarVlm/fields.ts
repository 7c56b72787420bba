import { optional, picker } from '../shared/engine/field';

/** Fields that operations of several VLM resources share. */

const anyDataset = (description: string, required: boolean) =>
	picker({
		thing: 'dataset',
		search: 'searchDatasets',
		displayName: 'Dataset',
		description,
		...(required ? { required } : {}),
	});

export const datasetPicker = (description = 'The dataset to work with') =>
	anyDataset(description, true);

/** For operations that need no dataset, but a picker that does: one long list helps nobody. */
export const datasetOfList = (description: string) => optional(anyDataset(description, false));

export const promptPicker = (description = 'The prompt to work with') =>
	picker({
		thing: 'prompt',
		search: 'searchPrompts',
		displayName: 'Prompt',
		description,
		required: true,
	});

export const samplePicker = () =>
	picker({
		thing: 'sample',
		search: 'searchSamples',
		dependsOn: ['dataset.value'],
		displayName: 'Sample',
		description: 'The sample to work with',
		required: true,
	});

/** A sample, and the dataset that narrows the list to choose it from. */
export const sampleFields = () => ({
	dataset: datasetOfList('The dataset whose samples the list of Sample shows; of all when empty'),
	sample: samplePicker(),
});

export const variablePicker = () =>
	picker({
		thing: 'variable',
		search: 'searchVariables',
		dependsOn: ['dataset.value'],
		displayName: 'Variable',
		description: 'The variable to work with',
		required: true,
	});
