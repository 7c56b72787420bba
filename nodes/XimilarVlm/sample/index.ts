import { byName } from '../../shared/engine/namedFields';
import type { Resource } from '../../shared/engine/operation';
import { datasets, samples } from '../entities';
import { addInputMetadata, setTest, setType, testMark } from './attributes';
import { create } from './create';
import { addImagesToSample, getImages } from './images';
import { addObjects, getObjects, removeObjects } from './objects';
import { setVariableValues } from './setVariableValues';

export const sample: Resource = {
	name: 'Sample',
	operations: {
		addImages: addImagesToSample,
		addInputMetadata,
		addObjects,
		create,
		get: samples.get('Get a sample: its type, its metadata, and how many images and values it has'),
		getAll: samples.getAll({
			description: 'Get the samples of a dataset or of a workspace, or find a sample by its name',
			filters: {
				...byName.filters('e.g. Card 17'),
				dataset: datasets.optionalPicker({ description: 'The dataset whose samples are returned' }),
				test: testMark(),
			},
			query: byName.query,
			keep: byName.keep,
		}),
		getImages,
		getObjects,
		removeObjects,
		setTest,
		setType,
		setVariableValues,
	},
};
