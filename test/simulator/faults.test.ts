/** Faults on demand, the log, and the control of both over HTTP. */
import { call, runSimulator } from './caller';
import type { FaultInput } from './faults';
import { IDS, TOKENS } from './state';

const simulator = runSimulator();
const DETAILS = '/account/v2/details/';
const READ = '/ocr/v2/read';
const used = () => simulator.control.account('business').creditsUsed;

async function read(count = 1) {
	const records = Array.from({ length: count }, (_, index) => ({
		_id: String(index),
		_url: `${simulator.url}/images/badge.gif`,
	}));
	return await call(simulator, READ, { body: { records } });
}

async function withFault(fault: FaultInput, count = 1) {
	simulator.control.addFaults({ match: { path: '/ocr/' }, ...fault });
	return await read(count);
}

describe('instead of an answer', () => {
	it('refuses for a while, with Retry-After in seconds or as a date', async () => {
		simulator.control.addFaults(
			{
				answer: { status: 429, retryAfter: { seconds: 2 }, body: { detail: 'Slow down.' } },
				times: 2,
			},
			{ answer: { status: 503, retryAfter: { dateInSeconds: 60 }, body: 'Busy' } },
		);
		const answers = [];
		for (let round = 0; round < 4; round++) answers.push(await call(simulator, DETAILS));
		expect(answers.map(({ status }) => status)).toEqual([429, 429, 503, 200]);
		expect(answers[0]!.headers.get('retry-after')).toBe('2');
		expect(answers[0]!.body).toEqual({ detail: 'Slow down.' });
		const date = Date.parse(answers[2]!.headers.get('retry-after')!);
		expect(Math.abs(date - Date.now() - 60_000)).toBeLessThan(3000);
		expect(answers[2]!.text).toBe('Busy');
	});

	it('acts on the calls it is for', async () => {
		simulator.control.addFaults({
			match: { method: 'get', path: 'details' },
			skip: 1,
			times: 'always',
			answer: { status: 500 },
		});
		expect((await call(simulator, DETAILS)).status).toBe(200);
		expect((await call(simulator, '/account/v2/workspace/')).status).toBe(200);
		expect((await call(simulator, DETAILS)).status).toBe(500);
		expect((await call(simulator, DETAILS)).status).toBe(500);
		simulator.control.clearFaults();
		expect((await call(simulator, DETAILS)).status).toBe(200);
	});

	it('bills nothing, unless the call was handled', async () => {
		expect((await withFault({ answer: { status: 502, body: 'Bad gateway' } })).status).toBe(502);
		expect(used()).toBe(0);
		const lost = await withFault({ answer: { status: 502, body: 'Bad gateway', handled: true } });
		expect([lost.status, lost.text]).toEqual([502, 'Bad gateway']);
		expect(used()).toBe(1);
	});

	it('sends a web page, or elsewhere', async () => {
		const page = await withFault({ html: true });
		expect(page.status).toBe(200);
		expect(page.headers.get('content-type')).toMatch(/^text\/html/);
		const redirect = await withFault({ redirect: 'http://elsewhere.example/' });
		expect([redirect.status, redirect.headers.get('location')]).toEqual([
			302,
			'http://elsewhere.example/',
		]);
	});

	it('acts on calls that mention a text, in their address or in their body', async () => {
		simulator.control.addFaults({
			match: { mentions: 'wanted' },
			times: 'always',
			answer: { status: 500 },
		});
		const statusOf = async (path: string, body?: unknown) =>
			(await call(simulator, path, { body })).status;
		expect(await statusOf(DETAILS)).toBe(200);
		expect(await statusOf('/recognition/v2/label/?search=wanted')).toBe(500);
		expect(await statusOf('/recognition/v2/label/', { name: 'Other' })).toBe(201);
		expect(await statusOf('/recognition/v2/label/', { name: 'The wanted one' })).toBe(500);
	});

	it('leaves the call without an answer, or with half of it', async () => {
		const request = async () =>
			await fetch(`${simulator.url}${DETAILS}`, {
				headers: { Authorization: `Token ${TOKENS.business}`, 'Content-Type': 'application/json' },
				signal: AbortSignal.timeout(100),
			});
		simulator.control.addFaults({ stall: 'before' }, { stall: 'during' });
		await expect(request()).rejects.toThrow('timeout');
		const answer = await request();
		expect(answer.status).toBe(200);
		await expect(answer.text()).rejects.toThrow('timeout');
		expect((await request()).status).toBe(200);
	});

	it('cuts the connection before or after the call is handled', async () => {
		await expect(withFault({ reset: 'before' })).rejects.toThrow('fetch failed');
		expect(used()).toBe(0);
		await expect(withFault({ reset: 'after' })).rejects.toThrow('fetch failed');
		expect(used()).toBe(1);
		const { requests } = simulator.control.requests('/ocr/');
		expect(requests.map(({ status, aborted }) => [status, aborted])).toEqual([
			[null, true],
			[200, true],
		]);
		expect((await read()).status).toBe(200);
	});
});

