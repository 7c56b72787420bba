import { operation } from '../../shared/engine/operation';
import { taskPicker, workspaceOption } from '../../shared/fields';
import { path } from '../../shared/api/address';
import { inWorkspace } from '../../shared/api/workspace';

export const deleteTask = operation({
	name: 'Delete',
	action: 'Delete task',
	description: 'Delete a recognition task for good; its labels and their images stay',
	fields: { task: taskPicker(), options: workspaceOption() },
	run: async ({ api }, { task, options }) =>
		await inWorkspace(api, options.workspace).delete(path`recognition/v2/task/${task}/`),
});
