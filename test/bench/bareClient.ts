/**
 * What the nodes are measured by: the same images to the same server in plain Node.js, told how
 * many requests the server bears. Run by itself, it prints what it took as JSON.
 *
 *     node bareClient.ts stream|text FOLDER URL TOKEN TASK CAPACITY
 *
 * `stream` makes base64 slice by slice while a request is sent: the reference for time.
 * `text` is the loop that one writes first, of toString, stringify and fetch: the reference for CPU.
 */
import { readdir, readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';

const [mode, folder, url, token, task, capacity] = process.argv.slice(2) as [
	'stream' | 'text',
	string,
	string,
	string,
	string,
	string,
];
const BATCH = 10;
/** A multiple of three, so that the slices' base64 is that of the whole. */
const SLICE = 96 * 1024;

const address = `${url}/recognition/v2/classify/`;
const headers = { Authorization: `Token ${token}`, 'Content-Type': 'application/json' };
const agent = new Agent({ keepAlive: true });

interface Answer {
	records: unknown[];
}

function* bodyOf(images: Buffer[]): Generator<Buffer> {
	yield Buffer.from(`{"task_id":"${task}","records":[`);
	for (const [at, image] of images.entries()) {
		yield Buffer.from(`${at ? ',' : ''}{"_id":"${at}","_base64":"`);
		for (let from = 0; from < image.length; from += SLICE) {
			yield Buffer.from(image.toString('base64', from, from + SLICE), 'latin1');
		}
		yield Buffer.from('"}');
	}
	yield Buffer.from(']}');
}

function lengthOf(images: Buffer[]): number {
	const frames = [...bodyOf(images.map(() => Buffer.alloc(0)))];
	return [...frames.map(({ length }) => length), ...images.map(base64Length)].reduce(
		(sum, length) => sum + length,
		0,
	);
}

function base64Length({ length }: Buffer): number {
	return Math.ceil(length / 3) * 4;
}

async function sendAsStream(images: Buffer[]): Promise<Answer> {
	const call = request(address, {
		method: 'POST',
		agent,
		headers: { ...headers, 'Content-Length': lengthOf(images) },
	});
	const answer = new Promise<Answer>((resolve, reject) => {
		call.once('error', reject);
		call.once('response', (response) => {
			text(response).then((body) => {
				if (response.statusCode === 200) resolve(JSON.parse(body) as Answer);
				else reject(new Error(`${response.statusCode}: ${body}`));
			}, reject);
		});
	});
	await Promise.all([pipeline(Readable.from(bodyOf(images)), call), answer]);
	return await answer;
}

async function sendAsText(images: Buffer[]): Promise<Answer> {
	const records = images.map((image, at) => ({
		_id: String(at),
		_base64: image.toString('base64'),
	}));
	const body = JSON.stringify({ task_id: task, records });
	const response = await fetch(address, { method: 'POST', headers, body });
	if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
	return (await response.json()) as Answer;
}

async function main(): Promise<void> {
	const files = (await readdir(folder)).sort().map((name) => path.join(folder, name));
	const startedAt = performance.now();
	const cpuBefore = process.cpuUsage();
	let done = 0;
	const work = async () => {
		while (files.length) {
			const batch = files.splice(0, BATCH);
			const images = await Promise.all(batch.map(async (file) => await readFile(file)));
			const { records } = await (mode === 'stream' ? sendAsStream : sendAsText)(images);
			done += records.length;
		}
	};
	await Promise.all(Array.from({ length: Number(capacity) }, work));
	const { user, system } = process.cpuUsage(cpuBefore);
	console.log(
		JSON.stringify({
			milliseconds: performance.now() - startedAt,
			cpuMilliseconds: (user + system) / 1000,
			peakBytes: process.resourceUsage().maxRSS * 1024,
			done,
		}),
	);
	agent.destroy();
}

main().catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
