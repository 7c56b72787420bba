import type { Resource } from '../../shared/engine/operation';
import { get } from './get';
import { getAll } from './getAll';

export const task: Resource = { name: 'Task', operations: { get, getAll } };
