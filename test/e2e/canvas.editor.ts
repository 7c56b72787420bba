import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { makeImages } from '../images/make';
import { createSimulator, type Simulator } from '../simulator/server';
import { TOKENS } from '../simulator/state';
import { openEditor, type Editor } from './harness/browser';
import { importCredentials } from './harness/cli';
import { createHome, removeHome, type Home } from './harness/home';
import { installN8n, n8nLines } from './harness/install';
import { projectDirectory } from './harness/pack';
import { until } from './harness/process';
import { startServer, stopServer, type Server } from './harness/server';

/**
 * The examples as a new user meets them: imported from their files, by hand, in a browser. With
 * PICTURES=docs, the pictures of the docs are made anew.
 */

const CREDENTIAL = { id: 'ximilar-business', name: 'Ximilar' };
const FOLDER = path.join(projectDirectory, 'examples');
const EXAMPLES = readdirSync(FOLDER).map((file) => path.basename(file, '.json'));

describe.each(n8nLines)('%s', (line) => {
	let simulator: Simulator;
	let home: Home;
	let server: Server;
	let editor: Editor;
	let page: Page;

	beforeAll(async () => {
		simulator = createSimulator();
		await simulator.start();
		home = await createHome(await installN8n(line), {
			name: 'canvas',
			tarball: process.env.E2E_TARBALL!,
		});
		await makeImages(path.join(home.files, 'images'));
		const data = { apiToken: TOKENS.business, baseUrl: simulator.url };
		await importCredentials(home, [{ ...CREDENTIAL, type: 'ximilarApi', data }]);
		server = await startServer(home);
		editor = await openEditor(server, { width: 1500, height: 900 });
		page = editor.page;
	});

	afterAll(async () => {
		await editor?.close();
		await stopServer(server);
		await simulator.stop();
		await removeHome(home);
	});

	const node = (name: string) =>
		page.locator(`[data-test-id=canvas-node][data-node-name="${name}"]`);

	/** Imports an example by the menu of a new workflow. */
	const importExample = async (name: string) => {
		await page.goto(`${server.url}/workflow/new`);
		await page
			.getByTestId('workflow-import-input')
			.setInputFiles(path.join(FOLDER, `${name}.json`), {
				timeout: 20_000,
			});
		await page.getByTestId('canvas-node').first().waitFor();
	};

	const faults = async () => {
		await page.addScriptTag({ path: path.join(__dirname, 'harness/canvasFaults.js') });
		return (await page.evaluate('canvasFaults()')) as Record<string, unknown>;
	};

	it.each(EXAMPLES)('shows %s whole', async (name) => {
		await editor.withPicture(`canvas-${name}`, async () => {
			await importExample(name);
			await page.getByTestId('zoom-to-fit').click();
			await page.getByTestId('sticky').first().getByRole('heading').waitFor();
			await page.locator('path.vue-flow__edge-path').first().waitFor({ state: 'attached' });
			const { nodes, notes, ...rest } = await faults();
			expect(nodes).toBeGreaterThan(2);
			expect(notes).toBeGreaterThan(0);
			expect(rest).toEqual({ covered: [], behind: [], cut: [] });
		});
	});

	/** The credential that n8n has chosen for the open node by itself. */
	const expectCredential = async () => {
		const select = page.getByTestId('node-credentials-select').filter({ visible: true }).first();
		await select.waitFor();
		const shown = async () =>
			(await select.innerText()) +
			(await select
				.locator('input')
				.evaluateAll((all) =>
					all.map((one) => (one as unknown as { value: string }).value).join(),
				));
		await until(
			'n8n has chosen the credential',
			async () => (await shown()).includes(CREDENTIAL.name) || undefined,
		);
	};

	const pickTask = async (name: string) => {
		await page.getByTestId('resource-locator-task').getByTestId('rlc-input').click();
		const choice = page.getByTestId('rlc-item').filter({ hasText: name, visible: true }).first();
		await choice.waitFor();
		await editor.keepPicture('picker');
		await choice.click();
	};

	it('runs an example after what its note says, and nothing else', async () => {
		await editor.withPicture('canvas-run', async () => {
			await importExample('classify-and-read-images');
			await node('Classify').getByTestId('node-issues').waitFor();
			await node('Classify').dblclick();
			await expectCredential();
			await pickTask('Product colours');
			await page.keyboard.press('Escape');
			await node('Read Text').dblclick();
			await expectCredential();
			await page.keyboard.press('Escape');
			for (const name of ['Classify', 'Read Text'])
				await node(name).getByTestId('node-issues').waitFor({ state: 'detached' });

			await node('Read Images').dblclick();
			const field = page
				.getByTestId('parameter-input-fileSelector')
				.locator('input, [contenteditable=true]')
				.first();
			await field.fill(`${home.files}/images/*-*.{jpg,png}`);
			await field.blur();
			await page.keyboard.press('Escape');
			await page.getByTestId('execute-workflow-button').click();
			await node('Rows').getByTestId('canvas-node-status-success').waitFor();
			expect(simulator.control.account('business').creditsUsed).toBeGreaterThan(0);
			await page.getByTestId('zoom-to-fit').click();
			await page.getByText('Workflow executed successfully').waitFor({ state: 'hidden' });
			await editor.keepPicture('canvas');

			await node('Rows').dblclick();
			const table = page.getByTestId('output-panel');
			await table.getByText('INVOICE 2026-014 TOTAL 84.50 EUR').first().waitFor();
			await editor.keepPicture('result-table');
		});
	});

	it('opens the trigger of an example with the credential chosen', async () => {
		await editor.withPicture('canvas-trigger', async () => {
			await importExample('act-on-vlm-answers');
			await node('When Answered').dblclick();
			await expectCredential();
			await page.getByTestId('parameter-input-event').waitFor();
			await editor.keepPicture('trigger');
		});
	});
});
