import fc from 'fast-check';
import type { IDataObject, ResourceMapperValue } from 'n8n-workflow';
import nock from 'nock';
import { XimilarVlm } from '../../../nodes/XimilarVlm/XimilarVlm.node';
import { API, editorOf, jsonOf, type Job } from '../workflow';
import {
	DATASET,
	EXPLAIN,
	GRADE,
	SAMPLE,
	WORKSPACE,
	byId,
	condition,
	explain,
	grade,
	page,
	run,
	taking,
	variables,
} from './vlm';

/** Annotating samples: the three ways to give values, and what is stopped before any call. */

const set = async (parameters: IDataObject, job: Partial<Job> = {}) =>
	await run(
		'sample',
		'setVariableValues',
		{ dataset: byId(DATASET), sample: byId(SAMPLE), ...parameters },
		job,
	);

const VALUES = `/vlm/v2/sample/${SAMPLE}/add-variable-value/`;
const asJson = (value: unknown) => ({ valueSource: 'json', valuesJson: value as IDataObject });
const given = (json: IDataObject) => ({ items: [{ json }] });

/** The form as the editor stores it: the mapper's own fields are the schema. */
async function form(values: IDataObject | null, of: object[] = [grade, explain, condition]) {
	const node = new XimilarVlm();
	nock(API).get('/vlm/v2/variable/').query({ dataset: DATASET }).reply(200, page(of));
	const editor = editorOf(node, { dataset: byId(DATASET) });
	const { fields } = await node.methods.resourceMapping.getVariables!.call(editor);
	const values_ = {
		mappingMode: values ? 'defineBelow' : 'autoMapInputData',
		value: values,
		matchingColumns: [],
		schema: fields.map((field) => ({ ...field, removed: false })),
		attemptToConvertTypes: false,
		convertFieldsToString: false,
	};
	return { valueSource: 'form', values: values_ as unknown as ResourceMapperValue };
}

describe('the form', () => {
	test('sends each value in its type, wrapped as in the seed, and leaves out what is empty', async () => {
		const values = await form({ grade: 8.5, explain: 'Sharp corners', condition: null });
		variables(grade, explain, condition);
		const bodies = taking(VALUES);
		const { items, error } = await set(values);
		expect(error).toBeUndefined();
		expect(bodies).toEqual([
			{ dataset_variable: GRADE, value: { value: 8.5 } },
			{ dataset_variable: EXPLAIN, value: { value: 'Sharp corners' } },
		]);
		expect(items).toEqual([
			{
				json: { sample_id: SAMPLE, values: { grade: 8.5, explain: 'Sharp corners' } },
				pairedItem: { item: 0 },
			},
		]);
	});

	test('takes expressions, a number as text from a spreadsheet among them', async () => {
		const values = await form({ grade: '={{ $json.points }}', explain: '={{ $json.why }}' });
		variables(grade, explain, condition);
		const bodies = taking(VALUES);
		await set(values, given({ points: '8.5', why: 'Sharp' }));
		expect(bodies.map(({ value }) => value)).toEqual([{ value: 8.5 }, { value: 'Sharp' }]);
	});

	test.each([
		["an empty number is no 0, as n8n's own conversion would have it", '', /is required/],
		["true is no 1, as n8n's own conversion would have it", true, /true is not a number/],
		['a decimal comma', '8,5', /"8,5" is not a number/],
		['null', null, /is required/],
	])('%s', async (_, points, message) => {
		const values = await form({ grade: '={{ $json.points }}' });
		variables(grade, explain, condition);
		const { error } = await set(values, given({ points }));
		expect(error!.message).toMatch(message);
	});

	test('takes lists and objects as JSON text and as they are', async () => {
		const tags = { id: 'tags', name: 'tags', type: 'array' };
		const spec = { id: 'spec', name: 'spec', type: 'object' };
		const values = await form({ tags: '["a"]', spec: '={{ $json.spec }}' }, [tags, spec]);
		variables(tags, spec);
		const bodies = taking(VALUES);
		await set(values, given({ spec: { year: 1999 } }));
		expect(bodies.map(({ value }) => value)).toEqual([{ value: ['a'] }, { value: { year: 1999 } }]);
	});

	test('with Keep Other Values, as it is stored: empty fields of required variables are left out', async () => {
		const values = await form({ explain: 'Sharp' });
		variables(grade, explain, condition);
		const bodies = taking(VALUES);
		const { error } = await set({ ...values, options: { partial: true } });
		expect(error).toBeUndefined();
		expect(bodies.map(({ value }) => value)).toEqual([{ value: 'Sharp' }]);
	});

	test('that was not filled in at all', async () => {
		variables({ ...grade, required: false });
		const { error } = await set({ valueSource: 'form' });
		expect(error!.message).toBe('No variable is given a value');
	});

	test('maps columns automatically by their names, and passes over others', async () => {
		const values = await form(null);
		variables(grade, explain, condition);
		const bodies = taking(VALUES);
		const row = { url: 'https://example.com/a.jpg', condition: 'mint', grade: '9.0', explain: '' };
		const { items } = await set(values, given(row));
		expect(bodies.map(({ value }) => value)).toEqual([{ value: 9 }, { value: 'mint' }]);
		expect(items[0]!.json.values).toEqual({ grade: 9, condition: 'mint' });
	});
});