describe('with the body of an answer', () => {
	it('cuts it in half, openly or hidden', async () => {
		await expect(withFault({ cut: 'length' })).rejects.toThrow('terminated');
		const hidden = await withFault({ cut: 'json' });
		expect(hidden.status).toBe(200);
		expect(() => JSON.parse(hidden.text)).toThrow();
		expect(hidden.text).toMatch(/^\{"records":/);
	});

	it('cuts an answer that is sent instead', async () => {
		const body = { detail: 'Slow down.' };
		const answer = await withFault({ answer: { status: 429, body }, cut: 'json' });
		expect([answer.status, answer.text]).toEqual([429, '{"detail":"']);
	});

	it('sends it byte by byte', async () => {
		simulator.control.addFaults({ dribbleMs: 1 });
		const started = Date.now();
		const answer = await call(simulator, DETAILS);
		expect(answer.body).toMatchObject({ organization: 'Company' });
		expect(Date.now() - started).toBeGreaterThan(answer.text.length);
	});

	it('fails the whole request in a 200', async () => {
		const answer = await withFault({ statusCode: 500 });
		expect([answer.status, answer.body.status.code]).toEqual([200, 500]);
	});

	it('fails one record', async () => {
		const answer = await withFault({ record: { index: 1, code: 503, text: 'Busy.' } }, 3);
		expect(answer.body.records[1]._status).toMatchObject({ code: 503, text: 'Busy.' });
		expect(answer.body.records[1]).not.toHaveProperty('_ocr');
		expect([0, 2].map((index) => answer.body.records[index]._status.code)).toEqual([200, 200]);
	});

	it('changes, drops and reverses records', async () => {
		const ids = async (fault: FaultInput) =>
			(await withFault(fault, 3)).body.records.map((record: { _id?: string }) => record._id);
		expect(await ids({ ids: 'missing' })).toEqual([undefined, undefined, undefined]);
		for (const id of await ids({ ids: 'wrong' })) expect(id).toMatch(/^[0-9a-f-]{36}$/);
		expect(await ids({ dropRecords: [0, 2] })).toEqual(['1']);
		expect(await ids({ reverseRecords: true })).toEqual(['2', '1', '0']);
	});
});

describe('with time', () => {
	it('takes as long for a record as the setting says', async () => {
		simulator.control.changeSettings({ recordMs: 40 });
		const started = Date.now();
		await read(3);
		expect(Date.now() - started).toBeGreaterThanOrEqual(119);
	});

	it('lets the first call finish last', async () => {
		simulator.control.addFaults({ delayMs: [150, 75, 0], times: 'always' });
		const finished: number[] = [];
		const calls = [0, 1, 2].map(async (index) => {
			await new Promise((resolve) => setTimeout(resolve, index * 10));
			await call(simulator, DETAILS);
			finished.push(index);
		});
		await Promise.all(calls);
		expect(finished).toEqual([2, 1, 0]);
	});

	it('limits the calls at once', async () => {
		simulator.control.addFaults(
			{ times: 'always', parallelLimit: 2 },
			{ times: 'always', delayAnswerMs: 100 },
		);
		const answers = await Promise.all([1, 2, 3, 4].map(async () => await call(simulator, DETAILS)));
		expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429]);
		expect((await call(simulator, DETAILS)).status).toBe(200);
		expect(simulator.control.requests().peaks[`GET ${DETAILS}`]).toBe(4);
	});

	it('sees a caller that gives up', async () => {
		simulator.control.addFaults({ delayMs: 200 });
		const signal = AbortSignal.timeout(50);
		await expect(fetch(`${simulator.url}${DETAILS}`, { signal })).rejects.toThrow();
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect(simulator.control.requests().requests).toMatchObject([{ aborted: true, status: null }]);
	});
});

