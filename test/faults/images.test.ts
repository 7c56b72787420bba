import { createServer, type Server } from 'node:http';
import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { testImage } from '../images/make';
import { IDS } from '../simulator/state';
import { VLM_IDS } from '../simulator/vlm/ids';
import { files, listening, runNode } from '../workflow/workflow';
import { faultsOfTexts } from './texts';
import { createWorld, operationsOfPackage, TOKEN, type Run } from './world';

jest.mock('n8n-workflow', () =>
	jest
		.requireActual<typeof import('./clock')>('./clock')
		.withVirtualSleep(jest.requireActual('n8n-workflow')),
);

/** Images that are none, or too much, and addresses that lead nowhere: before anything is paid. */

const world = createWorld();

const byId = (value: string): IDataObject => ({ __rl: true, mode: 'id', value });

/** The operations that take images, and what they need beside these. */
const TAKING: Record<string, IDataObject> = {
	'ximilarOcr image read': {},
	'ximilarRecognition image classify': { task: byId(IDS.coloursTask) },
	'ximilarRecognition trainingImage upload': {},
	'ximilarVlm request submit': { task: byId(VLM_IDS.task) },
	'ximilarVlm sample create': { dataset: byId(VLM_IDS.dataset), valueSource: 'none' },
};

async function run(
	name: string,
	parameters: IDataObject,
	items: INodeExecutionData[],
): Promise<Run> {
	const tested = (await operationsOfPackage()).find((one) => one.name === name)!;
	return await world.runWith(
		tested,
		{ ...TAKING[name], ...parameters },
		items,
		'continueRegularOutput',
	);
}

const JPEG = Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex');
const PNG = Buffer.from('89504e470d0a1a0a', 'hex');
const MEGABYTE = 2 ** 20;

/** Bytes by what they are; the message for those that are refused before anything is sent. */
const BYTES: Array<[what: string, bytes: () => Buffer, type: string, refused: string | undefined]> =
	[
		['nothing', () => Buffer.alloc(0), 'image/jpeg', 'The file is empty'],
		['one byte', () => Buffer.from([0xff]), 'image/jpeg', 'The file is not an image'],
		['two bytes of a JPEG', () => JPEG.subarray(0, 2), 'image/jpeg', 'The file is not an image'],
		[
			'a PDF that is called a JPEG',
			() => Buffer.from('%PDF-1.7\n'),
			'image/jpeg',
			'does not take PDF',
		],
		[
			'a web page that is called a PNG',
			() => Buffer.from('<!DOCTYPE html>'),
			'image/png',
			'web page',
		],
		[
			'an SVG that is called a PNG',
			() => Buffer.from('<svg xmlns="a"/>'),
			'image/png',
			'does not take SVG',
		],
		[
			'a PDF behind other bytes',
			() => Buffer.concat([Buffer.alloc(500), Buffer.from('%PDF-1.4')]),
			'image/png',
			'does not take PDF',
		],
		['a ZIP', () => Buffer.from('504b0304', 'hex'), 'image/jpeg', 'The file is not an image'],
		[
			'60 MB',
			() => Buffer.concat([JPEG, Buffer.alloc(60 * MEGABYTE)]),
			'image/jpeg',
			'It is too large: 61 MB',
		],
		['a PNG that is called a JPEG', () => PNG, 'image/jpeg', undefined],
		['a JPEG that is called a text', () => JPEG, 'text/plain', undefined],
		[
			'a JPEG with a web page in it',
			() => Buffer.concat([JPEG, Buffer.from('<html><script>')]),
			'image/jpeg',
			undefined,
		],
		[
			'a GIF with a script in it',
			() => Buffer.from('GIF89a/*\u0001\u0000*/=1;alert(1)'),
			'image/gif',
			undefined,
		],
		[
			'a PNG with a ZIP behind it',
			() => Buffer.concat([PNG, Buffer.from('504b0304', 'hex')]),
			'image/png',
			undefined,
		],
	];

describe.each(Object.keys(TAKING))('%s', (name) => {
	test.each(BYTES)('%s', async (_, make, type, refused) => {
		const bytes = make();
		const good = (await testImage('badge.gif')).data;
		const items = [bytes, good].map((data) => ({
			json: {},
			binary: files({ data: { name: 'photo.jpg', bytes: data, type } }),
		}));
		const { items: out, error, calls, leaks } = await run(name, { imageSource: 'binary' }, items);
		expect(error).toBeUndefined();
		expect(leaks).toEqual([]);
		const of = (item: number) =>
			out.filter(({ pairedItem }) => (pairedItem as { item: number }).item === item);
		expect(of(1).map(({ json }) => json.error)).toEqual([undefined]);
		const [first] = of(0).map(({ json }) => json as { error?: string; message?: string });
		expect(of(0)).toHaveLength(1);
		if (refused) expect(first!.error).toContain(refused);
		if (first!.error) {
			const texts = { message: first!.error, description: first!.message! };
			expect(faultsOfTexts(texts, { others: [] })).toEqual([]);
		}
		// What is refused is never sent.
		const sent = JSON.stringify(calls.map(({ body }) => body));
		if (refused) expect(sent).not.toContain(bytes.toString('base64').slice(0, 30) || 'no bytes');
	});

	test('half a JPEG leaves the other image its result', async () => {
		const items = await Promise.all(
			['truncated.jpg', 'badge.gif'].map(async (file) => ({
				json: {},
				binary: files({ data: { name: file, bytes: (await testImage(file)).data } }),
			})),
		);
		const { items: out, error } = await run(name, { imageSource: 'binary' }, items);
		expect(error).toBeUndefined();
		expect(out.at(-1)!.json.error).toBeUndefined();
	});
});

