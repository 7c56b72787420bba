import type { IDataObject } from 'n8n-workflow';
import { PROMPT, REQUEST, VLM_TASK } from '../shared/api/entities';
import { entity } from '../shared/engine/entity';
import { requestRow, wholeRequest } from './request/answer';
import { requestId } from './request/fields';

/** The things of vision language models: how a picker shows them, and their rows. */

// Tasks

export const vlmTasks = entity({
	...VLM_TASK,
	key: 'task',
	row: (task) => ({
		id: task.id,
		name: task.name,
		production_version: task.production_version,
		last_version: task.last_version,
		datasets: task.datasets,
		system_prompt_id: task.system_prompt_id,
		user_prompt_id: task.user_prompt_id,
		system_prompt: task.system_prompt,
		user_prompt: task.user_prompt,
		description: task.description,
	}),
});

// Prompts

export const prompts = entity({
	...PROMPT,
	key: 'prompt',
	describe: ({ type, format }) => [type, format].filter(Boolean).join(', ') || undefined,
});

const promptsOfType = (type: 'system' | 'user') => ({
	describe: ({ format }: IDataObject) => (format as string | null) ?? undefined,
	narrow: () => ({ type }),
});

/** To choose among the system prompts only. */
export const systemPromptPicker = (description: string) =>
	prompts.picker({
		displayName: 'System Prompt',
		description,
		narrowed: { name: 'searchSystemPrompts', ...promptsOfType('system') },
	});

/** To choose among the user prompts only. */
export const userPromptPicker = (description: string) =>
	prompts.picker({
		displayName: 'User Prompt',
		description,
		narrowed: { name: 'searchUserPrompts', ...promptsOfType('user') },
	});

// Requests

export const requests = entity({
	...REQUEST,
	schema: wholeRequest,
	key: 'requestId',
	// They have no names to choose by.
	fields: () => ({ requestId: requestId() }),
	row: requestRow,
});
