import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TOKENS } from '../simulator/state';
import type { FinishedInput } from '../simulator/vlm/control';
import { CREDENTIALS, setUpBench, type Bench } from './harness/bench';
import { chain, example } from './harness/chain';
import { createCredential, type CredentialReference } from './harness/editor';
import { n8nLines } from './harness/install';
import { smtpCredential, startMailServer, waitForMail, type MailServer } from './harness/mail';
import { until } from './harness/process';
import { killServer, startServer, withLog } from './harness/server';
import {
	activateWorkflow,
	createWorkflow,
	deactivateWorkflow,
	getTriggerItems,
	listExecutions,
	runWorkflow,
} from './harness/workflows';

/** The trigger in the real scheduler of each real n8n, which is killed and started again. */

const MAILER = ['mailer', 'only-for-tests'] as const;

/** How n8n polls more often than once a minute (`n8n.md`, Polling). */
const POLL_SECONDS = 5;
const POLL_TIMES = {
	item: Array.from({ length: 60 / POLL_SECONDS }, (_, at) => ({
		mode: 'custom',
		cronExpression: `${at * POLL_SECONDS} * * * * *`,
	})),
};

const HISTORY = '/vlm/v2/request/history/';

/** Settings of newer n8n by which it commits a poll's state and its execution together. */
const DURABLE = {
	N8N_SCHEDULER_ENABLED: 'true',
	N8N_SCHEDULER_POLL_TRIGGERS_ENABLED: 'true',
	N8N_USE_WORKFLOW_PUBLICATION_SERVICE: 'true',
	N8N_POLLER_DURABLE_CURSORS_ENABLED: 'true',
};

/** What a bench's trigger is given, and what it tells. */
class Watch {
	/** Every finish that the trigger has to tell. */
	expected: string[] = [];

	constructor(private readonly bench: Bench) {}

	/** Activates a workflow that begins with the trigger and does nothing else. */
	async activate(parameters: object): Promise<string> {
		const workflow = chain('Trigger', { name: 'Next', type: 'n8n-nodes-base.noOp' });
		Object.assign(workflow.nodes[0]!, {
			type: 'n8n-nodes-ximilar.ximilarVlmTrigger',
			parameters: { pollTimes: POLL_TIMES, output: 'outcome', ...parameters },
			credentials: CREDENTIALS,
		});
		const id = await createWorkflow(this.bench.server, workflow);
		await activateWorkflow(this.bench.server, id);
		// The starting point is a whole second of Ximilar's clock.
		await sleep(1500);
		return id;
	}

	/** Requests finish. */
	finish(...requests: FinishedInput[]) {
		const added = this.bench.simulator.control.vlm.addRequests(...requests);
		this.expected.push(...added.map(finishOf));
		return added;
	}

	/** So many requests finish within some milliseconds, in no order, many of them at the same time. */
	finishMany(count: number, within: number, more: Partial<FinishedInput> = {}) {
		const now = Date.now();
		return this.finish(
			...Array.from({ length: count }, () => ({
				created: now - 60_000 + Math.floor(Math.random() * 50_000),
				completed_at: now - Math.floor(Math.random() * 10) * Math.floor(within / 10),
				...more,
			})),
		);
	}

	/** What the executions were given, each execution's items as a list. */
	async inputs(workflow: string): Promise<string[][]> {
		const executions = await listExecutions(this.bench.server, workflow);
		const inputs: string[][] = [];
		for (const { id, mode, status } of executions) {
			if (mode !== 'trigger') continue;
			const items = await getTriggerItems(this.bench.server, id);
			// Of a poll that failed, n8n makes an execution with an empty item.
			const told = items.filter(({ json }) => status !== 'error' || json.id !== undefined);
			inputs.push(told.map(({ json }) => finishOf(json)));
		}
		return inputs;
	}

