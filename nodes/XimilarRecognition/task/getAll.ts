import { text } from '../../shared/engine/field';
import { listOperation } from '../../shared/engine/operation';
import { workspacePicker } from '../../shared/fields';
import { entitySchema } from '../../shared/ximilar/schemas';
import { taskRow } from './row';

export const getAll = listOperation({
	action: 'Get many tasks',
	description: 'Get the recognition tasks of a workspace',
	path: 'recognition/v2/task/',
	schema: entitySchema,
	filters: {
		search: text({
			displayName: 'Search',
			placeholder: 'e.g. Product colours',
			description: 'Text that the name contains',
		}),
		workspace: workspacePicker(),
	},
	simplify: taskRow,
});
