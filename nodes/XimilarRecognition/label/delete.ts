import { at } from '../../shared/api/entities';
import { boolean } from '../../shared/engine/field';
import { operation } from '../../shared/engine/operation';
import { labels } from '../entities';

export const deleteLabel = operation({
	name: 'Delete',
	action: 'Delete label',
	description:
		'Delete a label permanently; its training images stay, unless the option says otherwise',
	fields: { label: labels.picker({}) },
	options: {
		deleteImages: boolean({
			displayName: 'Delete All Its Images Too',
			description:
				'Whether to permanently delete every training image that has this label, including those that have other labels or are used by other tasks',
		}),
	},
	workspace: true,
	run: async ({ api }, { label, options }) =>
		await api.delete(at(labels, label, options.deleteImages ? 'wipe' : '')),
});
