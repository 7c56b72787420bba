/** Webhooks, delivered to a real server on this machine. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { call } from '../../caller';
import { REQUESTS, runRequests } from './caller';

interface Received {
	method: string;
	headers: IncomingHttpHeaders;
	body: unknown;
}

const { simulator, submitted, detail, status, pass } = runRequests();
const { control } = simulator;

let receiver: Server;
let webhook: { url: string; headers: Record<string, string> };
let received: Received[] = [];
/** What the receiver answers, one call after the other; 0 cuts the connection. Then 200. */
let answers: number[] = [];
/** What the receiver does before it answers. */
let meanwhile: () => Promise<unknown>;

beforeAll(async () => {
	receiver = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const { method = '', headers } = request;
			received.push({ method, headers, body: JSON.parse(Buffer.concat(chunks).toString()) });
			const answer = answers.shift() ?? 200;
			void meanwhile().then(() => {
				if (answer === 0) request.socket.destroy();
				else response.writeHead(answer).end('{}');
			});
		});
	});
	await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
	const { port } = receiver.address() as AddressInfo;
	webhook = { url: `http://127.0.0.1:${port}/hook?id=1`, headers: { 'X-Secret': 'abc' } };
});

beforeEach(() => {
	received = [];
	answers = [];
	meanwhile = async () => {};
	control.changeSettings({ vlmQueueMs: 0, vlmProcessMs: 1000, vlmWebhookRetryMs: 2000 });
});

afterAll(() => void receiver.close());

async function resubmit(id: string): Promise<void> {
	await call(simulator, `${REQUESTS}${id}/resubmit/`, { method: 'POST' });
}

async function passAndSettle(ms: number): Promise<void> {
	pass(ms);
	await control.vlm.settle();
}

it('posts the whole request with the headers asked for, once it is DONE', async () => {
	const id = await submitted({ webhook, text: 'Describe it.' });
	await passAndSettle(999);
	expect(received).toEqual([]);
	await passAndSettle(1);
	expect(received).toEqual([
		{
			method: 'POST',
			headers: expect.objectContaining({
				'content-type': 'application/json',
				'x-secret': 'abc',
			}),
			body: await detail(id),
		},
	]);
	expect(received[0]!.body).toMatchObject({ status: 'DONE', response: { images: 1 }, webhook });
	await passAndSettle(60_000);
	expect(received).toHaveLength(1);
});

it.each(['FAILED', 'API_LIMIT_EXCEEDED', 'NOT_SUPPORTED'] as const)(
	'is not called for %s',
	async (end) => {
		control.vlm.addRules({ status: end });
		const id = await submitted({ webhook });
		await passAndSettle(60_000);
		expect(await status(id)).toBe(end);
		expect(received).toEqual([]);
		expect(control.vlm.deliveries()).toEqual([]);
	},
);

it('is called again when a resubmitted request is DONE again', async () => {
	const id = await submitted({ webhook });
	await passAndSettle(1000);
	await resubmit(id);
	await passAndSettle(1000);
	expect(received.map(({ body }) => (body as { completed_at: string }).completed_at)).toEqual([
		'2026-01-15T00:00:01.000000Z',
		'2026-01-15T00:00:02.000000Z',
	]);
});

it('is called once, whatever comes of it, unless repetitions are set', async () => {
	answers = [503];
	const id = await submitted({ webhook });
	await passAndSettle(60_000);
	expect(received).toHaveLength(1);
	expect(control.vlm.deliveries()).toEqual([
		{
			at: '2026-01-15T00:00:01.000000Z',
			request: id,
			url: webhook.url,
			attempt: 1,
			status: 503,
			error: null,
		},
	]);
	expect(await status(id)).toBe('DONE');
});

it('repeats so often as is set, after a 409, a 5xx or no answer', async () => {
	control.changeSettings({ vlmWebhookRetries: 3 });
	answers = [409, 500, 0, 502, 200];
	await submitted({ webhook });
	await passAndSettle(1000);
	await passAndSettle(1999);
	expect(received).toHaveLength(1);
	for (let round = 0; round < 6; round++) await passAndSettle(2000);
	expect(control.vlm.deliveries().map((one) => [one.attempt, one.status])).toEqual([
		[1, 409],
		[2, 500],
		[3, null],
		[4, 502],
	]);
	expect(control.vlm.deliveries()[2]!.error).toEqual(expect.any(String));
});

it('does not repeat after an answer that is final, or when the request is gone', async () => {
	control.changeSettings({ vlmWebhookRetries: 3, vlmBillingMs: 0 });
	answers = [404, 503];
	await submitted({ webhook });
	await passAndSettle(60_000);
	expect(received).toHaveLength(1);
	const id = await submitted({ webhook });
	await passAndSettle(1000);
	expect(received).toHaveLength(2);
	await call(simulator, `${REQUESTS}${id}/`, { method: 'DELETE' });
	await passAndSettle(60_000);
	expect(received).toHaveLength(2);
});

it.each(['before the repetition', 'while the receiver thinks'])(
	'does not repeat for a request that was resubmitted %s',
	async (when) => {
		control.changeSettings({ vlmWebhookRetries: 3, vlmQueueMs: 60_000 });
		answers = [503];
		const id = await submitted({ webhook });
		if (when === 'while the receiver thinks') meanwhile = async () => await resubmit(id);
		await passAndSettle(61_000);
		meanwhile = async () => {};
		if (when === 'before the repetition') await resubmit(id);
		await passAndSettle(30_000);
		expect(await status(id)).toBe('CREATED');
		expect(received).toHaveLength(1);
	},
);

it('holds nothing up when the receiver is not there', async () => {
	const closed = createServer();
	await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
	const { port } = closed.address() as AddressInfo;
	await new Promise((resolve) => closed.close(resolve));
	const gone = await submitted({ webhook: { url: `http://127.0.0.1:${port}/hook` } });
	pass(1000);
	expect(await status(gone)).toBe('DONE');
	await control.vlm.settle();
	expect(control.vlm.deliveries()).toMatchObject([
		{ status: null, error: expect.stringContaining('ECONNREFUSED') },
	]);
});

it('comes without any call when the clock runs', async () => {
	control.changeSettings({ vlmProcessMs: 10 });
	control.changeClock({ running: true });
	await submitted({ webhook });
	while (received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
	expect(received[0]!.body).toMatchObject({ status: 'DONE' });
});