describe('a form that was saved by the version before', () => {
	const damaged = { ...explain, id: 'd', name: 'damaged', type: 'boolean' };
	const sold = { ...explain, id: 's', name: 'sold', type: 'boolean', default_value: true };
	const count = { ...explain, id: 'c', name: 'count', type: 'integer', default_value: 1 };
	const of = [{ ...grade, required: false }, explain, condition, damaged, sold, count];

	/** What that version's form had for a variable. */
	const fieldThen = ({ name, type, default_value }: IDataObject) => ({
		id: name,
		displayName: name,
		required: false,
		display: true,
		defaultMatch: false,
		canBeUsedToMatch: false,
		type: { float: 'number', integer: 'number', boolean: 'boolean' }[String(type)] ?? 'string',
		...(default_value === undefined ? {} : { defaultValue: default_value }),
		removed: false,
	});

	/** What the editor filled in there by itself, and what was entered then. */
	const savedThen = (entered: IDataObject, schema = of.map(fieldThen)) => ({
		valueSource: 'form',
		values: {
			mappingMode: 'defineBelow',
			value: {
				grade: null,
				explain: null,
				condition: 'good',
				damaged: false,
				sold: true,
				count: 1,
				...entered,
			},
			matchingColumns: [],
			schema,
			attemptToConvertTypes: false,
			convertFieldsToString: false,
		} as unknown as ResourceMapperValue,
	});

	test('sends what was entered, not what the editor filled in, and says so', async () => {
		variables(...of);
		const bodies = taking(VALUES);
		const { items, hints, error } = await set({
			...savedThen({ grade: 8 }),
			options: { partial: true },
		});
		expect(error).toBeUndefined();
		expect(bodies).toEqual([{ dataset_variable: GRADE, value: { value: 8 } }]);
		expect(items[0]!.json.values).toEqual({ grade: 8 });
		expect(hints.map(({ message }) => message)).toEqual([
			expect.stringMatching(
				/^The form's own value of "condition", "damaged", "sold", "count" is not sent: .* choose the value there\.$/,
			),
		]);
	});

	test('sends a switch that was moved, and a default value that was changed', async () => {
		variables(...of);
		const bodies = taking(VALUES);
		const { hints } = await set(
			savedThen({ condition: 'mint', damaged: true, sold: false, count: 2 }),
		);
		expect(bodies.map(({ value }) => value)).toEqual([
			{ value: 'mint' },
			{ value: true },
			{ value: false },
			{ value: 2 },
		]);
		expect(hints).toEqual([]);
	});

	test('sends what an expression gives, false among it', async () => {
		variables(...of);
		const bodies = taking(VALUES);
		const { items } = await set(
			savedThen({ damaged: '={{ $json.damaged }}', condition: '={{ $json.condition }}' }),
			given({ damaged: false, condition: 'good' }),
		);
		expect(items[0]!.json.values).toEqual({ condition: 'good', damaged: false });
		expect(bodies).toHaveLength(2);
	});

	test('that nobody touched says so, and sends nothing', async () => {
		variables(...of);
		const bodies = taking(VALUES);
		const { error } = await set(savedThen({}));
		expect(error!.message).toBe('No variable is given a value');
		expect(error!.description).toContain('"damaged"');
		expect(error!.description).toContain('refresh the list of variables');
		expect(bodies).toEqual([]);
	});

	test('a switch that was not touched is no value of a required variable', async () => {
		variables(...of.map((one) => (one === damaged ? { ...damaged, required: true } : one)));
		const { error } = await set(savedThen({ grade: 8 }));
		expect(error!.message).toBe('Variable "damaged" is required, and no value is given');
		expect(error!.description).toContain('an earlier version of this node filled it in by itself');
	});

	test('its switch has to be chosen anew after the list of variables was refreshed: n8n says so', async () => {
		// The editor keeps the values then, and stores the schema of today with them.
		const today = (await form({}, of)).values as unknown as {
			schema: Array<ReturnType<typeof fieldThen>>;
		};
		const refreshed = savedThen({ grade: 8 }, today.schema);
		await expect(set(refreshed)).rejects.toThrow('The workflow has issues');
	});

	test('a value that no form made is sent, e.g. in a workflow written by hand', async () => {
		variables(damaged);
		const bodies = taking(VALUES);
		const values = { mappingMode: 'defineBelow', value: { damaged: false }, schema: [] };
		await set({ valueSource: 'form', values: values as unknown as ResourceMapperValue });
		expect(bodies.map(({ value }) => value)).toEqual([{ value: false }]);
	});
});

