import { operation } from '../../shared/engine/operation';
import { taskPicker, workspaceOption } from '../../shared/fields';
import { path } from '../../shared/api/address';
import { entitySchema } from '../../shared/api/schemas';
import { inWorkspace } from '../../shared/api/workspace';
import { taskRow } from './row';

export const get = operation({
	name: 'Get',
	action: 'Get task',
	description: 'Get a recognition task with its labels, its model version and its last training',
	fields: { task: taskPicker(), options: workspaceOption() },
	simplify: taskRow,
	run: async ({ api }, { task, options }) =>
		await inWorkspace(api, options.workspace).get(path`recognition/v2/task/${task}/`, entitySchema),
});
