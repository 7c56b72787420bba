import type { Resource } from '../../shared/engine/operation';
import { get } from './get';
import { getWorkspaces } from './getWorkspaces';

export const account: Resource = { name: 'Account', operations: { get, getWorkspaces } };
