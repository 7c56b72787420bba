import { isObject } from '../../shared/engine/rows';
import { operation } from '../../shared/engine/operation';
import { taskPicker, workspaceOption } from '../../shared/fields';
import { path } from '../../shared/api/address';
import { XimilarError } from '../../shared/api/error';
import { anySchema } from '../../shared/api/schemas';
import { inWorkspace } from '../../shared/api/workspace';

export const train = operation({
	name: 'Train',
	action: 'Train task',
	description:
		'Start the training of a task, which takes minutes to hours and raises its model version by one. Ximilar tells of its end by e-mail.',
	fields: { task: taskPicker('The task to train'), options: workspaceOption() },
	run: async ({ api }, { task, options }) => {
		const answer = await inWorkspace(api, options.workspace)
			.post(path`recognition/v2/task/${task}/train/`, anySchema)
			.catch(withRule);
		return { task, started: true, ...(isObject(answer) ? answer : {}) };
	},
});

/** The service may refuse without a useful reason: the rule of seed 002 is told in any case. */
function withRule(error: unknown): never {
	if (!(error instanceof XimilarError) || error.status !== 400) throw error;
	throw new XimilarError(
		error.message,
		`A task can train when it has at least two labels, and each of them at least 20 training images. ${error.description}`,
		error,
	);
}
