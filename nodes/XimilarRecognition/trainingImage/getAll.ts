import { boolean, number, optional } from '../../shared/engine/field';
import { listOperation } from '../../shared/engine/operation';
import { labelPicker, workspacePicker } from '../../shared/fields';
import { entitySchema } from '../../shared/api/schemas';
import { TRAINING_IMAGES } from '../../shared/api/trainingImages';
import { imageRow } from './row';

export const getAll = listOperation({
	action: 'Get many training images',
	description: 'Get the training images of a workspace or of a label',
	path: TRAINING_IMAGES,
	schema: entitySchema,
	filters: {
		label: optional(labelPicker('The label that the images have')),
		real: boolean({
			displayName: 'Real',
			default: true,
			description: 'Whether to return images that are marked as real, or those that are not',
		}),
		test: boolean({
			displayName: 'Test',
			default: true,
			description: 'Whether to return images that are marked as test images, or those that are not',
		}),
		verified: number(
			{
				displayName: 'Verifications',
				default: 1,
				description: 'How many verifications the images have',
			},
			{ min: 0, integer: true },
		),
		withoutLabel: optional(labelPicker('The label that the images do not have', 'Without Label')),
		workspace: workspacePicker(),
	},
	query: ({ label, withoutLabel, ...rest }) => ({
		labels: label,
		not_labels: withoutLabel,
		...rest,
	}),
	simplify: imageRow,
});
