import { operation } from '../../shared/engine/operation';
import { labelPicker, trainingImageId, workspaceOption } from '../../shared/fields';
import { inWorkspace } from '../../shared/api/workspace';
import { changeLabel } from '../labels';

export const addLabel = operation({
	name: 'Add Label',
	action: 'Add label to training image',
	description: 'Tell that a training image shows what a label stands for',
	fields: {
		trainingImage: trainingImageId(),
		label: labelPicker('The label to add to the image'),
		options: workspaceOption(),
	},
	run: async ({ api }, { trainingImage, label, options }) => {
		const here = inWorkspace(api, options.workspace);
		await changeLabel(here, 'add', 'training-image', trainingImage, label);
		return { trainingImage, label, added: true };
	},
});
