import { optional } from './field';
import { listSearch, WORKSPACES } from './listSearch';
import { picker } from './locator';

/** The account's default workspace is used when it is left out (seeds, "Using Different Workspace"). */
export const workspacePicker = (
	description = 'The workspace to look in, instead of the default one',
) =>
	optional(
		picker({
			listing: WORKSPACES,
			name: 'searchWorkspaces',
			search: listSearch(WORKSPACES),
			displayName: 'Workspace',
			description,
		}),
	);
