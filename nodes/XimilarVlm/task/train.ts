import { at } from '../../shared/api/entities';
import { objectOrEmpty } from '../../shared/api/schemas';
import { operation } from '../../shared/engine/operation';
import { vlmTasks } from '../entities';

export const train = operation({
	name: 'Train',
	action: 'Train task',
	description:
		'Start the training of a task with all samples of the datasets it is connected to; returns at once',
	fields: { task: vlmTasks.picker({ description: 'The task to train' }) },
	workspace: true,
	simplify: ({ task_id, started, detail }) => ({ task_id, started, detail }),
	run: async ({ api }, { task }) => {
		const answer = await api.post(at(vlmTasks, task, 'train/'), objectOrEmpty);
		return { task_id: task, started: true, ...answer };
	},
});
