import { collection, optional } from '../../shared/engine/field';
import { jointOperation } from '../../shared/engine/operation';
import { taskPicker, workspacePicker } from '../../shared/fields';
import { requestRow } from './answer';
import { requestIds, waitOptions } from './fields';
import { waitForAll } from './waiting';

export const wait = jointOperation({
	name: 'Wait',
	action: 'Wait for requests',
	description: 'Wait until requests are done, and get their answers',
	fields: {
		requestIds: requestIds(),
		options: collection({
			...waitOptions(),
			task: optional(
				taskPicker('The task of the requests: fewer calls where other tasks have many under way'),
			),
			workspace: workspacePicker(),
		}),
	},
	simplify: requestRow,
	run: async (items) =>
		await waitForAll(
			items.map((item) => {
				const { requestIds: ids, options } = item.values;
				return { item, ids, options, scope: options };
			}),
		),
});
