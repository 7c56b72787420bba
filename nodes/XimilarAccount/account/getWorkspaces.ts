import { z } from 'zod';
import { operation } from '../../shared/engine/operation';
import { entitySchema } from '../../shared/api/schemas';

export const getWorkspaces = operation({
	name: 'Get Workspaces',
	action: 'Get workspaces of account',
	description: 'Get the workspaces that the Ximilar account can use, with their IDs',
	fields: {},
	run: async ({ api }) => await api.get('account/v2/workspace/', z.array(entitySchema)),
});
