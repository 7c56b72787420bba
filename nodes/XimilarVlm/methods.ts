import type { IDataObject, ILoadOptionsFunctions } from 'n8n-workflow';
import { chosen, listSearch, searchWorkspaces } from '../shared/engine/pickers';
import type { Query } from '../shared/api/client';
import { fail } from '../shared/api/error';
import { SAMPLES } from './sample/find';
import { getVariables } from './variable/form';
import { VARIABLES } from './variable/list';

const PROMPTS = 'vlm/v2/prompt/';

const chosenDataset = (editor: ILoadOptionsFunctions) =>
	chosen(editor, 'dataset', 'Dataset', 'dataset');

/** Variables belong to one dataset each: a list of all would show names that mean nothing. */
function ofDataset(editor: ILoadOptionsFunctions): Query {
	const dataset = chosenDataset(editor);
	return dataset
		? { dataset }
		: fail('Dataset is empty', 'Choose a dataset first: the list shows its variables.');
}

const words = (...parts: unknown[]): string | undefined =>
	parts.filter(Boolean).join(', ') || undefined;

const describePrompt = ({ type, format }: IDataObject) => words(type, format);

/** What the editor asks the node for while a user fills it in. */
export const listSearches = {
	// The API has no search for datasets and variables (seed 003).
	searchDatasets: listSearch('vlm/v2/dataset/', undefined, { searchedHere: true }),
	searchPrompts: listSearch(PROMPTS, describePrompt),
	searchSamples: listSearch(
		SAMPLES,
		({ dataset_name: dataset, test }) => words(dataset, test && 'test'),
		{ query: (editor) => ({ dataset: chosenDataset(editor) }) },
	),
	searchSystemPrompts: listSearch(PROMPTS, ({ format }) => words(format), {
		query: () => ({ type: 'system' }),
	}),
	searchTasks: listSearch('vlm/v2/task/'),
	searchUserPrompts: listSearch(PROMPTS, ({ format }) => words(format), {
		query: () => ({ type: 'user' }),
	}),
	searchVariables: listSearch(VARIABLES, ({ type }) => words(type), {
		query: ofDataset,
		searchedHere: true,
	}),
	searchWorkspaces,
};

export const resourceMappings = { getVariables };
