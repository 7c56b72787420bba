/** The life of requests, on a clock that stands still until it is moved. */
import { type Answer, call } from '../../caller';
import { VLM_IDS } from '../ids';
import { REQUESTS, runRequests } from './caller';

const DAY = 24 * 60 * 60 * 1000;
const { simulator, imageUrl, messages, submit, submitted, detail, status, pass } = runRequests();
const { control } = simulator;
const used = (name = 'business') => control.account(name).creditsUsed;

async function resubmit(id: string) {
	return await call(simulator, `${REQUESTS}${id}/resubmit/`, { method: 'POST' });
}

async function remove(id: string) {
	return await call(simulator, `${REQUESTS}${id}/`, { method: 'DELETE' });
}

describe('a request', () => {
	beforeEach(() => void control.changeSettings({ vlmQueueMs: 100, vlmProcessMs: 3330 }));

	it('is created, processed and done, each at its time', async () => {
		const id = await submitted();
		pass(99);
		expect(await status(id)).toBe('CREATED');
		pass(1);
		expect(await status(id)).toBe('PROCESSING');
		expect(await detail(id)).toMatchObject({
			response: null,
			usage: null,
			started_at: '2026-01-15T00:00:00.100000Z',
			completed_at: null,
		});
		pass(3329);
		expect(await status(id)).toBe('PROCESSING');
		pass(1);
		expect(await status(id)).toBe('DONE');
	});

	it('is answered as printed when it is done, however late one looks', async () => {
		const request = { messages: messages([imageUrl()], 'Describe this product.') };
		const id = await submitted({ request });
		pass(60_000);
		expect(await detail(id)).toEqual({
			id,
			status: 'DONE',
			task_id: VLM_IDS.task,
			version: 2,
			request,
			response: {
				grade: expect.any(Number),
				colour: 'Grey',
				images: 1,
				explain: expect.stringMatching(/^Seen: Grey \d+x\d+$/),
			},
			usage: {
				prompt_tokens: expect.any(Number),
				completion_tokens: expect.any(Number),
				total_tokens: expect.any(Number),
				processing_time: 3.33,
			},
			system_prompt_id: null,
			user_prompt_id: null,
			webhook: null,
			retry_count: 0,
			created: '2026-01-15T00:00:00.000000Z',
			started_at: '2026-01-15T00:00:00.100000Z',
			completed_at: '2026-01-15T00:00:03.430000Z',
			workspace: '748e50e4-d081-4924-b9e7-f500aac6a71d',
		});
		const { body } = await call(simulator, `${REQUESTS}${id}/status/`);
		expect(body).toEqual({ status: 'DONE' });
	});

	it('is found by those of its workspace alone', async () => {
		const id = await submitted();
		for (const path of ['', 'status/']) {
			expect((await call(simulator, `${REQUESTS}${id}/${path}`, { as: 'empty' })).status).toBe(404);
		}
		expect((await call(simulator, `${REQUESTS}${id}/`, { as: 'free' })).status).toBe(403);
		expect((await call(simulator, `${REQUESTS}${VLM_IDS.task}/`)).status).toBe(404);
	});

	it('fails when an image cannot be had', async () => {
		const urls = [imageUrl(), imageUrl('missing.jpg')];
		const missing = await submitted({ request: { messages: messages(urls) } });
		const damaged = await submitted({
			request: { messages: messages([imageUrl('truncated.jpg')]) },
		});
		pass(10_000);
		expect(await detail(missing)).toMatchObject({
			status: 'FAILED',
			response: { error: 'The image could not be downloaded (HTTP 404).' },
			usage: null,
			completed_at: '2026-01-15T00:00:03.430000Z',
		});
		expect((await detail(damaged)).response.error).toContain('damaged');
		pass(DAY);
		expect(used()).toBe(0);
	});

	it('may be about addresses that lead nowhere', async () => {
		control.changeSettings({ vlmFetchImages: false });
		const about = async (url: string) => {
			const id = await submitted({ request: { messages: messages([url]) } });
			pass(10_000);
			return (await detail(id)).response;
		};
		const first = await about('https://example.com/1.jpg');
		expect(first).toMatchObject({ images: 1 });
		expect(await about('https://example.com/1.jpg')).toEqual(first);
		expect(await about('https://example.com/2.jpg')).not.toEqual(first);
	});
});

