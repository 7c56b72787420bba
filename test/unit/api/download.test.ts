import { getEventListeners } from 'node:events';
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

afterEach(() => jest.restoreAllMocks());

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

test('a file of just the size that is taken is taken', async () => {
	const bytes = await download(answering(200, 2 ** 24, 2 ** 24), ADDRESS, open, MAX_BYTES);
	expect(bytes).toHaveLength(MAX_BYTES);
});

const failing =
	(error: object): Fetch =>
	async () =>
		await Promise.reject(error);
const CHECK = 'Check that the address is right and public';

test.each<[string, Fetch, string, string, string]>([
	[
		'of a file that is too large',
		answering(200, 2 ** 24, 2 ** 24, 1),
		'downloadSize',
		'It is larger than 32 MB',
		'Use a smaller version of the image.',
	],
	...[199, 300, 302, 404].map((status): [string, Fetch, string, string, string] => [
		`with an answer of status ${status}`,
		answering(status),
		'imageAddress',
		`The address answered with status ${status}`,
		`${CHECK}.`,
	]),
	[
		'of a host that does not exist',
		failing({ code: 'ENOTFOUND' }),
		'imageAddress',
		'It could not be fetched',
		`${CHECK} (ENOTFOUND).`,
	],
	[
		'whose failure n8n has wrapped',
		failing({ message: 'x', cause: { code: 'ECONNRESET' } }),
		'imageAddress',
		'It could not be fetched',
		`${CHECK} (ECONNRESET).`,
	],
	[
		'that fails without a code',
		failing(new Error('x')),
		'imageAddress',
		'It could not be fetched',
		`${CHECK}.`,
	],
	[
		'of a private address, where n8n forbids that,',
		failing(new Error('Redirected request failed: The request was blocked because …')),
		'imageAddress',
		'n8n does not allow requests to its address',
		'It is a private one, leads to one, or is on the deny list of this n8n. Use a public address, or ask the administrator of n8n to allow it.',
	],
])('a download %s fails', async (_, fetch, kind, message, description) => {
	const fails = expect(download(fetch, ADDRESS, open, MAX_BYTES)).rejects;
	await fails.toMatchObject({ kind, message, description });
});

test('is given up after a minute, and its connection with it', async () => {
	const timer = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort());
	let asked: Parameters<Fetch>[1] | undefined;
	const fetch: Fetch = async (url, options) => await hanging(url, (asked = options));
	await expect(download(fetch, ADDRESS, open, MAX_BYTES)).rejects.toMatchObject({
		kind: 'timeout',
		message: 'It did not arrive within 60 seconds',
		description: 'Check the address, or run this item again later.',
	});
	expect(timer).toHaveBeenCalledWith(60_000);
	expect(asked).toMatchObject({ timeout: 60_000, signal: { aborted: true } });
});

test('no listener of a download that is over stays behind', async () => {
	const { signal } = new AbortController();
	await download(answering(200, 1), ADDRESS, signal, MAX_BYTES);
	expect(getEventListeners(signal, 'abort')).toEqual([]);
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

	test('ends a download at once, and its connection', async () => {
		const stop = new AbortController();
		let connection: AbortSignal | undefined;
		const fetch: Fetch = async (url, options) => {
			connection = options.signal;
			return await hanging(url, options);
		};
		const loading = download(fetch, ADDRESS, stop.signal, MAX_BYTES);
		stop.abort();
		expect(connection!.aborted).toBe(true);
		await expect(loading).rejects.toMatchObject(ABORTED);
	});

	test('that was said before ends it as well', async () => {
		await expect(download(hanging, ADDRESS, AbortSignal.abort(), MAX_BYTES)).rejects.toMatchObject(
			ABORTED,
		);
	});
});
