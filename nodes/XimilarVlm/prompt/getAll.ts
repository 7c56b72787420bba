import { listOperation } from '../../shared/engine/operation';
import { byName, workspacePicker } from '../../shared/fields';
import { entitySchema } from '../../shared/api/schemas';
import { promptType } from './common';

export const getAll = listOperation({
	action: 'Get many prompts',
	description: 'Get the prompts of a workspace without their texts, or find a prompt by its name',
	path: 'vlm/v2/prompt/',
	schema: entitySchema,
	filters: {
		...byName.filters('e.g. Card grading instruction'),
		promptType: promptType('Only prompts of this type'),
		workspace: workspacePicker(),
	},
	query: ({ name, search, promptType: type, workspace }) => ({
		...byName.query({ name, search }),
		type,
		workspace,
	}),
	keep: byName.keep,
});