describe('workers', () => {
	beforeEach(() => {
		control.changeSettings({ vlmWorkers: 2, vlmQueueMs: 0, vlmProcessMs: 1000 });
	});

	it('take so many requests at once, the first come first', async () => {
		const ids: string[] = [];
		for (let round = 0; round < 5; round++) ids.push(await submitted());
		const statuses = async () => await Promise.all(ids.map(status));
		expect(await statuses()).toEqual(['PROCESSING', 'PROCESSING', 'CREATED', 'CREATED', 'CREATED']);
		pass(1000);
		expect(await statuses()).toEqual(['DONE', 'DONE', 'PROCESSING', 'PROCESSING', 'CREATED']);
		pass(2000);
		expect(await statuses()).toEqual(new Array(5).fill('DONE'));
		expect((await detail(ids[4]!)).completed_at).toBe('2026-01-15T00:00:03.000000Z');
	});

	it('take what has a higher priority before', async () => {
		control.changeSettings({ vlmWorkers: 1 });
		const first = await submitted();
		const low = await submitted({ priority: -1 });
		const usual = await submitted();
		const high = await submitted({ priority: 5 });
		pass(10_000);
		const ends = [];
		for (const id of [first, high, usual, low]) ends.push((await detail(id)).completed_at);
		expect(ends).toEqual([1, 2, 3, 4].map((second) => `2026-01-15T00:00:0${second}.000000Z`));
	});

	it('may take longer for one than for another', async () => {
		control.changeSettings({ vlmWorkers: 20, vlmProcessMs: [1000, 9000] });
		const ids: string[] = [];
		for (let round = 0; round < 12; round++) ids.push(await submitted());
		pass(9000);
		const ends: string[] = [];
		for (const id of ids) ends.push((await detail(id)).completed_at);
		expect(new Set(ends).size).toBeGreaterThan(6);
		expect([...ends].sort()[0]! >= '2026-01-15T00:00:01').toBe(true);
		expect(ends).not.toEqual([...ends].sort());
	});
});