	/** Waits until as many items have come as are expected, then a while for any that are too many. */
	async expectExactly(workflow: string, timeout = 120_000): Promise<void> {
		const come = async () => (await this.inputs(workflow)).flat();
		await until(
			`${this.expected.length} finishes`,
			async () => (await come()).length >= this.expected.length || undefined,
			{ timeout, interval: 1000 },
		).catch(() => undefined);
		await sleep(2.4 * POLL_SECONDS * 1000);
		const all = await come();
		const missing = this.expected.filter((one) => !all.includes(one));
		const twice = all.filter((one, at) => all.indexOf(one) !== at);
		const strange = all.filter((one) => !this.expected.includes(one));
		const counts = { missing: missing.length, twice: twice.length, strange: strange.length };
		try {
			// A few examples are enough to see what went wrong.
			expect({
				...counts,
				examples: [missing, twice, strange].map((one) => one.slice(0, 3)),
			}).toEqual({ missing: 0, twice: 0, strange: 0, examples: [[], [], []] });
		} catch (error) {
			throw await withLog(this.bench.home, error);
		}
		// Within a poll they come in the order in which they finished.
		for (const one of await this.inputs(workflow)) {
			const times = one.map((finish) => finish.split(' ')[1]!);
			expect(times).toEqual([...times].sort());
		}
	}

	/** Waits until no execution is under way. */
	async idle(workflow: string): Promise<void> {
		await until('all executions are over', async () => {
			const all = await listExecutions(this.bench.server, workflow);
			return all.every(({ status }) => !['new', 'running'].includes(status)) || undefined;
		});
	}

	async kill(): Promise<void> {
		await killServer(this.bench.server);
	}

	async startAgain(): Promise<void> {
		const { home, server } = this.bench;
		const { url, session } = server;
		// At the same address, as a machine comes back after a crash.
		this.bench.server = await startServer(home, { port: Number(new URL(url).port), session });
	}

	readingHistory() {
		return this.bench.simulator.control.requests(HISTORY).requests;
	}
}

function finishOf({ id, completed_at: at }: { id?: unknown; completed_at?: unknown }): string {
	return `${String(id)} ${String(at)}`;
}

