import type { IDataObject } from 'n8n-workflow';
import type { Query } from '../shared/api/client';
import { DATASET, PROMPT, REQUEST, SAMPLE, VARIABLE, VLM_TASK } from '../shared/api/entities';
import { fail } from '../shared/api/error';
import { VLM_TASKS_PAGE } from '../shared/api/url';
import { entity } from '../shared/engine/entity';
import type { Fields } from '../shared/engine/field';
import type { Chosen } from '../shared/engine/naming';
import { requestRow, wholeRequest } from './request/answer';
import { requestId } from './request/fields';

/** The things of vision language models: how a picker shows them, and their rows. */

// Tasks

export const vlmTasks = entity({
	...VLM_TASK,
	key: 'task',
	page: VLM_TASKS_PAGE,
	row: (task) => ({
		id: task.id,
		name: task.name,
		production_version: task.production_version,
		last_version: task.last_version,
		dataset_ids: task.datasets,
		system_prompt_id: task.system_prompt_id,
		user_prompt_id: task.user_prompt_id,
		system_prompt: task.system_prompt,
		user_prompt: task.user_prompt,
		workspace: task.workspace,
	}),
});

// Prompts

export const prompts = entity({
	...PROMPT,
	key: 'prompt',
	describe: ({ type, format }) => [type, format].filter(Boolean).join(', ') || undefined,
});

const promptsOfType = (type: 'system' | 'user') => ({
	describe: ({ format }: IDataObject) => (format as string | null) ?? undefined,
	narrow: () => ({ type }),
});

/** To choose among the system prompts only. */
export const systemPromptPicker = (description: string) =>
	prompts.picker({
		displayName: 'System Prompt',
		description,
		narrowed: { name: 'searchSystemPrompts', ...promptsOfType('system') },
	});

/** To choose among the user prompts only. */
export const userPromptPicker = (description: string) =>
	prompts.picker({
		displayName: 'User Prompt',
		description,
		narrowed: { name: 'searchUserPrompts', ...promptsOfType('user') },
	});

// Datasets, their variables and samples

export const datasets = entity({
	...DATASET,
	key: 'dataset',
	// The API has no search for datasets and variables (seed 003).
	searchedHere: true,
	row: (dataset) => ({
		id: dataset.id,
		name: dataset.name,
		samples_count: dataset.samples_count,
		variables_count: dataset.variables_count,
		result_format: dataset.result_format,
		system_prompt_id: dataset.system_prompt_id,
		user_prompt_id: dataset.user_prompt_id,
		result_template_id: dataset.result_template_id,
		default_input_meta_data: dataset.default_input_meta_data,
		workspace: dataset.workspace,
	}),
});

/** Variables belong to one dataset each: a list of all would show names that mean nothing. */
async function ofDataset(chosen: Chosen): Promise<Query> {
	const dataset = await chosen('dataset', datasets);
	return dataset
		? { dataset }
		: fail('Dataset is empty', 'Choose a dataset first: variables are those of a dataset.');
}

export const variables = entity({
	...VARIABLE,
	key: 'variable',
	describe: ({ type }) => type as string,
	narrow: ofDataset,
	searchedHere: true,
	fields: (): Fields => ({
		dataset: datasets.optionalPicker({
			description: 'The dataset of the variable',
		}),
		variable: variables.picker({ dependsOn: ['dataset.value'] }),
	}),
	/** What it is, then the rules that it has. */
	row: ({ id, name, type, required, description, dataset, dataset_name, workspace, ...rules }) => {
		const set = Object.entries(rules).filter(([, rule]) => rule !== null);
		return {
			id,
			name,
			type,
			required,
			...Object.fromEntries(set),
			description,
			dataset_id: dataset,
			dataset_name,
			workspace,
		};
	},
});

export const samples = entity({
	...SAMPLE,
	key: 'sample',
	describe: ({ dataset_name: dataset, test }) =>
		[dataset, test && 'test'].filter(Boolean).join(', ') || undefined,
	narrow: async (chosen) => ({ dataset: await chosen('dataset', datasets) }),
	/** A sample, and the dataset that narrows the list to choose it from. */
	fields: (): Fields => sampleFields(),
	row: (sample) => ({
		id: sample.id,
		name: sample.name,
		test: sample.test,
		type: sample.type,
		images_count: sample.images_count,
		objects_count: sample.objects_count,
		variables_count: sample.variables_count,
		input_meta_data: sample.input_meta_data,
		dataset_id: sample.dataset,
		workspace: sample.workspace,
	}),
});

export const samplePicker = () => samples.picker({ dependsOn: ['dataset.value'] });

/** A sample, and the dataset that narrows the list to choose it from. */
export const sampleFields = () => ({
	dataset: datasets.optionalPicker({
		description: 'The dataset of the sample: narrows the list of samples (optional)',
	}),
	sample: samplePicker(),
});

// Requests

export const requests = entity({
	...REQUEST,
	schema: wholeRequest,
	key: 'requestId',
	// They have no names to choose by.
	fields: () => ({ requestId: requestId() }),
	row: requestRow,
});
