import type { IDataObject } from 'n8n-workflow';
import { at } from '../../shared/api/entities';
import { fail, XimilarError } from '../../shared/api/error';
import { objectOrEmpty } from '../../shared/api/schemas';
import { choice, shownWhen } from '../../shared/engine/field';
import { operation } from '../../shared/engine/operation';
import { systemPromptPicker, userPromptPicker, vlmTasks } from '../entities';

const FROM_NOW_ON = 'The prompt that the task uses from now on';

const whatHappensTo = (prompt: string) =>
	choice(
		{
			displayName: `${prompt} Prompt Is`,
			default: 'kept',
			description: `What happens to the ${prompt.toLowerCase()} prompt of the task`,
		},
		[
			{ name: 'Assigned', value: 'assigned', description: 'Another prompt is chosen' },
			{ name: 'Kept', value: 'kept', description: 'It stays as it is' },
			{ name: 'Removed', value: 'removed', description: 'The task is left without one' },
		],
	);

export const update = operation({
	name: 'Update',
	action: 'Update task',
	description: 'Assign a system or user prompt to a task, or remove it',
	fields: {
		task: vlmTasks.picker({}),
		systemPromptChange: whatHappensTo('System'),
		systemPrompt: shownWhen({ systemPromptChange: ['assigned'] }, systemPromptPicker(FROM_NOW_ON)),
		userPromptChange: whatHappensTo('User'),
		userPrompt: shownWhen({ userPromptChange: ['assigned'] }, userPromptPicker(FROM_NOW_ON)),
	},
	workspace: true,
	simplify: vlmTasks.row,
	run: async ({ api }, { task, ...prompts }) => {
		const changes: IDataObject = {};
		if (prompts.systemPromptChange !== 'kept') {
			changes.system_prompt_id = prompts.systemPrompt ?? null;
		}
		if (prompts.userPromptChange !== 'kept') changes.user_prompt_id = prompts.userPrompt ?? null;
		if (!Object.keys(changes).length) {
			fail('Both prompts are kept: nothing is to be changed', 'Assign or remove at least one.');
		}
		const answer = await api.patch(at(vlmTasks, task), objectOrEmpty, changes).catch(notOffered);
		const ignored = Object.keys(changes).some(
			(key) => answer[key] !== undefined && answer[key] !== changes[key],
		);
		if (ignored) fail('Ximilar left the prompts of the task as they were', IN_THE_APP);
		return { id: task, ...changes, ...answer };
	},
});

const IN_THE_APP =
	"Open the task in the Ximilar App and assign its prompts there: the API's documentation says that the fields can be set, but prints no call for it.";

/** The call follows from "Set to a prompt ID to assign a system prompt" (seed 003), no more. */
function notOffered(error: unknown): never {
	if (!(error instanceof XimilarError) || ![400, 404, 405].includes(error.status ?? 0)) throw error;
	throw error.with({
		message: `The prompts of the task could not be assigned: ${error.message}`,
		description: `Check the IDs of the task and the prompts. If they are right: ${IN_THE_APP}`,
	});
}
