/** Submitting requests: the seed's example, and what is refused. */
import { testImage } from '../../../images/make';
import { call } from '../../caller';
import { IDS } from '../../state';
import { VLM_IDS } from '../ids';
import { REQUESTS, runRequests } from './caller';

const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const { simulator, imageUrl, imagePart, messages, submit, detail, pass } = runRequests();
const { control } = simulator;

async function dataUrl(file: string, type?: string): Promise<string> {
	const image = await testImage(file);
	return `data:${type ?? image.type};base64,${image.data.toString('base64')}`;
}

it('answers the printed request', async () => {
	const request = {
		messages: [
			{
				role: 'user',
				content: [{ type: 'image_url', image_url: { url: 'https://example.com/image.jpg' } }],
			},
		],
	};
	const answer = await call(simulator, REQUESTS, { body: { task_id: VLM_IDS.task, request } });
	expect(answer.status).toBe(201);
	expect(answer.body).toEqual({
		id: UUID,
		status: 'CREATED',
		task_id: 'dbb498ba-cf24-4400-9897-d5196444a880',
		version: 2,
		created: '2026-01-15T00:00:00.000000Z',
		workspace: '748e50e4-d081-4924-b9e7-f500aac6a71d',
	});
});

it('hands everything back that was sent', async () => {
	const body = {
		version: 1,
		system_prompt_id: VLM_IDS.systemPrompt,
		user_prompt_id: VLM_IDS.userPrompt,
		webhook: { url: 'https://example.com/hook?id=1', headers: { 'X-Secret': 'abc' } },
		request: {
			messages: [
				{ role: 'system', content: 'Be brief.' },
				...messages([imageUrl(), await dataUrl('label-rgb.png')], 'Describe it.'),
			],
		},
	};
	const { id } = (await submit({ ...body, priority: 3 })).body;
	expect(await detail(id)).toEqual({
		...body,
		id,
		status: 'CREATED',
		task_id: VLM_IDS.task,
		response: null,
		usage: null,
		retry_count: 0,
		created: '2026-01-15T00:00:00.000000Z',
		started_at: null,
		completed_at: null,
		workspace: IDS.defaultWorkspace,
	});
});

it('takes every format as a data URL', async () => {
	const files = [
		'invoice-baseline.jpg',
		'label-rgb.png',
		'shop-lossy.webp',
		'iphone.heic',
		'scanner.bmp',
		'fax-lzw.tiff',
		'badge.gif',
	];
	const urls = await Promise.all(files.map(async (file) => await dataUrl(file)));
	const { status, body } = await submit({ request: { messages: messages(urls) } });
	expect(status).toBe(201);
	pass(1000);
	expect(await detail(body.id)).toMatchObject({ status: 'DONE', response: { images: 7 } });
});

it('takes content as a text beside the images', async () => {
	const sent = [{ role: 'user', content: 'Look.' }, ...messages([imageUrl()])];
	expect((await submit({ request: { messages: sent } })).status).toBe(201);
});

it('works in the workspace that the body names', async () => {
	const body = { task_id: VLM_IDS.warehouseTask, workspace: IDS.secondWorkspace };
	expect((await submit({ ...body, workspace: undefined })).status).toBe(404);
	const answer = await submit(body);
	expect(answer.body).toMatchObject({ workspace: IDS.secondWorkspace, version: 1 });
	expect((await call(simulator, `${REQUESTS}${answer.body.id}/`)).status).toBe(404);
});

it('takes a task whose model has version 0, as the printed task', async () => {
	const { id } = control.vlm.addTask({ name: 'First', version: 0 });
	expect((await submit({ task_id: id })).body).toMatchObject({ task_id: id, version: 0 });
});

