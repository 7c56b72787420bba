/** The requests and answers that the seeds print, mended where the print is broken. */
import { testImage } from '../images/make';
import { call, runSimulator } from './caller';
import { IDS } from './state';

const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const simulator = runSimulator();
const imageUrl = (file: string) => `${simulator.url}/images/${file}`;

describe('seed 000: quickstart', () => {
	it('answers the account endpoint', async () => {
		const answer = await call(simulator, '/account/v2/details/');
		expect(answer.status).toBe(200);
		expect(answer.body).toMatchObject({
			id: UUID,
			email: expect.any(String),
			first_name: 'FIRST',
			last_name: 'NAME',
			phone: null,
			organization: 'Company',
			verified: true,
			credits_counter: expect.any(Number),
			credits_limit: expect.any(Number),
			default_workspace: UUID,
		});
	});

	it('keeps the order of a batch of URLs and base64, and hands the IDs back', async () => {
		const png = await testImage('label-rgb.png');
		const answer = await call(simulator, '/ocr/v2/read', {
			body: {
				records: [
					{ _id: '1', _url: imageUrl('badge.gif') },
					{ _id: '2', _base64: png.data.toString('base64') },
					{ _id: '3', _url: imageUrl('scanner.bmp') },
				],
			},
		});
		expect(answer.body.records).toMatchObject([
			{ _id: '1', _format: 'GIF' },
			{ _id: '2', _format: 'PNG', _sha256: png.sha256 },
			{ _id: '3', _format: 'BMP' },
		]);
		expect(simulator.control.account('business').creditsUsed).toBe(3);
	});
});

describe('seeds 001 and 002: recognition', () => {
	it('answers classify', async () => {
		const answer = await call(simulator, '/recognition/v2/classify/', {
			body: {
				task_id: IDS.coloursTask,
				version: 2,
				descriptor: 0,
				records: [{ _url: imageUrl('invoice-baseline.jpg') }],
			},
		});
		expect(answer.status).toBe(200);
		expect(Object.keys(answer.body)).toEqual([
			'task_id',
			'status',
			'statistics',
			'descriptor',
			'version',
			'records',
		]);
		expect(answer.body).toMatchObject({
			task_id: IDS.coloursTask,
			status: { code: 200, text: 'OK' },
			statistics: { 'processing time': expect.any(Number) },
			descriptor: 0,
			version: 2,
			records: [
				{
					_status: { code: 200, text: 'OK' },
					best_label: { prob: expect.any(Number), name: 'Red', id: UUID },
					_url: imageUrl('invoice-baseline.jpg'),
					_width: 640,
					_height: 480,
				},
			],
		});
		const [record] = answer.body.records;
		expect(record.labels[0]).toEqual(record.best_label);
		expect(record.descriptor).toBeUndefined();
	});

	it('lists the tasks of a printed GET without a Content-Type', async () => {
		const answer = await call(simulator, '/recognition/v2/task/', {
			headers: { 'Content-Type': null },
		});
		expect(answer.status).toBe(200);
		expect(answer.body).toMatchObject({ count: 3, next: null, previous: null });
	});

	it('answers the JSON of a task with its labels', async () => {
		const answer = await call(simulator, `/recognition/v2/task/${IDS.untrainedTask}/`);
		expect(answer.body).toMatchObject({
			id: IDS.untrainedTask,
			name: 'Cats and dogs',
			type: 'multi_class',
			production_version: -1,
			labels: [
				{ id: UUID, name: 'cat' },
				{ id: UUID, name: 'dog' },
			],
		});
	});
});

describe('seed 004: OCR', () => {
	it('answers read', async () => {
		const answer = await call(simulator, '/ocr/v2/read', {
			body: { lang: 'en', records: [{ _url: imageUrl('invoice-baseline.jpg') }] },
		});
		expect(answer.status).toBe(200);
		expect(answer.body).toEqual({
			records: [
				{
					_url: imageUrl('invoice-baseline.jpg'),
					_status: { code: 200, text: 'OK', request_id: UUID },
					_id: UUID,
					_width: 640,
					_height: 480,
					_format: 'JPEG',
					_sha256: expect.any(String),
					_ocr: {
						texts: ['INVOICE 2026-014', 'TOTAL 84.50 EUR'].map((text) => ({
							polygon: new Array(4).fill([expect.any(Number), expect.any(Number)]),
							text,
							prob: expect.any(Number),
						})),
						full_text: 'INVOICE 2026-014 TOTAL 84.50 EUR',
						lang: 'en',
						lang_name: 'english',
					},
				},
			],
			status: { code: 200, text: 'OK', request_id: UUID, proc_id: UUID },
			statistics: { 'processing time': expect.any(Number) },
		});
	});

	it('answers read_gpt with the full prompt, the result as text and as JSON', async () => {
		const prompt =
			'based on the following result from ocr system what is the name and type of the card ' +
			"as json result ({'name':'', 'type': ''})";
		const answer = await call(simulator, '/ocr/v2/read_gpt', {
			body: { records: [{ _url: imageUrl('badge.gif'), prompt }], lang: 'en' },
		});
		expect(answer.body.records[0]).toMatchObject({
			prompt,
			_ocr: { full_text: 'STEEL 304' },
			_gpt: {
				full_prompt: `Instruction: ${prompt} \nInput: STEEL 304 \nResult:`,
				result: "{'name': 'STEEL', 'type': '304'}",
				json_result: { name: 'STEEL', type: '304' },
			},
		});
	});

	it('answers a prompt that asks for no JSON in text alone', async () => {
		const answer = await call(simulator, '/ocr/v2/read_gpt', {
			body: { records: [{ _url: imageUrl('fax-lzw.tiff'), prompt: 'What is the total?' }] },
		});
		expect(answer.body.records[0]._gpt.result).toBe('120.00 EUR');
		expect(answer.body.records[0]._gpt).not.toHaveProperty('json_result');
	});
});
