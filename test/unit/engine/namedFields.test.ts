import {
	byName,
	descriptionText,
	ifNameExists,
	modelVersion,
	nameText,
} from '../../../nodes/shared/engine/namedFields';
import { outcome, refusal } from './fields';

/** Fields of things that have a name, a description, or versions. */

const description = expect.stringMatching(/^\w/) as unknown as string;

test('the fields ask for what their labels say', () => {
	expect(nameText('e.g. Shoes').property()).toEqual({
		displayName: 'Name',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. Shoes',
		description,
	});
	expect(descriptionText().property()).toEqual({
		displayName: 'Description',
		type: 'string',
		default: '',
		typeOptions: { rows: 2 },
		placeholder: expect.stringMatching(/^e\.g\. /),
		description,
	});
	expect(modelVersion('Which to use').property()).toEqual({
		displayName: 'Model Version',
		type: 'number',
		default: 1,
		typeOptions: { minValue: 0, numberPrecision: 0 },
		description: 'Which to use',
	});
});

test.each([0, '2'])('the model version may be %j', (raw) => {
	expect(outcome(modelVersion('Which to use'), raw)).toBe(Number(raw));
});

test.each([
	[-1, 'Model Version must be at least 0'],
	[1.5, 'Model Version must be a whole number'],
])('the model version may not be %j', (raw, message) => {
	expect(outcome(modelVersion('Which to use'), raw)).toEqual(refusal(message, `It is ${raw}.`));
});

describe('a list is narrowed down', () => {
	test('by a whole name, or by a part of one', () => {
		const { name, search } = byName.filters('e.g. Shoes');
		const words = { type: 'string', default: '', placeholder: 'e.g. Shoes', description };
		expect(name.property()).toEqual({ displayName: 'Exact Name', required: true, ...words });
		expect(search.property()).toEqual({ displayName: 'Search', ...words });
		expect([name, search].map((field) => outcome(field, 'Shoes'))).toEqual(['Shoes', 'Shoes']);
		expect(outcome(search, ' ')).toBeUndefined();
		expect(outcome(name, ' ')).toEqual(
			refusal('Exact Name is empty', 'Enter a value in Exact Name, or check its expression.'),
		);
	});

	test.each<[{ name?: string; search?: string; type?: string }, object]>([
		[{ name: 'Shoes' }, { search: 'Shoes' }],
		[{ search: 'hoe' }, { search: 'hoe' }],
		[{ name: 'Shoes', search: 'hoe' }, { search: 'hoe' }],
		[{ type: 'tag' }, { type: 'tag', search: undefined }],
	])('%j is looked for as %j: the service finds parts of names only', (filters, query) => {
		expect(byName.query(filters)).toStrictEqual(query);
	});

	test('and of what is found, only what has exactly the name stays', () => {
		const found = [{ name: 'Shoes' }, { name: 'shoes' }, { name: 'Red Shoes' }, {}];
		const kept = (filters: { name?: string }) =>
			found.filter((entry) => byName.keep(entry, filters));
		expect(kept({ name: 'Shoes' })).toEqual([{ name: 'Shoes' }]);
		expect(kept({})).toEqual(found);
	});
});

test('what to do when there is a thing of the name', () => {
	const field = ifNameExists('Training Task');
	expect(field.property()).toEqual({
		displayName: 'If Training Task Exists',
		type: 'options',
		default: 'create',
		description: 'What to do when there is a training task with exactly this name already',
		options: [
			{ name: 'Create Another', value: 'create', description },
			{
				name: 'Return Existing',
				value: 'return',
				description: expect.stringContaining('already_existed true'),
			},
		],
	});
	expect(['', 'create', 'return'].map((raw) => outcome(field, raw))).toEqual([
		'create',
		'create',
		'return',
	]);
});