describe('true and false in the form', () => {
	const damaged = { ...explain, name: 'damaged', type: 'boolean' };

	test.each([
		['true', [{ value: true }]],
		['false', [{ value: false }]],
		['={{ true }}', [{ value: true }]],
		['={{ false }}', [{ value: false }]],
		['={{ "FALSE" }}', [{ value: false }]],
		[null, []],
		['', []],
	])('%j', async (chosen, sent) => {
		const values = await form({ damaged: chosen, explain: 'x' }, [damaged, explain]);
		variables(damaged, { ...explain, id: 'e' });
		const bodies = taking(VALUES);
		const { error } = await set(values);
		expect(error).toBeUndefined();
		expect(bodies.map(({ value }) => value)).toEqual([...sent, { value: 'x' }]);
	});
});

describe('names and values', () => {
	const pairs = (...entries: IDataObject[]) => ({
		valueSource: 'pairs',
		valuePairs: { entries },
	});

	test('go out in the types of their variables', async () => {
		variables(grade, explain);
		const bodies = taking(VALUES);
		await set(pairs({ name: 'grade', value: '7' }, { name: ' explain ', value: '={{ 10 }}' }));
		expect(bodies).toEqual([
			{ dataset_variable: GRADE, value: { value: 7 } },
			{ dataset_variable: EXPLAIN, value: { value: '10' } },
		]);
	});

	test.each([
		[
			[{ name: 'grad', value: '7' }],
			/^The dataset has no variable "grad" \| Variable "grade" is req/,
		],
		[
			[
				{ name: 'grade', value: '7' },
				{ name: 'grade', value: '8' },
			],
			/^Variable "grade" is given twice$/,
		],
		[[{ name: '={{ "" }}', value: '7' }], /^Variable Name is empty$/],
	])('%j is refused', async (entries, message) => {
		// Whether the variables are read first does not matter here.
		nock(API)
			.get(/variable/)
			.optionally()
			.reply(200, page([grade, explain]));
		const { error } = await set(pairs(...entries));
		expect(error!.message).toMatch(message);
	});
});