describe('rules', () => {
	beforeEach(() => {
		control.changeSettings({ vlmQueueMs: 0, vlmProcessMs: 1000, vlmRetryMs: 500 });
	});

	it('decide by a text in the instruction, sent or saved', async () => {
		control.vlm.addRules(
			{ match: { text: '[fail]' }, status: 'FAILED' },
			{ match: { text: 'of this {{category}}' }, status: 'NOT_SUPPORTED' },
		);
		const failing = await submitted({ text: 'Look. [fail]' });
		const overridden = await submitted({
			text: '[fail]',
			user_prompt_id: VLM_IDS.userPrompt,
		});
		const unsupported = await submitted();
		const fine = await submitted({ text: 'Look.' });
		pass(1000);
		expect(await detail(failing)).toMatchObject({
			status: 'FAILED',
			response: { error: 'Processing failed after all retries.' },
			usage: null,
		});
		expect(await status(overridden)).toBe('FAILED');
		expect(await status(unsupported)).toBe('NOT_SUPPORTED');
		expect(await status(fine)).toBe('DONE');
	});

	it('decide by task and image, so often as they say, the first before the second', async () => {
		control.vlm.addRules(
			{ match: { task_id: VLM_IDS.captionTask }, status: 'API_LIMIT_EXCEEDED', times: 1 },
			{ match: { image: 'badge' }, response: { verdict: 'badge' } },
		);
		const captions = { task_id: VLM_IDS.captionTask };
		const before = await submitted();
		const first = await submitted(captions);
		const second = await submitted(captions);
		const other = await submitted({
			request: { messages: messages([imageUrl('label-rgb.png')]) },
		});
		pass(1000);
		expect(await status(before)).toBe('DONE');
		expect(await status(first)).toBe('API_LIMIT_EXCEEDED');
		expect((await detail(second)).response).toEqual({ verdict: 'badge' });
		expect((await detail(other)).response).toMatchObject({ colour: 'Yellow' });
		control.vlm.clearRules();
		const later = await submitted(captions);
		pass(1000);
		expect((await detail(later)).response).toMatch(/Grey/);
	});

	it('send a request through RETRY, and tell how often', async () => {
		control.vlm.addRules({ match: { text: 'twice' }, retries: 2, status: 'FAILED' });
		const id = await submitted({ text: 'twice' });
		const seen = [];
		for (let half = 0; half < 9; half++) {
			const { status: now, retry_count } = await detail(id);
			seen.push([now, retry_count]);
			pass(500);
		}
		expect(seen).toEqual([
			['PROCESSING', 0],
			['PROCESSING', 0],
			['RETRY', 1],
			['PROCESSING', 1],
			['PROCESSING', 1],
			['RETRY', 2],
			['PROCESSING', 2],
			['PROCESSING', 2],
			['FAILED', 2],
		]);
	});

	it('decide what the response is, and how long it takes', async () => {
		control.vlm.addRules({ response: null, processMs: 7000 });
		const id = await submitted();
		pass(6999);
		expect(await status(id)).toBe('PROCESSING');
		pass(1);
		expect(await detail(id)).toMatchObject({ status: 'DONE', response: null });
	});
});

describe('credits', () => {
	beforeEach(() => {
		const settings = { vlmQueueMs: 0, vlmProcessMs: 1000, vlmBillingMs: 5000, vlmWorkers: 20 };
		control.changeSettings(settings);
	});

	it('are taken for every image, a while after the request is done', async () => {
		const urls = [imageUrl(), imageUrl('label-rgb.png'), imageUrl()];
		const id = await submitted({ request: { messages: messages(urls) } });
		pass(5999);
		expect(await status(id)).toBe('DONE');
		expect(used()).toBe(0);
		pass(1);
		await status(id);
		expect(used()).toBe(3);
		expect(simulator.state.charges).toEqual([
			{
				at: '2026-01-15T00:00:06.000000Z',
				account: 'business',
				path: REQUESTS,
				records: 3,
				credits: 3,
			},
		]);
	});

	it('that do not suffice end a request, also when others beside it have not been billed', async () => {
		const urls = new Array(3).fill(imageUrl());
		const three = { request: { messages: messages(urls) } };
		const ids: string[] = [];
		for (let round = 0; round < 3; round++) ids.push(await submitted(three, 'exhausted'));
		pass(1000);
		expect(await Promise.all(ids.map(status))).toEqual([
			'DONE',
			'API_LIMIT_EXCEEDED',
			'API_LIMIT_EXCEEDED',
		]);
		expect(await detail(ids[1]!)).toMatchObject({
			response: { error: 'Insufficient credits.' },
			completed_at: '2026-01-15T00:00:00.000000Z',
		});
		const two = await submitted({ request: { messages: messages(urls.slice(1)) } }, 'exhausted');
		pass(60_000);
		expect(await status(two)).toBe('DONE');
		expect(used('exhausted')).toBe(1000);
	});

	it('are set aside once, however often a request is retried', async () => {
		control.vlm.addRules({ retries: 2 });
		const five = { request: { messages: messages(new Array(5).fill(imageUrl())) } };
		const id = await submitted(five, 'exhausted');
		pass(60_000);
		expect(await detail(id)).toMatchObject({ status: 'DONE', retry_count: 2 });
		expect(used('exhausted')).toBe(1000);
	});

	it('set aside for what failed can be used again', async () => {
		control.vlm.addRules({ status: 'FAILED', times: 1 });
		const five = { request: { messages: messages(new Array(5).fill(imageUrl())) } };
		const failing = await submitted(five, 'exhausted');
		pass(1000);
		expect(await status(failing)).toBe('FAILED');
		const second = await submitted(five, 'exhausted');
		pass(1000);
		expect(await status(second)).toBe('DONE');
	});
});

