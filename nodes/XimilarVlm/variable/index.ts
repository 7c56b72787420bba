import type { Resource } from '../../shared/engine/operation';
import { create } from './create';
import { get } from './get';
import { getAll } from './getAll';

export const variable: Resource = { name: 'Variable', operations: { create, get, getAll } };
