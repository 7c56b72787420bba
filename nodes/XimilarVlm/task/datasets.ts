import { taskPicker, workspaceOption } from '../../shared/fields';
import { path } from '../../shared/api/address';
import type { Api } from '../../shared/api/client';
import { anySchema } from '../../shared/api/schemas';
import { datasetPicker } from '../fields';

/** The fields of the operations that connect a task with a dataset, or part them. */
export const connectionFields = (description: string) => ({
	task: taskPicker(),
	dataset: datasetPicker(description),
	options: workspaceOption(),
});

/**
 * Connects a dataset to a task, or parts them: POST task/ID/add-dataset/ and remove-dataset/ (seed
 * 003). Doing it twice does what doing it once does, so a lost call is sent again.
 */
export async function changeDataset(
	api: Api,
	change: 'add' | 'remove',
	task: string,
	dataset: string,
): Promise<void> {
	await api.post(
		path`vlm/v2/task/${task}/${change}-dataset/`,
		anySchema,
		{ dataset_id: dataset },
		{ idempotent: true },
	);
}
