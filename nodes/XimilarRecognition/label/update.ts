import { operation } from '../../shared/engine/operation';
import {
	descriptionText,
	labelPicker,
	nameText,
	updateFields,
	workspaceOption,
} from '../../shared/fields';
import { path } from '../../shared/api/address';
import { entitySchema } from '../../shared/api/schemas';
import { inWorkspace } from '../../shared/api/workspace';
import { outputName } from './common';

export const update = operation({
	name: 'Update',
	action: 'Update label',
	description: 'Change the name, description or output name of a label',
	fields: {
		label: labelPicker(),
		updateFields: updateFields({
			description: descriptionText(),
			name: nameText('e.g. T-shirt'),
			outputName: outputName(),
		}),
		options: workspaceOption(),
	},
	run: async ({ api }, { label, updateFields: { name, description, outputName }, options }) =>
		await inWorkspace(api, options.workspace).patch(
			path`recognition/v2/label/${label}/`,
			entitySchema,
			{ name, description, output_name: outputName },
		),
});
