import { choice, collection } from '../../shared/engine/field';
import { operation } from '../../shared/engine/operation';
import { descriptionText, ifNameExists, nameText, workspacePicker } from '../../shared/fields';
import { createNamed } from '../../shared/api/named';
import { inWorkspace } from '../../shared/api/workspace';
import { outputName } from './common';

export const create = operation({
	name: 'Create',
	action: 'Create label',
	description: 'Create a label: a feature that tasks learn to recognize in images',
	fields: {
		name: nameText('e.g. T-shirt'),
		labelType: choice(
			{
				displayName: 'Type',
				default: 'category',
				description: 'The kind of tasks that the label is for',
			},
			[
				{
					name: 'Category',
					value: 'category',
					description: 'For categorization tasks: an image has one label',
				},
				{
					name: 'Tag',
					value: 'tag',
					description: 'For tagging tasks: an image can have several labels',
				},
			],
		),
		options: collection({
			description: descriptionText(),
			ifExists: ifNameExists('Label'),
			outputName: outputName(),
			workspace: workspacePicker('The workspace to create it in, instead of the default one'),
		}),
	},
	// One after the other: of two items with the same name, the second finds what the first made.
	itemsAtOnce: 1,
	run: async ({ api }, { name, labelType, options }) =>
		await createNamed(
			inWorkspace(api, options.workspace),
			'recognition/v2/label/',
			{
				name,
				type: labelType,
				description: options.description,
				output_name: options.outputName,
			},
			options.ifExists,
		),
});
