/** Whether a value is one that a variable may have (seed 003, Supported Variable Types). */
import { isObject } from '../fields';
import type { Variable } from './state';

type Check = (value: unknown) => boolean;

/** "type must match variable definition"; nothing is converted. */
const IS_OF_TYPE: Record<Variable['type'], Check> = {
	string: (value) => typeof value === 'string',
	integer: Number.isInteger,
	float: Number.isFinite,
	boolean: (value) => typeof value === 'boolean',
	array: Array.isArray,
	object: isObject,
};

/** Decimal fractions are inexact in binary: 0.3 is no exact multiple of 0.1. */
const STEP_TOLERANCE = 1e-9;

/** Steps are counted from the minimum, or from zero where there is none. */
function isOnStep(value: number, step: number, from = 0): boolean {
	const steps = (value - from) / step;
	return Math.abs(steps - Math.round(steps)) < STEP_TOLERANCE;
}

export function choicesOf(variable: Pick<Variable, 'choices'>): string[] | undefined {
	return variable.choices?.split(',').map((choice) => choice.trim());
}

function numberProblem(variable: Variable, value: number): string | undefined {
	const { min_value: min, max_value: max, step_size: step } = variable;
	if (min !== undefined && value < min) return `is below the minimum ${min}`;
	if (max !== undefined && value > max) return `is above the maximum ${max}`;
	if (step !== undefined && !isOnStep(value, step, min)) return `is not on a step of ${step}`;
	return undefined;
}

function lengthProblem(variable: Variable, length: number): string | undefined {
	const { min_length: min, max_length: max } = variable;
	if (min !== undefined && length < min) return `is shorter than ${min}`;
	if (max !== undefined && length > max) return `is longer than ${max}`;
	return undefined;
}

function limitProblem(variable: Variable, value: unknown): string | undefined {
	if (typeof value === 'number') return numberProblem(variable, value);
	if (typeof value !== 'string') {
		return Array.isArray(value) ? lengthProblem(variable, value.length) : undefined;
	}
	const choices = choicesOf(variable);
	if (choices && !choices.includes(value)) return `is none of ${choices.join(', ')}`;
	// Characters, not halves of them: an emoji has one.
	return lengthProblem(variable, [...value].length);
}

/** What is wrong with a value for this variable; undefined when nothing is. */
export function valueProblem(variable: Variable, value: unknown): string | undefined {
	const shown = JSON.stringify(value);
	if (!IS_OF_TYPE[variable.type](value)) {
		return `${variable.name}: ${shown} is not of type ${variable.type}.`;
	}
	const problem = limitProblem(variable, value);
	return problem && `${variable.name}: ${shown} ${problem}.`;
}
