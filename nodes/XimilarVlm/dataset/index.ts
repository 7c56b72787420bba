import type { Resource } from '../../shared/engine/operation';
import { get } from './get';
import { getAll } from './getAll';

export const dataset: Resource = { name: 'Dataset', operations: { get, getAll } };
