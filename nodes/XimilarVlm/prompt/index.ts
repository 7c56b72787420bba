import type { Resource } from '../../shared/engine/operation';
import { create } from './create';
import { deletePrompt } from './delete';
import { get } from './get';
import { getAll } from './getAll';
import { update } from './update';

export const prompt: Resource = {
	name: 'Prompt',
	operations: { create, delete: deletePrompt, get, getAll, update },
};
