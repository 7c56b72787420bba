import type { Resource } from '../../shared/engine/operation';
import { create } from './create';
import { deleteLabel } from './delete';
import { get } from './get';
import { getAll } from './getAll';
import { update } from './update';

export const label: Resource = {
	name: 'Label',
	operations: { create, delete: deleteLabel, get, getAll, update },
};
