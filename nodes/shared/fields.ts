import type { IDataObject } from 'n8n-workflow';
import {
	choice,
	collection,
	id,
	number,
	optional,
	picker,
	requiredText,
	text,
	type Field,
	type Fields,
	type Values,
} from './engine/field';
import { fail } from './api/error';

/** Field definitions that several operations share; their list searches are the node's methods. */

export const taskPicker = (description = 'The task to work with') =>
	picker({
		thing: 'task',
		search: 'searchTasks',
		displayName: 'Task',
		description,
		required: true,
	});

export const labelPicker = (description = 'The label to work with', displayName = 'Label') =>
	picker({ thing: 'label', search: 'searchLabels', displayName, description, required: true });

/** Training images have no names to choose by. */
export const trainingImageId = () =>
	id('training image', {
		displayName: 'Training Image ID',
		placeholder: 'e.g. 185c2019-1182-439c-900b-9f29c3f35926',
		description: 'The ID of the training image, or its link in the Ximilar App',
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

/** The options of an operation that has no others. */
export const workspaceOption = () => collection({ workspace: workspacePicker() });

export const nameText = (placeholder: string) =>
	requiredText({ displayName: 'Name', placeholder, description: 'The name that people read' });

export const descriptionText = () =>
	text({
		displayName: 'Description',
		typeOptions: { rows: 2 },
		placeholder: 'e.g. For the spring catalogue',
		description: 'Text for the people who work with it',
	});

/** The version of a task's trained model; each training raises it by one (seed 002). */
export const modelVersion = (description: string) =>
	number({ displayName: 'Model Version', default: 1, description }, { min: 0, integer: true });

/** What an update changes: only what was added is sent, and something has to be. */
export function updateFields<F extends Fields>(fields: F): Field<Partial<Values<F>>> {
	const inner = collection(fields, { displayName: 'Update Fields', placeholder: 'Add Field' });
	return {
		property: inner.property,
		read: (raw, source, path) => {
			const given = inner.read(raw, source, path);
			return Object.keys(given).length
				? given
				: fail('Update Fields is empty', 'Add what shall be changed, and its new value.');
		},
	};
}

/** How a list is narrowed down by name: the service finds parts of names only (`api.md`). */
export const byName = {
	exact: (placeholder: string) =>
		requiredText({
			displayName: 'Exact Name',
			placeholder,
			description: 'The whole name, in upper and lower case as it is written',
		}),
	filters: (placeholder: string) => ({
		name: byName.exact(placeholder),
		search: optional(
			text({ displayName: 'Search', placeholder, description: 'Text that the name contains' }),
		),
	}),
	query: <Q extends { name?: string; search?: string }>({ name, search, ...rest }: Q) => ({
		...rest,
		search: search ?? name,
	}),
	keep: (entry: IDataObject, { name }: { name?: string }) =>
		name === undefined || entry.name === name,
};

/** For workflows that run again: see `createNamed`. */
export const ifNameExists = (thing: string) =>
	choice(
		{
			displayName: `If ${thing} Exists`,
			default: 'create',
			description: `What to do when there is a ${thing.toLowerCase()} with exactly this name already`,
		},
		[
			{ name: 'Create Another', value: 'create', description: 'Both have the same name' },
			{
				name: 'Return Existing',
				value: 'return',
				description: 'The existing one comes out as it is, with alreadyExisted true',
			},
		],
	);
