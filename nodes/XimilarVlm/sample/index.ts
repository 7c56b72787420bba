import type { Resource } from '../../shared/engine/operation';
import { addImages } from './addImages';
import { addInputMetadata } from './addInputMetadata';
import { addObjects } from './addObjects';
import { create } from './create';
import { get } from './get';
import { getAll } from './getAll';
import { getImages } from './getImages';
import { getObjects } from './getObjects';
import { removeObjects } from './removeObjects';
import { setTest } from './setTest';
import { setType } from './setType';
import { setVariableValues } from './setVariableValues';

export const sample: Resource = {
	name: 'Sample',
	operations: {
		addImages,
		addInputMetadata,
		addObjects,
		create,
		get,
		getAll,
		getImages,
		getObjects,
		removeObjects,
		setTest,
		setType,
		setVariableValues,
	},
};
