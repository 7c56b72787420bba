import { fail } from '../../shared/api/error';
import { boolean } from '../../shared/engine/field';
import { operation } from '../../shared/engine/operation';
import { datasets, samplePicker } from '../entities';
import { prefilledNote } from '../variable/rules';
import { runSteps } from './runSteps';
import { givenValues, valueFields } from './valueFields';
import { byVariable, checkedValues, valueSteps } from './values';

export const setVariableValues = operation({
	name: 'Set Variable Values',
	action: 'Set variable values of sample',
	description:
		"Annotate a sample: set the values of its dataset's variables, which the model learns to give",
	fields: {
		dataset: datasets.picker({
			description: 'The dataset of the sample, whose variables are set',
		}),
		sample: samplePicker(),
		...valueFields(),
	},
	options: {
		partial: boolean({
			displayName: 'Keep Other Values',
			description:
				'Whether required variables may be left out, because the sample has values for them already',
		}),
	},
	workspace: true,
	run: async (run, { dataset, sample, options, ...values }) => {
		const given = { ...givenValues(values), partial: options.partial };
		const assignments = await checkedValues(run, dataset, options.workspace, given);
		if (!assignments.length) {
			const note = given.prefilled?.length ? ` ${prefilledNote(given.prefilled)}` : '';
			fail('No variable is given a value', `Give a value to at least one variable.${note}`);
		}
		const steps = valueSteps(run.api, () => sample, assignments);
		await run.withLock(`sample ${sample}`, async () => {
			await runSteps(`Sample ${sample}`, steps, () => 'Run this item again: values are set anew.');
		});
		return { sample_id: sample, values: byVariable(assignments) };
	},
});
