import type { Resource } from '../../shared/engine/operation';
import { addLabel } from './addLabel';
import { deleteImage } from './delete';
import { get } from './get';
import { getAll } from './getAll';
import { removeLabel } from './removeLabel';
import { update } from './update';
import { upload } from './upload';

export const trainingImage: Resource = {
	name: 'Training Image',
	operations: { addLabel, delete: deleteImage, get, getAll, removeLabel, update, upload },
};
