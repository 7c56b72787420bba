import { fail } from '../../shared/api/error';
import {
	anyValue,
	asText,
	choice,
	mapped,
	number,
	requiredText,
	shownWhen,
	type Field,
} from '../../shared/engine/field';
import { parsedJson } from '../../shared/engine/json';

/** "Must follow programming naming conventions" (seed 003, "Create Variable"). */
export const variableName = () =>
	mapped(
		requiredText({
			displayName: 'Name',
			placeholder: 'e.g. condition',
			description:
				'The name in prompts and results: letters, digits and underscores, not beginning with a digit',
		}),
		(name) =>
			/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
				? name
				: fail(
						`Name cannot stand for a variable: "${name}"`,
						'It may have letters from A to Z, digits and underscores only, and may not begin with a digit, e.g. price_eur.',
					),
	);

/** What a variable holds (seed 003, "Supported Variable Types"). */
export const variableType = () =>
	choice({ displayName: 'Type', default: 'string', description: 'What the variable holds' }, [
		{ name: 'Array', value: 'array', description: 'A list of values' },
		{ name: 'Boolean', value: 'boolean', description: 'True or false' },
		{ name: 'Float', value: 'float', description: 'A decimal number' },
		{ name: 'Integer', value: 'integer', description: 'A whole number' },
		{ name: 'Object', value: 'object', description: 'A nested JSON object' },
		{ name: 'String', value: 'string', description: 'Text' },
	]);

const forTypes = <T>(types: string[], inner: Field<T>) =>
	shownWhen({ '/variableType': types }, inner);

const length = (displayName: string, description: string) =>
	forTypes(
		['string', 'array'],
		number({ displayName, default: 1, description }, { min: 0, integer: true }),
	);

const limit = (displayName: string, description: string) =>
	forTypes(
		['integer', 'float'],
		number({ displayName, default: 0, typeOptions: { numberPrecision: 6 }, description }),
	);

/** The rules that a variable can have; each belongs to certain types (seed 003). */
export const ruleFields = () => ({
	choices: forTypes(['string'], choiceList()),
	maxLength: length('Maximum Length', 'The most characters or list entries that it may have'),
	maxValue: limit('Maximum Value', 'The largest number that it may be'),
	minLength: length('Minimum Length', 'The fewest characters or list entries that it may have'),
	minValue: limit('Minimum Value', 'The smallest number that it may be'),
	stepSize: forTypes(
		['float'],
		mapped(
			number({
				displayName: 'Step Size',
				default: 0.5,
				typeOptions: { numberPrecision: 6 },
				description: 'The step from one possible number to the next, e.g. 0.5 for half grades',
			}),
			(step) => (step > 0 ? step : fail('Step Size must be more than 0', `It is ${step}.`)),
		),
	),
	defaultValue: anyValue({
		displayName: 'Default Value',
		placeholder: 'e.g. good',
		description:
			"The value that stands in for a missing one, in the variable's type: text, a number, true or false, a JSON list or a JSON object",
	}),
});

/** Ximilar keeps choices as one text with commas between them (seed 003, "Create Variable"). */
function choiceList(): Field<string[]> {
	const property = {
		displayName: 'Choices',
		typeOptions: { rows: 3 },
		placeholder: 'e.g. mint, near_mint, good, poor',
		description:
			'The texts that are allowed, with commas or lines between them, or as a list from an expression',
	};
	return mapped(anyValue(property), (raw) => {
		const choices = entriesIn(raw).map((choice) => choice.trim());
		const split = choices.find((choice) => choice.includes(','));
		if (split !== undefined) {
			fail(
				`Choices: "${split}" has a comma inside`,
				'Ximilar keeps the choices as one text with commas between them, so none can have one inside. Write it in another way.',
			);
		}
		const found = [...new Set(choices.filter(Boolean))];
		return found.length ? found : fail('Choices is empty', 'Enter the texts that are allowed.');
	});
}

function entriesIn(raw: unknown): string[] {
	const given = typeof raw === 'string' && /^\s*\[/.test(raw) ? parsedJson(raw, 'Choices') : raw;
	if (Array.isArray(given)) return given.map((choice) => asText(choice, 'Choices'));
	return asText(given, 'Choices').split(/[,\r\n]/);
}
