import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { makeImages, type ImageFacts } from '../images/make';
import { VLM_IDS } from '../simulator/vlm/ids';
import { CREDENTIALS, setUpBench } from './harness/bench';
import { createDataTable, dataTableRows } from './harness/dataTables';
import { chain, example, type Link } from './harness/chain';
import { n8nLines } from './harness/install';
import { byId, filesNode, itemsNode, ximilarNode } from './harness/links';
import { until } from './harness/process';
import { killServer, startServer } from './harness/server';
import {
	createWorkflow,
	startWorkflow,
	waitForExecution,
	type Workflow,
} from './harness/workflows';

/** Asking a VLM: submit, wait, be called back, in each real n8n. */

const TASK = byId(VLM_IDS.task);
const REQUESTS = '/vlm/v2/request/';

describe.each(n8nLines)('%s', (line) => {
	const bench = setUpBench(line, 'vlmRequests');
	const { simulator } = bench;
	let images: ImageFacts[];

	beforeAll(async () => {
		images = await makeImages(path.join(bench.home.files, 'images'));
	});

	const vlm = (name: string, operation: string, parameters: object, more: Partial<Link> = {}) =>
		ximilarNode('Vlm', 'request', operation, parameters, { name, ...more });

	const submit = (parameters: object, more: Partial<Link> = {}) =>
		vlm('Ximilar', 'submit', { task: TASK, ...parameters }, more);

	const run = async (...links: Link[]) => await bench.run(chain('Test', ...links));

	const submitted = () => Object.values(simulator.state.vlm.requests);

	const calls = (method: string) =>
		simulator.control.requests(REQUESTS).requests.filter((call) => call.method === method);

	const imageUrl = (file: string) => `${simulator.url}/images/${file}`;

	const factsOf = (file: string) => images.find((one) => one.file === file)!;

	describe('the example that is called back', () => {
		/** The example, which wakes after so many seconds by itself. */
		const waiting = async (limit?: number): Promise<Workflow> => {
			const workflow = await example('wait-for-vlm-webhook.json', CREDENTIALS, {
				texts: { 'https://example.com/photo.jpg': imageUrl('label-rgb.png') },
				fields: { 'Submit Request': { task: VLM_IDS.task } },
			});
			const wait = workflow.nodes.find(({ name }) => name === 'Wait for Ximilar')!;
			if (limit) Object.assign(wait.parameters!, { resumeAmount: limit, resumeUnit: 'seconds' });
			return workflow;
		};

		const answer = { grade: expect.any(Number), colour: 'Yellow', status: 'DONE' };

		/** The token of the address that n8n gave, where this version has one. */
		const tokenIn = (address: string) => new URL(address).search.slice(1);

		it('sleeps until Ximilar calls, and does not ask before', async () => {
			simulator.control.changeSettings({ vlmProcessMs: 4000 });
			const id = await startWorkflow(
				bench.server,
				await createWorkflow(bench.server, await waiting()),
			);
			await waitForExecution(bench.server, id, { status: 'waiting' });
			const execution = await waitForExecution(bench.server, id);
			expect(execution).toMatchObject({ status: 'success' });
			expect(execution.nodes.Answer!.items.map(({ json }) => json)).toEqual([
				expect.objectContaining(answer),
			]);
			const [delivery, ...others] = simulator.control.vlm.deliveries();
			expect([delivery!.status, others]).toEqual([200, []]);
			expect(calls('GET')).toHaveLength(1);
			expect(execution.nodes['Wait for Ximilar']!.items[0]!.json.body).toMatchObject({
				status: 'DONE',
			});

			// Whoever knows the address can wake the execution: what the node hands on has no token.
			const token = tokenIn(submitted()[0]!.webhook!.url);
			if (line === 'n8n-2') expect(token).toMatch(/signature=./);
			const raw = await run(
				vlm('Ximilar', 'get', { requestId: submitted()[0]!.id, simplify: false }),
			);
			const shown = JSON.stringify([execution.nodes['Submit Request'], raw.nodes.Ximilar]);
			expect(shown).toContain('/webhook-waiting/');
			if (token) expect(shown).not.toContain(token.split('=')[1]);
		});

		it('gets the answer when the call comes too early, and is repeated', async () => {
			simulator.control.changeSettings({
				vlmQueueMs: 0,
				vlmProcessMs: 0,
				vlmWebhookRetries: 20,
				vlmWebhookRetryMs: 1000,
			});
			// n8n gets the ID only when Ximilar has called already.
			simulator.control.addFaults({
				match: { method: 'POST', path: REQUESTS },
				delayAnswerMs: 1500,
			});
			const execution = await bench.run(await waiting());
			expect(execution.nodes.Answer!.items[0]!.json).toMatchObject(answer);
			const statuses = simulator.control.vlm.deliveries().map(({ status }) => status);
			// n8n answers with either as long as the execution is not asleep.
			expect(statuses.length).toBeGreaterThan(1);
			for (const status of statuses.slice(0, -1)) expect([409, 500]).toContain(status);
			expect(statuses.at(-1)).toBe(200);
		});

		it('wakes by the time limit when the request fails, or the call is lost', async () => {
			simulator.control.vlm.addRules({ times: 1, status: 'FAILED', processMs: 500 });
			const failed = await startWorkflow(
				bench.server,
				await createWorkflow(bench.server, await waiting(3)),
			);
			await until('the first request', async () => submitted().length > 0 || undefined);
			// The second one is done, and nobody calls.
			simulator.control.changeSettings({ vlmProcessMs: 200 });
			const lost = await waiting(3);
			const node = lost.nodes.find(({ name }) => name === 'Submit Request')!;
			Object.assign(node.parameters!, { options: { webhookUrl: 'http://127.0.0.1:9/nobody' } });
			const silent = await startWorkflow(bench.server, await createWorkflow(bench.server, lost));
			expect((await waitForExecution(bench.server, failed)).nodes['Not Answered']!.items).toEqual([
				expect.objectContaining({
					json: { id: submitted()[0]!.id, status: 'FAILED', reason: expect.stringMatching(/./) },
				}),
			]);
			const { nodes } = await waitForExecution(bench.server, silent);
			expect(nodes.Answer!.items[0]!.json).toMatchObject(answer);
			expect(calls('GET')).toHaveLength(2);
		});
	});

	it('sends files and addresses mixed, in their order, with every byte', async () => {
		const [first, second] = ['label-rgb.png', 'invoice-baseline.jpg'];
		const { nodes } = await run(
			filesNode(`${bench.home.files}/images/${first}`),
			submit({
				imageSource: 'mixed',
				images: `${imageUrl(second)}\ndata\n${imageUrl(first)}`,
				instruction: 'Grade these',
				waitForCompletion: true,
				simplify: true,
			}),
		);
		const seen = (file: string) => {
			const { colour, width, height } = factsOf(file);
			return `${colour} ${width}x${height}`;
		};
		expect(nodes.Ximilar!.items.map(({ json }) => json)).toEqual([
			expect.objectContaining({
				status: 'DONE',
				images: 3,
				explain: `Seen: ${[second, first, first].map(seen).join(', ')}`,
			}),
		]);
		const { content } = submitted()[0]!.request.messages.find(({ role }) => role === 'user')!;
		const [text, ...parts] = content as Array<{ text?: string; image_url?: { url: string } }>;
		expect(text).toEqual({ type: 'text', text: 'Grade these' });
		const urls = parts.map((part) => part.image_url!.url);
		expect([urls[0], urls[2]]).toEqual([imageUrl(second), imageUrl(first)]);
		const [head, base64] = urls[1]!.split(',');
		expect(head).toBe('data:image/png;base64');
		const sha256 = createHash('sha256').update(Buffer.from(base64!, 'base64')).digest('hex');
		expect(sha256).toBe(factsOf(first).sha256);
	});

	it('makes each ending without an answer the error of its own item', async () => {
		const endings = ['FAILED', 'API_LIMIT_EXCEEDED', 'NOT_SUPPORTED'] as const;
		simulator.control.vlm.addRules(
			...endings.map((status) => ({
				match: { text: `end as ${status}` },
				status,
				response: { error: `Because of ${status}.` },
			})),
		);
		const items = ['DONE', ...endings].map((status) => ({
			status,
			url: imageUrl('label-rgb.png'),
		}));
		const { nodes } = await run(
			itemsNode(...items),
			submit(
				{
					imageSource: 'url',
					imageUrls: '={{ $json.url }}',
					instruction: '=end as {{ $json.status }}',
					waitForCompletion: true,
					simplify: true,
				},
				{ onError: 'continueRegularOutput' },
			),
		);
		const [done, ...failed] = nodes.Ximilar!.items;
		expect(done!.json).toMatchObject({ status: 'DONE' });
		expect(failed.map(({ json, pairedItem }) => ({ json, pairedItem }))).toEqual(
			endings.map((status, at) => ({
				json: {
					error: expect.stringMatching(new RegExp(`ended as ${status}.*Because of ${status}`)),
					message: expect.stringContaining('retry_count is 0'),
				},
				pairedItem: { item: at + 1 },
			})),
		);
	});

	it("never shows a webhook's secrets, whatever becomes of the request", async () => {
		const secret = ['very', 'secret', '4711'].join('-');
		// Written so that the workflow itself does not hold it, of which n8n keeps a copy.
		const value = "={{ ['very', 'secret', '4711'].join('-') }}";
		const parameters = (name: string) => ({
			imageSource: 'url',
			imageUrls: imageUrl('label-rgb.png'),
			simplify: false,
			options: {
				webhookUrl: "={{ 'http://127.0.0.1:9/hook?key=' + ['very', 'secret', '4711'].join('-') }}",
				webhookHeaders: { entries: [{ name, value }] },
			},
		});
		const good = await run(
			submit(parameters('X-Key')),
			vlm('Get', 'get', { requestId: '={{ $json.id }}', simplify: false }),
		);
		expect(submitted()[0]!.webhook).toEqual({
			url: `http://127.0.0.1:9/hook?key=${secret}`,
			headers: { 'X-Key': secret },
		});
		expect(good.nodes.Get!.items[0]!.json.webhook).toEqual({
			url: 'http://127.0.0.1:9/hook?[hidden]',
			headers: { 'X-Key': '[hidden]' },
		});
		// An error that quotes what was sent.
		simulator.control.addFaults({
			match: { method: 'POST', path: REQUESTS },
			times: 'always',
			answer: { status: 400, body: { webhook: [`Not allowed: ${secret}`] } },
		});
		const refused = await run(submit(parameters('X-Key')));
		expect(refused.nodes.Ximilar!.error!.message).toContain('[hidden]');
		const going = await run(submit(parameters('X-Key'), { onError: 'continueRegularOutput' }));
		expect(going.nodes.Ximilar!.items[0]!.json.error).toContain('[hidden]');
		const log = await readFile(bench.home.log, 'utf8');
		expect(JSON.stringify([good, refused, going]) + log).not.toContain(secret);
	});

	it('waits for 500 requests with a tenth of the calls that asking for each would take', async () => {
		const count = 500;
		simulator.control.changeSettings({
			vlmFetchImages: false,
			vlmWorkers: count,
			vlmProcessMs: [5000, 25_000],
		});
		const items = Array.from({ length: count }, (_, at) => ({
			url: `https://example.com/${at}.jpg`,
		}));
		const { nodes, error } = await run(
			itemsNode(...items),
			submit({ imageSource: 'url', imageUrls: '={{ $json.url }}', simplify: true }),
			vlm('Wait', 'wait', { requestIds: '={{ $json.id }}', simplify: true }),
		);
		expect(error).toBeUndefined();
		expect(nodes.Wait!.items.map(({ json }) => json.id)).toEqual(
			nodes.Ximilar!.items.map(({ json }) => json.id),
		);
		expect(nodes.Wait!.items.every(({ json }) => json.status === 'DONE')).toBe(true);
		expect(submitted()).toHaveLength(count);
		const asked = calls('GET');
		// Each look begins with the first page of the list of those that are CREATED.
		const looks = asked.filter(
			({ query }) => (query as Record<string, string>).status === 'CREATED',
		);
		expect(looks.length).toBeGreaterThan(3);
		// What is asked for by itself at each look: all that were not finished at the look before.
		const finishes = submitted().map(({ completed_at: at }) => Date.parse(at!));
		const oneByOne = looks.reduce((sum, _, at) => {
			const before = looks[at - 1]?.startedAt ?? 0;
			return sum + finishes.filter((finish) => finish > before).length;
		}, 0);
		expect(asked.length).toBeLessThanOrEqual(oneByOne / 10);
	});

	describe('the example that submits the images of a folder', () => {
		let folder: string;
		let table: string;
		let workflow: string;
		let tests = 0;

		beforeEach(async () => {
			const { files } = bench.home;
			folder = path.join(files, `new-images-${++tests}`);
			await mkdir(folder);
			table = await createDataTable(bench.server, `Submitted ${tests}`, [
				'file',
				'request',
				'note',
			]);
			workflow = await createWorkflow(
				bench.server,
				await example('submit-images-to-vlm.json', CREDENTIALS, {
					texts: {
						'/home/node/.n8n-files/new-images/*': `${folder}/*`,
						'/home/node/.n8n-files/submitted': `${files}/submitted-${tests}`,
					},
					fields: {
						'Only New Images': { dataTableId: table },
						'Submit Request': { task: VLM_IDS.task },
					},
				}),
			);
		});

		const copy = async (...names: string[]) => {
			for (const name of names)
				await copyFile(path.join(bench.home.files, 'images', name), path.join(folder, name));
		};

		/** The lists of the test at hand, as one text. */
		const written = async () => {
			const { files } = bench.home;
			const lists = (await readdir(files)).filter((name) => name.startsWith(`submitted-${tests}-`));
			const texts = lists.map(async (name) => await readFile(path.join(files, name), 'utf8'));
			return (await Promise.all(texts)).join('');
		};

		/** Each image has a request of its own, whose ID stands in the table. */
		const expectOnce = async (names: string[]) => {
			expect(submitted().map(digestOf).sort()).toEqual(
				names.map((name) => factsOf(name).sha256).sort(),
			);
			const rows = await dataTableRows(bench.server, table);
			expect(rows.map(({ file, request }) => [file, request]).sort()).toEqual(
				names
					.map((name) => [
						name,
						submitted().find((one) => digestOf(one) === factsOf(name).sha256)!.id,
					])
					.sort(),
			);
		};

		/** A morning's run, from its begin or to its end. */
		const start = async () => await startWorkflow(bench.server, workflow, 'Every Morning');
		const run = async () => await waitForExecution(bench.server, await start());

		it('submits each once, and what was refused is tried again', async () => {
			await copy('label-rgb.png', 'invoice-baseline.jpg', 'document.pdf');
			const runs = [await run(), await run()];
			await expectOnce(['label-rgb.png', 'invoice-baseline.jpg']);
			await copy('scan-grayscale.png');
			runs.push(await run());
			await expectOnce(['label-rgb.png', 'invoice-baseline.jpg', 'scan-grayscale.png']);
			for (const { status, error } of runs) expect([status, error]).toEqual(['success', undefined]);

			const text = await written();
			for (const { id } of submitted()) expect(text.split(id)).toHaveLength(2);
			expect(text.match(/document\.pdf,,.*Ximilar does not take PDF files/g)).toHaveLength(3);
			// Nobody has to be asked for what is already there.
			expect(calls('GET')).toEqual([]);
		});

		it('loses none and submits none twice when n8n is killed in the middle', async () => {
			const taken = images.filter(({ kind }) => kind === 'taken').map(({ file }) => file);
			await copy(...taken);
			const killWhen = async (count: number) => {
				await until(`${count} requests`, async () => submitted().length >= count || undefined);
				await killServer(bench.server);
				const { url, session } = bench.server;
				const port = Number(new URL(url).port);
				bench.server = await startServer(bench.home, { port, session });
			};
			// Two at once, so that some seconds' work is still to be done when n8n is killed.
			simulator.control.changeSettings({ capacity: 2 });
			// What is submitted when n8n is killed was carried out; some of it was answered.
			const slow = { match: { path: REQUESTS, method: 'POST' }, times: 'always' } as const;
			simulator.control.addFaults({ ...slow, delayAnswerMs: 1500 });
			await start();
			await killWhen(3);
			const first = submitted().length;
			expect(first).toBeLessThan(taken.length);
			await start();
			await killWhen(first + 3);
			expect(submitted().length).toBeLessThan(taken.length);
			expect((await dataTableRows(bench.server, table)).filter(({ request }) => request)).toEqual(
				[],
			);

			await run();
			await expectOnce(taken);
			const before = calls('GET').length;
			await run();
			await expectOnce(taken);
			expect(calls('GET')).toHaveLength(before);
		}, 600_000);
	});
});

/** A hash of the bytes of a request's only image. */
function digestOf({ request }: { request: unknown }): string {
	const [, base64] = /"data:[^,]*,([^"]*)"/.exec(JSON.stringify(request))!;
	return createHash('sha256').update(Buffer.from(base64!, 'base64')).digest('hex');
}
