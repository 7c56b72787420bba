/** Pressure: capacity, latency, refusals that last, and what the simulator reports of it. */
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { photoNumber } from '../images/photo';
import { testImage } from '../images/make';
import { call, runSimulator } from './caller';
import type { FaultInput } from './faults';
import { IDS, TOKENS } from './state';
import { VLM_IDS } from './vlm/ids';

const simulator = runSimulator();
const { control } = simulator;
const DETAILS = '/account/v2/details/';
const CLASSIFY = '/recognition/v2/classify/';
const IMAGES = '/recognition/v2/training-image/';
const imageUrl = (file: string) => `${simulator.url}/images/${file}`;
const used = () => control.account('business').creditsUsed;

async function classify(files: string[], rest: object = {}) {
	const records = files.map((file) => ({ _url: imageUrl(file) }));
	return await call(simulator, CLASSIFY, { body: { task_id: IDS.coloursTask, records, ...rest } });
}

async function statuses(calls: Array<Promise<{ status: number }>>): Promise<number[]> {
	return (await Promise.all(calls)).map(({ status }) => status).sort();
}

/** Opens a call, sends what is given of its body, and leaves it open. */
function openCall(path: string, length: number, start: Buffer) {
	const opened = httpRequest(new URL(path, simulator.url), {
		method: 'POST',
		headers: {
			Authorization: `Token ${TOKENS.business}`,
			'Content-Type': 'application/json',
			'Content-Length': length,
		},
	});
	opened.on('error', () => {});
	opened.write(start);
	return opened;
}

describe('capacity', () => {
	it('is for all calls of an account together', async () => {
		control.changeSettings({ capacity: 2, latencyMs: 200 });
		const png = (await testImage('badge.gif')).data.toString('base64');
		const answers = await Promise.all([
			classify(['badge.gif']),
			call(simulator, IMAGES, { body: { base64: png } }),
			call(simulator, DETAILS),
			call(simulator, '/vlm/v2/request/'),
			call(simulator, DETAILS, { as: 'empty' }),
		]);
		const [refused] = answers.filter(({ status }) => status === 429);
		expect(answers.filter(({ status }) => status === 429)).toHaveLength(2);
		expect(answers.at(-1)!.status).toBe(200);
		expect(refused!.body).toEqual({ detail: 'Request was throttled.' });
		expect(refused!.headers.get('retry-after')).toBeNull();
		expect(control.report()).toMatchObject({ taken: 3, mostAtOnce: 3, overCapacity: 2 });
		expect(await statuses([call(simulator, DETAILS), call(simulator, DETAILS)])).toEqual([
			200, 200,
		]);
	});

	it('bills nothing of what it refuses', async () => {
		control.changeSettings({ capacity: 1, latencyMs: 50 });
		const calls = [1, 2, 3].map(async () => await classify(['badge.gif', 'scanner.bmp']));
		expect(await statuses(calls)).toEqual([200, 429, 429]);
		expect(used()).toBe(2);
		expect(control.report()).toMatchObject({ records: 2, credits: 2 });
	});

	it('leaves the admin calls and the images alone', async () => {
		control.changeSettings({ capacity: 1, latencyMs: 300 });
		const busy = call(simulator, DETAILS);
		while (control.report().taken === 0) await new Promise(setImmediate);
		expect((await call(simulator, '/admin/report', { as: null })).status).toBe(200);
		expect((await call(simulator, '/images/badge.gif', { as: null })).status).toBe(200);
		expect((await busy).status).toBe(200);
		expect(control.report().overCapacity).toBe(0);
	});

	it.each([
		[{ seconds: 7 }, '7'],
		[{ seconds: 0 }, '0'],
		[{ dateInSeconds: 60 }, expect.stringMatching(/GMT$/)],
	])('says when to come again: %j', async (capacityRetryAfter, said) => {
		control.changeSettings({ capacity: 1, capacityRetryAfter, latencyMs: 100 });
		const answers = await Promise.all([call(simulator, DETAILS), call(simulator, DETAILS)]);
		const refused = answers.find(({ status }) => status === 429)!;
		expect(refused.headers.get('retry-after')).toEqual(said);
	});

	it('refuses before the body is there', async () => {
		control.changeSettings({ capacity: 1 });
		const first = openCall(CLASSIFY, 1_000_000, Buffer.from('{'));
		while (control.report().taken === 0) await new Promise(setImmediate);
		const second = openCall(CLASSIFY, 4_000_000, Buffer.from('{'));
		const [answer] = await once(second, 'response');
		expect(answer.statusCode).toBe(429);
		expect(await text(answer)).toMatch(/throttled/);
		second.destroy();
		first.destroy();
		while (control.report().aborted === 0) await new Promise(setImmediate);
		expect((await call(simulator, DETAILS)).status).toBe(200);
	});

	it('has a free place for whoever has an answer, call after call', async () => {
		control.changeSettings({ capacity: 4 });
		const line = async () => {
			for (let round = 0; round < 50; round++) {
				expect((await call(simulator, DETAILS)).status).toBe(200);
			}
		};
		await Promise.all([line(), line(), line(), line()]);
		expect(control.report()).toMatchObject({ taken: 200, overCapacity: 0 });
	});
});

