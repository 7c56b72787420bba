import { existsSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { TOKENS } from '../simulator/state';
import { VLM_IDS } from '../simulator/vlm/ids';
import { CREDENTIALS, setUpBench } from './harness/bench';
import { CHROMIUM, openEditor, type Editor } from './harness/browser';
import { chain } from './harness/chain';
import { n8nLines } from './harness/install';
import { until } from './harness/process';
import { rest } from './harness/server';
import { createWorkflow, runWorkflow, type Workflow } from './harness/workflows';

/**
 * The form of a dataset's variables, used by hand in n8n's editor, in a browser. With
 * PICTURES=docs, the picture of the docs is made anew.
 */

(existsSync(CHROMIUM) ? describe : describe.skip).each(n8nLines)('%s', (line) => {
	const bench = setUpBench(line, 'vlmEditor');
	const { simulator } = bench;
	let editor: Editor;
	let page: Page;

	beforeAll(async () => {
		editor = await openEditor(bench.server);
		page = editor.page;
	});

	afterAll(async () => await editor?.close());

	const withPicture = async (work: () => Promise<void>) =>
		await editor.withPicture('vlmEditor', work);

	const call = async (path: string, body: object) => {
		const answer = await fetch(`${simulator.url}/vlm/v2/sample/${path}`, {
			method: 'POST',
			headers: { authorization: `Token ${TOKENS.business}`, 'content-type': 'application/json' },
			body: JSON.stringify(body),
		});
		return (await answer.json()) as { id: string };
	};

	/** A sample in the dataset that has a variable of every type. */
	const makeSample = async (name: string, given: Record<string, unknown> = {}) => {
		const { id } = await call('', { dataset: VLM_IDS.inspectionDataset, name });
		for (const [dataset_variable, value] of Object.entries(given)) {
			await call(`${id}/add-variable-value/`, { dataset_variable, value: { value } });
		}
		return id;
	};

	const nodeWith = (parameters: object = {}) => ({
		name: 'Ximilar VLM',
		type: 'n8n-nodes-ximilar.ximilarVlm',
		parameters: { resource: 'sample', operation: 'setVariableValues', ...parameters },
		credentials: CREDENTIALS,
		id: 'b0d5f4ae-6c1e-4b8e-9a37-2f6f4a0c9d11',
	});

	/** Opens the node of a saved workflow, and gives the workflow's ID. */
	const open = async (node: ReturnType<typeof nodeWith>) => {
		const workflow = await createWorkflow(bench.server, chain('Annotate', node));
		await page.goto(`${bench.server.url}/workflow/${workflow}/${node.id}`);
		return workflow;
	};

	/** Saves the workflow that is open, once the editor has the value that was entered last. */
	const save = async (workflow: string, entered: string) => {
		await page.keyboard.press('Escape');
		await page.keyboard.press('Control+s');
		await until('the workflow is saved', async () => {
			const { nodes } = await rest<Workflow>(bench.server, 'GET', `/rest/workflows/${workflow}`);
			return JSON.stringify(nodes).includes(entered) || undefined;
		});
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
		const sample = await makeSample('Jacket 17');
		await open(nodeWith());
		await withPicture(async () => {
			await page.getByText('Choose a dataset first.').waitFor();
			expect(await page.getByText('No variables found').count()).toBe(0);
			await pick('dataset', 'My Training Dataset');
			await field('grade').waitFor();
			await field('explain').waitFor();
			await pick('dataset', 'Inspection Dataset');
			await field('title').waitFor();
			expect(await field('grade').count()).toBe(0);
			await pick('sample', 'Jacket 17');

			await enter('title', 'Winter jacket');
			await choose('condition', 'near_mint');
			await enter('pieces', '200');
			await enter('price', '12.5');
			await choose('damaged', 'True');
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

	/** What stands in the sample before: all of it may be overwritten, and none of it is. */
	const before = { title: 'Coat', condition: 'poor', pieces: 3, damaged: true };
	const kept = {
		[VLM_IDS.title]: before.title,
		[VLM_IDS.condition]: before.condition,
		[VLM_IDS.pieces]: before.pieces,
		[VLM_IDS.damaged]: before.damaged,
	};
	const keepOthers = { options: { partial: true }, simplify: false };

	it('sends the one field that was touched, and no other', async () => {
		const sample = await makeSample('Jacket 18', kept);
		const workflow = await open(nodeWith(keepOthers));
		await withPicture(async () => {
			await pick('dataset', 'Inspection Dataset');
			await field('price').waitFor();
			await pick('sample', 'Jacket 18');
			await enter('price', '18.25');
			await save(workflow, '18.25');
		});
		const { status } = await runWorkflow(bench.server, workflow);
		expect(status).toBe('success');
		expect(values(sample)).toEqual({ ...before, price: 18.25 });
	});

	it('sends what was entered of a workflow that the version before saved, not what its form filled in', async () => {
		const sample = await makeSample('Jacket 19', kept);
		const locator = (value: string) => ({ __rl: true, mode: 'id', value });
		const fieldThen = (id: string, type: string, more: object = {}) => ({
			id,
			displayName: id,
			required: false,
			display: true,
			defaultMatch: false,
			canBeUsedToMatch: false,
			type,
			removed: false,
			...more,
		});
		const choices = ['mint', 'near_mint', 'excellent', 'good', 'poor'];
		const workflow = await open(
			nodeWith({
				...keepOthers,
				dataset: locator(VLM_IDS.inspectionDataset),
				sample: locator(sample),
				values: {
					mappingMode: 'defineBelow',
					value: {
						title: 'Parka',
						condition: 'good',
						pieces: 1,
						damaged: false,
					},
					matchingColumns: [],
					schema: [
						fieldThen('title', 'string', { required: true }),
						fieldThen('condition', 'options', {
							options: choices.map((name) => ({ name, value: name })),
							defaultValue: 'good',
						}),
						fieldThen('pieces', 'number', { defaultValue: 1 }),
						fieldThen('price', 'number'),
						fieldThen('damaged', 'boolean', { defaultValue: false }),
						fieldThen('tags', 'array'),
						fieldThen('size', 'object'),
					],
					attemptToConvertTypes: false,
					convertFieldsToString: false,
				},
			}),
		);
		await withPicture(async () => {
			await field('price').waitFor();
			await enter('price', '19.75');
			await save(workflow, '19.75');
		});
		const { status } = await runWorkflow(bench.server, workflow);
		expect(status).toBe('success');
		expect(values(sample)).toEqual({ ...before, title: 'Parka', price: 19.75 });
	});
});
