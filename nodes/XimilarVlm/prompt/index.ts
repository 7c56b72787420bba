import { choice, mapped, optional, text } from '../../shared/engine/field';
import { byName, descriptionText, nameText } from '../../shared/engine/namedFields';
import type { Resource } from '../../shared/engine/operation';
import { prompts } from '../entities';

const promptName = () => nameText('e.g. Card grading instruction');

/** What a prompt is for (seed 003, "Prompt Types"). */
const promptType = (description: string) =>
	choice({ displayName: 'Type', default: 'system', description }, [
		{ name: 'System', value: 'system', description: 'How the model behaves, and its role' },
		{ name: 'User', value: 'user', description: 'What the model should do: the instruction' },
		{ name: 'Template', value: 'template', description: 'The form of the expected output' },
	]);

/** The format of the answers; null enforces none (seed 003, "Prompt Formats"). */
const promptFormat = () =>
	mapped(
		choice(
			{
				displayName: 'Format',
				default: 'none',
				description: 'The format of the answers',
			},
			[
				{ name: 'CSV', value: 'csv' },
				{ name: 'JSON', value: 'json' },
				{ name: 'None', value: 'none', description: 'No specific format' },
				{ name: 'XML', value: 'xml' },
				{ name: 'YAML', value: 'yaml' },
			],
		),
		(format) => (format === 'none' ? null : format),
	);

const promptContent = () =>
	text({
		displayName: 'Content',
		typeOptions: { rows: 6 },
		placeholder: 'e.g. Grade the card in the images and explain the grade.',
		description: 'The text of the prompt',
	});

export const prompt: Resource = {
	name: 'Prompt',
	operations: {
		create: prompts.create({
			description: 'Create a reusable prompt that tasks and datasets can share',
			fields: {
				name: promptName(),
				promptType: promptType('What the prompt is for'),
				content: optional(promptContent()),
			},
			options: { description: descriptionText(), format: promptFormat() },
			body: ({ name, promptType: type, content, options: { description, format } }) => ({
				name,
				type,
				content,
				description,
				format: format ?? undefined,
			}),
		}),
		delete: prompts.delete(
			'Delete a prompt permanently; tasks and datasets that use it are left without it',
		),
		get: prompts.get('Get a prompt with its text, its type and its format'),
		getAll: prompts.getAll({
			description:
				'Get the prompts of a workspace without their texts, or find a prompt by its name',
			filters: {
				...byName.filters('e.g. Card grading instruction'),
				promptType: promptType('Only prompts of this type'),
			},
			query: ({ promptType: type, ...named }) => ({ ...byName.query(named), type }),
			keep: byName.keep,
		}),
		update: prompts.update({
			description:
				'Change the name, text, description or format of a prompt, for all tasks and datasets that use it',
			fields: {
				content: promptContent(),
				description: descriptionText(),
				format: promptFormat(),
				name: promptName(),
			},
			body: (changes) => changes,
		}),
	},
};
