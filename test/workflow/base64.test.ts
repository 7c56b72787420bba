import type { IDataObject } from 'n8n-workflow';
import { XimilarOcr } from '../../nodes/XimilarOcr/XimilarOcr.node';
import { XimilarRecognition } from '../../nodes/XimilarRecognition/XimilarRecognition.node';
import { XimilarVlm } from '../../nodes/XimilarVlm/XimilarVlm.node';
import {
	answering,
	byId,
	jsonOf,
	png,
	rows,
	runnerOf,
	type Job,
	type RunOperation,
} from './workflow';

/** Image Source Base64 in JSON: a field of the item holds the file itself, as text. */

const IMAGE = png('a photo with some bytes: \xfb\xff');
const BASE64 = IMAGE.toString('base64');
const FIELD = { imageSource: 'base64', base64Images: '={{ $json.image }}' };

interface Records {
	records: Array<{ _id: string; _base64: string }>;
}

const analysed = ({ records }: Records): [number, unknown] => [
	200,
	{
		records: records.map(({ _id, _base64 }) => ({
			_id,
			_base64,
			_status: { code: 200 },
			labels: [{ name: 'dog', prob: 1 }],
			best_label: { name: 'dog', prob: 1 },
			_ocr: { full_text: 'dog' },
			_gpt: { result: 'dog' },
		})),
	},
];

const sentRecords = (bodies: object[]) =>
	(bodies as Records[]).flatMap(({ records }) => records.map(({ _base64 }) => _base64));

/** Each operation that takes images: runs it, and gives the base64 that was sent. */
const recognition = runnerOf(() => new XimilarRecognition());
const operations: Array<
	[
		string,
		string,
		RunOperation,
		string,
		string,
		IDataObject,
		(bodies: object[]) => unknown[],
		(body: never) => [number, unknown],
	]
> = [
	[
		'Classify',
		'/recognition/v2/classify/',
		recognition,
		'image',
		'classify',
		{ task: byId('a') },
		sentRecords,
		analysed,
	],
	[
		'Read',
		'/ocr/v2/read',
		runnerOf(() => new XimilarOcr()),
		'image',
		'read',
		{},
		sentRecords,
		analysed,
	],
	[
		'Read with GPT',
		'/ocr/v2/read_gpt',
		runnerOf(() => new XimilarOcr()),
		'image',
		'readGpt',
		{ prompt: 'What?' },
		sentRecords,
		analysed,
	],
	[
		'Upload',
		'/recognition/v2/training-image/',
		recognition,
		'trainingImage',
		'upload',
		{},
		(bodies) => bodies.map((body) => (body as { base64: string }).base64),
		() => [201, { id: 'a', base64: BASE64 }],
	],
	[
		'Submit',
		'/vlm/v2/request/',
		runnerOf(() => new XimilarVlm()),
		'request',
		'submit',
		{ task: byId('a') },
		(bodies) =>
			bodies.map((body) => {
				const [, url] = /"url":"data:image\/png;base64,([^"]+)"/.exec(JSON.stringify(body))!;
				return url;
			}),
		() => [
			201,
			{
				id: 'a',
				status: 'CREATED',
				request: {
					messages: [{ content: [{ image_url: { url: `data:image/png;base64,${BASE64}` } }] }],
				},
			},
		],
	],
];

describe.each(operations)('%s', (_, path, run, resource, operation, parameters, sent, reply) => {
	test('sends the file, and puts none of its bytes out', async () => {
		const bodies = answering<object>(path, (body) => reply(body as never));
		for (const simplify of [true, false]) {
			const { items, error } = await run(
				resource,
				operation,
				{ ...FIELD, ...parameters, simplify },
				{ items: rows({ image: BASE64 }) },
			);
			expect(error).toBeUndefined();
			expect(items).toHaveLength(1);
			expect(JSON.stringify(items)).not.toContain(BASE64.slice(20));
		}
		expect(sent(bodies)).toEqual([BASE64, BASE64]);
	});
});

const classify = async (image: unknown, job: Partial<Job> = {}) => {
	const bodies = answering<Records>('/recognition/v2/classify/', (body) => analysed(body));
	const outcome = await recognition(
		'image',
		'classify',
		{ ...FIELD, task: byId('a') },
		{ items: rows({ image } as IDataObject), ...job },
	);
	return { ...outcome, sent: sentRecords(bodies) };
};

test.each([
	['a data URL', `data:image/png;base64,${BASE64}`],
	['a data URL of another type', `data:image/jpeg;name=a.jpg;base64,${BASE64}`],
	['lines', BASE64.replace(/.{20}/g, '$&\r\n')],
	[
		'the letters of web addresses',
		BASE64.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, ''),
	],
	['blanks around it', `\n ${BASE64} \n`],
])('%s is sent as plain base64', async (_, image) => {
	const { sent, error } = await classify(image);
	expect(error).toBeUndefined();
	expect(sent).toEqual([BASE64]);
});

test('several give a row each', async () => {
	const other = png('other').toString('base64');
	const { sent, items } = await classify([BASE64, other]);
	expect(sent).toEqual([BASE64, other]);
	expect(jsonOf(items).map(({ image }) => image)).toEqual(['Base64 field, 1', 'Base64 field, 2']);
});

const gif = (frames: number) =>
	Buffer.concat([
		Buffer.from('GIF89a\x01\x00\x01\x00\x00\x00\x00', 'latin1'),
		...Array.from({ length: frames }, () =>
			Buffer.from('2c00000000010001000002024401' + '00', 'hex'),
		),
		Buffer.from('3b', 'hex'),
	]).toString('base64');

test('an animated GIF gets a hint', async () => {
	expect((await classify(gif(1))).hints).toEqual([]);
	expect((await classify(gif(2))).hints.map(({ message }) => message)).toEqual([
		'"Base64 field" is an animated GIF: only its first frame is used.',
	]);
});

test.each<[string, unknown, string]>([
	[
		'a format that is refused',
		Buffer.from('%PDF-1.7').toString('base64'),
		'Image "Base64 field": Ximilar does not take PDF files',
	],
	['no base64', `{"a": "${'x'.repeat(1000)}"}`, 'Image "Base64 field": The text is not base64'],
	['an address', 'https://example.com/a.png', 'Image "Base64 field": The text is not base64'],
	[
		'a data URL without base64',
		'data:image/svg+xml,<svg/>',
		'Image "Base64 field": The text is not base64',
	],
	[
		'too large',
		'A'.repeat(70 * 2 ** 20),
		'Image "Base64 field": It is too large: 53 MB, where 50 MB can be sent',
	],
	['blank', ' ', 'Base64 is empty'],
	['an empty list', [], 'Base64 is empty'],
	['a list with a blank in it', [BASE64, ''], 'Base64 is empty'],
	['a number', 7, 'Base64 must be text, or a list of texts'],
	['a file as JSON', { data: BASE64 }, 'Base64 must be text, or a list of texts'],
])('what is %s is refused before anything is sent', async (_, image, message) => {
	const { sent, error } = await classify(image);
	expect(error!.message).toBe(message);
	expect(JSON.stringify(error).length).toBeLessThan(1000);
	expect(sent).toEqual([]);
});
