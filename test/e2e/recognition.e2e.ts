import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { IDS } from '../simulator/state';
import { CREDENTIALS, setUpBench } from './harness/bench';
import { chain, example, type Link } from './harness/chain';
import type { Execution } from './harness/execution';
import { n8nLines } from './harness/install';
import { byId, ximilarNode } from './harness/links';
import { searchPages } from './harness/lists';
import { servePngs, type WebServer } from './harness/web';
import { createWorkflow, runWorkflow } from './harness/workflows';

/** From a spreadsheet or a folder of images to a trained task, in each real n8n. */

const TASK_NAME = 'Product types';
/** As many as a label needs for a training. */
const IMAGES_PER_LABEL = 20;
const UPLOADS = { method: 'POST', path: '/training-image/' };

/** The simulated model tells these labels by their mean colour; the first is there from the start. */
const COLOURS = { Red: [190, 60, 65], Purple: [130, 60, 160] } as const;
type Colour = keyof typeof COLOURS;
const colours = Object.keys(COLOURS) as Colour[];

interface Photo {
	label: Colour;
	file: string;
	bytes: Buffer;
}

/** Small images, no two alike, a number of them for each label. */
async function makePhotos(): Promise<Photo[]> {
	const photos = colours.flatMap((label) =>
		Array.from({ length: IMAGES_PER_LABEL }, async (_, number) => {
			const [r, g, b] = COLOURS[label];
			const create = {
				width: 8 + number,
				height: 8,
				channels: 3,
				background: { r, g, b },
			} as const;
			const bytes = await sharp({ create }).png().toBuffer();
			return { label, file: `${label}-${number}.png`, bytes };
		}),
	);
	return await Promise.all(photos);
}

