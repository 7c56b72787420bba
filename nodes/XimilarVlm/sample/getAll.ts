import { optional } from '../../shared/engine/field';
import { listOperation } from '../../shared/engine/operation';
import { byName, workspacePicker } from '../../shared/fields';
import { entitySchema } from '../../shared/api/schemas';
import { datasetPicker } from '../fields';
import { testMark } from './fields';
import { SAMPLES } from './find';
import { sampleRow } from './row';

export const getAll = listOperation({
	action: 'Get many samples',
	description: 'Get the samples of a dataset or of a workspace, or find a sample by its name',
	path: SAMPLES,
	schema: entitySchema,
	filters: {
		...byName.filters('e.g. Card 17'),
		dataset: optional(datasetPicker('The dataset whose samples are returned')),
		test: testMark(),
		workspace: workspacePicker(),
	},
	query: byName.query,
	keep: byName.keep,
	simplify: sampleRow,
});
