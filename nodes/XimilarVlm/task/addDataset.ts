import { operation } from '../../shared/engine/operation';
import { inWorkspace } from '../../shared/api/workspace';
import { changeDataset, connectionFields } from './datasets';

export const addDataset = operation({
	name: 'Add Dataset',
	action: 'Add dataset to task',
	description: 'Connect a dataset to a task, so that the next training uses its samples',
	fields: connectionFields('The dataset to add to the task'),
	run: async ({ api }, { task, dataset, options }) => {
		await changeDataset(inWorkspace(api, options.workspace), 'add', task, dataset);
		return { task, dataset, added: true };
	},
});
