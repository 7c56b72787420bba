import { WORKSPACE } from '../api/entities';
import { optional } from './field';
import { listSearch } from './listSearch';
import { picker } from './locator';

/** The account's default workspace is used when it is left out (seeds, "Using Different Workspace"). */
export const workspacePicker = (
	description = 'The workspace to look in, instead of the default one',
) =>
	optional(
		picker({
			thing: WORKSPACE.thing,
			name: 'searchWorkspaces',
			search: listSearch({ ...WORKSPACE, unpaged: true }),
			displayName: 'Workspace',
			description,
		}),
	);
