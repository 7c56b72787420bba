import { operation } from '../../shared/engine/operation';
import { trainingImageId, workspaceOption } from '../../shared/fields';
import { getImage } from '../../shared/api/trainingImages';
import { inWorkspace } from '../../shared/api/workspace';
import { imageRow } from './row';

export const get = operation({
	name: 'Get',
	action: 'Get training image',
	description: 'Get a training image with its labels, metadata and marks',
	fields: { trainingImage: trainingImageId(), options: workspaceOption() },
	simplify: imageRow,
	run: async ({ api }, { trainingImage, options }) =>
		await getImage(inWorkspace(api, options.workspace), trainingImage),
});