/** A host of images that misbehaves, by path. */
let host: Server;
let base: string;
let streamed = 0;

beforeAll(async () => {
	host = createServer((request, response) => {
		const { url = '' } = request;
		if (url.startsWith('/loop')) response.writeHead(302, { location: url }).end();
		else if (url.startsWith('/moved')) response.writeHead(302, { location: '/image.gif' }).end();
		else if (url.startsWith('/page')) response.end('<!DOCTYPE html><p>Log in');
		else if (url.startsWith('/missing')) response.writeHead(404).end();
		else if (url.startsWith('/reset')) request.socket.resetAndDestroy();
		else if (url.startsWith('/image'))
			void testImage('badge.gif').then(({ data }) => response.end(data));
		else if (url.startsWith('/cut')) {
			response.writeHead(200, { 'content-length': '1000' });
			response.write(JPEG, () => request.socket.destroy());
		} else if (url.startsWith('/endless')) {
			response.write(JPEG);
			const more = () => {
				if (response.destroyed) return;
				streamed += MEGABYTE;
				response.write(Buffer.alloc(MEGABYTE), more);
			};
			more();
		}
		// Anything else is left without an answer.
	});
	base = await listening(host);
});

afterAll(() => {
	host.closeAllConnections();
	host.close();
});

/** Those that fetch addresses themselves. */
describe.each(['ximilarRecognition trainingImage upload', 'ximilarVlm sample create'])(
	'%s: an address that',
	(name) => {
		const fetchFrom = async (path: string, options: IDataObject = {}) =>
			await run(
				name,
				{ imageSource: 'url', imageUrls: '={{ $json.url }}', options },
				[`${base}${path}`, `${base}/image.gif`].map((url) => ({ json: { url } })),
			);

		test.each([
			['leads to itself', '/loop', 'It could not be fetched'],
			['leads to a page', '/page', 'The file is a web page'],
			['is not there', '/missing', 'answered with status 404'],
			['resets the connection', '/reset', 'It could not be fetched'],
			['breaks off', '/cut', 'It could not be fetched'],
			['streams without end', '/endless', 'It is larger than 2 MB'],
		])('%s', async (_, path, message) => {
			streamed = 0;
			const { items, error, leaks } = await fetchFrom(path, { maxDownloadSize: 2 });
			expect(error).toBeUndefined();
			expect(leaks).toEqual([]);
			const [first, second] = items.map(({ json }) => json as { error?: string; message?: string });
			expect(first!.error).toContain(message);
			const texts = { message: first!.error!, description: first!.message! };
			expect(faultsOfTexts(texts, { others: [] })).toEqual([]);
			expect(second!.error).toBeUndefined();
			// The download ended with its limit, not with the memory.
			expect(streamed).toBeLessThan(40 * MEGABYTE);
		});

		test('has moved is followed', async () => {
			const { items } = await fetchFrom('/moved');
			expect(items.map(({ json }) => json.error)).toEqual([undefined, undefined]);
		});

		test('never answers is given up after a minute', async () => {
			world.mayStall(1);
			const { items, time } = await fetchFrom('/never');
			const [first, second] = items.map(({ json }) => json);
			expect(first!.error).toContain('It did not arrive within 60 seconds');
			expect(second!.error).toBeUndefined();
			expect(time).toBeLessThan(5 * 60_000);
		});
	},
);

test('an image is sent no further when another item ends the run', async () => {
	const size = 40 * MEGABYTE;
	const image = Buffer.concat([JPEG, Buffer.alloc(size)]);
	const binary = files({ data: { name: 'large.jpg', bytes: image } });
	let received = 0;
	let end = () => {};
	const ended = new Promise<void>((resolve) => {
		end = resolve;
	});
	const service = createServer((request, response) => {
		if (Number(request.headers['content-length']) < size) {
			const refuse = () => {
				if (received < MEGABYTE) return setTimeout(refuse, 5);
				return response.writeHead(400).end('{"detail": "Too long."}');
			};
			refuse();
			return;
		}
		request.on('data', ({ length }: Buffer) => {
			received += length;
			request.pause();
			setImmediate(() => request.resume());
		});
		request.once('close', end);
	});
	const baseUrl = await listening(service);
	const submit = 'ximilarVlm request submit';
	const { type, resource, operation } = (await operationsOfPackage()).find(
		({ name }) => name === submit,
	)!;
	try {
		const { error } = await runNode({
			node: type,
			parameters: {
				...TAKING[submit],
				...{ resource, operation, imageSource: 'mixed', images: '={{ $json.image }}' },
			} as INodeParameters,
			items: [
				{ json: { image: 'https://example.com/a.jpg' } },
				{ json: { image: 'data' }, binary },
			],
			credential: { apiToken: TOKEN, baseUrl },
		});
		expect(error).toMatchObject({ message: 'Ximilar refused this: Too long.', itemIndex: 0 });
		expect(error!.description).not.toContain('may have been');
		await ended;
		expect(received).toBeLessThan(size);
	} finally {
		service.closeAllConnections();
		service.close();
	}
});
