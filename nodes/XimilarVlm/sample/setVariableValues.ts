import { boolean, collection } from '../../shared/engine/field';
import { operation } from '../../shared/engine/operation';
import { withLock } from '../../shared/api/concurrency';
import { workspacePicker } from '../../shared/fields';
import { fail } from '../../shared/api/error';
import { inWorkspace } from '../../shared/api/workspace';
import { datasetPicker, samplePicker } from '../fields';
import { givenValues, valueFields } from './fields';
import { runSteps } from './steps';
import { byVariable, checkedValues, valueSteps } from './values';

export const setVariableValues = operation({
	name: 'Set Variable Values',
	action: 'Set variable values of sample',
	description:
		"Annotate a sample: set the values of its dataset's variables, which the model learns to give",
	fields: {
		dataset: datasetPicker('The dataset of the sample, whose variables are set'),
		sample: samplePicker(),
		...valueFields(),
		options: collection({
			partial: boolean({
				displayName: 'Keep Other Values',
				description:
					'Whether required variables may be left out, because the sample has values for them already',
			}),
			workspace: workspacePicker(),
		}),
	},
	run: async (run, { dataset, sample, options, ...values }) => {
		const { partial, workspace } = options;
		const given = { ...givenValues(values), partial };
		const assignments = await checkedValues(run, dataset, workspace, given);
		if (!assignments.length) {
			fail('No variable is given a value', 'Give a value to at least one variable.');
		}
		const steps = valueSteps(inWorkspace(run.api, workspace), () => sample, assignments);
		await withLock(run.shared, `sample ${sample}`, async () => {
			await runSteps(`Sample ${sample}`, steps, () => 'Run this item again: values are set anew.');
		});
		return { sample, values: byVariable(assignments) };
	},
});
