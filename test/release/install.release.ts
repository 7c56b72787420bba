import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { makeImages, type ImageFacts } from '../images/make';
import { createSimulator, type Simulator } from '../simulator/server';
import { IDS, TOKENS } from '../simulator/state';
import { openEditor, type Editor } from '../e2e/harness/browser';
import { example } from '../e2e/harness/chain';
import { createCredential, nodeTypes } from '../e2e/harness/editor';
import { createHome, removeHome, type Home } from '../e2e/harness/home';
import { installN8n, installTools, n8nLines } from '../e2e/harness/install';
import { startServer, stopServer, type Server } from '../e2e/harness/server';
import { createWorkflow, runWorkflow } from '../e2e/harness/workflows';
import { startInternet, type Internet } from './internet';
import { repack, startRegistry, type Registry } from './registry';

/**
 * The package from npm's registry into n8n, by its page Settings » Community nodes, in a browser: installed,
 * updated, uninstalled and installed again, with a workflow that was saved at first.
 */

const NAME = 'n8n-nodes-ximilar';
const NEXT = '0.1.1';
/** npm takes its time on a busy machine. */
const npmTime = { timeout: 300_000 };

describe.each(n8nLines)('%s', (line) => {
	let simulator: Simulator;
	let registry: Registry;
	let internet: Internet;
	let home: Home;
	let server: Server;
	let editor: Editor;
	let page: Page;
	let images: ImageFacts[];
	let workflow: string;

	beforeAll(async () => {
		const tools = await installTools(path.join(__dirname, 'tools'), 'verdaccio');
		registry = await startRegistry(tools);
		await registry.publish(process.env.E2E_TARBALL!);
		internet = await startInternet(tools, registry);
		simulator = createSimulator();
		await simulator.start();
		home = await createHome(await installN8n(line), { name: 'release', env: internet.env });
		const packages = path.join(home.directory, '.n8n/nodes');
		await mkdir(packages, { recursive: true });
		await writeFile(path.join(packages, '.npmrc'), internet.npmrc);
		images = await makeImages(path.join(home.files, 'images'));
		server = await startServer(home);
		editor = await openEditor(server);
		page = editor.page;
	});

	afterAll(async () => {
		await editor?.close();
		await stopServer(server);
		await simulator.stop();
		await internet.stop();
		await registry.stop();
		await removeHome(home);
	});

	const card = () => page.getByTestId('community-package-card').filter({ hasText: NAME });

	const openPage = async () => {
		await page.goto(`${server.url}/settings/community-nodes`);
		await page
			.getByRole('button', { name: /^Install/ })
			.first()
			.waitFor(npmTime);
	};

	const expectVersion = async (version: string) => {
		await card()
			.filter({ hasText: `v${version}` })
			.waitFor(npmTime);
		await card().filter({ hasText: '5 nodes' }).waitFor();
	};

	const confirm = async (button: string) =>
		await page.getByRole('dialog').getByRole('button', { name: button }).click();

	const install = async () => {
		await openPage();
		await page
			.getByRole('button', { name: /^Install/ })
			.first()
			.click();
		await page.locator('input[data-test-id=package-name-input]').fill(NAME);
		await page.getByTestId('user-agreement-checkbox').click();
		await page.getByTestId('install-community-package-button').click();
	};

	/** Opens the saved workflow: all its nodes are known, and none lacks anything. */
	const openWorkflow = async () => {
		await page.goto(`${server.url}/workflow/${workflow}`);
		await page.getByTestId('canvas-node').filter({ hasText: 'Read Text' }).waitFor();
		await page.getByTestId('canvas-node').filter({ hasText: 'Classify' }).dblclick();
		await page.getByTestId('resource-locator-task').waitFor();
		await page.keyboard.press('Escape');
	};

	const expectRows = async () => {
		const { error, nodes } = await runWorkflow(server, workflow);
		expect(error).toBeUndefined();
		const rows = nodes.Rows!.items.map(({ json }) => json);
		const taken = images.filter(({ kind }) => kind === 'taken');
		expect(rows).toEqual(
			expect.arrayContaining(
				taken.map(({ file, colour }) => expect.objectContaining({ file, label: colour })),
			),
		);
	};

	it('is installed, and runs', async () => {
		await editor.withPicture('release-install', async () => {
			await install();
			await expectVersion('0.1.0');
		});
		const ximilarApi = await createCredential(server, {
			name: 'Ximilar',
			type: 'ximilarApi',
			data: { apiToken: TOKENS.business, baseUrl: simulator.url },
		});
		workflow = await createWorkflow(
			server,
			await example(
				'classify-and-read-images.json',
				{ ximilarApi },
				{
					fields: {
						'Read Images': { fileSelector: `${home.files}/images/*` },
						Classify: { task: IDS.coloursTask },
					},
				},
			),
		);
		await expectRows();
	});

	it('is updated, and the saved workflow opens and runs', async () => {
		await registry.publish(await repack(process.env.E2E_TARBALL!, NEXT));
		await editor.withPicture('release-update', async () => {
			await openPage();
			await card().getByRole('button', { name: 'Update' }).click(npmTime);
			await confirm('Confirm update');
			await expectVersion(NEXT);
			await openWorkflow();
		});
		await expectRows();
	});

	it('is there after a restart of n8n', async () => {
		const { session } = server;
		const port = Number(new URL(server.url).port);
		await stopServer(server);
		server = await startServer(home, { session, port });
		await expectRows();
	});

	it('is uninstalled, and the saved workflow keeps what it had until it is installed again', async () => {
		await editor.withPicture('release-uninstall', async () => {
			await openPage();
			await card().getByTestId('action-toggle').click(npmTime);
			await page.getByText('Uninstall package').filter({ visible: true }).click();
			await confirm('Confirm uninstall');
			await card().waitFor({ ...npmTime, state: 'detached' });
			expect(await nodeTypes(server)).toEqual([]);
			await install();
			await expectVersion(NEXT);
			await openWorkflow();
		});
		await expectRows();
	});

	it('needed nothing of the internet but the package itself', () => {
		const packages = internet.asked.map((call) => call.split('/')[1]!);
		// npm asks whether there is a newer npm.
		expect(new Set(packages.filter((name) => name !== 'npm'))).toEqual(new Set([NAME]));
		// n8n's own list of packages that it refuses.
		expect([...internet.refused]).toEqual(['api.n8n.io:443']);
	});
});
