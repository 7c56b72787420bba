import { operation } from '../../shared/engine/operation';
import { labelPicker, taskPicker, workspaceOption } from '../../shared/fields';
import { inWorkspace } from '../../shared/api/workspace';
import { changeLabel } from '../labels';

export const addLabel = operation({
	name: 'Add Label',
	action: 'Add label to task',
	description: 'Connect a label to a task, so that the next training teaches it',
	fields: {
		task: taskPicker(),
		label: labelPicker('The label to add to the task'),
		options: workspaceOption(),
	},
	run: async ({ api }, { task, label, options }) => {
		await changeLabel(inWorkspace(api, options.workspace), 'add', 'task', task, label);
		return { task, label, added: true };
	},
});
