import { operation } from '../../shared/engine/operation';
import { taskPicker } from '../../shared/fields';
import { path } from '../../shared/ximilar/address';
import { entitySchema } from '../../shared/ximilar/schemas';
import { taskRow } from './row';

export const get = operation({
	name: 'Get',
	action: 'Get task',
	description: 'Get a recognition task with its labels, its model version and its last training',
	fields: { task: taskPicker() },
	simplify: taskRow,
	run: async ({ api }, { task }) => await api.get(path`recognition/v2/task/${task}/`, entitySchema),
});
