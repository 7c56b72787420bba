import type { IDataObject } from 'n8n-workflow';
import nock from 'nock';
import { API, jsonOf } from '../workflow';
import { DATASET, WORKSPACE, byId, explain, grade, page, prompt, run } from './vlm';

/** Prompts and variables that are created: what is sent, and what is stopped before. */

describe('prompt', () => {
	test('is created with what was given, and no more', async () => {
		nock(API).post('/vlm/v2/prompt/', { name: 'Grading', type: 'user' }).reply(201, prompt);
		const { items, error } = await run('prompt', 'create', { name: 'Grading', promptType: 'user' });
		expect(error).toBeUndefined();
		expect(jsonOf(items)).toEqual([prompt]);
	});

	test('is created with everything that the seed names', async () => {
		const body = {
			name: 'Grading',
			type: 'template',
			content: '{"grade": {{grade}}}',
			description: 'For cards',
			format: 'json',
			workspace: WORKSPACE,
		};
		nock(API).post('/vlm/v2/prompt/', body).reply(201, prompt);
		const { items } = await run('prompt', 'create', {
			name: ' Grading ',
			promptType: 'template',
			content: '{"grade": {{grade}}}',
			options: { description: 'For cards', format: 'json', workspace: byId(WORKSPACE) },
		});
		expect(items).toHaveLength(1);
	});

	test('no specific format is none at all', async () => {
		nock(API).post('/vlm/v2/prompt/', { name: 'Grading', type: 'system' }).reply(201, prompt);
		const { items } = await run('prompt', 'create', {
			name: 'Grading',
			promptType: 'system',
			content: '',
			options: { format: 'none' },
		});
		expect(items).toHaveLength(1);
	});

	test('one of its name and type is returned, another is created', async () => {
		const others = [
			{ ...prompt, id: 'longer', name: 'Grading 2', type: 'user' },
			{ ...prompt, id: 'system', name: 'Grading', type: 'system' },
		];
		const existing = { ...prompt, id: 'it', name: 'Grading', type: 'user' };
		const listed = (...found: IDataObject[]) =>
			nock(API)
				.get('/vlm/v2/prompt/')
				.query({ search: 'Grading' })
				.reply(200, page([...others, ...found]));
		const options = { ifExists: 'return' };
		const once = { name: 'Grading', promptType: 'user', options };
		listed();
		nock(API).post('/vlm/v2/prompt/', { name: 'Grading', type: 'user' }).reply(201, existing);
		expect(jsonOf((await run('prompt', 'create', once)).items)).toEqual([
			{ ...existing, already_existed: false },
		]);
		listed(existing);
		expect(jsonOf((await run('prompt', 'create', once)).items)).toEqual([
			{ ...existing, already_existed: true },
		]);
	});

	test('is not sent again when its answer was lost', async () => {
		nock(API).post('/vlm/v2/prompt/').reply(502, {}, { 'Retry-After': '0' });
		const { error } = await run('prompt', 'create', { name: 'Grading' });
		expect(error!.message).toBe('Ximilar could not answer (status 502)');
		expect(error!.description).toContain('It may have been carried out all the same');
	});

	test('is sent again after too many requests', async () => {
		nock(API).post('/vlm/v2/prompt/').reply(429, {}, { 'Retry-After': '0' });
		nock(API).post('/vlm/v2/prompt/').reply(201, prompt);
		expect((await run('prompt', 'create', { name: 'Grading' })).items).toHaveLength(1);
	});

	test('one that is refused leaves the others under Continue On Fail', async () => {
		nock(API)
			.post('/vlm/v2/prompt/', { name: 'Twice', type: 'system' })
			.reply(400, { name: ['There is one with this name.'] });
		nock(API).post('/vlm/v2/prompt/', { name: 'Once', type: 'system' }).reply(201, prompt);
		const { items } = await run(
			'prompt',
			'create',
			{ name: '={{ $json.name }}' },
			{
				items: [{ json: { name: 'Twice' } }, { json: { name: '' } }, { json: { name: 'Once' } }],
				onError: 'continueRegularOutput',
			},
		);
		expect(jsonOf(items)).toEqual([
			{
				error: 'Ximilar refused this: name: There is one with this name.',
				message: expect.any(String),
			},
			{ error: 'Name is empty', message: expect.any(String) },
			prompt,
		]);
	});
});

