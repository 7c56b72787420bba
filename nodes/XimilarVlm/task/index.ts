import type { Resource } from '../../shared/engine/operation';
import { addDataset } from './addDataset';
import { get } from './get';
import { getAll } from './getAll';
import { removeDataset } from './removeDataset';
import { train } from './train';
import { update } from './update';

export const task: Resource = {
	name: 'Task',
	operations: { addDataset, get, getAll, removeDataset, train, update },
};
