/**
 * Runs every operation once, in n8n's engine on the simulated Ximilar, for what the reference says of
 * it: the calls it makes, what it costs, and what comes out.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import 'reflect-metadata';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { testImage } from '../test/images/make';
import type { LoggedRequest } from '../test/simulator/log';
import { createSimulator, type Simulator } from '../test/simulator/server';
import { IDS, TOKENS } from '../test/simulator/state';
import { VLM_IDS } from '../test/simulator/vlm/ids';
import { files, runNode } from '../test/workflow/workflow';
import { nodesOfPackage } from './nodes';

export interface OperationRun {
	/** Each kind of call once, in the order of the first ones, e.g. `GET /recognition/v2/task/{id}`. */
	calls: string[];
	costsCredits: boolean;
	/** The first item that came out. */
	row: IDataObject;
}

/** What an operation is given; the ID is that of the first item of the run before. */
type Parameters = IDataObject | ((id: string) => IDataObject);

type Run = [node: string, resource: string, operation: string, parameters?: Parameters];

interface Plan {
	parameters?: Parameters;
	/** Runs that make what the operation needs. */
	before?: Run[];
	/** Does to the simulator what no call can. */
	prepare?: (simulator: Simulator) => void;
}

const START = Date.parse('2026-01-15T08:00:00Z');
const QUEUE_MS = 1000;
const IMAGE = 'label-rgb.png';
const LABEL = '9d4b5433-add9-46e2-be64-000000000001';

const byId = (value: string) => ({ __rl: true, mode: 'id', value });

const colours = { task: byId(IDS.coloursTask) };
const label = { label: byId(LABEL) };
const vlmTask = { task: byId(VLM_IDS.task) };
const dataset = { dataset: byId(VLM_IDS.dataset) };
const sample = { ...dataset, sample: byId(VLM_IDS.sample) };
const prompt = { prompt: byId(VLM_IDS.systemPrompt) };

const upload: Run = ['ximilarRecognition', 'trainingImage', 'upload'];
const submit: Run = [
	'ximilarVlm',
	'request',
	'submit',
	{ ...vlmTask, instruction: 'Grade this card.', waitForCompletion: true },
];
const createdLabel: Run = ['ximilarRecognition', 'label', 'create', { name: 'Striped' }];

const onImage = (more: IDataObject = {}): Plan => ({
	before: [upload],
	parameters: (id) => ({ trainingImage: id, ...more }),
});
const onRequest = (field = 'requestId'): Plan => ({
	before: [submit],
	parameters: (id) => ({ [field]: id }),
});
const addImages = (id: string) => ({ ...sample, trainingImages: id });
const objects = { ...sample, detectionObjects: VLM_IDS.object };
const withImages: Run[] = [upload, ['ximilarVlm', 'sample', 'addImages', addImages]];
const withObjects: Run[] = [['ximilarVlm', 'sample', 'addObjects', objects]];
const values = { valueSource: 'json', valuesJson: '{ "grade": 8.5, "explain": "Sharp corners" }' };

/** What each operation is given beside an image file, in the order of the reference. */
const PLANS: Record<string, Record<string, Record<string, Plan>>> = {
	ximilarAccount: { account: { get: {}, getWorkspaces: {} } },
	ximilarOcr: {
		image: {
			read: {},
			readGpt: { parameters: { prompt: 'Return the price as JSON with the key price.' } },
		},
	},
	ximilarRecognition: {
		image: { classify: { parameters: colours } },
		label: {
			create: { parameters: { name: 'Striped' } },
			delete: { before: [createdLabel], parameters: (id) => ({ label: byId(id) }) },
			get: { parameters: label },
			getAll: {},
			update: { parameters: { ...label, updateFields: { outputName: 'red' } } },
		},
		task: {
			addLabel: {
				before: [createdLabel],
				parameters: (id) => ({ ...colours, label: byId(id) }),
			},
			create: { parameters: { name: 'Product patterns' } },
			delete: { parameters: { task: byId(IDS.untrainedTask) } },
			get: { parameters: colours },
			getAll: {},
			removeLabel: { parameters: { ...colours, ...label } },
			train: { before: [upload], prepare: fillLabels, parameters: colours },
			update: { parameters: { ...colours, updateFields: { version: 2 } } },
		},
		trainingImage: {
			addLabel: onImage(label),
			delete: onImage(),
			get: onImage(),
			getAll: { before: [upload] },
			removeLabel: {
				before: [['ximilarRecognition', 'trainingImage', 'upload', label]],
				parameters: (id) => ({ trainingImage: id, ...label }),
			},
			update: onImage({ updateFields: { test: true } }),
			upload: { parameters: label },
		},
	},
	ximilarVlm: {
		dataset: { get: { parameters: dataset }, getAll: {} },
		prompt: {
			create: { parameters: { name: 'Card grader', content: 'You grade trading cards.' } },
			delete: { parameters: prompt },
			get: { parameters: prompt },
			getAll: {},
			update: { parameters: { ...prompt, updateFields: { content: 'You grade trading cards.' } } },
		},
		request: {
			delete: onRequest(),
			get: onRequest(),
			getAll: { before: [submit] },
			getHistory: { before: [submit] },
			getStatus: onRequest(),
			resubmit: { ...onRequest(), prepare: letQueue },
			submit: {
				prepare: letQueue,
				parameters: { ...vlmTask, instruction: 'Grade this card.' },
			},
			wait: onRequest('requestIds'),
		},
		sample: {
			addImages: { before: [upload], parameters: addImages },
			addInputMetadata: {
				parameters: { ...sample, inputMetadata: '{ "style": "elegant" }' },
			},
			addObjects: { parameters: objects },
			create: { parameters: { ...dataset, name: 'Card 17', ...values } },
			get: { parameters: sample },
			getAll: { parameters: { filters: dataset } },
			getImages: { before: withImages, parameters: sample },
			getObjects: { before: withObjects, parameters: sample },
			removeObjects: { before: withObjects, parameters: objects },
			setTest: { parameters: { ...sample, test: true } },
			setType: { parameters: { ...sample, sampleType: 'multi_ordered' } },
			setVariableValues: { parameters: { ...sample, ...values } },
		},
		task: {
			addDataset: { parameters: { ...vlmTask, dataset: byId(VLM_IDS.inspectionDataset) } },
			get: { parameters: vlmTask },
			getAll: {},
			removeDataset: { parameters: { ...vlmTask, ...dataset } },
			train: { parameters: vlmTask },
			update: { parameters: { ...vlmTask, systemPromptChange: 'removed' } },
		},
		variable: {
			create: { parameters: { ...dataset, name: 'condition' } },
			get: { parameters: { ...dataset, variable: byId(VLM_IDS.grade) } },
			getAll: { parameters: { filters: dataset } },
		},
	},
};

