import { optional, picker } from './engine/field';

/** Field definitions that several operations share; their list searches are the node's methods. */

export const taskPicker = () =>
	picker({
		thing: 'task',
		search: 'searchTasks',
		displayName: 'Task',
		description: 'The task to work with',
		required: true,
	});

/** The account's default workspace is used when it is left out (seeds, "Using Different Workspace"). */
export const workspacePicker = (
	description = 'The workspace to look in, instead of the default one',
) =>
	optional(
		picker({
			thing: 'workspace',
			search: 'searchWorkspaces',
			displayName: 'Workspace',
			description,
		}),
	);
