import { operation } from '../../shared/engine/operation';
import { labelPicker, trainingImageId, workspaceOption } from '../../shared/fields';
import { inWorkspace } from '../../shared/api/workspace';
import { changeLabel } from '../labels';

export const removeLabel = operation({
	name: 'Remove Label',
	action: 'Remove label from training image',
	description: 'Take a label off a training image; both stay',
	fields: {
		trainingImage: trainingImageId(),
		label: labelPicker('The label to remove from the image'),
		options: workspaceOption(),
	},
	run: async ({ api }, { trainingImage, label, options }) => {
		const here = inWorkspace(api, options.workspace);
		await changeLabel(here, 'remove', 'training-image', trainingImage, label);
		return { trainingImage, label, removed: true };
	},
});
