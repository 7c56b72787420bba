import { operation } from '../../shared/engine/operation';
import { labelPicker, taskPicker, workspaceOption } from '../../shared/fields';
import { inWorkspace } from '../../shared/api/workspace';
import { changeLabel } from '../labels';

export const removeLabel = operation({
	name: 'Remove Label',
	action: 'Remove label from task',
	description: 'Disconnect a label from a task; the label itself and its images stay',
	fields: {
		task: taskPicker(),
		label: labelPicker('The label to remove from the task'),
		options: workspaceOption(),
	},
	run: async ({ api }, { task, label, options }) => {
		await changeLabel(inWorkspace(api, options.workspace), 'remove', 'task', task, label);
		return { task, label, removed: true };
	},
});