describe('latency', () => {
	it('adds up over the records, while calls run side by side', async () => {
		control.changeSettings({ latencyMs: 100, recordMs: 50 });
		const started = performance.now();
		await Promise.all(
			Array.from({ length: 8 }, async () => await classify(new Array(4).fill('badge.gif'))),
		);
		const ms = performance.now() - started;
		expect(ms).toBeGreaterThanOrEqual(299);
		// One after the other they would take eight times as long as one.
		expect(control.report().mostAtOnce).toBe(8);
	});
});

describe('faults that last', () => {
	it('refuse for a while, without a look at the body', async () => {
		control.addFaults({
			match: { path: '/recognition/' },
			times: 'always',
			forMs: 300,
			early: true,
			answer: { status: 429, retryAfter: { seconds: 0 } },
		});
		const storm = openCall(CLASSIFY, 4_000_000, Buffer.from('{'));
		const [answer] = await once(storm, 'response');
		expect([answer.statusCode, answer.headers['retry-after']]).toEqual([429, '0']);
		storm.destroy();
		expect((await classify(['badge.gif'])).status).toBe(429);
		expect((await call(simulator, DETAILS)).status).toBe(200);
		await new Promise((resolve) => setTimeout(resolve, 310));
		expect((await classify(['badge.gif'])).status).toBe(200);
	});

	it('refuse every classify call', async () => {
		for (const status of [403, 404]) {
			control.addFaults({
				match: { route: CLASSIFY },
				times: 'always',
				answer: { status, body: { detail: 'No.' } },
			});
			for (let round = 0; round < 3; round++) {
				expect((await classify(['badge.gif'])).status).toBe(status);
			}
			control.clearFaults();
		}
		expect(used()).toBe(0);
	});

	it('can name another field of the request', async () => {
		const body = { version: ['The task has no version 12.'] };
		control.addFaults({ match: { path: 'classify' }, answer: { status: 400, body } });
		const answer = await classify(['badge.gif']);
		expect([answer.status, answer.body]).toEqual([400, body]);
	});
});

describe('faults for an image', () => {
	const fault = async (file: string): Promise<FaultInput> => ({
		match: { sha256: (await testImage(file)).sha256 },
		times: 'always',
		answer: { status: 500 },
	});

	it('fail whatever call brings it', async () => {
		control.addFaults(await fault('badge.gif'));
		const base64 = async (file: string) => (await testImage(file)).data.toString('base64');
		const status = async (path: string, body: unknown) =>
			(await call(simulator, path, { body })).status;
		const submission = (url: string) => ({
			task_id: VLM_IDS.task,
			request: {
				messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
			},
		});
		for (const [file, failed] of [
			['badge.gif', true],
			['turntable-animated.gif', false],
		] as const) {
			const data = await base64(file);
			const records = [{ _base64: await base64('scanner.bmp') }, { _base64: data }];
			expect(await status('/ocr/v2/read', { records })).toBe(failed ? 500 : 200);
			expect(await status(IMAGES, { base64: data })).toBe(failed ? 500 : 201);
			expect(await status('/vlm/v2/request/', submission(`data:image/gif;base64,${data}`))).toBe(
				failed ? 500 : 201,
			);
		}
		const form = new FormData();
		form.append('img_path', new File([(await testImage('badge.gif')).data], 'badge.gif'));
		const upload = await fetch(new URL(IMAGES, simulator.url), {
			method: 'POST',
			headers: { Authorization: `Token ${TOKENS.business}` },
			body: form,
		});
		expect(upload.status).toBe(500);
	});

	it('know it by its address as well', async () => {
		control.addFaults({ match: { url: 'badge' }, times: 'always', answer: { status: 500 } });
		expect((await classify(['scanner.bmp', 'badge.gif'])).status).toBe(500);
		expect((await classify(['scanner.bmp'])).status).toBe(200);
	});

	it('may put their 400 into an ordinary envelope', async () => {
		const text = 'Images of format PDF are not supported.';
		const bodies = {
			status: {
				status: { code: 400, text, request_id: expect.any(String), proc_id: expect.any(String) },
				statistics: { 'processing time': 0 },
			},
			code: { detail: text, code: 'invalid' },
		};
		for (const refusalBody of ['status', 'code'] as const) {
			control.changeSettings({ refusal: 'request', refusalBody });
			const answer = await classify(['badge.gif', 'document.pdf']);
			expect([answer.status, answer.body]).toEqual([400, bodies[refusalBody]]);
			expect((await classify(['badge.gif'])).status).toBe(200);
		}
	});
});

