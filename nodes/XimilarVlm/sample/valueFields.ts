import { list } from '../../shared/engine/collection';
import { anyValue, choice, jsonObject, requiredText, shownWhen } from '../../shared/engine/field';
import { resourceMapper, type MappedValues } from '../../shared/engine/resourceMapper';
import { getVariables } from '../variable/datasetVariables';
import type { GivenValues } from '../variable/rules';

/** The ways in which a user gives the values of a dataset's variables. */

const valueSources = [
	{
		name: 'Form',
		value: 'form',
		description: "A field for each of the dataset's variables, or automatically by column names",
	},
	{ name: 'JSON', value: 'json', description: 'One object with the values by their names' },
	{
		name: 'Names and Values',
		value: 'pairs',
		description: 'Names of variables, each with its value',
	},
] as const;

const valueSource = <const V extends string>(
	others: Array<{ name: string; value: V; description: string }>,
) =>
	choice<(typeof valueSources)[number]['value'] | V>(
		{
			displayName: 'Value Source',
			default: 'form',
			description: "How the values of the dataset's variables are given",
		},
		[...valueSources, ...others],
	);

/** The fields by which the user gives the values of a dataset's variables. */
export const valueFields = () => ({
	valueSource: valueSource<never>([]),
	values: shownWhen(
		{ valueSource: ['form'] },
		resourceMapper({
			name: 'getVariables',
			load: getVariables,
			dependsOn: ['dataset.value'],
			words: { singular: 'variable', plural: 'variables' },
			displayName: 'Values',
			description: 'The values of the variables. A field that is left empty is not set.',
			// Always shown: hidden until a dataset is chosen, n8n 1 fills untouched numbers with 0.
		}),
	),
	valuesJson: shownWhen(
		{ valueSource: ['json'] },
		jsonObject({
			displayName: 'Values as JSON',
			placeholder: 'e.g. {"grade": 8.5, "explain": "Sharp corners"}',
			description: 'The values by the names of their variables, as a JSON object',
		}),
	),
	valuePairs: shownWhen(
		{ valueSource: ['pairs'] },
		list(
			{
				name: requiredText({
					displayName: 'Variable Name',
					placeholder: 'e.g. grade',
					description: 'The name of a variable of the dataset',
				}),
				value: anyValue({
					displayName: 'Value',
					placeholder: 'e.g. 8.5',
					description: "The value in the variable's type; lists and objects as JSON",
				}),
			},
			{
				displayName: 'Values by Name',
				placeholder: 'Add Value',
				description: 'Names of variables, each with its value',
			},
		),
	),
});

/** The same for a new sample, which may have no values yet. */
export const optionalValueFields = () => ({
	...valueFields(),
	valueSource: valueSource([
		{ name: 'None', value: 'none', description: 'Values are set later, or not at all' },
	]),
});

/** The values of {@link valueFields}. */
interface ValueFieldValues {
	valueSource: 'form' | 'json' | 'pairs' | 'none';
	values?: MappedValues;
	valuesJson?: Record<string, unknown>;
	valuePairs?: Array<{ name: string; value: unknown }>;
}

/** What the user gave, whichever way. */
export function givenValues({ valueSource: source, ...given }: ValueFieldValues): GivenValues {
	switch (source) {
		case 'form':
			return {
				entries: Object.entries(given.values?.values ?? {}),
				mayHaveOthers: given.values?.automatic,
				prefilled: given.values?.prefilled,
			};
		case 'json':
			return { entries: Object.entries(given.valuesJson ?? {}) };
		case 'pairs':
			return { entries: (given.valuePairs ?? []).map(({ name, value }) => [name, value]) };
		case 'none':
			return { entries: [], partial: true };
	}
}