describe.each(n8nLines)('%s', (line) => {
	const bench = setUpBench(line, 'recognition');
	const { simulator } = bench;
	let photos: Photo[];
	/** The shop's web bench.server, from which the spreadsheet's addresses are. */
	let web: WebServer;

	beforeAll(async () => {
		photos = await makePhotos();
		web = await servePngs(photos);
	});

	afterAll(async () => await web?.stop());

	const address = (file: string) => web.address(file);

	/** The example on a spreadsheet of these addresses and labels. */
	const spreadsheet = async (rows: Array<[image: string, label: string]>) => {
		const file = path.join(bench.home.files, 'training.csv');
		const lines = [['image', 'label'], ...rows].map((row) => row.join(','));
		await writeFile(file, `${lines.join('\n')}\n`);
		return await createWorkflow(
			bench.server,
			await example('train-from-spreadsheet.json', CREDENTIALS, {
				fields: { 'Read Spreadsheet': { fileSelector: file } },
			}),
		);
	};

	/** The example on a folder with a folder of images for each label. */
	const folders = async (files: Array<{ label: string; file: string; bytes: Buffer }>) => {
		const root = path.join(bench.home.files, 'training');
		await rm(root, { recursive: true, force: true });
		for (const { label, file, bytes } of files) {
			await mkdir(path.join(root, label), { recursive: true });
			await writeFile(path.join(root, label, file), bytes);
		}
		return await createWorkflow(
			bench.server,
			await example('train-from-folder.json', CREDENTIALS, {
				fields: { 'Read Images': { fileSelector: `${root}/*/*` } },
			}),
		);
	};

	const rowsOf = ({ nodes }: Execution) => nodes.Rows!.items.map(({ json }) => json);

	const task = () => simulator.state.tasks.find(({ name }) => name === TASK_NAME)!;

	/** What is there, told by names, and how often the task was trained. */
	const endState = () => {
		const { tasks, labels, trainingImages, trainings } = simulator.state;
		const nameOf = (id: string) => labels.find((label) => label.id === id)!.name;
		return {
			tasks: tasks.map(({ name }) => name),
			labels: labels.map(({ name }) => name),
			images: trainingImages.map(({ id }) => id).sort(),
			imageLabels: trainingImages.map((image) => image.labels.map(({ id }) => nameOf(id))),
			taskLabels: task()?.labels.map(nameOf),
			trainings: trainings.filter((training) => training.task === task()?.id).length,
		};
	};

	/** Everything is made, once: the labels and task beside those that are there from the start. */
	const expectTrained = () => {
		const state = endState();
		expect(state.tasks.filter((name) => name === TASK_NAME)).toHaveLength(1);
		for (const colour of colours) {
			expect(state.labels.filter((name) => name === colour)).toHaveLength(1);
			expect(state.imageLabels.filter(([name]) => name === colour)).toHaveLength(IMAGES_PER_LABEL);
		}
		expect(state.imageLabels.every((names) => names.length === 1)).toBe(true);
		expect(state.images).toHaveLength(photos.length);
		expect([...state.taskLabels].sort()).toEqual([...colours].sort());
		expect(state.trainings).toBe(1);
	};

	const recognition = (resource: string, operation: string, parameters: object = {}) =>
		ximilarNode('Recognition', resource, operation, parameters);

	const run = async (...links: Link[]) => await bench.run(chain('Test', ...links));

	const calls = (route: string) => simulator.control.requests(route).requests;

	it('trains a task from a spreadsheet, once, and the task classifies then', async () => {
		const pdf = `${simulator.url}/images/document.pdf`;
		const workflow = await spreadsheet([
			...photos.map(({ label, file }): [string, string] => [address(file), label]),
			[address('missing.png'), 'Red'],
			[pdf, ' Purple '],
			[address('Red-0.png'), ''],
		]);
		const first = await runWorkflow(bench.server, workflow);
		expect(first.error).toBeUndefined();
		expectTrained();
		const rows = rowsOf(first);
		expect(rows).toHaveLength(photos.length + 3);
		for (const { label, file } of photos) {
			expect(rows).toContainEqual({
				image: address(file),
				label,
				id: expect.stringMatching(/^[0-9a-f-]{36}$/),
				note: '',
			});
		}
		for (const [image, label, note] of [
			[address('missing.png'), 'Red', 'The address answered with status 404'],
			[pdf, 'Purple', 'Ximilar does not take PDF files'],
			[address('Red-0.png'), '', 'Name is empty'],
		] as const) {
			expect(rows).toContainEqual({ image, label, id: '', note: expect.stringContaining(note) });
		}
		expect(first.nodes.Train!.items.map(({ json }) => json)).toEqual([
			expect.objectContaining({ task_id: task().id, started: true }),
		]);

		const before = endState();
		const second = await runWorkflow(bench.server, workflow);
		expect(second.error).toBeUndefined();
		expect(endState()).toEqual(before);
		expect(new Set(rowsOf(second))).toEqual(new Set(rows));
		expect(second.nodes['What Changed']!.items).toEqual([]);
		expect(second.nodes.Train).toBeUndefined();

		simulator.control.changeClock({ advance: simulator.state.settings.trainingMs });
		expect(task()).toMatchObject({ production_version: 1, last_train_status: 'TRAINED' });
		const imageUrls = photos.map(({ file }) => address(file)).join('\n');
		const classified = await run(
			recognition('image', 'classify', { task: byId(task().id), imageSource: 'url', imageUrls }),
		);
		expect(classified.nodes.Ximilar!.items.map(({ json }) => json.label)).toEqual(
			photos.map(({ label }) => label),
		);
		const third = await runWorkflow(bench.server, workflow);
		expect(third.nodes.Train).toBeUndefined();
		expect(endState()).toEqual(before);
	});

	it('trains a task from folders, once, and again when an image is added', async () => {
		const broken = { label: 'Red', file: 'scan.pdf', bytes: Buffer.from('%PDF-1.7\n') };
		const workflow = await folders([...photos, broken]);
		const first = await runWorkflow(bench.server, workflow);
		expect(first.error).toBeUndefined();
		expectTrained();
		const rows = rowsOf(first);
		expect(rows).toHaveLength(photos.length + 1);
		for (const { label, file } of photos) {
			expect(rows).toContainEqual({
				file: `${label}/${file}`,
				label,
				id: expect.any(String),
				note: '',
			});
		}
		expect(rows).toContainEqual({
			file: 'Red/scan.pdf',
			label: 'Red',
			id: '',
			note: expect.stringContaining('Image "scan.pdf": Ximilar does not take PDF files'),
		});

		const before = endState();
		const second = await runWorkflow(bench.server, workflow);
		expect(second.error).toBeUndefined();
		expect(endState()).toEqual(before);
		expect(new Set(rowsOf(second))).toEqual(new Set(rows));
		expect(second.nodes.Train).toBeUndefined();

		// The same image under another label: no new image, but a label that was added.
		const known = { ...photos[0]!, label: 'Purple', file: 'copy.png' };
		await writeFile(path.join(bench.home.files, 'training', known.label, known.file), known.bytes);
		const third = await runWorkflow(bench.server, workflow);
		expect(third.nodes['What Changed']!.items).toHaveLength(1);
		expect(endState()).toMatchObject({ images: before.images, trainings: 2 });
	});

	it('trains when a task gets a label whose images are there already', async () => {
		await runWorkflow(bench.server, await folders(photos));
		simulator.control.changeClock({ advance: simulator.state.settings.trainingMs });
		task().labels.pop();
		const { nodes } = await runWorkflow(bench.server, await folders(photos));
		expect(nodes.Train!.items).toHaveLength(1);
		expect(endState()).toMatchObject({ trainings: 2 });
	});

	it('takes up what failed, run after run, and makes nothing twice', async () => {
		const workflow = await folders(photos);
		// The task is made, but n8n never learns of it.
		simulator.control.addFaults({
			match: { method: 'POST', path: '/recognition/v2/task/' },
			reset: 'after',
		});
		const first = await runWorkflow(bench.server, workflow);
		expect(first.error!.message).toContain(
			'The connection was lost before the whole answer arrived',
		);
		expect(endState()).toMatchObject({ images: [], trainings: 0 });

		// A label is made unseen, so its images have to wait. Of the first four uploads, all of them
		// under way before a label is added, two are refused and two are carried out unseen, which
		// their repetition finds; later ones, whichever they are, are refused as well.
		const failure = { status: 500, body: { detail: 'Busy' } };
		const refused = { status: 400, body: { detail: 'Not now' } };
		simulator.control.addFaults(
			{ match: { method: 'POST', path: '/recognition/v2/label/' }, reset: 'after' },
			{ match: UPLOADS, times: 2, answer: refused },
			{ match: UPLOADS, answer: { ...failure, handled: true } },
			{ match: UPLOADS, reset: 'after' },
			{ match: UPLOADS, skip: 12, times: 3, answer: refused },
		);
		const second = await runWorkflow(bench.server, workflow);
		const failed = rowsOf(second).filter(({ note }) => note);
		expect(failed.length).toBe(IMAGES_PER_LABEL + 2 + 3);
		expect(failed.length).toBeLessThan(photos.length);
		expect(failed.every(({ id }) => id === '')).toBe(true);
		expect(second.nodes.Train!.error!.description).toContain(
			'A task can train when it has at least two labels',
		);
		expect(endState()).toMatchObject({ trainings: 0 });

		const third = await runWorkflow(bench.server, workflow);
		expect(third.error).toBeUndefined();
		expect(rowsOf(third).filter(({ note }) => note)).toEqual([]);
		expectTrained();

		const before = endState();
		const fourth = await runWorkflow(bench.server, workflow);
		expect(fourth.error).toBeUndefined();
		expect(endState()).toEqual(before);
	});

	it('trains in the next run when the first training could not be started', async () => {
		const workflow = await folders(photos);
		simulator.control.addFaults({ match: { path: '/train/' }, answer: { status: 500 } });
		const first = await runWorkflow(bench.server, workflow);
		expect(first.error!.message).toContain('Ximilar could not answer (status 500)');
		// The rows are out all the same.
		expect(rowsOf(first)).toHaveLength(photos.length);
		expect(endState().trainings).toBe(0);
		await runWorkflow(bench.server, workflow);
		expectTrained();
	});

	it('marks many images by one request, and deletes a label with and without its images', async () => {
		await runWorkflow(bench.server, await folders(photos));
		const all = recognition('trainingImage', 'getAll', { returnAll: true });
		const update = recognition('trainingImage', 'update', {
			trainingImage: '={{ $json.id }}',
			updateFields: { test: true },
		});
		// The uploads have added labels by such calls as well.
		const before = calls('/training-image/update').length;
		const { nodes } = await run({ ...all, name: 'Images' }, update);
		expect(nodes.Ximilar!.items).toHaveLength(photos.length);
		expect(calls('/training-image/update')).toHaveLength(before + 1);
		expect(simulator.state.trainingImages.every(({ test_image }) => test_image)).toBe(true);

		const deleteLabel = async (name: string, options: object) => {
			const { id } = simulator.state.labels.find((label) => label.name === name)!;
			const execution = await run(recognition('label', 'delete', { label: byId(id), options }));
			expect(execution.nodes.Ximilar!.items[0]!.json).toEqual({ deleted: true });
		};
		await deleteLabel('Red', {});
		expect(endState().labels).not.toContain('Red');
		expect(endState().images).toHaveLength(photos.length);
		await deleteLabel('Purple', { deleteImages: true });
		expect(endState().labels).not.toContain('Purple');
		expect(endState().images).toHaveLength(IMAGES_PER_LABEL);
		expect(endState().imageLabels.flat()).toEqual([]);
	});

	it('lists tasks, labels and workspaces page by page, in the workspace that is chosen', async () => {
		simulator.control.changeSettings({ pageSize: 2, nextOrigin: 'http://elsewhere.example' });
		const search = async (
			method: string,
			field: string,
			{ filter, options = {} }: { filter?: string; options?: object } = {},
		) => {
			return await searchPages(bench.server, {
				nodeType: 'n8n-nodes-ximilar.ximilarRecognition',
				method,
				path: `parameters.${field}`,
				parameters: { resource: 'task', operation: 'addLabel', options },
				credentials: CREDENTIALS,
				filter,
			});
		};
		const { state } = simulator;
		const inDefault = <T extends { workspace: string }>(all: T[]) =>
			all.filter(({ workspace }) => workspace === IDS.defaultWorkspace);
		const labels = inDefault(state.labels).map(({ id, name }) => ({ name, value: id }));
		const pages = <T>(all: T[]) =>
			Array.from({ length: Math.ceil(all.length / 2) }, (_, at) => all.slice(2 * at, 2 * at + 2));

		expect(labels.length).toBeGreaterThan(4);
		expect(await search('searchLabels', 'label')).toEqual(pages(labels));
		expect(await search('searchLabels', 'label', { filter: 're' })).toEqual(
			pages(labels.filter(({ name }) => name.toLowerCase().includes('re'))),
		);
		expect((await search('searchTasks', 'task')).map((page) => page.length)).toEqual([2, 1]);
		const options = { workspace: byId(IDS.secondWorkspace) };
		expect(await search('searchTasks', 'task', { options })).toEqual([
			[{ name: expect.any(String), value: IDS.warehouseTask }],
		]);
		const [workspaces] = await search('searchWorkspaces', 'options.workspace');
		expect(workspaces!.map(({ value }) => value)).toEqual([
			IDS.defaultWorkspace,
			IDS.secondWorkspace,
		]);
	});
});