describe('resubmission', () => {
	beforeEach(() => {
		control.changeSettings({ vlmQueueMs: 100, vlmProcessMs: 1000, vlmBillingMs: 5000 });
	});

	it('does a finished request again under the same ID', async () => {
		control.vlm.addRules({ status: 'FAILED', retries: 1, times: 1 });
		const id = await submitted();
		pass(60_000);
		expect(await status(id)).toBe('FAILED');
		const answer = await resubmit(id);
		expect([answer.status, answer.body]).toEqual([
			200,
			expect.objectContaining({ id, status: 'CREATED' }),
		]);
		expect(await detail(id)).toMatchObject({
			status: 'CREATED',
			response: null,
			usage: null,
			started_at: null,
			completed_at: null,
			retry_count: 1,
			created: '2026-01-15T00:00:00.000000Z',
		});
		pass(1100);
		expect(await detail(id)).toMatchObject({
			status: 'DONE',
			completed_at: '2026-01-15T00:01:01.100000Z',
		});
	});

	it('is for finished requests', async () => {
		control.vlm.addRules({ retries: 1 });
		const id = await submitted();
		for (const [ms, now] of [
			[0, 'CREATED'],
			[100, 'PROCESSING'],
			[1000, 'RETRY'],
		] as const) {
			pass(ms);
			const answer = await resubmit(id);
			expect([answer.status, answer.body.detail]).toEqual([400, expect.stringContaining(now)]);
		}
		expect((await resubmit(VLM_IDS.task)).status).toBe(404);
	});

	it('is billed for every time that it is done', async () => {
		const id = await submitted();
		pass(1100);
		await resubmit(id);
		expect(used()).toBe(1);
		pass(60_000);
		await status(id);
		expect(used()).toBe(2);
	});

	it('uses the prompts as they are then', async () => {
		const id = await submitted({ user_prompt_id: VLM_IDS.userPrompt });
		pass(1100);
		const path = `/vlm/v2/prompt/${VLM_IDS.userPrompt}/`;
		await call(simulator, path, { method: 'PATCH', body: { content: 'New.' } });
		expect(control.vlm.request(id).work.prompts.user).toMatch(/^Analyse/);
		await resubmit(id);
		expect(control.vlm.request(id).work.prompts.user).toBe('New.');
	});
});

describe('deletion', () => {
	beforeEach(() => {
		control.changeSettings({ vlmQueueMs: 100, vlmProcessMs: 1000, vlmBillingMs: 5000 });
	});

	it('waits for the end of processing, and for the bill', async () => {
		const id = await submitted();
		pass(100);
		expect((await remove(id)).body.detail).toMatch(/PROCESSING/);
		pass(1000);
		expect((await remove(id)).body.detail).toMatch(/billed/);
		pass(5000);
		const answer = await remove(id);
		expect([answer.status, answer.text]).toEqual([204, '']);
		expect((await call(simulator, `${REQUESTS}${id}/status/`)).status).toBe(404);
	});

	it('needs no bill for what failed', async () => {
		control.vlm.addRules({ status: 'FAILED' });
		const id = await submitted();
		pass(1100);
		expect((await remove(id)).status).toBe(204);
	});

	it('takes a request out of the queue, with all that it would have done', async () => {
		control.changeSettings({ vlmWorkers: 1 });
		const first = await submitted();
		const second = await submitted();
		const third = await submitted();
		pass(100);
		expect((await remove(second)).status).toBe(204);
		pass(60_000);
		expect([await status(first), await status(third)]).toEqual(['DONE', 'DONE']);
		expect((await detail(third)).completed_at).toBe('2026-01-15T00:00:02.100000Z');
		expect(used()).toBe(2);
	});

	it('in RETRY gives its credits back', async () => {
		control.vlm.addRules({ retries: 1, times: 1 });
		const five = { request: { messages: messages(new Array(5).fill(imageUrl())) } };
		const id = await submitted(five, 'exhausted');
		pass(1100);
		expect(await status(id)).toBe('RETRY');
		expect((await remove(id)).status).toBe(204);
		const second = await submitted(five, 'exhausted');
		pass(1100);
		expect(await status(second)).toBe('DONE');
	});
});

