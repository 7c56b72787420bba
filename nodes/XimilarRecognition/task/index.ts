import type { Resource } from '../../shared/engine/operation';
import { addLabel } from './addLabel';
import { create } from './create';
import { deleteTask } from './delete';
import { get } from './get';
import { getAll } from './getAll';
import { removeLabel } from './removeLabel';
import { train } from './train';
import { update } from './update';

export const task: Resource = {
	name: 'Task',
	operations: { addLabel, create, delete: deleteTask, get, getAll, removeLabel, train, update },
};
