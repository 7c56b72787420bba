import { boolean, collection } from '../../shared/engine/field';
import { operation } from '../../shared/engine/operation';
import { labelPicker, workspacePicker } from '../../shared/fields';
import { path } from '../../shared/api/address';
import { inWorkspace } from '../../shared/api/workspace';

export const deleteLabel = operation({
	name: 'Delete',
	action: 'Delete label',
	description:
		'Delete a label for good; its training images stay, unless the option says otherwise',
	fields: {
		label: labelPicker(),
		options: collection({
			deleteImages: boolean({
				displayName: 'Delete All Its Images Too',
				description:
					'Whether to delete for good every training image that has this label as well, also those that have other labels or serve other tasks',
			}),
			workspace: workspacePicker(),
		}),
	},
	run: async ({ api }, { label, options }) =>
		await inWorkspace(api, options.workspace).delete(
			options.deleteImages
				? path`recognition/v2/label/${label}/wipe`
				: path`recognition/v2/label/${label}/`,
		),
});
