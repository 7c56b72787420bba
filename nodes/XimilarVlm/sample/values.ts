import type { IDataObject } from 'n8n-workflow';
import type { Api } from '../../shared/api/client';
import { at } from '../../shared/api/entities';
import { objectOrEmpty } from '../../shared/api/schemas';
import type { Run } from '../../shared/engine/execution';
import { samples } from '../entities';
import { variablesOf } from '../variable/datasetVariables';
import { assignmentsOf, prefilledNote, type Assignment, type GivenValues } from '../variable/rules';
import type { Step } from './runSteps';

/**
 * The given values, checked against the variables of the dataset, which are read once for all
 * items of a run.
 * @throws XimilarError that names each value that cannot be set, before any call that writes
 */
export async function checkedValues(
	{ api, memoize, hint }: Run,
	dataset: string,
	workspace: string | undefined,
	given: GivenValues,
): Promise<Assignment[]> {
	if (given.prefilled?.length) hint(prefilledNote(given.prefilled));
	if (given.partial && !given.entries.length) return [];
	const key = `variables of ${dataset} in ${workspace}`;
	const variables = await memoize(key, async () => await variablesOf(api, dataset));
	return assignmentsOf(variables, given);
}

/**
 * Sets a value of a sample: POST sample/ID/add-variable-value/ (seed 003: "add or update", so a
 * lost call is sent again; the value is wrapped as in the seed's example).
 */
async function setValue(api: Api, sample: string, { variable, value }: Assignment): Promise<void> {
	await api.post(
		at(samples, sample, 'add-variable-value/'),
		objectOrEmpty,
		{ dataset_variable: variable.id, value: { value: value as IDataObject[string] } },
		{ idempotent: true },
	);
}

/** A step for each value. */
export function valueSteps(api: Api, sample: () => string, assignments: Assignment[]): Step[] {
	return assignments.map((assignment) => ({
		what: `the value of "${assignment.variable.name}"`,
		work: async () => await setValue(api, sample(), assignment),
	}));
}

/** Values by the names of their variables, as the item shows what was set. */
export function byVariable(assignments: Assignment[]): IDataObject {
	return Object.fromEntries(
		assignments.map(({ variable, value }) => [variable.name, value]),
	) as IDataObject;
}
