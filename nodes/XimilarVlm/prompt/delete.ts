import { operation } from '../../shared/engine/operation';
import { workspaceOption } from '../../shared/fields';
import { path } from '../../shared/api/address';
import { inWorkspace } from '../../shared/api/workspace';
import { promptPicker } from '../fields';

export const deletePrompt = operation({
	name: 'Delete',
	action: 'Delete prompt',
	description: 'Delete a prompt for good; tasks and datasets that use it are left without it',
	fields: { prompt: promptPicker(), options: workspaceOption() },
	run: async ({ api }, { prompt, options }) =>
		await inWorkspace(api, options.workspace).delete(path`vlm/v2/prompt/${prompt}/`),
});