/** From now on requests are not done before the clock goes on. */
function letQueue({ control }: Simulator): void {
	control.changeSettings({ vlmQueueMs: QUEUE_MS });
}

/** As many images for each label of the task as a training needs, all like the one that is there. */
function fillLabels({ state }: Simulator): void {
	const [image] = state.trainingImages;
	const task = state.tasks.find(({ id }) => id === IDS.coloursTask)!;
	state.trainingImages = task.labels.flatMap((one) =>
		Array.from({ length: 20 }, (_, at) => ({
			...image!,
			id: `${one}-${at}`,
			labels: [{ id: one, value: null }],
		})),
	);
}

/**
 * The runs of all operations, by `node resource operation`.
 * @throws Error when an operation has no plan here, or fails
 */
export async function runOperations(): Promise<Map<string, OperationRun>> {
	const simulator = createSimulator({ vlmQueueMs: 0, vlmProcessMs: 0, vlmBillingMs: 0 });
	await simulator.start();
	const runs = new Map<string, OperationRun>();
	try {
		for (const [node, resources] of Object.entries(PLANS)) {
			for (const [resource, operations] of Object.entries(resources)) {
				for (const [operation, plan] of Object.entries(operations)) {
					const title = `${node} ${resource} ${operation}`;
					runs.set(title, await runPlan(simulator, node, resource, operation, plan));
				}
			}
		}
	} finally {
		await simulator.stop();
	}
	return runs;
}

async function runPlan(
	simulator: Simulator,
	node: string,
	resource: string,
	operation: string,
	{ before = [], prepare, parameters }: Plan,
): Promise<OperationRun> {
	const { control } = simulator;
	control.reset();
	// Times are then the same, whatever the speed.
	control.changeClock({ running: false, now: START });
	const known = JSON.stringify(simulator.state);
	let id = '';
	for (const earlier of before) id = String((await run(simulator, earlier, id)).id);
	prepare?.(simulator);
	const [calls, credits] = [control.requests().requests.length, control.report().credits];
	const row = await run(simulator, [node, resource, operation, parameters], id);
	await settle(simulator);
	return {
		calls: callsOf(control.requests().requests.slice(calls)),
		costsCredits: control.report().credits > credits,
		row: withoutChance(row, known, simulator.url),
	};
}

async function run(
	{ url }: Simulator,
	[nodeName, resource, operation, parameters]: Run,
	id = '',
): Promise<IDataObject> {
	const given = typeof parameters === 'function' ? parameters(id) : parameters;
	const { node } = (await nodesOfPackage()).find((one) => one.node.description.name === nodeName)!;
	const { data: bytes, type } = await testImage(IMAGE);
	const { items, error } = await runNode({
		node,
		parameters: { resource, operation, ...given } as INodeParameters,
		items: [{ json: {}, binary: files({ data: { name: IMAGE, bytes, type } }) }],
		credential: { apiToken: TOKENS.business, baseUrl: url },
	});
	if (error || !items[0]) {
		throw new Error(`${nodeName} ${resource} ${operation}: ${error?.message ?? 'gave no item'}`);
	}
	return items[0].json;
}

function callsOf(requests: LoggedRequest[]): string[] {
	const calls = requests.map(
		({ method, route, path }) => `${method} ${(route ?? path).replaceAll(/:(\w+)/g, '{$1}')}`,
	);
	return [...new Set(calls)];
}

/** Lets all requests be done and billed. */
async function settle({ control, state }: Simulator): Promise<void> {
	control.changeClock({ advance: QUEUE_MS });
	while (Object.values(state.vlm.requests).some(({ work }) => !work.billed)) await sleep(5);
}

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** A row that is the same in each run: IDs that were not there from the start become fixed ones. */
function withoutChance(row: IDataObject, known: string, url: string): IDataObject {
	const ids: string[] = [];
	const fixed = (id: string) => {
		if (known.includes(id)) return id;
		if (!ids.includes(id)) ids.push(id);
		return `e5a1c0de-0000-4000-8000-${String(ids.indexOf(id) + 1).padStart(12, '0')}`;
	};
	const text = JSON.stringify(row)
		.replaceAll(UUID, fixed)
		.replaceAll(url, 'https://api.ximilar.com');
	return JSON.parse(text) as IDataObject;
}
