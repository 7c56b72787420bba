import { download, type Fetch } from '../../../nodes/shared/api/download';
import { never } from './fakes';

const ADDRESS = 'https://images.example/a.png';
const MAX_BYTES = 2 ** 25;

async function* chunks(...sizes: number[]) {
	for (const size of sizes) yield Buffer.alloc(size);
}

/** Answers with a status and chunks of these sizes. */
const answering =
	(status: number, ...sizes: number[]): Fetch =>
	async () => ({ status, body: chunks(...sizes) });

/** Answers nothing, until it is told to stop. */
const hanging: Fetch = async (_, { signal }) =>
	await new Promise((_resolve, reject) => {
		const stop = () => reject(new Error('stopped'));
		if (signal.aborted) stop();
		signal.addEventListener('abort', stop);
	});

const open = new AbortController().signal;

test('the bytes come out in their order', async () => {
	const fetch: Fetch = async (url) => ({
		status: 200,
		body: (async function* () {
			yield Buffer.from(url);
			yield Buffer.from('!');
		})(),
	});
	expect((await download(fetch, ` ${ADDRESS} `, open, MAX_BYTES)).toString()).toBe(`${ADDRESS}!`);
});

test.each([
	['of a file that is too large', answering(200, 2 ** 24, 2 ** 24, 1), 'larger than 32 MB'],
	['of a file that is not there', answering(404), 'answered with status 404'],
	['that leads elsewhere', answering(302), 'answered with status 302'],
	[
		'of a host that does not exist',
		async () => await Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' })),
		'The image could not be fetched',
	],
	[
		'of a private address, where n8n forbids that,',
		async () =>
			await Promise.reject(
				new Error('Redirected request failed: The request was blocked because …'),
			),
		'n8n does not allow requests to its address',
	],
])('a download %s fails', async (_, fetch, message) => {
	await expect(download(fetch, ADDRESS, open, MAX_BYTES)).rejects.toThrow(message);
});

test('an address that is none is not fetched', async () => {
	await expect(
		download(never, 'ftp://images.example/a.png', open, MAX_BYTES),
	).rejects.toMatchObject({
		kind: 'imageAddress',
	});
});

describe('stop', () => {
	const ABORTED = { kind: 'aborted' };

	test('ends a download at once', async () => {
		const stop = new AbortController();
		const loading = download(hanging, ADDRESS, stop.signal, MAX_BYTES);
		stop.abort();
		await expect(loading).rejects.toMatchObject(ABORTED);
	});

	test('that was said before ends it as well', async () => {
		await expect(download(hanging, ADDRESS, AbortSignal.abort(), MAX_BYTES)).rejects.toMatchObject(
			ABORTED,
		);
	});
});
