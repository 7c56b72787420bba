import { existsSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { createSimulator, type Simulator } from '../simulator/server';
import { TOKENS } from '../simulator/state';
import { VLM_IDS } from '../simulator/vlm/ids';
import { CHROMIUM, openEditor, type Editor } from './harness/browser';
import { chain } from './harness/chain';
import { importCredentials } from './harness/cli';
import { createHome, removeHome, type Home } from './harness/home';
import { installN8n, n8nLines } from './harness/install';
import { until } from './harness/process';
import { startServer, stopServer, type Server } from './harness/server';
import { createWorkflow } from './harness/workflows';

/**
 * The form of a dataset's variables, used by hand in n8n's editor, in a browser. With
 * PICTURES=docs, the picture of the docs is made anew.
 */

const CREDENTIAL = { id: 'ximilar-business', name: 'Ximilar' };
const SAMPLE = 'Jacket 17';

(existsSync(CHROMIUM) ? describe : describe.skip).each(n8nLines)('%s', (line) => {
	let simulator: Simulator;
	let home: Home;
	let server: Server;
	let editor: Editor;
	let page: Page;

	beforeAll(async () => {
		simulator = createSimulator();
		await simulator.start();
		home = await createHome(await installN8n(line), {
			name: 'vlmEditor',
			tarball: process.env.E2E_TARBALL!,
		});
		const data = { apiToken: TOKENS.business, baseUrl: simulator.url };
		await importCredentials(home, [{ ...CREDENTIAL, type: 'ximilarApi', data }]);
		server = await startServer(home);
		editor = await openEditor(server);
		page = editor.page;
	});

	afterAll(async () => {
		await editor?.close();
		await stopServer(server);
		await simulator.stop();
		await removeHome(home);
	});

	/** A sample without values, in the dataset that has a variable of every type. */
	const makeSample = async () => {
		const answer = await fetch(`${simulator.url}/vlm/v2/sample/`, {
			method: 'POST',
			headers: { authorization: `Token ${TOKENS.business}`, 'content-type': 'application/json' },
			body: JSON.stringify({ dataset: VLM_IDS.inspectionDataset, name: SAMPLE }),
		});
		return ((await answer.json()) as { id: string }).id;
	};

	const values = (sample: string) =>
		simulator.control.vlm.samples().find(({ id }) => id === sample)!.values;

	/** Chooses from a picker's list. */
	const pick = async (picker: string, choice: string) => {
		await page.getByTestId(`resource-locator-${picker}`).getByTestId('rlc-input').click();
		await page.getByTestId('rlc-item').filter({ hasText: choice, visible: true }).click();
	};

	const field = (variable: string): Locator => page.getByTestId(`parameter-input-${variable}`);

	const enter = async (variable: string, value: string) => {
		const input = field(variable).locator('input, [contenteditable=true]');
		await input.fill(value);
		await input.blur();
	};

	const choose = async (variable: string, choice: string) => {
		await field(variable).locator('input').click();
		await page.locator('[role=option]:visible').getByText(choice, { exact: true }).click();
	};

	const execute = async () =>
		await page.getByTestId('node-execute-button').filter({ visible: true }).first().click();

	const output = () => page.getByTestId('output-panel');

	it('shows the variables of the chosen dataset as fields, and sets what is entered', async () => {
		const sample = await makeSample();
		const node = {
			name: 'Ximilar VLM',
			type: 'n8n-nodes-ximilar.ximilarVlm',
			parameters: { resource: 'sample', operation: 'setVariableValues' },
			credentials: { ximilarApi: CREDENTIAL },
			id: 'b0d5f4ae-6c1e-4b8e-9a37-2f6f4a0c9d11',
		};
		const workflow = await createWorkflow(server, chain('Annotate', node));
		await page.goto(`${server.url}/workflow/${workflow}/${node.id}`);
		await editor.withPicture('vlmEditor', async () => {
			await pick('dataset', 'My Training Dataset');
			await field('grade').waitFor();
			await field('explain').waitFor();
			await pick('dataset', 'Inspection Dataset');
			await field('title').waitFor();
			expect(await field('grade').count()).toBe(0);
			await pick('sample', SAMPLE);

			await enter('title', 'Winter jacket');
			await choose('condition', 'near_mint');
			await enter('pieces', '200');
			await enter('price', '12.5');
			await field('damaged').getByRole('switch').locator('..').click();
			await enter('tags', '["blue", "wool"]');
			await enter('size', '{"chest": 52}');
			await execute();
			await output().getByText('Variable "pieces": 200').first().waitFor();
			expect(values(sample)).toEqual({});

			await enter('pieces', '2');
			await execute();
			await until('the values are there', async () => 'size' in values(sample) || undefined);
			expect(values(sample)).toEqual({
				title: 'Winter jacket',
				condition: 'near_mint',
				pieces: 2,
				price: 12.5,
				damaged: true,
				tags: ['blue', 'wool'],
				size: { chest: 52 },
			});
			await output().getByText('near_mint').first().waitFor();
			if (process.env.PICTURES) {
				await page.mouse.move(0, 0);
				await page.getByText('Node executed successfully').waitFor({ state: 'hidden' });
			}
			await editor.keepPicture('set-variable-values');
		});
	});
});
