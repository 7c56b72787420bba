/** vlm/v2/variable/ (seed 003, Variable Endpoints). */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { refuseField } from '../errors';
import {
	finiteNumber,
	flag,
	integer,
	type Json,
	oneOf,
	optional,
	requiredText,
	requiredUuid,
	text,
} from '../fields';
import { PAGE_QUERY, paginate } from '../paging';
import { inField, inPath, readCall, writeCall } from '../recognition/call';
import type { State } from '../state';
import { type Variable, VARIABLE_TYPES } from './state';
import { choicesOf, valueProblem } from './value';

const VARIABLES = '/vlm/v2/variable/';

/** Which types a constraint is for (seed 003, Create Variable). */
const CONSTRAINTS = {
	choices: ['string'],
	min_value: ['integer', 'float'],
	max_value: ['integer', 'float'],
	step_size: ['float'],
	min_length: ['string', 'array'],
	max_length: ['string', 'array'],
} as const satisfies Partial<Record<keyof Variable, ReadonlyArray<Variable['type']>>>;

type Constraint = keyof typeof CONSTRAINTS;

const FIELDS = [
	'dataset',
	'name',
	'type',
	'required',
	'description',
	'default_value',
	...Object.keys(CONSTRAINTS),
];

/** "must follow programming naming conventions" */
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

function nameField(state: State, dataset: string, value: unknown): string {
	const name = requiredText(value, 'name');
	if (!IDENTIFIER.test(name)) refuseField('name', `"${name}" is not a valid variable name.`);
	if (state.vlm.variables.some((one) => one.dataset === dataset && one.name === name)) {
		refuseField('name', `The dataset has a variable "${name}" already.`);
	}
	return name;
}

function length(value: unknown, field: string): number {
	const number = integer(value, field);
	return number < 0 ? refuseField(field, 'Must be 0 or more.') : number;
}

function step(value: unknown, field: string): number {
	const number = finiteNumber(value, field);
	return number <= 0 ? refuseField(field, 'Must be more than 0.') : number;
}

function choices(value: unknown, field: string): string {
	const list = choicesOf({ choices: text(value, field) })!;
	if (list.includes('')) refuseField(field, 'A choice may not be blank.');
	if (new Set(list).size < list.length) refuseField(field, 'A choice is named twice.');
	return value as string;
}

/** The constraints in the body; one that is not for this type is refused. */
function constraintsIn(body: Json, type: Variable['type']): Pick<Variable, Constraint> {
	for (const [name, types] of Object.entries(CONSTRAINTS)) {
		const given = body[name] !== undefined && body[name] !== null;
		if (given && !(types as readonly string[]).includes(type)) {
			refuseField(name, `Not for variables of type ${type}.`);
		}
	}
	const limit = type === 'integer' ? integer : finiteNumber;
	const found: Pick<Variable, Constraint> = {
		choices: optional(body.choices, 'choices', choices),
		min_value: optional(body.min_value, 'min_value', limit),
		max_value: optional(body.max_value, 'max_value', limit),
		step_size: optional(body.step_size, 'step_size', step),
		min_length: optional(body.min_length, 'min_length', length),
		max_length: optional(body.max_length, 'max_length', length),
	};
	for (const what of ['value', 'length'] as const) {
		const [min, max] = [found[`min_${what}`], found[`max_${what}`]];
		if (min !== undefined && max !== undefined && min > max) {
			refuseField(`min_${what}`, `Must not be more than max_${what}.`);
		}
	}
	return found;
}

/** The new variable that a body describes. */
function variableIn(state: State, body: Json, workspace: string): Variable {
	const dataset = inField(state.vlm.datasets, body.dataset, 'dataset', workspace).id;
	const name = nameField(state, dataset, body.name);
	const type = oneOf(body.type, 'type', VARIABLE_TYPES);
	const variable: Variable = {
		id: randomUUID(),
		dataset,
		name,
		type,
		required: optional(body.required, 'required', flag) ?? false,
		description: optional(body.description, 'description', text),
		...constraintsIn(body, type),
		default_value: body.default_value ?? undefined,
		workspace,
	};
	if (variable.default_value !== undefined) {
		const problem = valueProblem(variable, variable.default_value);
		if (problem) refuseField('default_value', problem);
	}
	return variable;
}

/** What a variable may be. As printed: what was not given is not there, and there is no workspace. */
function configOf(variable: Variable) {
	const { dataset, name, workspace: _, ...config } = variable;
	return { dataset, name, config };
}

function present(state: State, variable: Variable) {
	const { dataset, name, config } = configOf(variable);
	const { id, ...rest } = config;
	const dataset_name = state.vlm.datasets.find((one) => one.id === dataset)!.name;
	return { id, dataset, dataset_name, name, ...rest };
}

/** `dataset_variables_config` of a sample: the variables of its dataset by name. */
export function variablesConfig(state: State, dataset: string) {
	const variables = state.vlm.variables.filter((variable) => variable.dataset === dataset);
	return Object.fromEntries(
		variables.map(configOf).map(({ name, config }) => [name, config] as const),
	);
}

export function variableRoutes(app: FastifyInstance, state: State): void {
	app.get(VARIABLES, (request) => {
		const { query, workspace } = readCall(request, [...PAGE_QUERY, 'page_size', 'dataset']);
		const dataset = optional(query.dataset, 'dataset', requiredUuid);
		const variables = state.vlm.variables.filter(
			(one) => one.workspace === workspace && (!dataset || one.dataset === dataset),
		);
		return paginate(state, request, variables, (variable) => present(state, variable));
	});

	app.post(VARIABLES, (request, reply) => {
		const { body, workspace } = writeCall(request, FIELDS);
		const variable = variableIn(state, body, workspace);
		state.vlm.variables.push(variable);
		void reply.code(201);
		return present(state, variable);
	});

	app.get(`${VARIABLES}:id/`, (request) => {
		const { workspace } = readCall(request);
		return present(state, inPath(state.vlm.variables, request, workspace));
	});
}