describe('variable', () => {
	const create = async (parameters: IDataObject) =>
		await run('variable', 'create', { dataset: byId(DATASET), simplify: false, ...parameters });

	const sent = async (parameters: IDataObject) => {
		let body: unknown;
		nock(API)
			.post('/vlm/v2/variable/', (given: unknown) => {
				body = given;
				return true;
			})
			.reply(201, grade);
		const { error } = await create(parameters);
		expect(error).toBeUndefined();
		return body;
	};

	test('of the seed: a string with choices', async () => {
		expect(
			await sent({
				name: 'condition',
				variableType: 'string',
				options: {
					choices: 'mint, near_mint,excellent,good,poor',
					description: 'Condition of the item',
				},
			}),
		).toEqual({
			dataset: DATASET,
			name: 'condition',
			type: 'string',
			required: false,
			description: 'Condition of the item',
			choices: 'mint,near_mint,excellent,good,poor',
		});
	});

	test('a float with limits, a step and a default', async () => {
		expect(
			await sent({
				name: 'grade',
				variableType: 'float',
				required: true,
				options: {
					minValue: 0,
					maxValue: 10,
					stepSize: 0.5,
					defaultValue: '8.5',
					workspace: byId(WORKSPACE),
				},
			}),
		).toEqual({
			dataset: DATASET,
			name: 'grade',
			type: 'float',
			required: true,
			min_value: 0,
			max_value: 10,
			step_size: 0.5,
			default_value: 8.5,
			workspace: WORKSPACE,
		});
	});

	test.each([
		['string', 'text', 'text'],
		['integer', '7', 7],
		['float', '={{ 1.25 }}', 1.25],
		['boolean', 'FALSE', false],
		['array', '["a", "b"]', ['a', 'b']],
		['object', '={{ {"a": 1} }}', { a: 1 }],
	])('%s: the default %j goes out in its type', async (variableType, defaultValue, value) => {
		expect(await sent({ name: 'v', variableType, options: { defaultValue } })).toEqual({
			dataset: DATASET,
			name: 'v',
			type: variableType,
			required: false,
			default_value: value,
		});
	});

	test('rules of another type, left over from a change of Type, are not sent', async () => {
		const options = { choices: 'a,b', minLength: 3, maxLength: 1, minValue: 2, stepSize: 0.5 };
		expect(await sent({ name: 'v', variableType: 'boolean', options })).toEqual({
			dataset: DATASET,
			name: 'v',
			type: 'boolean',
			required: false,
		});
	});

	test.each([
		['lines', 'near mint\ngood\n', 'near mint,good'],
		['a list', ['near mint', 'good', 'good'], 'near mint,good'],
		['JSON text', '["near mint", "good"]', 'near mint,good'],
		['commas and lines', 'mint, near_mint\ngood,\r\npoor', 'mint,near_mint,good,poor'],
	])('choices are taken from %s', async (_, choices, text) => {
		expect(
			await sent({
				name: 'v',
				variableType: 'string',
				options: { choices: `={{ ${JSON.stringify(choices)} }}` },
			}),
		).toMatchObject({ choices: text });
	});

	test.each<[string, IDataObject, string, string]>([
		[
			'limits that contradict each other',
			{ variableType: 'float', options: { minValue: 5, maxValue: 1 } },
			'Minimum Value is larger than Maximum Value',
			'They are 5 and 1.',
		],
		[
			'lengths that contradict each other',
			{ variableType: 'array', options: { minLength: 5, maxLength: 1 } },
			'Minimum Length is larger than Maximum Length',
			'They are 5 and 1.',
		],
		[
			'fractions as limits of an integer',
			{ variableType: 'integer', options: { minValue: 0.5 } },
			'Minimum Value and Maximum Value of an integer must be whole numbers',
			'set Type to Float',
		],
		[
			'a step of nothing',
			{ variableType: 'float', options: { stepSize: 0 } },
			'Step Size must be more than 0',
			'It is 0.',
		],
		[
			'a choice with a comma inside',
			{ variableType: 'string', options: { choices: '={{ ["good", "good, but used"] }}' } },
			'Choices: "good, but used" has a comma inside',
			'commas between them',
		],
		[
			'a choice that is an object',
			{ variableType: 'string', options: { choices: '={{ [{ label: "good" }] }}' } },
			'Choices must be text',
			'It is an object',
		],
		[
			'no choices',
			{ variableType: 'string', options: { choices: '={{ " , " }}' } },
			'Choices is empty',
			'Enter the texts',
		],
		[
			'a choice that the lengths forbid',
			{ variableType: 'string', options: { choices: 'good,bad', maxLength: 3 } },
			'Variable "v": it has 4 characters, and may have at most 3',
			'',
		],
		[
			'a default outside the choices',
			{ variableType: 'string', options: { choices: 'good,bad', defaultValue: 'ugly' } },
			'Variable "v": "ugly" is not one of its choices: good, bad',
			'',
		],
		[
			'a default of another type',
			{ variableType: 'integer', options: { defaultValue: '8.5' } },
			'Variable "v": 8.5 is not a whole number',
			'',
		],
		[
			'a default off the step',
			{ variableType: 'float', options: { stepSize: 0.5, defaultValue: '2.3' } },
			'Variable "v": 2.3 does not fit its step size of 0.5',
			'Next to it are 2 and 2.5.',
		],
		[
			'a negative length',
			{ options: { maxLength: '={{ -1 }}' } },
			'Maximum Length must be at least 0',
			'',
		],
		[
			'a name with a space',
			{ name: 'my grade' },
			'Name cannot stand for a variable: "my grade"',
			'',
		],
		[
			'a name with a dash',
			{ name: 'my-grade' },
			'Name cannot stand for a variable: "my-grade"',
			'',
		],
		[
			'a name with a digit first',
			{ name: '1st' },
			'Name cannot stand for a variable: "1st"',
			'digits',
		],
		['no name', { name: '={{ "" }}' }, 'Name is empty', ''],
		['no dataset', { dataset: byId('={{ "" }}') }, 'Dataset is empty', ''],
	])('%s: refused before the call', async (_, parameters, message, description) => {
		const { error } = await create({ name: 'v', variableType: 'string', ...parameters });
		expect(error!.message).toBe(message);
		expect(error!.description).toContain(description);
	});

	test('one of its name is returned, another is created, all pages considered', async () => {
		const listed = (...found: IDataObject[]) => {
			const next = `https://api.ximilar.com/vlm/v2/variable/?dataset=${DATASET}&page=2`;
			nock(API)
				.get('/vlm/v2/variable/')
				.query({ dataset: DATASET })
				.reply(200, page([explain], next));
			nock(API)
				.get('/vlm/v2/variable/')
				.query({ dataset: DATASET, page: 2 })
				.reply(200, page(found));
		};
		const once = { name: 'grade', variableType: 'float', options: { ifExists: 'return' } };
		listed();
		nock(API).post('/vlm/v2/variable/').reply(201, grade);
		expect(jsonOf((await create(once)).items)).toEqual([{ ...grade, already_existed: false }]);
		listed(grade);
		expect(jsonOf((await create(once)).items)).toEqual([{ ...grade, already_existed: true }]);
	});

	test('is simplified to a row', async () => {
		nock(API).post('/vlm/v2/variable/').reply(201, grade);
		const { items } = await create({ name: 'grade', variableType: 'float', simplify: true });
		expect(Object.keys(items[0]!.json).slice(0, 4)).toEqual(['id', 'name', 'type', 'required']);
	});

	test("keeps the service's own reason, and is not sent again", async () => {
		nock(API)
			.post('/vlm/v2/variable/')
			.reply(400, { non_field_errors: ['The name grade is taken.'] });
		const { error } = await create({ name: 'grade' });
		expect(error!.message).toBe('Ximilar refused this: The name grade is taken.');
	});
});