describe('retention', () => {
	it('is two weeks from the finish', async () => {
		control.changeSettings({ vlmQueueMs: 0, vlmProcessMs: 1000 });
		control.vlm.addRules({ status: 'FAILED', times: 1 });
		const failed = await submitted();
		const done = await submitted();
		pass(14 * DAY + 999);
		expect([await status(failed), await status(done)]).toEqual(['FAILED', 'DONE']);
		pass(1);
		for (const id of [failed, done]) {
			expect((await call(simulator, `${REQUESTS}${id}/`)).status).toBe(404);
		}
		expect(used()).toBe(1);
	});

	it('begins anew with a resubmission, and can be set', async () => {
		control.changeSettings({ vlmQueueMs: 0, vlmProcessMs: 0, vlmRetentionMs: 60_000 });
		const id = await submitted();
		pass(40_000);
		await resubmit(id);
		pass(40_000);
		expect(await status(id)).toBe('DONE');
		pass(20_000);
		expect((await call(simulator, `${REQUESTS}${id}/`)).status).toBe(404);
	});
});

it('forgets what is at work when it is reset', async () => {
	const id = await submitted();
	control.reset();
	expect((await call(simulator, `${REQUESTS}${id}/`)).status).toBe(404);
	expect(simulator.state.vlm.events).toEqual([]);
});

describe('on a running clock', () => {
	beforeEach(() => {
		control.changeClock({ running: true });
		control.changeSettings({ vlmQueueMs: 10, vlmProcessMs: 20, vlmBillingMs: 0 });
	});

	/** Until this many credits were used, without any call to the simulator. */
	async function paid(credits: number): Promise<void> {
		while (used() < credits) await new Promise((resolve) => setTimeout(resolve, 5));
	}

	it('works by itself', async () => {
		const id = await submitted();
		await paid(1);
		expect(simulator.state.vlm.requests[id]).toMatchObject({ status: 'DONE' });
	});

	it('goes on while an image is on its way', async () => {
		control.addFaults({ match: { path: '/images/' }, delayMs: 200 });
		const id = await submitted();
		await new Promise((resolve) => setTimeout(resolve, 100));
		expect(await status(id)).toBe('PROCESSING');
		await paid(1);
		const { started_at, completed_at } = await detail(id);
		expect(Date.parse(completed_at) - Date.parse(started_at)).toBeGreaterThan(150);
	});

	it('stays fast with thousands of requests', async () => {
		control.changeSettings({ vlmWorkers: 100, vlmProcessMs: [0, 20], vlmFetchImages: false });
		control.vlm.addRequests(...new Array(4000).fill({}));
		for (let round = 0; round < 10; round++) {
			await Promise.all(Array.from({ length: 100 }, async () => await submit()));
		}
		await paid(1000);
		let path: string | null = `${REQUESTS}history/?page_size=100`;
		const seen = new Set<string>();
		while (path) {
			const { body }: Answer = await call(simulator, path);
			for (const { id } of body.results) seen.add(id);
			path = body.next;
		}
		expect(seen.size).toBe(5000);
	});
});