describe('the log', () => {
	it('holds who called what, without tokens or image bytes', async () => {
		await call(simulator, READ, { body: { records: [{ _base64: 'AAAA'.repeat(1000) }] } });
		await call(
			simulator,
			`/recognition/v2/task/${IDS.coloursTask}/?workspace=${IDS.defaultWorkspace}`,
		);
		await call(simulator, DETAILS, { as: null });
		await call(simulator, DETAILS, { headers: { Authorization: 'Token other' } });
		const { requests, counts } = simulator.control.requests();
		expect(requests).toMatchObject([
			{ method: 'POST', path: READ, token: 'business', records: 1, status: 200 },
			{
				route: '/recognition/v2/task/:id/',
				query: { workspace: IDS.defaultWorkspace },
				token: 'business',
				records: null,
				status: 200,
			},
			{ token: null, status: 401 },
			{ token: 'unknown', status: 401 },
		]);
		expect(counts).toEqual({
			[`POST ${READ}`]: 1,
			'GET /recognition/v2/task/:id/': 1,
			[`GET ${DETAILS}`]: 2,
		});
		const text = JSON.stringify(requests);
		expect(text).not.toMatch(/Token /);
		expect(text.length).toBeLessThan(4000);
	});
});

describe('control over HTTP', () => {
	const admin = async (method: string, path: string, body?: unknown) =>
		await call(simulator, `/admin${path}`, { method, as: null, body });

	it('sets and shows faults, settings, accounts and the clock', async () => {
		const added = await admin('POST', '/faults', [{ answer: { status: 500 } }, { html: true }]);
		expect(added.body).toMatchObject([{ id: 1, times: 1, used: 0 }, { id: 2 }]);
		expect((await call(simulator, DETAILS)).status).toBe(500);
		expect((await admin('GET', '/faults')).body[0]).toMatchObject({ id: 1, used: 1 });
		expect((await admin('DELETE', '/faults')).body).toEqual([]);

		await admin('PATCH', '/settings', { pageSize: 2 });
		expect((await call(simulator, '/recognition/v2/task/')).body.results).toHaveLength(2);
		await admin('PATCH', '/accounts/free', { creditsLimit: 7 });
		expect((await call(simulator, DETAILS, { as: 'free' })).body.credits_limit).toBe(7);
		expect((await admin('GET', '/accounts/free')).body).toMatchObject({ creditsUsed: 0 });

		const stopped = await admin('PATCH', '/clock', { running: false, now: 1000, advance: 500 });
		expect(stopped.body).toEqual({ now: 1500, running: false });
		expect((await admin('GET', '/clock')).body).toEqual({ now: 1500, running: false });
		expect((await admin('GET', '/requests?path=details')).body.requests).toHaveLength(2);
	});

	it('resets everything', async () => {
		await admin('POST', '/faults', { answer: { status: 500 }, times: 'always' });
		await admin('PATCH', '/settings', { pageSize: 2 });
		await read();
		await admin('POST', '/reset');
		const state = (await admin('GET', '/state')).body;
		expect(state).toMatchObject({
			faults: [],
			requests: [],
			charges: [],
			settings: { pageSize: 20 },
		});
		expect(used()).toBe(0);
	});

	it('refuses what it does not know', async () => {
		expect((await admin('POST', '/faults', { anwser: { status: 500 } })).status).toBe(400);
		expect((await admin('PATCH', '/settings', { pageSize: 0 })).status).toBe(400);
		expect((await admin('PATCH', '/accounts/nobody', {})).status).toBe(404);
	});
});