describe('JSON', () => {
	test.each([
		['text', '{"grade": 8.5, "explain": "Sharp"}'],
		['an object', { grade: 8.5, explain: 'Sharp' }],
	])('is taken as %s', async (_, value) => {
		variables(grade, explain);
		const bodies = taking(VALUES);
		await set(asJson('={{ $json.value }}'), given({ value }));
		expect(bodies.map((body) => body.value)).toEqual([{ value: 8.5 }, { value: 'Sharp' }]);
	});

	test('that is broken says where', async () => {
		const { error } = await set(asJson('={{ $json.value }}'), given({ value: '{"grade": 8,5}' }));
		expect(error!.message).toBe('Values as JSON is not valid JSON');
		expect(error!.description).toContain('(line 1, column 13) at: 5}');
	});
});

describe('before any call that writes', () => {
	test.each([
		[{ grade: '8,5' }, 'Variable "grade": "8,5" is not a number', 'Write it with a dot: 8.5.'],
		[{ grade: 11 }, 'Variable "grade": 11 is over its maximum of 10', 'Nothing was sent'],
		[{ grade: 2.3 }, 'Variable "grade": 2.3 does not fit its step size of 0.5', '2 and 2.5'],
		[{ explain: 'x' }, 'Variable "grade" is required, and no value is given', 'default'],
		[
			{ grade: 8, condition: 'awful' },
			'Variable "condition": "awful" is not one of its choices: mint, near_mint, good',
			'Nothing was sent',
		],
		[
			{ grade: 8, colour: 'red' },
			'The dataset has no variable "colour"',
			'grade, explain, condition',
		],
	])('%j is refused', async (value, message, description) => {
		variables(grade, explain, condition);
		const { error } = await set(asJson('={{ $json.value }}'), given({ value }));
		expect(error!.message).toBe(message);
		expect(error!.description).toContain(description);
	});

	test('a bad value leaves the other items under Continue On Fail', async () => {
		variables(grade, explain);
		const bodies = taking(VALUES);
		const { items } = await set(asJson('={{ $json }}'), {
			items: [{ json: { grade: '8,5' } }, { json: { grade: 8 } }, { json: {} }],
			onError: 'continueRegularOutput',
		});
		expect(bodies).toHaveLength(1);
		expect(jsonOf(items)).toEqual([
			{
				error: 'Variable "grade": "8,5" is not a number',
				message: expect.stringContaining('8.5'),
			},
			{ sample_id: SAMPLE, values: { grade: 8 } },
			{ error: 'Variable "grade" is required, and no value is given', message: expect.any(String) },
		]);
	});

	test('Keep Other Values lets a required one be left out', async () => {
		variables(grade, explain);
		const bodies = taking(VALUES);
		const { error } = await set({ ...asJson('{"explain": "x"}'), options: { partial: true } });
		expect(error).toBeUndefined();
		expect(bodies).toHaveLength(1);
	});

	test('no half of a sample is written, whatever the values', async () => {
		const cell = fc.constantFrom<unknown>(
			'',
			'8.5',
			8.5,
			'8,5',
			11,
			2.3,
			'mint',
			'awful',
			null,
			true,
		);
		await fc.assert(
			fc.asyncProperty(cell, cell, cell, async (a, b, c) => {
				nock.cleanAll();
				variables(grade, explain, condition);
				const bodies = taking(VALUES);
				const row = { grade: a, explain: b, condition: c } as IDataObject;
				const { items, error } = await set(asJson('={{ $json }}'), given(row));
				const written = Object.keys((items[0]?.json.values as object | undefined) ?? {});
				expect(bodies).toHaveLength(written.length);
				if (error) expect(error.message).toMatch(/^Variable "/);
				else expect(written.length).toBeGreaterThan(0);
			}),
			{ numRuns: 40 },
		);
		nock.cleanAll();
	});
});

describe('many items', () => {
	test('the variables of a dataset are read once in a run, all pages of them', async () => {
		const next = `https://api.ximilar.com/vlm/v2/variable/?dataset=${DATASET}&page=2`;
		nock(API)
			.get('/vlm/v2/variable/')
			.query({ dataset: DATASET })
			.reply(200, page([grade], next));
		nock(API)
			.get('/vlm/v2/variable/')
			.query({ dataset: DATASET, page: 2 })
			.reply(200, page([explain]));
		const bodies = taking(VALUES);
		const { items, error } = await set(asJson('={{ $json }}'), {
			items: Array.from({ length: 20 }, (_, at) => ({ json: { grade: at % 11, explain: 'x' } })),
		});
		expect(error).toBeUndefined();
		expect(items).toHaveLength(20);
		expect(bodies).toHaveLength(40);
	});

	test('they are read anew in the next run', async () => {
		for (let round = 0; round < 2; round++) {
			variables(grade);
			taking(VALUES);
			expect((await set(asJson('{"grade": 1}'))).items).toHaveLength(1);
		}
	});

	test('they are read anew for the next item after they could not be read', async () => {
		// The items under way share one failed reading; a later one tries again.
		nock(API).get('/vlm/v2/variable/').query({ dataset: DATASET }).reply(404);
		variables(grade);
		taking(VALUES);
		const { items } = await set(asJson('{"grade": 1}'), {
			items: Array.from({ length: 18 }, () => ({ json: {} })),
			onError: 'continueRegularOutput',
		});
		expect(jsonOf(items)[0]).toEqual({
			error: `Ximilar did not find the dataset ${DATASET} in the default workspace`,
			message: expect.any(String),
		});
		expect(jsonOf(items)[17]).toEqual({ sample_id: SAMPLE, values: { grade: 1 } });
	});

	test('items for one sample set its values in their order', async () => {
		variables(grade);
		const bodies = taking(VALUES);
		await set(asJson('={{ $json }}'), {
			items: Array.from({ length: 8 }, (_, at) => ({ json: { grade: at } })),
		});
		expect(bodies.map(({ value }) => (value as IDataObject).value)).toEqual([
			0, 1, 2, 3, 4, 5, 6, 7,
		]);
	});
});

describe('a value that cannot be set', () => {
	test('names what is set and what is missing', async () => {
		variables(grade, explain, condition);
		taking(VALUES, ({ dataset_variable: id }) =>
			id === GRADE ? [200, {}] : [400, { value: ['Too long.'] }],
		);
		const { error } = await set(asJson('{"grade": 8, "explain": "x", "condition": "mint"}'));
		expect(error!.message).toBe(
			`Sample ${SAMPLE} is not finished: Ximilar refused this: value: Too long. Done: the value of "grade". Missing: the value of "explain", the value of "condition"`,
		);
		expect(error!.description).toContain('Run this item again: values are set anew.');
	});

	test('is sent again when its answer was lost: it is added or updated', async () => {
		variables(grade);
		const bodies = taking(VALUES, (_, call) =>
			call < 3 ? [502, {}, { 'Retry-After': '0' }] : [200, {}],
		);
		const { items } = await set(asJson('{"grade": 8}'));
		expect(bodies).toHaveLength(3);
		expect(items).toHaveLength(1);
	});

	test('in another workspace', async () => {
		nock(API)
			.get('/vlm/v2/variable/')
			.query({ dataset: DATASET, workspace: WORKSPACE })
			.reply(200, page([grade]));
		const bodies = taking(VALUES);
		await set({ ...asJson('{"grade": 8}'), options: { workspace: byId(WORKSPACE) } });
		expect(bodies).toEqual([
			{ dataset_variable: GRADE, value: { value: 8 }, workspace: WORKSPACE },
		]);
	});
});
