import { at } from '../../shared/api/entities';
import { XimilarError } from '../../shared/api/error';
import { objectOrEmpty } from '../../shared/api/schemas';
import { operation } from '../../shared/engine/operation';
import { tasks } from '../entities';

export const train = operation({
	name: 'Train',
	action: 'Train task',
	description:
		'Start the training of a task, which takes minutes to hours; returns at once. Ximilar sends an e-mail when it ends.',
	fields: { task: tasks.picker({ description: 'The task to train' }) },
	workspace: true,
	simplify: ({ task_id, started, detail }) => ({ task_id, started, detail }),
	run: async ({ api }, { task }) => {
		const answer = await api.post(at(tasks, task, 'train/'), objectOrEmpty).catch(withRule);
		return { task_id: task, started: true, ...answer };
	},
});

/** The service may refuse without a useful reason: the rule of seed 002 is told in any case. */
function withRule(error: unknown): never {
	if (!(error instanceof XimilarError) || error.status !== 400) throw error;
	throw error.with({
		description: `A task can train when it has at least two labels, and each of them at least 20 training images. ${error.description}`,
	});
}
