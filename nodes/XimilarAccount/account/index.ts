import { z } from 'zod';
import { operation, type Resource } from '../../shared/engine/operation';
import { ACCOUNT_PATH, WORKSPACE } from '../../shared/api/entities';
import { accountSchema } from '../../shared/api/schemas';

const get = operation({
	name: 'Get',
	action: 'Get account',
	description: 'Get the credits, the default workspace and the owner of the Ximilar account',
	fields: {},
	simplify: (account) => ({
		credits_counter: account.credits_counter,
		credits_limit: account.credits_limit,
		default_workspace: account.default_workspace,
		email: account.email,
		first_name: account.first_name,
		last_name: account.last_name,
		organization: account.organization,
		verified: account.verified,
		id: account.id,
	}),
	run: async ({ api }) => await api.get(ACCOUNT_PATH, accountSchema),
});

const getWorkspaces = operation({
	name: 'Get Workspaces',
	action: 'Get workspaces of account',
	description: 'Get the workspaces that the Ximilar account can use, with their IDs',
	fields: {},
	run: async ({ api }) => await api.get(WORKSPACE.path, z.array(WORKSPACE.schema)),
});

export const account: Resource = { name: 'Account', operations: { get, getWorkspaces } };
