import { choice, mapped, text } from '../../shared/engine/field';

/** What a prompt is for (seed 003, "Prompt Types"). */
export const promptType = (description: string) =>
	choice({ displayName: 'Type', default: 'system', description }, [
		{ name: 'System', value: 'system', description: 'How the model behaves, and its role' },
		{ name: 'User', value: 'user', description: 'What the model shall do: the instruction' },
		{ name: 'Template', value: 'template', description: 'The form of the expected output' },
	]);

/** The format that answers shall have; null enforces none (seed 003, "Prompt Formats"). */
export const promptFormat = () =>
	mapped(
		choice(
			{
				displayName: 'Format',
				default: 'none',
				description: 'The format that answers shall have',
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

export const promptContent = () =>
	text({
		displayName: 'Content',
		typeOptions: { rows: 6 },
		placeholder: 'e.g. Grade the card in the images and explain the grade.',
		description: 'The text of the prompt',
	});
