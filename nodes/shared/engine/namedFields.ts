import type { IDataObject } from 'n8n-workflow';
import { choice, number, optional, requiredText, text } from './field';

/** Fields of things that have a name, a description, or versions. */

export const nameText = (placeholder: string) =>
	requiredText({
		displayName: 'Name',
		placeholder,
		description: 'The name shown in the Ximilar App',
	});

export const descriptionText = () =>
	text({
		displayName: 'Description',
		typeOptions: { rows: 2 },
		placeholder: 'e.g. For the spring catalogue',
		description: 'A note for the people who work with it',
	});

/** The version of a task's trained model; each training raises it by one (seed 002). */
export const modelVersion = (description: string) =>
	number({ displayName: 'Model Version', default: 1, description }, { min: 0, integer: true });

/** How a list is narrowed down by name: the service finds parts of names only (`api.md`). */
export const byName = {
	exact: (placeholder: string) =>
		requiredText({
			displayName: 'Exact Name',
			placeholder,
			description: 'The whole name; upper and lower case matter',
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
				description: 'The existing one comes out as it is, with already_existed true',
			},
		],
	);
