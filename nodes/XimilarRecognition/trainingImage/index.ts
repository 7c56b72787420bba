import { boolean, number } from '../../shared/engine/field';
import type { Resource } from '../../shared/engine/operation';
import { labels, trainingImages } from '../entities';
import { update } from './update';
import { upload } from './upload';

const filters = () => ({
	label: labels.optionalPicker({ description: 'The label that the images have' }),
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
	withoutLabel: labels.optionalPicker({
		displayName: 'Without Label',
		description: 'The label that the images do not have',
	}),
});

export const trainingImage: Resource = {
	name: 'Training Image',
	operations: {
		addLabel: trainingImages.connect('add', labels, 'Add a label to a training image'),
		delete: trainingImages.delete('Delete a training image permanently'),
		get: trainingImages.get('Get a training image with its labels, metadata and marks'),
		getAll: trainingImages.getAll({
			description: 'Get the training images of a workspace or of a label',
			filters: filters(),
			query: ({ label, withoutLabel, ...rest }) => ({
				labels: label,
				not_labels: withoutLabel,
				...rest,
			}),
		}),
		removeLabel: trainingImages.connect(
			'remove',
			labels,
			'Remove a label from a training image; both stay',
		),
		update,
		upload,
	},
};
