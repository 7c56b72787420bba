/**
 * Plays Ximilar's classify with a set latency, cost a record and capacity, for the least CPU
 * possible: images are fingerprinted in the bytes of the body and never decoded.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';

interface Settings {
	capacity: number;
	latency: number;
	recordMs: number;
	retryAfter: number | null;
}

const settings: Settings = { capacity: 8, latency: 150, recordMs: 20, retryAfter: null };
const counts = { requests: 0, refused: 0, failed: 0, records: 0, peak: 0 };
const images = new Map<string, number>();
let underWay = 0;

const key = Buffer.from('"_base64"');
const quote = '"'.charCodeAt(0);

/** The JSON of a body with a fingerprint in the place of each image. */
function withoutImages(body: Buffer): string {
	const parts: Array<Buffer | string> = [];
	let done = 0;
	for (;;) {
		const at = body.indexOf(key, done);
		if (at < 0) break;
		const from = body.indexOf(quote, at + key.length) + 1;
		const to = body.indexOf(quote, from);
		parts.push(body.subarray(done, from), `${to - from}:${crc32(body.subarray(from, to))}`);
		done = to;
	}
	parts.push(body.subarray(done));
	return parts.map(String).join('');
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks);
}

function send(response: ServerResponse, status: number, answer: unknown, headers = {}): void {
	response.writeHead(status, { 'content-type': 'application/json', ...headers });
	response.end(JSON.stringify(answer));
}

const label = { id: 'd0f2a1a4-0000-4000-8000-000000000001', name: 'red', prob: 0.9 };

async function classify(request: IncomingMessage, response: ServerResponse): Promise<void> {
	if (underWay >= settings.capacity) {
		counts.refused++;
		const wait = settings.retryAfter === null ? {} : { 'retry-after': settings.retryAfter };
		send(response, 429, { detail: 'Request was throttled.' }, wait);
		request.resume();
		return;
	}
	counts.peak = Math.max(counts.peak, ++underWay);
	let over = false;
	response.once('close', () => {
		if (!over) counts.failed++;
		underWay--;
	});
	const { records, task_id } = JSON.parse(withoutImages(await readBody(request))) as {
		task_id: string;
		records: Array<{ _id?: string; _base64: string }>;
	};
	await new Promise((resolve) =>
		setTimeout(resolve, settings.latency + settings.recordMs * records.length),
	);
	if (response.destroyed) return;
	over = true;
	counts.requests++;
	counts.records += records.length;
	for (const { _base64 } of records) images.set(_base64, (images.get(_base64) ?? 0) + 1);
	const status = { code: 200, text: 'OK' };
	send(response, 200, {
		task_id,
		status,
		statistics: { 'processing time': 0.35 },
		version: 1,
		records: records.map(({ _id }) => ({
			...(_id === undefined ? {} : { _id }),
			_status: status,
			_width: 500,
			_height: 400,
			best_label: label,
			labels: [label],
		})),
	});
}

async function control(request: IncomingMessage, response: ServerResponse): Promise<void> {
	if (request.method === 'GET') {
		return send(response, 200, { ...counts, images: Object.fromEntries(images) });
	}
	Object.assign(settings, JSON.parse(String(await readBody(request))));
	Object.assign(counts, { requests: 0, refused: 0, failed: 0, records: 0, peak: 0 });
	images.clear();
	send(response, 200, settings);
}

const server = createServer((request, response) => {
	const path = request.url!.split('?')[0]!;
	const answer = async () => {
		if (path === '/admin/bench') return await control(request, response);
		if (path.startsWith('/recognition/v2/classify')) return await classify(request, response);
		if (path.startsWith('/recognition/v2/task/')) {
			const id = path.split('/')[4];
			return send(response, 200, { id, name: 'Colours', production_version: 1, labels: [label] });
		}
		send(response, 404, { detail: 'Not found.' });
	};
	answer().catch((error: unknown) => {
		if (!response.headersSent) send(response, 500, { detail: String(error) });
	});
});
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () =>
	console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
);
