import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { IDS } from '../simulator/state';
import { VLM_IDS } from '../simulator/vlm/ids';
import { CREDENTIALS, setUpBench } from './harness/bench';
import { example } from './harness/chain';
import { loadMapperFields } from './harness/editor';
import type { Execution } from './harness/execution';
import { n8nLines } from './harness/install';
import { byId } from './harness/links';
import { searchPages } from './harness/lists';
import { servePngs, type WebServer } from './harness/web';
import { createWorkflow, runWorkflow } from './harness/workflows';

/** From a spreadsheet of annotated images to a trained vision language model, in each real n8n. */

const ROWS = 200;
const EVERY = 5;
const NODE = 'n8n-nodes-ximilar.ximilarVlm';

interface Card {
	file: string;
	bytes: Buffer;
	sha256: string;
	grade: number;
	explanation: string;
	test: boolean;
}

/** Small images, no two alike, each with what a model shall learn to say of it. */
async function makeCards(): Promise<Card[]> {
	const cards = Array.from({ length: ROWS }, async (_, number): Promise<Card> => {
		const background = { r: number, g: 255 - number, b: (number * 7) % 256 };
		const bytes = await sharp({ create: { width: 8, height: 8, channels: 3, background } })
			.png()
			.toBuffer();
		return {
			file: `card-${number}.png`,
			bytes,
			sha256: createHash('sha256').update(bytes).digest('hex'),
			grade: (number % 21) / 2,
			explanation: `Card ${number}: "sharp" corners, a čistý border`,
			test: number % EVERY === EVERY - 1,
		};
	});
	return await Promise.all(cards);
}

type CsvRow = Record<string, unknown>;

function csv(rows: CsvRow[]): string {
	const columns = Object.keys(rows[0]!);
	const cell = (value: unknown) => `"${String(value).replaceAll('"', '""')}"`;
	const lines = rows.map((row) => columns.map((column) => cell(row[column])).join(','));
	return `${[columns.join(','), ...lines].join('\n')}\n`;
}

