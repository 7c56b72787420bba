import type {
	ILoadOptionsFunctions,
	INodePropertyOptions,
	ResourceMapperField,
	ResourceMapperFields,
} from 'n8n-workflow';
import type { Api } from '../../shared/api/client';
import { VARIABLE } from '../../shared/api/entities';
import { getList } from '../../shared/api/pages';
import { variableSchema, type Variable } from '../../shared/api/schemas';
import { nodeError } from '../../shared/engine/errors';
import { apiInEditor, chosenIn } from '../../shared/engine/listSearch';
import { datasets } from '../entities';
import { choicesOf, isNeeded } from './rules';

/** All variables of a dataset: GET variable/?dataset=ID (seed 003). */
export async function variablesOf(api: Api, dataset: string): Promise<Variable[]> {
	return await getList(api, VARIABLE.path, variableSchema, { dataset }, Infinity);
}

/** The variables of the chosen dataset as the fields of a form: n8n's resource mapping method. */
export async function getVariables(this: ILoadOptionsFunctions): Promise<ResourceMapperFields> {
	try {
		const api = await apiInEditor(this);
		const dataset = await chosenIn(this, api)('dataset', datasets);
		if (!dataset) return { fields: [], emptyFieldsNotice: 'Choose a dataset first.' };
		const variables = await variablesOf(api, dataset);
		return variables.length
			? { fields: variables.map(formField) }
			: { fields: [], emptyFieldsNotice: 'The dataset has no variables yet: create them first.' };
	} catch (error) {
		throw nodeError(this.getNode(), error);
	}
}

const WIDGETS: Record<string, ResourceMapperField['type']> = {
	integer: 'number',
	float: 'number',
	array: 'array',
	object: 'object',
};

/**
 * The editor fills an untouched field with its default value, and an untouched switch with false. So
 * no field has a default value, and true or false is a choice: the form says only what the user does.
 * No field is required in n8n's sense, which would stop a workflow with Keep Other Values: the label
 * says it, and the operation sees to it. The ID is the variable's name: n8n's own messages show it.
 */
function formField(variable: Variable): ResourceMapperField {
	const choices = choicesOfField(variable);
	return {
		id: variable.name,
		displayName: [variable.name, rulesInWords(variable)].filter(Boolean).join(' '),
		required: false,
		display: true,
		defaultMatch: false,
		canBeUsedToMatch: false,
		...(choices.length
			? { type: 'options', options: [{ name: 'Not Set', value: '' }, ...choices] }
			: { type: WIDGETS[variable.type] ?? 'string' }),
	};
}

function choicesOfField(variable: Variable): INodePropertyOptions[] {
	if (variable.type === 'boolean') {
		return [
			{ name: 'True', value: 'true' },
			{ name: 'False', value: 'false' },
		];
	}
	const choices = variable.type === 'string' ? choicesOf(variable) : [];
	return choices.map((choice) => ({ name: choice, value: choice }));
}

/** The rules of a variable for its label, e.g. "(required, 0 to 10, step 0.5)". */
function rulesInWords(variable: Variable): string {
	const { min_value, max_value, step_size, min_length, max_length } = variable;
	const unit = variable.type === 'array' ? 'entries' : 'characters';
	const words = [
		isNeeded(variable) ? 'required' : '',
		range(min_value, max_value),
		typeof step_size === 'number' ? `step ${step_size}` : '',
		range(min_length, max_length, unit),
	].filter(Boolean);
	return words.length ? `(${words.join(', ')})` : '';
}

function range(min: unknown, max: unknown, unit = ''): string {
	const [hasMin, hasMax] = [typeof min === 'number', typeof max === 'number'];
	if (!hasMin && !hasMax) return '';
	const words = hasMin && hasMax ? `${min} to ${max}` : hasMin ? `from ${min}` : `up to ${max}`;
	return unit ? `${words} ${unit}` : words;
}
