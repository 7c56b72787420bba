import { operation } from '../../shared/engine/operation';
import { trainingImageId, workspaceOption } from '../../shared/fields';
import { path } from '../../shared/api/address';
import { inWorkspace } from '../../shared/api/workspace';

export const deleteImage = operation({
	name: 'Delete',
	action: 'Delete training image',
	description: 'Delete a training image for good',
	fields: { trainingImage: trainingImageId(), options: workspaceOption() },
	run: async ({ api }, { trainingImage, options }) =>
		await inWorkspace(api, options.workspace).delete(
			path`recognition/v2/training-image/${trainingImage}/`,
		),
});
