import { operation } from '../../shared/engine/operation';
import { inWorkspace } from '../../shared/api/workspace';
import { changeDataset, connectionFields } from './datasets';

export const removeDataset = operation({
	name: 'Remove Dataset',
	action: 'Remove dataset from task',
	description: 'Part a dataset from a task; the dataset and its samples stay',
	fields: connectionFields('The dataset to remove from the task'),
	run: async ({ api }, { task, dataset, options }) => {
		await changeDataset(inWorkspace(api, options.workspace), 'remove', task, dataset);
		return { task, dataset, removed: true };
	},
});