describe.each(n8nLines)('%s', (line) => {
	const bench = setUpBench(line, 'vlmTrigger');
	const watch = new Watch(bench);
	let mail: MailServer;
	let smtp: CredentialReference;

	beforeAll(async () => {
		mail = await startMailServer(...MAILER);
		const data = smtpCredential(mail.port, ...MAILER);
		smtp = await createCredential(bench.server, { name: 'SMTP', type: 'smtp', data });
	});

	beforeEach(() => {
		mail.received.length = 0;
		watch.expected = [];
	});

	afterAll(async () => await mail?.stop());

	it('acts on answers: a spreadsheet file, and e-mails, as the example does', async () => {
		const { home } = bench;
		const workflow = await example(
			'act-on-vlm-answers.json',
			{ ...CREDENTIALS, smtp },
			{ texts: { '/home/node/.n8n-files/good': `${home.files}/good` } },
		);
		Object.assign(workflow.nodes.find(({ name }) => name === 'When Answered')!.parameters!, {
			pollTimes: POLL_TIMES,
		});
		const id = await createWorkflow(bench.server, workflow);
		await activateWorkflow(bench.server, id);
		await sleep(1500);
		const answer = (grade: number) => ({ response: { grade, colour: 'Red' } });
		const [good, , low, unknown, failed, text, silent] = watch.finish(
			answer(9.5),
			answer(5),
			answer(2),
			{ response: 'No grade at all.' },
			{ status: 'FAILED', response: { error: 'The image was empty.' } },
			{ response: { grade: 'not to be told', colour: 'Red' } },
			{ status: 'FAILED', response: {} },
		);
		const emails = await waitForMail(mail, 2);
		await watch.expectExactly(id);
		await deactivateWorkflow(bench.server, id);
		for (const execution of await listExecutions(bench.server, id)) {
			expect(execution.status).toBe('success');
		}

		const [file, ...others] = (await readdir(home.files)).filter((one) => one.startsWith('good-'));
		expect(others).toEqual([]);
		const lines = (await readFile(path.join(home.files, file!), 'utf8')).trim().split(/\r?\n/);
		expect(lines).toHaveLength(3);
		expect(lines[0]).toContain('grade,colour,id,status,task');
		expect(lines[1]! + lines[2]!).toContain(`9.5,Red,${good!.id},DONE`);

		expect(emails).toHaveLength(2);
		const told = emails.find(({ subject }) => subject === '2 requests failed')!;
		expect(told.to).toEqual([expect.objectContaining({ address: 'team@example.com' })]);
		expect(told.text!.trim().split(/\r?\n/).sort()).toEqual(
			[
				`${failed!.id}: FAILED, The image was empty.`,
				`${silent!.id}: FAILED, no reason was given`,
			].sort(),
		);
		const asked = emails.find(({ subject }) => subject === '3 images to check')!;
		expect(asked.text!.trim().split(/\r?\n/).sort()).toEqual(
			[
				`${low!.id}: grade 2`,
				`${unknown!.id}: grade unknown`,
				`${text!.id}: grade not to be told`,
			].sort(),
		);
		const [attachment] = asked.attachments;
		expect(attachment!.filename).toBe('to-check.xlsx');
		const sheet = path.join(home.files, 'received.xlsx');
		await writeFile(sheet, Buffer.from(attachment!.content as ArrayBuffer));
		const read = chain(
			'Read',
			{
				name: 'File',
				type: 'n8n-nodes-base.readWriteFile',
				parameters: { operation: 'read', fileSelector: sheet, options: {} },
			},
			{
				name: 'Rows',
				type: 'n8n-nodes-base.extractFromFile',
				parameters: { operation: 'xlsx', options: {} },
			},
		);
		const { nodes } = await bench.run(read);
		const rows = nodes.Rows!.items.map(({ json }) => json);
		expect(rows).toHaveLength(3);
		expect(rows).toContainEqual(expect.objectContaining({ id: low!.id, grade: 2 }));
		expect(rows).toContainEqual(
			expect.objectContaining({ id: unknown!.id, answer: 'No grade at all.' }),
		);
	});

	it('tells each finish exactly once, whatever the history does', async () => {
		const { control } = bench.simulator;
		control.changeSettings({
			vlmHistoryOrder: 'shuffled',
			vlmListOrder: 'created_asc',
			vlmFetchImages: false,
		});
		// What has finished before the workflow is activated does not start it.
		const past = Date.now() - 3_600_000;
		control.vlm.addRequests(
			...Array.from({ length: 130 }, (_, at) => ({ completed_at: past + at * 1000 })),
		);
		const workflow = await watch.activate({ event: 'finished' });

		// More than a page, out of order, at shared times; failed ones; and ones that show up late.
		watch.finishMany(260, 1000);
		for (const status of ['FAILED', 'API_LIMIT_EXCEEDED', 'NOT_SUPPORTED'] as const) {
			watch.finishMany(5, 1000, { status });
		}
		watch.finishMany(20, 1000, { visible_at: Date.now() + 12_000 });
		await watch.expectExactly(workflow);

		// The service fails after the first page, also when asked again, while more come in.
		control.addFaults({
			match: { path: HISTORY },
			skip: 1,
			times: 9,
			answer: { status: 503, retryAfter: { seconds: 0 } },
		});
		for (let round = 0; round < 4; round++) {
			watch.finishMany(70, 1000);
			await sleep(2500);
		}
		await watch.expectExactly(workflow);
		expect(control.requests(HISTORY).requests.filter(({ status }) => status === 503)).toHaveLength(
			9,
		);

		// One of either kind is resubmitted, and finishes again.
		const [done] = watch.finishMany(1, 0);
		const [failed] = watch.finishMany(1, 0, { status: 'FAILED' });
		await watch.expectExactly(workflow);
		for (const { id } of [done!, failed!]) {
			const answer = await fetch(`${bench.simulator.url}/vlm/v2/request/${id}/resubmit/`, {
				method: 'POST',
				headers: {
					Authorization: `Token ${TOKENS.business}`,
					'Content-Type': 'application/json',
				},
			});
			expect(answer.ok).toBe(true);
			await until('it is done', async () => control.vlm.request(id).completed_at ?? undefined);
			watch.expected.push(finishOf(control.vlm.request(id)));
		}
		await watch.expectExactly(workflow);
		await deactivateWorkflow(bench.server, workflow);
	});

	it('goes on where a page never comes back, and brings what it holds when it does', async () => {
		const { control } = bench.simulator;
		control.changeSettings({ vlmHistoryOrder: 'created_desc', vlmListOrder: 'created_desc' });
		const past = Date.now() - 3_600_000;
		const before = control.vlm.addRequests(
			...Array.from({ length: 130 }, (_, at) => ({ completed_at: past + at * 1000 })),
		);
		const workflow = await watch.activate({ event: 'done' });
		control.addFaults({
			match: { path: HISTORY, page: 2 },
			times: 'always',
			answer: { status: 503, retryAfter: { seconds: 0 } },
		});
		for (let round = 0; round < 3; round++) {
			watch.finishMany(5, 500);
			await watch.expectExactly(workflow);
		}
		// Not at each poll is the page tried, and no execution fails within the hour.
		const polls = watch.readingHistory().filter(({ status }) => status === 200);
		const tries = watch.readingHistory().filter(({ status }) => status === 503);
		expect(tries.length).toBeGreaterThan(0);
		expect(tries.length).toBeLessThan(polls.length);
		for (const { status } of await listExecutions(bench.server, workflow)) {
			expect(status).toBe('success');
		}

		// The oldest request of all finishes once more: that is on the page that cannot be read.
		watch.finish({ id: before[0]!.id });
		await sleep(2 * POLL_SECONDS * 1000);
		control.clearFaults();
		await watch.expectExactly(workflow, 300_000);
		await deactivateWorkflow(bench.server, workflow);
	});

	it('shows the latest in a manual test, and moves nothing by that', async () => {
		const past = Date.now() - 60_000;
		bench.simulator.control.vlm.addRequests(
			...Array.from({ length: 8 }, (_, at) => ({ completed_at: past + at })),
		);
		const workflow = await watch.activate({ event: 'done', options: { hoursBefore: 0 } });
		const shown = await runWorkflow(bench.server, workflow, { from: 'Start' });
		expect(shown.nodes.Start!.items.map(({ json }) => json.completed_at)).toEqual(
			[3, 4, 5, 6, 7].map((at) => new Date(past + at).toISOString().replace('Z', '000Z')),
		);
		watch.finishMany(3, 500);
		await runWorkflow(bench.server, workflow, { from: 'Start' });
		await watch.expectExactly(workflow);
		await deactivateWorkflow(bench.server, workflow);
	});

	it('begins some hours before the activation where that is wanted', async () => {
		const hour = 3_600_000;
		bench.simulator.control.vlm.addRequests({ completed_at: Date.now() - 3 * hour });
		watch.finish({ completed_at: Date.now() - hour }, { completed_at: Date.now() - 1.5 * hour });
		const workflow = await watch.activate({ event: 'done', options: { hoursBefore: 2 } });
		await watch.expectExactly(workflow);
		await deactivateWorkflow(bench.server, workflow);
	});

	it('loses and doubles nothing when n8n is killed while it fetches, or between polls', async () => {
		const { control } = bench.simulator;
		const workflow = await watch.activate({ event: 'finished' });
		for (let round = 0; round < 2; round++) {
			// Amid a poll of more than one page: its first page is read, its second is on the way.
			watch.finishMany(150, 1000);
			control.addFaults({ match: { path: HISTORY }, skip: round, delayMs: 8000 });
			const before = watch.readingHistory().length;
			await until('n8n fetches', async () => {
				const open = watch.readingHistory().slice(before);
				const slow = open.find(({ faults, endedAt }) => faults.length > 0 && endedAt === null);
				return slow;
			});
			await watch.kill();
			watch.finishMany(10, 500);
			await watch.startAgain();
			await watch.expectExactly(workflow);

			// Between polls: what it was given is on record, and more finishes while it is away.
			await watch.idle(workflow);
			await watch.kill();
			watch.finishMany(120, 500);
			await watch.startAgain();
			await watch.expectExactly(workflow);
		}
		await deactivateWorkflow(bench.server, workflow);
	});
});

