import { operation } from '../../shared/engine/operation';
import { taskPicker, workspaceOption } from '../../shared/fields';
import { path } from '../../shared/api/address';
import { objectOrEmpty } from '../../shared/api/schemas';
import { inWorkspace } from '../../shared/api/workspace';

export const train = operation({
	name: 'Train',
	action: 'Train task',
	description: 'Start the training of a task with all samples of the datasets it is connected to',
	fields: { task: taskPicker('The task to train'), options: workspaceOption() },
	simplify: ({ task, started, detail }) => ({ task, started, detail }),
	run: async ({ api }, { task, options }) => {
		const here = inWorkspace(api, options.workspace);
		const answer = await here.post(path`vlm/v2/task/${task}/train/`, objectOrEmpty);
		return { task, started: true, ...answer };
	},
});
