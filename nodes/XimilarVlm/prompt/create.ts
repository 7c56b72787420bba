import { collection, optional } from '../../shared/engine/field';
import { operation } from '../../shared/engine/operation';
import { descriptionText, ifNameExists, nameText, workspacePicker } from '../../shared/fields';
import { createNamed } from '../../shared/api/named';
import { inWorkspace } from '../../shared/api/workspace';
import { promptContent, promptFormat, promptType } from './common';

export const create = operation({
	name: 'Create',
	action: 'Create prompt',
	description: 'Create a reusable prompt that tasks and datasets can share',
	fields: {
		name: nameText('e.g. Card grading instruction'),
		promptType: promptType('What the prompt is for'),
		content: optional(promptContent()),
		options: collection({
			description: descriptionText(),
			format: promptFormat(),
			ifExists: ifNameExists('Prompt'),
			workspace: workspacePicker('The workspace to create it in, instead of the default one'),
		}),
	},
	// One after the other: of two items with the same name, the second finds what the first made.
	itemsAtOnce: 1,
	run: async ({ api }, { name, promptType: type, content, options }) =>
		await createNamed(
			inWorkspace(api, options.workspace),
			'vlm/v2/prompt/',
			{
				name,
				type,
				content,
				description: options.description,
				format: options.format ?? undefined,
			},
			options.ifExists,
		),
});
