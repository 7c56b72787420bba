import { choice, text } from '../../shared/engine/field';
import { byName, descriptionText, nameText } from '../../shared/engine/namedFields';
import type { Resource } from '../../shared/engine/operation';
import { labels, tasks } from '../entities';
import { deleteLabel } from './delete';

const outputName = () =>
	text({
		displayName: 'Output Name',
		placeholder: 'e.g. t-shirt',
		description: 'The name that stands for the label in outputs, where it differs from Name',
	});

const labelType = () =>
	choice(
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
	);

export const label: Resource = {
	name: 'Label',
	operations: {
		create: labels.create({
			description: 'Create a label: a feature that tasks learn to recognize in images',
			fields: { name: nameText('e.g. T-shirt'), labelType: labelType() },
			options: { description: descriptionText(), outputName: outputName() },
			body: ({ name, labelType: type, options: { description, outputName: output_name } }) => ({
				name,
				type,
				description,
				output_name,
			}),
		}),
		delete: deleteLabel,
		get: labels.get('Get a label, with how many training images have it'),
		getAll: labels.getAll({
			description: 'Get the labels of a workspace or of a task, or find a label by its name',
			filters: {
				...byName.filters('e.g. T-shirt'),
				task: tasks.optionalPicker({ description: 'The task whose labels are returned' }),
			},
			query: byName.query,
			keep: byName.keep,
		}),
		update: labels.update({
			description: 'Change the name, description or output name of a label',
			fields: {
				description: descriptionText(),
				name: nameText('e.g. T-shirt'),
				outputName: outputName(),
			},
			body: ({ name, description, outputName: output_name }) => ({
				name,
				description,
				output_name,
			}),
		}),
	},
};
