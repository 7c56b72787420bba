import { choice } from '../../shared/engine/field';
import { byName, descriptionText, modelVersion, nameText } from '../../shared/engine/namedFields';
import type { Resource } from '../../shared/engine/operation';
import { labels, tasks } from '../entities';
import { train } from './train';

const taskType = () =>
	choice(
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
			{ name: 'Tagging', value: 'multi_label', description: 'One or more labels (multi_label)' },
		],
	);

export const task: Resource = {
	name: 'Task',
	operations: {
		addLabel: tasks.connect(
			'add',
			labels,
			'Add a label to a task, so that the next training includes it',
		),
		create: tasks.create({
			description:
				'Create a recognition task. Before it can classify, add labels with training images, and train it.',
			fields: { name: nameText('e.g. Product colours'), taskType: taskType() },
			options: { description: descriptionText() },
			body: ({ name, taskType: type, options: { description } }) => ({ name, type, description }),
		}),
		delete: tasks.delete('Delete a recognition task permanently; its labels and images stay'),
		get: tasks.get('Get a recognition task with its labels, model version and last training'),
		getAll: tasks.getAll({
			description: 'Get the recognition tasks of a workspace, or find a task by its name',
			filters: byName.filters('e.g. Product colours'),
			query: byName.query,
			keep: byName.keep,
		}),
		removeLabel: tasks.connect(
			'remove',
			labels,
			'Remove a label from a task; the label itself and its images stay',
		),
		train,
		update: tasks.update({
			description: 'Change the name, the description or the active model version of a task',
			fields: {
				description: descriptionText(),
				name: nameText('e.g. Product colours'),
				version: modelVersion('The version of the trained model to use from now on'),
			},
			body: ({ name, description, version: production_version }) => ({
				name,
				description,
				production_version,
			}),
		}),
	},
};
