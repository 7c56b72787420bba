import { createServer, type Server as WebServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { makeImages, type ImageFacts } from '../images/make';
import { photo as photograph } from '../images/photo';
import { createSimulator, type Simulator } from '../simulator/server';
import { IDS, TOKENS } from '../simulator/state';
import { openEditor, type Editor } from './harness/browser';
import { example, nodeOf, type Filled } from './harness/chain';
import { importCredentials } from './harness/cli';
import { createHome, removeHome, type Home } from './harness/home';
import { imapCredential, startMailbox, type Mailbox } from './harness/imap';
import { installN8n, n8nLines } from './harness/install';
import { smtpCredential, startMailServer, waitForMail, type MailServer } from './harness/mail';
import { startModel, type ScriptedModel } from './harness/model';
import { until } from './harness/process';
import { startServer, stopServer, type Server } from './harness/server';
import {
	activateWorkflow,
	createWorkflow,
	deactivateWorkflow,
	getExecution,
	listExecutions,
	runWorkflow,
	waitForExecution,
} from './harness/workflows';

/** The examples that need no disk, as in n8n Cloud: their forms and answers in a browser, their e-mails read. */

const XIMILAR = { id: 'ximilar-business', name: 'Ximilar' };
const EXHAUSTED = { id: 'ximilar-exhausted', name: 'Few credits' };
const OPENAI = { id: 'openai', name: 'OpenAI' };
const SMTP = { id: 'smtp', name: 'SMTP' };
const MAILER = ['mailer', 'only-for-tests'] as const;
const IMAP = { id: 'imap', name: 'IMAP' };
const CREDENTIALS = { ximilarApi: XIMILAR, smtp: SMTP, imap: IMAP, openAiApi: OPENAI };
/** As many as a label needs for a training. */
const IMAGES_PER_LABEL = 20;

/** One that the simulated model is sure to be red, and one between red and grey. */
const PHOTOS: Record<string, [r: number, g: number, b: number]> = {
	'red.png': [190, 60, 65],
	'unclear.png': [157, 92, 95],
};

const photo = async (r: number, g: number, b: number, width = 8) =>
	await sharp({ create: { width, height: 8, channels: 3, background: { r, g, b } } })
		.png()
		.toBuffer();

/** A web server with the photos. */
async function servePhotos(): Promise<WebServer> {
	const web = createServer((request, response) => {
		const colour = PHOTOS[request.url!.slice(1)];
		if (!colour) return response.writeHead(404).end();
		void photo(...colour).then((bytes) =>
			response.setHeader('content-type', 'image/png').end(bytes),
		);
	});
	await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
	return web;
}

describe.each(n8nLines)('%s', (line) => {
	let simulator: Simulator;
	let mail: MailServer;
	let mailbox: Mailbox;
	let web: WebServer;
	let model: ScriptedModel;
	let home: Home;
	let server: Server;
	let editor: Editor;
	let page: Page;
	let images: ImageFacts[];

	beforeAll(async () => {
		simulator = createSimulator();
		await simulator.start();
		mail = await startMailServer(...MAILER);
		mailbox = await startMailbox(...MAILER);
		web = await servePhotos();
		model = await startModel();
		home = await createHome(await installN8n(line), {
			name: 'cloud',
			tarball: process.env.E2E_TARBALL!,
		});
		images = await makeImages(path.join(home.files, 'images'));
		const data = { apiToken: TOKENS.business, baseUrl: simulator.url };
		await importCredentials(home, [
			{ ...XIMILAR, type: 'ximilarApi', data },
			{ ...EXHAUSTED, type: 'ximilarApi', data: { ...data, apiToken: TOKENS.exhausted } },
			{ ...OPENAI, type: 'openAiApi', data: { apiKey: 'only-for-tests', url: model.url } },
			{ ...SMTP, type: 'smtp', data: smtpCredential(mail.port, ...MAILER) },
			{ ...IMAP, type: 'imap', data: imapCredential(mailbox.port, ...MAILER) },
		]);
		server = await startServer(home);
		editor = await openEditor(server);
		page = editor.page;
	});

	beforeEach(() => {
		simulator.control.reset();
		mail.received.length = 0;
	});

	afterAll(async () => {
		await editor?.close();
		await stopServer(server);
		await simulator.stop();
		await mail.stop();
		await mailbox?.stop();
		await model.stop();
		web.closeAllConnections();
		await new Promise((resolve) => web.close(resolve));
		await removeHome(home);
	});

	const imageFile = (name: string) => path.join(home.files, 'images', name);

	const photoAddress = (file: string) =>
		`http://127.0.0.1:${(web.address() as AddressInfo).port}/${file}`;

	/** Imports an example, fills it in and switches it on; resolves to its ID and the address of its form. */
	const start = async (
		file: string,
		filled: Filled,
		{ form, credentials = CREDENTIALS }: { form?: string; credentials?: object } = {},
	) => {
		const workflow = await example(`${file}.json`, { ...CREDENTIALS, ...credentials }, filled);
		const id = await createWorkflow(server, workflow);
		await activateWorkflow(server, id);
		const address = form && `${server.url}/form/${String(nodeOf(workflow, form).webhookId)}`;
		return { id, form: address ?? '' };
	};

	const submit = async () => await page.getByRole('button', { name: 'Submit' }).click();

	const firstExecution = async (workflow: string) =>
		(
			await until('an execution', async () => {
				const all = await listExecutions(server, workflow);
				return all.length ? all : undefined;
			})
		)[0]!.id;

	it('classifies what is uploaded to a form, and answers on the next page', async () => {
		const fields = { Classify: { task: IDS.coloursTask } };
		const { id, form } = await start('classify-uploads', { fields }, { form: 'Upload Form' });
		await editor.withPicture('cloud-form', async () => {
			const { colour } = images.find(({ file }) => file === 'label-rgb.png')!;
			for (const [file, answer] of [
				['label-rgb.png', colour!],
				['page.jpg', 'Image "page.jpg"'],
			] as const) {
				await page.goto(form);
				await page.locator('input[type=file]').setInputFiles(imageFile(file));
				await submit();
				await page.getByRole('heading', { name: answer }).waitFor();
			}
		});
		await deactivateWorkflow(server, id);
	});

	it('warns by e-mail when few credits are left, and only then', async () => {
		const enough = await example('warn-of-low-credits.json', CREDENTIALS);
		const few = await example('warn-of-low-credits.json', {
			...CREDENTIALS,
			ximilarApi: EXHAUSTED,
		});
		for (const workflow of [enough, few]) {
			const execution = await runWorkflow(server, await createWorkflow(server, workflow), {
				from: 'Every Morning',
			});
			expect(execution).toMatchObject({ status: 'success' });
		}
		const [warning, ...others] = await waitForMail(mail, 1);
		expect(others).toEqual([]);
		expect(warning!.subject).toBe('5 Ximilar credits are left');
		expect(warning!.text).toContain('5 credits of Company are left');
	});

	it('asks a person about unsure images, and trains with the answers', async () => {
		const label = simulator.state.labels.find(({ name }) => name === 'Grey')!;
		const task = simulator.state.tasks.find(({ id }) => id === IDS.coloursTask)!;
		const { id, form } = await start(
			'review-and-retrain',
			{ fields: { 'Get Task': { task: task.id }, Train: { task: task.id } } },
			{ form: 'Images Form' },
		);
		await editor.withPicture('cloud-review', async () => {
			await page.goto(form);
			await page
				.locator('textarea')
				.fill([photoAddress('red.png'), photoAddress('unclear.png')].join('\n'));
			await submit();
			const [question] = await waitForMail(mail, 1);
			expect(question!.to).toEqual([expect.objectContaining({ address: 'team@example.com' })]);
			const address = /href="([^"]+webhook-waiting[^"]+)"/.exec(question!.html!)![1]!;
			await page.goto(address.replaceAll('&amp;', '&'));
			await page.locator(`img[src="${photoAddress('unclear.png')}"]`).waitFor();
			await page.locator('select').selectOption({ label: label.name });
			await page.getByRole('button', { name: 'Save' }).click();
			const execution = await waitForExecution(server, await firstExecution(id));
			expect(execution.status).toBe('success');
			expect(execution.nodes['Sure Rows']!.items.map(({ json }) => json)).toEqual([
				expect.objectContaining({ image: photoAddress('red.png'), label: 'Red' }),
			]);
		});
		expect(mail.received).toHaveLength(1);
		const [reviewed, ...others] = simulator.state.trainingImages;
		expect(others).toEqual([]);
		expect(reviewed!.labels.map((one) => one.id)).toEqual([label.id]);

		// The others that the task needs to be trained at all.
		for (const one of task.labels) {
			const missing = IMAGES_PER_LABEL - (one === label.id ? 1 : 0);
			for (let number = 0; number < missing; number++) {
				const copy = { ...reviewed!, id: `${one}-${number}`, labels: [{ id: one, value: null }] };
				simulator.state.trainingImages.push(copy);
			}
		}
		const training = await runWorkflow(server, id, { from: 'Every Monday' });
		expect(training).toMatchObject({ status: 'success' });
		expect(task.last_train_status).toBe('IN_TRAINING');
		await deactivateWorkflow(server, id);
	});

	it('measures how good a model is, and tells by e-mail when it got worse', async () => {
		const labelId = (name: string) => simulator.state.labels.find((one) => one.name === name)!.id;
		const testImage = async (label: string, ...colour: [number, number, number, number]) => {
			const answer = await fetch(`${simulator.url}/recognition/v2/training-image/`, {
				method: 'POST',
				headers: {
					authorization: `Token ${TOKENS.business}`,
					'content-type': 'application/json',
				},
				body: JSON.stringify({
					base64: (await photo(...colour)).toString('base64'),
					test_image: true,
				}),
			});
			const { id } = (await answer.json()) as { id: string };
			const image = simulator.state.trainingImages.find((one) => one.id === id)!;
			image.labels = [{ id: labelId(label), value: null }];
			return image;
		};
		const red = await testImage('Red', 190, 60, 65, 8);
		await testImage('Red', 190, 60, 65, 9);
		await testImage('Green', 60, 150, 80, 8);
		await testImage('Grey', 190, 60, 65, 10);

		const { id } = await start('how-good-is-my-model', {
			fields: { 'Get Task': { task: IDS.coloursTask } },
			texts: { '0 6 * * 1': '*/5 * * * * *' },
		});
		const done = async () =>
			(await listExecutions(server, id)).filter(({ status }) => status === 'success');
		const [first] = await until('a measurement', async () => {
			const executions = await done();
			return executions.length ? executions : undefined;
		});
		red.labels = [{ id: labelId('Green'), value: null }];
		const [report] = await waitForMail(mail, 1);
		const before = (await done()).length;
		await until('one more', async () => (await done()).length > before || undefined);
		await deactivateWorkflow(server, id);

		const { nodes } = await getExecution(server, first!.id);
		expect(nodes.Measure!.items[0]!.json).toMatchObject({
			task: 'Product colours',
			accuracy: 0.75,
			before: null,
			dropped: false,
			images: 4,
			failed: 0,
			by_label: [
				{ label: 'Green', images: 1, right: 1, seen_as: { Green: 1 } },
				{ label: 'Grey', images: 1, right: 0, seen_as: { Red: 1 } },
				{ label: 'Red', images: 2, right: 2, seen_as: { Red: 2 } },
			],
		});
		expect(mail.received).toHaveLength(1);
		expect(report!.subject).toBe('Product colours got worse: 50 % right');
		await editor.withPicture('cloud-report', async () => {
			await page.setContent(report!.html!);
			const rows = await page
				.getByRole('row')
				.evaluateAll((all) => all.map((row) => row.textContent!.replace(/\s+/g, ' ').trim()));
			expect(rows).toEqual(['GreenGreyRedRight', 'Green1150 %', 'Grey10 %', 'Red1100 %']);
			await page.setViewportSize({ width: 640, height: 360 });
			await editor.keepPicture('model-report');
			await page.setViewportSize({ width: 1400, height: 1200 });
		});
	});

	it('reads the attachments of an e-mail that arrives into a sheet', async () => {
		const { id } = await start('read-email-attachments', {
			twins: { 'Append Rows': { type: 'n8n-nodes-base.noOp', typeVersion: 1, parameters: {} } },
		});
		const mailed = { from: 'shop@example.com', subject: 'Invoice' };
		const mail = { ...mailed, to: 'team@example.com', text: 'See the attachments.' };
		await mailbox.deliver({ ...mail, subject: 'Without attachments' });
		await mailbox.deliver({
			...mail,
			attachments: [
				{ filename: 'invoice-baseline.jpg', path: imageFile('invoice-baseline.jpg') },
				{ filename: 'photo.jpg', content: await photograph('phone') },
				{ filename: 'document.pdf', path: imageFile('document.pdf') },
			],
		});
		const rows = await until('rows of the e-mail', async () => {
			for (const { id: one } of await listExecutions(server, id)) {
				const { nodes } = await waitForExecution(server, one);
				if (nodes['Append Rows']) return nodes['Append Rows'].items.map(({ json }) => json);
			}
			return undefined;
		});
		await deactivateWorkflow(server, id);
		const refusal = expect.stringContaining('Ximilar does not take PDF files');
		expect(rows).toEqual([
			{
				...mailed,
				file: 'invoice-baseline.jpg',
				text: 'INVOICE 2026-014 TOTAL 84.50 EUR',
				note: '',
			},
			// What the simulator reads on a photograph depends on its grain.
			{ ...mailed, file: 'photo.jpg', text: expect.any(String), note: '' },
			{ ...mailed, file: '', text: '', note: refusal },
		]);
	});

	it('classifies the new images of a folder in Google Drive', async () => {
		const workflow = await example('classify-google-drive.json', CREDENTIALS, {
			fields: { Classify: { task: IDS.coloursTask } },
			twins: {
				'New File': {
					type: 'n8n-nodes-base.formTrigger',
					typeVersion: 2.2,
					webhookId: 'drive',
					parameters: { formTitle: 'Drive', formFields: { values: [] }, options: {} },
				},
				Download: {
					type: 'n8n-nodes-base.httpRequest',
					typeVersion: 4.2,
					parameters: {
						url: `=${simulator.url}/images/{{ $json.id }}`,
						options: { response: { response: { responseFormat: 'file' } } },
					},
				},
			},
		});
		const id = await createWorkflow(server, workflow);
		const { colour } = images.find(({ file }) => file === 'label-rgb.png')!;
		for (const [file, mimeType, rows] of [
			['label-rgb.png', 'image/png', [{ label: colour, note: '' }]],
			['modern.avif', 'image/avif', [{ label: '', note: expect.stringContaining('AVIF') }]],
			['document.pdf', 'application/pdf', []],
		] as const) {
			// A file as Google Drive tells of it.
			const item = { id: file, name: file, mimeType, webViewLink: `https://drive/${file}` };
			const { status, nodes } = await runWorkflow(server, id, { from: 'New File', item });
			expect(status).toBe('success');
			expect((nodes.Rows?.items ?? []).map(({ json }) => json)).toEqual(
				rows.map((row) => expect.objectContaining({ file, link: item.webViewLink, ...row })),
			);
		}
	});

	it('chats about images: the agent finds a task, classifies, reads, and is told of a refusal', async () => {
		const image = `${simulator.url}/images/invoice-baseline.jpg`;
		const refused = `${simulator.url}/images/document.pdf`;
		const { colour } = images.find(({ file }) => file === 'invoice-baseline.jpg')!;
		model.script(
			() => ({ call: 'Find_Tasks', with: {} }),
			(tasks) => {
				expect(tasks).toContain('Product colours');
				// The model takes the ID from what the tool gave it.
				const [, id] = /"id":"([^"]+)","name":"Product colours"/.exec(tasks)!;
				return { call: 'Classify_Image', with: { task_id: id, image_addresses: image } };
			},
			(labels) => {
				expect(labels).toContain(`"label":"${colour}"`);
				return { call: 'Read_Text', with: { image_addresses: refused } };
			},
			(refusal) => {
				expect(refusal).toContain('Ximilar does not take PDF files');
				return { call: 'Read_Text', with: { image_addresses: image } };
			},
			(text) => {
				expect(text).toContain('INVOICE 2026-014 TOTAL 84.50 EUR');
				return { say: `It is ${colour}, and a total of 84.50 EUR stands on it.` };
			},
		);
		const workflow = await example('chat-about-images.json', CREDENTIALS, {
			fields: { Model: { model: 'gpt-4.1-mini' } },
		});
		const execution = await runWorkflow(server, await createWorkflow(server, workflow), {
			from: 'Chat',
			item: { sessionId: 'test', action: 'sendMessage', chatInput: `What is on ${image}?` },
		});
		expect(model.failure).toBeUndefined();
		expect(execution).toMatchObject({ status: 'success' });
		expect(execution.nodes.Agent!.items[0]!.json.output).toBe(
			`It is ${colour}, and a total of 84.50 EUR stands on it.`,
		);
	});
});
