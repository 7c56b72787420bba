import type { IDataObject } from 'n8n-workflow';
import nock from 'nock';
import { XimilarOcr } from '../../nodes/XimilarOcr/XimilarOcr.node';
import { API, files, jsonOf, runnerOf, type Job } from './workflow';

const ocr = {
	texts: [
		{
			polygon: [
				[285, 221],
				[384, 229],
				[382, 256],
				[283, 248],
			],
			text: 'BASIC',
			prob: 0.9564334750175476,
		},
	],
	full_text: 'BASIC MewV 180',
	lang: 'en',
	lang_name: 'english',
};

const record = {
	_url: 'https://images.ximilar.com/examples/cards/mew_pokemon.jpeg',
	_status: { code: 200, text: 'OK', request_id: 'f9cec41f-dd6e-4aa9-93b3-4f2510fd5eb6' },
	_id: '0',
	_width: 1140,
	_height: 1520,
	_ocr: ocr,
};

const gpt = {
	full_prompt: 'Instruction: name and type? \nInput: BASIC MewV 180 \nResult:',
	result: "{'name': 'Mew V', 'type': 'Basic'}",
	json_result: { name: 'Mew V', type: 'Basic' },
};

const answer = (one: IDataObject) => ({
	records: [one],
	status: { code: 200, text: 'OK', request_id: 'r', proc_id: 'p' },
	statistics: { 'processing time': 5.05 },
});

const run = runnerOf(() => new XimilarOcr());

const read = async (operation: string, parameters: IDataObject = {}, job: Partial<Job> = {}) =>
	await run('image', operation, { imageSource: 'url', imageUrls: record._url, ...parameters }, job);

test('Read sends the language and the address, and gives the text first', async () => {
	nock(API)
		.post('/ocr/v2/read', { lang: 'ja', records: [{ _id: '0', _url: record._url }] })
		.reply(200, answer(record));
	const { items } = await read('read', { language: 'ja' });
	expect(jsonOf(items)).toEqual([
		{
			image: record._url,
			text: 'BASIC MewV 180',
			language: 'english',
			width: 1140,
			height: 1520,
		},
	]);
});

test.each(['read', 'readGpt'])('%s adds the lines when that was chosen', async (operation) => {
	nock(API)
		.post(/ocr/)
		.reply(200, answer({ ...record, _gpt: gpt }));
	const { items } = await read(operation, { prompt: 'x', options: { lines: true } });
	expect(items[0]!.json.lines).toEqual([{ text: 'BASIC', probability: 0.9564334750175476 }]);
});

test('Read without Simplify gives the answer of the API', async () => {
	nock(API).post('/ocr/v2/read').reply(200, answer(record));
	const { items } = await read('read', { simplify: false });
	// The place in the request, which the user knows nothing of, is left out.
	const { _id: _, ...shown } = record;
	expect(jsonOf(items)).toEqual([{ image: record._url, ...answer(shown) }]);
});

test('Read with GPT sends the prompt with each record, and gives the fields of its answer', async () => {
	nock(API)
		.post('/ocr/v2/read_gpt', {
			lang: 'en',
			records: [{ _id: '0', _url: record._url, prompt: 'name and type?' }],
		})
		.reply(200, answer({ ...record, _gpt: gpt }));
	const { items } = await read('readGpt', { prompt: 'name and type?' });
	expect(items[0]!.json).toMatchObject({
		name: 'Mew V',
		type: 'Basic',
		result: gpt.result,
		text: 'BASIC MewV 180',
	});
});

test('a field of the GPT answer that has the name of another one is renamed', async () => {
	nock(API)
		.post('/ocr/v2/read_gpt')
		.reply(200, answer({ ...record, _gpt: { ...gpt, json_result: { text: 'other' } } }));
	const { items } = await read('readGpt', { prompt: 'text?' });
	expect(items[0]!.json).toMatchObject({ text: 'BASIC MewV 180', gpt_text: 'other' });
});

test('a GPT answer that is a list is kept as one', async () => {
	const list = [{ name: 'Mew V' }, { name: 'Mew' }];
	nock(API)
		.post('/ocr/v2/read_gpt')
		.reply(200, answer({ ...record, _gpt: { ...gpt, json_result: list } }));
	const { items } = await read('readGpt', { prompt: 'names?' });
	expect(items[0]!.json).toMatchObject({ json_result: list, result: gpt.result });
});

test.each([
	['an empty one', { full_text: '', texts: [] }, { result: '', json_result: null }],
	['none', { texts: null }, { result: null }],
	['nothing at all', {}, {}],
])('an image without text gives a row: %s', async (_, _ocr, _gpt) => {
	const row = { image: record._url, text: '', width: 1140, height: 1520 };
	nock(API)
		.post('/ocr/v2/read')
		.reply(200, answer({ ...record, _ocr }));
	expect(jsonOf((await read('read')).items)).toEqual([row]);
	nock(API)
		.post('/ocr/v2/read_gpt')
		.reply(200, answer({ ...record, _ocr, _gpt }));
	const { items } = await read('readGpt', { prompt: 'text?' });
	expect(jsonOf(items)).toEqual([{ ...row, result: '' }]);
});

test('prompts of different items share a request', async () => {
	const prompts: unknown[] = [];
	nock(API)
		.post('/ocr/v2/read_gpt', (body: { records: IDataObject[] }) => {
			prompts.push(...body.records.map(({ prompt }) => prompt));
			return true;
		})
		.reply(200, {
			...answer(record),
			records: ['0', '1'].map((_id) => ({ ...record, _id, _gpt: gpt })),
		});
	const { items } = await read(
		'readGpt',
		{ prompt: '={{ $json.ask }}' },
		{ items: [{ json: { ask: 'a?' } }, { json: { ask: 'b?' } }] },
	);
	expect(prompts).toEqual(['a?', 'b?']);
	expect(items).toHaveLength(2);
});

test('a plan without GPT is told with what to do', async () => {
	nock(API).post('/ocr/v2/read_gpt').reply(403, { detail: 'Your plan has no access.' });
	const { error } = await read('readGpt', { prompt: 'x' });
	expect(error!.message).toBe('This Ximilar account may not use this: Your plan has no access.');
	expect(error!.description).toContain('Business or Professional plan');
});

test('an empty prompt is told before any call, and the others go on', async () => {
	nock(API)
		.post('/ocr/v2/read_gpt')
		.reply(200, answer({ ...record, _gpt: gpt }));
	const { items } = await read(
		'readGpt',
		{ prompt: '={{ $json.ask }}' },
		{ items: [{ json: { ask: '  ' } }, { json: { ask: 'b?' } }], onError: 'continueRegularOutput' },
	);
	expect(items[0]!.json).toEqual({
		error: 'Prompt is empty',
		message: 'Enter a value in Prompt, or check its expression.',
	});
	expect(items[1]!.json.name).toBe('Mew V');
});

test('an operation of another kind is answered cleanly', async () => {
	const { error } = await read(
		'__CUSTOM_API_CALL__',
		{},
		{ items: [{ json: {}, binary: files({}) }] },
	);
	expect(error!.message).toBe('This node has no operation "__CUSTOM_API_CALL__"');
	expect(error!.description).toContain('HTTP Request node');
});