// The long form, by `npm run test:e2e:long`: kills at random moments.
const describeLong = process.env.E2E_LONG ? describe : describe.skip;

describeLong('n8n-2 with durable cursors', () => {
	const bench = setUpBench('n8n-2', 'vlmTrigger-durable', DURABLE);
	const watch = new Watch(bench);

	it('is exact wherever the kill falls', async () => {
		const workflow = await watch.activate({ event: 'finished' });
		const stream = setInterval(() => {
			watch.finishMany(1 + Math.floor(Math.random() * 4), 300);
			if (Math.random() < 0.2) watch.finishMany(1, 300, { status: 'FAILED' });
		}, 300);
		try {
			for (let round = 0; round < 6; round++) {
				await sleep(Math.random() * 4000);
				if (round % 2 === 0) {
					// Near the moment at which n8n takes over what was fetched.
					const before = watch.readingHistory().length;
					await until(
						'a poll is answered',
						async () => watch.readingHistory()[before]?.endedAt ?? undefined,
						{ interval: 2 },
					);
					await sleep(Math.random() * 60);
				} else {
					await sleep(Math.random() * POLL_SECONDS * 1000);
				}
				await watch.kill();
				await watch.startAgain();
			}
			await sleep(POLL_SECONDS * 1000);
		} finally {
			clearInterval(stream);
		}
		await watch.expectExactly(workflow, 180_000);
	});
});