it.each<[string, Record<string, unknown>, number, string]>([
	['no task', { task_id: undefined }, 400, 'task_id'],
	['an unknown task', { task_id: IDS.coloursTask }, 404, 'task_id'],
	['a task without a model', { task_id: VLM_IDS.untrainedTask }, 400, 'detail'],
	['an unknown version', { version: 3 }, 400, 'version'],
	['a version below zero', { version: -1 }, 400, 'version'],
	['a version as text', { version: '2' }, 400, 'version'],
	['a priority as text', { priority: 'high' }, 400, 'priority'],
	['a prompt of the wrong type', { user_prompt_id: VLM_IDS.systemPrompt }, 400, 'user_prompt_id'],
	['an unknown prompt', { system_prompt_id: VLM_IDS.task }, 404, 'system_prompt_id'],
	['a webhook as text', { webhook: 'https://example.com' }, 400, 'webhook'],
	['a webhook to nowhere', { webhook: { url: 'example.com' } }, 400, 'webhook'],
	['a webhook with more', { webhook: { url: 'https://a.example', method: 'GET' } }, 400, 'webhook'],
	[
		'a header that is no text',
		{ webhook: { url: 'https://a.example', headers: { a: 1 } } },
		400,
		'webhook',
	],
	[
		'a header with a line break',
		{ webhook: { url: 'https://a.example', headers: { a: 'b\nc: d' } } },
		400,
		'webhook',
	],
	['a misspelt field', { webhooks: {} }, 400, 'webhooks'],
])('refuses %s', async (_, body, status, field) => {
	const answer = await submit(body);
	expect([answer.status, Object.keys(answer.body)]).toEqual([status, [field]]);
	expect(simulator.state.vlm.requests).toEqual({});
});

describe('refuses a payload with', () => {
	const image = imagePart('https://example.com/a.jpg');
	const user = (...content: unknown[]) => [{ role: 'user', content }];

	it.each<[string, unknown, RegExp]>([
		['nothing', undefined, /required/],
		['messages alone', user(image), /expected an object/],
		['more than messages', { messages: user(image), temperature: 0 }, /"temperature"/],
		['no message', { messages: [] }, /at least one message/],
		['a message for a list', { messages: user(image)[0] }, /at least one message/],
		['another role', { messages: [{ role: 'assistant', content: 'Hi' }] }, /"assistant"/],
		['no content', { messages: [{ role: 'user' }] }, /messages\[0\]: expected a text or a list/],
		['no image', { messages: user({ type: 'text', text: 'Hi' }) }, /at least one image/],
		['eleven images', { messages: user(...new Array(11).fill(image)) }, /11 images, at most 10/],
		['an image of the system', { messages: [{ role: 'system', content: [image] }] }, /user/],
		[
			'an image given as text',
			{ messages: user({ type: 'image_url', image_url: 'https://example.com/a.jpg' }) },
			/content\[0\].image_url: expected an object/,
		],
		['another kind of part', { messages: user({ type: 'input_image' }) }, /"input_image"/],
		['a text without text', { messages: user(image, { type: 'text' }) }, /content\[1\].text/],
		['a part of two kinds', { messages: user({ ...image, text: 'Hi' }) }, /"text"/],
		['another scheme', { messages: user(imagePart('ftp://example.com/a.jpg')) }, /address/],
		['plain base64', { messages: user(imagePart('R0lGODlh')) }, /address or a data URL/],
		['a data URL without base64', { messages: user(imagePart('data:image/png,AA')) }, /base64,/],
		[
			'broken base64',
			{ messages: user(imagePart('data:image/png;base64,AAAAA')) },
			/not valid base64/,
		],
		['an empty image', { messages: user(imagePart('data:image/png;base64,')) }, /base64/],
		[
			'what is no image',
			{ messages: user(image, imagePart('data:image/png;base64,AAAA')) },
			/Image 1: The data is not an image/,
		],
	])('%s', async (_, request, text) => {
		const answer = await submit({ request });
		expect(answer.status).toBe(400);
		expect(answer.body).toEqual({ request: [expect.stringMatching(text)] });
		expect(simulator.state.vlm.requests).toEqual({});
	});

	it.each([
		['modern.avif', undefined, /AVIF/],
		['document.pdf', 'image/pdf', /PDF/],
		['label-rgb.png', 'image/jpeg', /says image\/jpeg, and is image\/png/],
		['truncated.jpg', undefined, /damaged/],
	])('%s as %s', async (file, type, text) => {
		const answer = await submit({ request: { messages: messages([await dataUrl(file, type)]) } });
		expect([answer.status, answer.body]).toEqual([400, { request: [expect.stringMatching(text)] }]);
	});
});
