import { operation } from '../../shared/engine/operation';
import {
	descriptionText,
	modelVersion,
	nameText,
	taskPicker,
	updateFields,
	workspaceOption,
} from '../../shared/fields';
import { path } from '../../shared/api/address';
import { entitySchema } from '../../shared/api/schemas';
import { inWorkspace } from '../../shared/api/workspace';
import { taskRow } from './row';

export const update = operation({
	name: 'Update',
	action: 'Update task',
	description: 'Change the name or description of a task, or the model version that classifies',
	fields: {
		task: taskPicker(),
		updateFields: updateFields({
			description: descriptionText(),
			name: nameText('e.g. Product colours'),
			version: modelVersion('The version of the trained model that classifies from now on'),
		}),
		options: workspaceOption(),
	},
	simplify: taskRow,
	run: async ({ api }, { task, updateFields: { name, description, version }, options }) =>
		await inWorkspace(api, options.workspace).patch(
			path`recognition/v2/task/${task}/`,
			entitySchema,
			{ name, description, production_version: version },
		),
});
