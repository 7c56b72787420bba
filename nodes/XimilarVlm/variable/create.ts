import type { IDataObject } from 'n8n-workflow';
import { fail } from '../../shared/api/error';
import type { Rules } from '../../shared/api/schemas';
import { boolean } from '../../shared/engine/field';
import { descriptionText } from '../../shared/engine/namedFields';
import { datasets, variables } from '../entities';
import { ruleFields, variableName, variableType } from './ruleFields';
import { choicesOf, valueOf } from './rules';

export const create = variables.create({
	description: 'Create a variable of a dataset: a part of the output, with its type and its rules',
	fields: {
		dataset: datasets.picker({ description: 'The dataset that the variable belongs to' }),
		name: variableName(),
		variableType: variableType(),
		required: boolean({
			displayName: 'Required',
			description: 'Whether every sample must have a value for it',
		}),
	},
	options: { ...ruleFields(), description: descriptionText() },
	workspace: 'The workspace of the dataset, instead of the default one',
	body: ({ dataset, name, variableType: type, required, options }) => {
		const rules = consistent({
			name,
			type,
			required,
			choices: options.choices?.join(','),
			min_value: options.minValue,
			max_value: options.maxValue,
			step_size: options.stepSize,
			min_length: options.minLength,
			max_length: options.maxLength,
		});
		return {
			dataset,
			...rules,
			description: options.description,
			default_value: defaultIn(rules, options.defaultValue),
		};
	},
	// This list has no search (seed 003).
	among: ({ dataset }) => ({ dataset }),
});

/** @throws XimilarError for rules that no value could keep to */
function consistent(rules: Rules): Rules {
	const { type, min_value, max_value, min_length, max_length } = rules;
	const ranges = [
		['Value', min_value, max_value],
		['Length', min_length, max_length],
	] as const;
	for (const [what, min, max] of ranges) {
		if ((min ?? -Infinity) > (max ?? Infinity)) {
			fail(
				`Minimum ${what} is larger than Maximum ${what}`,
				`They are ${min} and ${max}. Correct one of them. Nothing was sent.`,
			);
		}
	}
	if (type === 'integer' && ![min_value ?? 0, max_value ?? 0].every(Number.isInteger)) {
		fail(
			'Minimum Value and Maximum Value of an integer must be whole numbers',
			'Round them, or set Type to Float.',
		);
	}
	// Choices that the lengths forbid could never be used.
	for (const choice of choicesOf(rules)) valueOf({ ...rules, choices: null }, choice);
	return rules;
}

/** The default value in the variable's type; undefined when there is none. */
function defaultIn(rules: Rules, given: unknown): IDataObject[string] {
	const isGiven = given !== undefined && given !== null && given !== '';
	return isGiven ? (valueOf(rules, given) as IDataObject[string]) : undefined;
}
