import { operation } from '../../shared/engine/operation';
import { descriptionText, nameText, updateFields, workspaceOption } from '../../shared/fields';
import { path } from '../../shared/api/address';
import { entitySchema } from '../../shared/api/schemas';
import { inWorkspace } from '../../shared/api/workspace';
import { promptPicker } from '../fields';
import { promptContent, promptFormat } from './common';

export const update = operation({
	name: 'Update',
	action: 'Update prompt',
	description:
		'Change the name, text, description or format of a prompt, for all tasks and datasets that use it',
	fields: {
		prompt: promptPicker(),
		updateFields: updateFields({
			content: promptContent(),
			description: descriptionText(),
			format: promptFormat(),
			name: nameText('e.g. Card grading instruction'),
		}),
		options: workspaceOption(),
	},
	run: async ({ api }, { prompt, updateFields: changes, options }) =>
		await inWorkspace(api, options.workspace).patch(
			path`vlm/v2/prompt/${prompt}/`,
			entitySchema,
			changes,
		),
});