describe.each(n8nLines)('%s', (line) => {
	const bench = setUpBench(line, 'vlmData');
	const { simulator } = bench;
	let cards: Card[];
	let web: WebServer;
	let task: string;
	let dataset: string;
	let workflow: string;

	beforeAll(async () => {
		cards = await makeCards();
		web = await servePngs(cards);
	});

	afterAll(async () => await web?.stop());

	beforeEach(async () => {
		dataset = simulator.control.vlm.addDataset({ name: 'Cards' }).id;
		task = simulator.control.vlm.addTask({ name: 'Card grading' }).id;
		workflow = await importExample();
	});

	/** The example as a user fills it in, with what they edit beside. */
	const importExample = async (edited: Record<string, Record<string, string>> = {}) =>
		await createWorkflow(
			bench.server,
			await example('train-vision-language-model.json', CREDENTIALS, {
				fields: {
					'Add Dataset to Task': { task, dataset },
					'Read Spreadsheet': { fileSelector: path.join(bench.home.files, 'cards.csv') },
					...edited,
				},
			}),
		);

	const address = (file: string) => web.address(file);

	/** A row of the spreadsheet as its author writes it. */
	const rowOf = ({ file, grade, explanation }: Card): CsvRow => ({
		image: address(file),
		grade,
		explanation,
	});

	/** Runs the example on these rows. */
	const run = async (rows: CsvRow[]) => {
		await writeFile(path.join(bench.home.files, 'cards.csv'), csv(rows));
		return await runWorkflow(bench.server, workflow);
	};

	const rowsOf = ({ nodes }: Execution, node: string): CsvRow[] =>
		(nodes[node]?.items ?? []).map(({ json }) => json);

	const taskNow = () => simulator.state.vlm.tasks.find(({ id }) => id === task)!;
	const samples = () => simulator.control.vlm.samples(dataset);
	const trainings = () => taskNow().trainings.length;
	const named = <T extends { name: string }>(all: T[], name: string) =>
		all.filter((one) => one.name === name);
	const shaOf = (image: string) =>
		simulator.state.trainingImages.find(({ id }) => id === image)?.sha256;

	/** Everything that the example makes, without the service's own times and orders. */
	const made = () => ({
		prompts: simulator.state.vlm.prompts,
		variables: simulator.state.vlm.variables,
		samples: simulator.state.vlm.samples,
		images: simulator.state.trainingImages,
		task: taskNow(),
	});

	/** Each card is one sample with its one image and its two values; nothing is there twice. */
	const expectWhole = (all: Card[]) => {
		const expected = all.map(({ file, sha256, grade, explanation, test }) => ({
			name: address(file),
			test,
			images: [sha256],
			values: { grade, explanation },
		}));
		const found = samples().map(({ name, test, images, values }) => ({
			name,
			test,
			images: images.map(shaOf),
			values,
		}));
		const byName = (a: { name: string | null }, b: { name: string | null }) =>
			a.name! < b.name! ? -1 : 1;
		expect(found.sort(byName)).toEqual(expected.sort(byName));
		expect(simulator.state.trainingImages).toHaveLength(all.length);
	};

	/** Prompts and variables are made once, and belong together. */
	const expectSetUp = () => {
		const { prompts, variables } = simulator.state.vlm;
		const [system, ...otherSystem] = named(prompts, 'Card grading: system');
		const [user, ...otherUser] = named(prompts, 'Card grading: user');
		expect([...otherSystem, ...otherUser]).toEqual([]);
		expect([system!.type, user!.type]).toEqual(['system', 'user']);
		expect(taskNow()).toMatchObject({
			datasets: [dataset],
			system_prompt_id: system!.id,
			user_prompt_id: user!.id,
		});
		expect(variables.filter((one) => one.dataset === dataset)).toEqual([
			expect.objectContaining({
				name: 'grade',
				type: 'float',
				required: true,
				min_value: 0,
				max_value: 10,
				step_size: 0.5,
			}),
			expect.objectContaining({ name: 'explanation', type: 'string', required: true }),
		]);
	};

	/** What is made and not finished is told in the error item of its row. */
	const expectNamed = (failed: CsvRow[], lostUploads: number) => {
		const noteOf = (image: string) => String(failed.find((row) => row.image === image)?.note);
		for (const { id, name, images, values } of samples()) {
			if (images.length === 1 && Object.keys(values).length === 2) continue;
			const note = noteOf(name!);
			expect(note).toContain(`Sample "${name}" is not finished: `);
			// The ID of a sample whose creation was answered by nobody cannot be known.
			if (!note.includes('Missing: the sample, ')) expect(note).toContain(`sample ${id}`);
			for (const variable of ['grade', 'explanation']) {
				if (!(variable in values)) expect(note).toContain(`the value of "${variable}"`);
			}
		}
		const attached = new Set(samples().flatMap(({ images }) => images));
		const loose = simulator.state.trainingImages.filter(({ id }) => !attached.has(id));
		const unknown = loose.filter(({ id, sha256 }) => {
			const card = cards.find((one) => one.sha256 === sha256)!;
			const note = noteOf(address(card.file));
			expect(note).toContain(`"${address(card.file)}"`);
			return !note.includes(`image ${id}`);
		});
		expect(unknown.length).toBeLessThanOrEqual(lostUploads);
	};

	/** Faults of many kinds in the middle of a run; returns how many uploads can be done unseen. */
	const failInTheMiddle = () => {
		const upload = { method: 'POST', path: '/training-image/' };
		// Until one succeeds, calls of items that are under way are creations: nothing follows them.
		const creation = { method: 'POST', path: '/vlm/v2/sample/' };
		const adding = { method: 'POST', path: '/add-images/' };
		const value = { method: 'POST', path: '/add-variable-value/' };
		const answer = { status: 500, body: { detail: 'Busy' } };
		const done = { ...answer, handled: true };
		simulator.control.addFaults(
			{ match: creation, times: 3, answer },
			{ match: creation, times: 3, answer: done },
			{ match: creation, times: 3, reset: 'after' },
			{ match: upload, skip: 40, times: 3, answer },
			{ match: upload, times: 2, reset: 'after' },
			{ match: upload, skip: 20, times: 2, answer: done },
			{ match: adding, skip: 30, times: 3, answer },
			{ match: adding, times: 3, reset: 'after' },
			{ match: adding, skip: 20, times: 2, reset: 'before' },
			{ match: adding, skip: 10, times: 2, cut: 'length' },
			// Long enough to outlast the repetitions of four items at once, and some of others.
			{ match: value, skip: 100, times: 20, answer },
			{ match: value, skip: 60, times: 12, reset: 'after' },
		);
		// A lost answer is asked for again, and the image found by its content. Only where both 500s
		// meet the same image, which is tried twice, nobody knows of it.
		return 1;
	};

	it('takes up what failed, row by row, until all samples are whole, and makes nothing twice', async () => {
		const rows = cards.map(rowOf);
		const lostUploads = failInTheMiddle();
		const first = await run(rows);
		expect(first.error).toBeUndefined();
		expect(simulator.state.faults.filter(({ used, times }) => used !== times)).toEqual([]);
		const failed = rowsOf(first, 'Failed Rows');
		const finished = rowsOf(first, 'Finished Rows');
		// A creating call that is answered badly ends its row; how many rows the uploads and the values
		// cost, which are sent again, depends on how the calls under way at once fall among the faults.
		expect(failed.length).toBeGreaterThanOrEqual(9 + 10);
		expect(finished.length).toBeGreaterThan(ROWS / 2);
		expect(failed.length + finished.length).toBe(ROWS);
		expectSetUp();
		expectNamed(failed, lostUploads);
		const names = samples().map(({ name }) => name);
		expect(new Set(names).size).toBe(names.length);
		const isWhole = ({ images, values }: ReturnType<typeof samples>[number]) =>
			images.length === 1 && Object.keys(values).length === 2;
		for (const { image, id } of finished) {
			expect(samples().filter(isWhole)).toContainEqual(
				expect.objectContaining({ id, name: image }),
			);
		}
		// Half of a training set is not trained.
		expect(first.nodes.Train).toBeUndefined();
		expect(trainings()).toBe(0);

		const second = await run(failed);
		expect(second.error).toBeUndefined();
		expect(rowsOf(second, 'Failed Rows')).toEqual([]);
		expect(rowsOf(second, 'Finished Rows')).toHaveLength(failed.length);
		expectSetUp();
		expectWhole(cards);
		expect(samples().filter(({ test }) => test)).toHaveLength(ROWS / EVERY);
		expect(second.nodes.Train!.items.map(({ json }) => json)).toEqual([
			{ task_id: task, started: true },
		]);
		expect(trainings()).toBe(1);

		const before = structuredClone(made());
		const uploads = () => simulator.control.requests('/training-image/').requests.length;
		const [uploadsBefore, fetchesBefore] = [uploads(), web.fetches()];
		const third = await run(rows);
		// What is there is neither uploaded nor even fetched again.
		expect([uploads(), web.fetches()]).toEqual([uploadsBefore, fetchesBefore]);
		expect(third.error).toBeUndefined();
		expect(rowsOf(third, 'Finished Rows')).toEqual(
			cards.map(({ file, grade, explanation, test }) => ({
				image: address(file),
				grade: String(grade),
				explanation,
				test,
				id: samples().find(({ name }) => name === address(file))!.id,
			})),
		);
		expect(third.nodes.Train).toBeUndefined();
		expect(made()).toEqual(before);
	});

	it('takes addresses that are signed anew for the same images', async () => {
		const some = cards.slice(0, 10);
		const signed = (by: string) =>
			some.map((card) => ({
				...rowOf(card),
				image: `${address(card.file)}?X-Amz-Date=1&X-Amz-Signature=${by}`,
			}));
		await run(signed('first'));
		const fetchesBefore = web.fetches();
		const { nodes } = await run(signed('second'));
		expect(nodes['Failed Rows']?.items ?? []).toEqual([]);
		expectWhole(some);
		expect(web.fetches()).toBe(fetchesBefore);
	});

	it('takes the name of a row for that of its sample', async () => {
		await run([{ ...rowOf(cards[0]!), name: 'Charizard' }]);
		expect(samples().map(({ name }) => name)).toEqual(['Charizard']);
	});

	it('changes a prompt that was edited in the workflow', async () => {
		const contents = () =>
			['system', 'user'].map((type) => {
				const [prompt, ...others] = named(simulator.state.vlm.prompts, `Card grading: ${type}`);
				expect(others).toEqual([]);
				return prompt!.content;
			});
		await run([rowOf(cards[0]!)]);
		expect(contents()).toEqual([
			expect.stringContaining('expert in grading'),
			expect.stringContaining('Grade the card'),
		]);
		workflow = await importExample({
			'Find or Create System Prompt': { content: 'You grade coins.' },
			'Find or Create User Prompt': { content: 'Grade "the coin".' },
		});
		await run([rowOf(cards[0]!)]);
		expect(contents()).toEqual(['You grade coins.', 'Grade "the coin".']);
		expectSetUp();
	});

	it('tells rows that cannot be used, before anything is made of them, and trains the mended ones', async () => {
		const [good, low, comma, mute] = cards as [Card, Card, Card, Card];
		const rows = [
			rowOf(good),
			{ ...rowOf(low), grade: 11 },
			{ ...rowOf(comma), grade: '8,5' },
			{ ...rowOf(mute), explanation: '' },
			{ image: address('missing.png'), grade: 1, explanation: 'No image' },
			{ image: '', grade: 1, explanation: 'No address' },
		];
		const first = await run(rows);
		expect(rowsOf(first, 'Failed Rows').map(({ note }) => note)).toEqual([
			expect.stringContaining('Variable "grade": 11 is'),
			expect.stringMatching(/Variable "grade": .*8,5/),
			expect.stringContaining('"explanation"'),
			expect.stringContaining('answered with status 404'),
			expect.stringContaining('Image URLs is empty'),
		]);
		expectWhole([good]);
		expect(trainings()).toBe(0);

		await run([good, low, comma, mute].map(rowOf));
		expectWhole([good, low, comma, mute]);
		expect(trainings()).toBe(1);
	});

	it('takes up a run that broke off while prompts and variables were made', async () => {
		const row = cards.slice(0, 1).map(rowOf);
		const broken = async (path: string) => {
			simulator.control.addFaults({ match: { method: 'POST', path }, reset: 'after' });
			const execution = await run(row);
			expect(execution.error!.message).toContain('The connection was lost');
			expect(execution.nodes['Create or Complete Sample']).toBeUndefined();
		};
		await broken('/vlm/v2/prompt/');
		await broken('/vlm/v2/variable/');
		const { error } = await run(row);
		expect(error).toBeUndefined();
		expectSetUp();
		expectWhole(cards.slice(0, 1));
		expect(trainings()).toBe(1);
	});

	it('trains nothing with the wrong prompts when Ximilar does not take their assignment', async () => {
		simulator.control.changeSettings({ vlmTaskUpdate: 'refused' });
		const { error } = await run(cards.slice(0, 1).map(rowOf));
		expect(error!.message).toContain('The prompts of the task could not be assigned');
		expect(error!.description).toContain('assign its prompts there');
		expect(samples()).toEqual([]);
		expect(trainings()).toBe(0);
	});

	it('lists what can be picked, page by page, and the variables of the chosen dataset only', async () => {
		simulator.control.changeSettings({ pageSize: 2, nextOrigin: 'http://elsewhere.example' });
		const ask = (method: string, field: string, parameters: object = {}) => ({
			nodeType: NODE,
			method,
			path: `parameters.${field}`,
			parameters: { resource: 'sample', operation: 'setVariableValues', ...parameters },
			credentials: CREDENTIALS,
		});
		const list = async (
			method: string,
			{ filter, parameters }: { filter?: string; parameters?: object } = {},
		) => {
			const pages = await searchPages(bench.server, {
				...ask(method, 'field', parameters),
				filter,
			});
			return pages.flat().map(({ name, value }): [string, unknown] => [name, value]);
		};
		const idsOf = async (...args: Parameters<typeof list>) =>
			(await list(...args)).map(([, value]) => value);

		expect(await idsOf('searchTasks')).toEqual([
			VLM_IDS.task,
			VLM_IDS.captionTask,
			VLM_IDS.untrainedTask,
			task,
		]);
		expect(await list('searchTasks', { filter: 'card' })).toEqual([['Card grading', task]]);
		expect(await idsOf('searchDatasets')).toEqual([
			VLM_IDS.dataset,
			VLM_IDS.inspectionDataset,
			dataset,
		]);
		expect(await list('searchDatasets', { filter: 'CARDS' })).toEqual([['Cards', dataset]]);
		const inSecond = { options: { workspace: byId(IDS.secondWorkspace) } };
		expect(await idsOf('searchDatasets', { parameters: inSecond })).toEqual([
			VLM_IDS.warehouseDataset,
		]);
		expect(await idsOf('searchTasks', { parameters: inSecond })).toEqual([VLM_IDS.warehouseTask]);
		expect(await idsOf('searchPrompts')).toEqual([
			VLM_IDS.systemPrompt,
			VLM_IDS.userPrompt,
			VLM_IDS.templatePrompt,
		]);
		expect(await idsOf('searchSystemPrompts')).toEqual([VLM_IDS.systemPrompt]);
		expect(await idsOf('searchUserPrompts')).toEqual([VLM_IDS.userPrompt]);
		expect(await idsOf('searchWorkspaces')).toEqual([IDS.defaultWorkspace, IDS.secondWorkspace]);

		const ofCards = { dataset: byId(VLM_IDS.dataset) };
		const ofInspection = { dataset: byId(VLM_IDS.inspectionDataset) };
		expect(await list('searchSamples', { parameters: ofCards })).toEqual([
			['Sample 1 (My Training Dataset)', VLM_IDS.sample],
		]);
		expect(await list('searchSamples', { parameters: ofInspection })).toEqual([]);
		expect(await idsOf('searchVariables', { parameters: ofCards })).toEqual([
			VLM_IDS.grade,
			VLM_IDS.explain,
		]);
		const { title, condition, pieces, price, damaged, tags, size } = VLM_IDS;
		expect(await idsOf('searchVariables', { parameters: ofInspection })).toEqual([
			title,
			condition,
			pieces,
			price,
			damaged,
			tags,
			size,
		]);
		await expect(list('searchVariables')).rejects.toThrow('Dataset is empty');

		const form = await loadMapperFields(bench.server, ask('getVariables', 'values', ofInspection));
		expect(form.fields.map(({ id, type, required }) => [id, type, required])).toEqual([
			['title', 'string', false],
			['condition', 'options', false],
			['pieces', 'number', false],
			['price', 'number', false],
			['damaged', 'options', false],
			['tags', 'array', false],
			['size', 'object', false],
		]);
		expect(form.fields[1]!.options).toContainEqual({ name: 'near_mint', value: 'near_mint' });
		expect(await loadMapperFields(bench.server, ask('getVariables', 'values'))).toMatchObject({
			fields: [],
			emptyFieldsNotice: 'Choose a dataset first.',
		});
	});
});
