/** Which prompts apply to a request, and what form its response has (seed 003, Prompt Resolution). */
import type { State } from '../../state';
import { resultFormat } from '../dataset';
import { contentOf } from '../prompt';
import type { VlmTask } from '../state';
import { inlineText } from './messages';
import type { Payload, VlmRequest, Work } from './state';

type Named = Pick<VlmRequest, 'system_prompt_id' | 'user_prompt_id'>;

/**
 * A saved prompt first, then the text in the request, then the task's own. A saved prompt that was
 * deleted since is passed over.
 */
export function resolvePrompts(
	state: State,
	task: VlmTask,
	{ system_prompt_id, user_prompt_id }: Named,
	payload: Payload,
): Work['prompts'] {
	return {
		system:
			contentOf(state, system_prompt_id) ??
			inlineText(payload, 'system') ??
			contentOf(state, task.system_prompt_id),
		user:
			contentOf(state, user_prompt_id) ??
			inlineText(payload, 'user') ??
			contentOf(state, task.user_prompt_id),
	};
}

/** The form that the model was taught or told to answer in; `text` where nobody said anything. */
export function responseForm(state: State, { user_prompt_id, task_id }: VlmRequest) {
	const { vlmResponse } = state.settings;
	if (vlmResponse !== 'task') return vlmResponse;
	const task = state.vlm.tasks.find(({ id }) => id === task_id);
	const prompt = state.vlm.prompts.find(
		({ id }) => id === (user_prompt_id ?? task?.user_prompt_id),
	);
	const dataset = state.vlm.datasets.find(({ id }) => id === task?.datasets[0]);
	return prompt?.format ?? (dataset && resultFormat(state, dataset)) ?? 'text';
}
