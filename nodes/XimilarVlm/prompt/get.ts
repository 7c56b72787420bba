import { operation } from '../../shared/engine/operation';
import { workspaceOption } from '../../shared/fields';
import { path } from '../../shared/api/address';
import { entitySchema } from '../../shared/api/schemas';
import { inWorkspace } from '../../shared/api/workspace';
import { promptPicker } from '../fields';

export const get = operation({
	name: 'Get',
	action: 'Get prompt',
	description: 'Get a prompt with its text, its type and its format',
	fields: { prompt: promptPicker(), options: workspaceOption() },
	run: async ({ api }, { prompt, options }) =>
		await inWorkspace(api, options.workspace).get(path`vlm/v2/prompt/${prompt}/`, entitySchema),
});
