import { jointOperation } from '../../shared/engine/operation';
import { vlmTasks } from '../entities';
import { requestRow } from './answer';
import { requestIds, waitOptions } from './fields';
import { waitForAll } from './waiting';

export const wait = jointOperation({
	name: 'Wait',
	action: 'Wait for requests',
	description:
		'Wait until requests are done, and get their answers. To tell why a request failed, it is downloaded whole, with its images.',
	fields: { requestIds: requestIds() },
	options: {
		...waitOptions(),
		task: vlmTasks.optionalPicker({
			description:
				'The task of the requests, if all are of one. Saves calls when other tasks have many requests under way.',
		}),
	},
	workspace: true,
	simplify: requestRow,
	run: async (items) => {
		const waiting = items.map((item) => {
			const { requestIds: ids, options } = item.values;
			return { item, ids, options, scope: options };
		});
		await waitForAll(waiting);
	},
});
