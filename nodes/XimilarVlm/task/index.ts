import { byName } from '../../shared/engine/namedFields';
import type { Resource } from '../../shared/engine/operation';
import { datasets, vlmTasks } from '../entities';
import { train } from './train';
import { update } from './update';

export const task: Resource = {
	name: 'Task',
	operations: {
		addDataset: vlmTasks.connect(
			'add',
			datasets,
			'Connect a dataset to a task, so that the next training uses its samples',
		),
		get: vlmTasks.get('Get a vision language task with its model versions, datasets and prompts'),
		getAll: vlmTasks.getAll({
			description: 'Get the vision language tasks of a workspace, or find a task by its name',
			filters: byName.filters('e.g. Card grading'),
			query: byName.query,
			keep: byName.keep,
		}),
		removeDataset: vlmTasks.connect(
			'remove',
			datasets,
			'Disconnect a dataset from a task; the dataset and its samples stay',
		),
		train,
		update,
	},
};
