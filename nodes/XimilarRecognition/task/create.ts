import { choice, collection } from '../../shared/engine/field';
import { operation } from '../../shared/engine/operation';
import { descriptionText, ifNameExists, nameText, workspacePicker } from '../../shared/fields';
import { createNamed } from '../../shared/api/named';
import { inWorkspace } from '../../shared/api/workspace';
import { taskRow } from './row';

export const create = operation({
	name: 'Create',
	action: 'Create task',
	description:
		'Create a recognition task; add labels with training images to it, and train it, before it can classify',
	fields: {
		name: nameText('e.g. Product colours'),
		taskType: choice(
			{
				displayName: 'Type',
				default: 'multi_class',
				description: 'How many labels an image can have',
			},
			[
				{
					name: 'Categorization',
					value: 'multi_class',
					description: 'One label; labels exclude each other (multi_class)',
				},
				{
					name: 'Tagging',
					value: 'multi_label',
					description: 'One or more labels (multi_label)',
				},
			],
		),
		options: collection({
			description: descriptionText(),
			ifExists: ifNameExists('Task'),
			workspace: workspacePicker('The workspace to create it in, instead of the default one'),
		}),
	},
	simplify: ({ alreadyExisted, ...task }) => ({ ...taskRow(task), alreadyExisted }),
	itemsAtOnce: 1,
	run: async ({ api }, { name, taskType, options }) =>
		await createNamed(
			inWorkspace(api, options.workspace),
			'recognition/v2/task/',
			{ name, type: taskType, description: options.description },
			options.ifExists,
		),
});
