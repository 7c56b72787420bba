import { operation } from '../../shared/engine/operation';
import { labelPicker, workspaceOption } from '../../shared/fields';
import { path } from '../../shared/api/address';
import { entitySchema } from '../../shared/api/schemas';
import { inWorkspace } from '../../shared/api/workspace';

export const get = operation({
	name: 'Get',
	action: 'Get label',
	description: 'Get a label, with how many training images have it',
	fields: { label: labelPicker(), options: workspaceOption() },
	run: async ({ api }, { label, options }) =>
		await inWorkspace(api, options.workspace).get(
			path`recognition/v2/label/${label}/`,
			entitySchema,
		),
});