describe('classify', () => {
	it('knows the tasks of the workspace that it names, and no others', async () => {
		const status = async (task_id: string, rest: object, query = '') =>
			(
				await call(simulator, `${CLASSIFY}${query}`, {
					body: { task_id, records: [{ _url: imageUrl('badge.gif') }], ...rest },
				})
			).status;
		const workspace = IDS.secondWorkspace;
		expect(await status(IDS.warehouseTask, {})).toBe(404);
		expect(await status(IDS.warehouseTask, { workspace })).toBe(200);
		expect(await status(IDS.warehouseTask, {}, `?workspace=${workspace}`)).toBe(200);
		expect(await status(IDS.coloursTask, { workspace })).toBe(404);
		expect(await status(IDS.coloursTask, { workspace: IDS.defaultWorkspace })).toBe(200);
		expect(await status(IDS.coloursTask, { workspace: IDS.emptyWorkspace })).toBe(400);
	});
});

describe('images that are not decoded', () => {
	beforeEach(() => void control.changeSettings({ decode: false }));

	it('are known by their heads and their hashes', async () => {
		const files = ['phone-rotated.jpg', 'label-rgb.png', 'scanner.bmp', 'document.pdf'];
		const { status, body } = await classify(files, { descriptor: 1 });
		const images = await Promise.all(files.map(testImage));
		expect(status).toBe(200);
		body.records.forEach((record: Record<string, unknown>, index: number) => {
			const { kind, width, height, sha256 } = images[index]!;
			expect(record).toMatchObject(
				kind === 'taken'
					? { _width: width, _height: height, _sha256: sha256, best_label: expect.anything() }
					: { _status: { code: 400 } },
			);
		});
		const again = await classify(files.slice(0, 1));
		expect(again.body.records[0].best_label).toEqual(body.records[0].best_label);
	});

	it('are read, kept and submitted', async () => {
		const { data } = await testImage('invoice-baseline.jpg');
		const read = await call(simulator, '/ocr/v2/read', {
			body: { records: [{ _base64: data.toString('base64') }] },
		});
		expect(read.body.records[0]._ocr.full_text).toMatch(/^[A-Z]+ [A-Z]+ [A-Z]+$/);
		const { body } = await call(simulator, IMAGES, { body: { base64: data.toString('base64') } });
		const kept = Buffer.from(await (await fetch(body.img_path)).arrayBuffer());
		expect(kept.equals(data)).toBe(true);
		expect((await fetch(body.thumb_img_path)).status).toBe(200);
	});
});

describe('the report', () => {
	const admin = async (method: string, path: string) =>
		(await call(simulator, `/admin${path}`, { method, as: null })).body;

	it('counts calls, records, credits and images', async () => {
		const { sha256 } = await testImage('badge.gif');
		await classify(['badge.gif', 'badge.gif', 'scanner.bmp']);
		await classify(['badge.gif', 'document.pdf']);
		const data = await photoNumber('shop', 1);
		for (let round = 0; round < 2; round++) {
			await call(simulator, IMAGES, { body: { base64: data.toString('base64') } });
		}
		const report = await admin('GET', '/report');
		expect(report).toMatchObject({
			taken: 4,
			mostAtOnce: 1,
			overCapacity: 0,
			aborted: 0,
			records: 5,
			credits: 5,
			uploads: { count: 2, bytes: 2 * data.length },
			otherImages: 0,
		});
		expect(report.images).toEqual({
			[sha256]: 3,
			[(await testImage('scanner.bmp')).sha256]: 1,
		});
		expect(report.bytes).toBeGreaterThan(2 * data.length);
		expect(await admin('DELETE', '/report')).toMatchObject({ taken: 0, records: 0, images: {} });
		expect(used()).toBe(5);
	});

	it('counts calls that were given up', async () => {
		control.changeSettings({ latencyMs: 1000 });
		const signal = AbortSignal.timeout(50);
		const headers = { Authorization: `Token ${TOKENS.business}` };
		await expect(
			fetch(`${simulator.url}/recognition/v2/task/`, { signal, headers }),
		).rejects.toThrow();
		while (control.report().aborted === 0) await new Promise(setImmediate);
		control.addFaults({ reset: 'before' });
		await expect(call(simulator, DETAILS)).rejects.toThrow();
		expect(control.report().aborted).toBe(1);
	});
});
