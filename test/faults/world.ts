import { inspect } from 'node:util';
import { Logger } from '@n8n/backend-common';
import nock from 'nock';
import type {
	IDataObject,
	INode,
	INodeExecutionData,
	INodeParameters,
	INodeType,
} from 'n8n-workflow';
import { nodesOfPackage } from '../../tools/nodes';
import { testImage } from '../images/make';
import type { FaultInput } from '../simulator/faults';
import type { LoggedRequest } from '../simulator/log';
import { call } from '../simulator/caller';
import { createSimulator, type Simulator } from '../simulator/server';
import { TOKENS, type State } from '../simulator/state';
import { OBJECT_IDS } from '../simulator/vlm/ids';
import { runNode, type Outcome } from '../workflow/workflow';
import { inVirtualTime } from './clock';
import { labelId, MADE, RECIPES, VARIANTS, type Variant } from './recipes';

/** A service in which every operation can be carried out, and runs of operations on it. */

export const TOKEN = TOKENS.business;

/** An operation of a node; its name is the key of its recipe. */
export interface Tested {
	name: string;
	node: string;
	resource: string;
	operation: string;
	/** One for all runs, as in n8n. */
	type: INodeType;
}

/** The item that a row came from. */
export const itemOf = ({ pairedItem }: INodeExecutionData) => (pairedItem as { item: number }).item;

/** Every operation of every node, from the descriptions. */
export async function operationsOfPackage(): Promise<Tested[]> {
	const nodes = await nodesOfPackage();
	return nodes.flatMap(({ node }) => {
		const { name, properties } = node.description;
		return properties
			.filter((property) => property.name === 'operation')
			.flatMap(({ displayOptions, options }) =>
				(options as Array<{ value: string }>).map(({ value: operation }) => {
					const resource = displayOptions!.show!.resource![0] as string;
					return {
						name: [name, resource, operation].join(' '),
						node: name,
						resource,
						operation,
						type: node,
					};
				}),
			);
	});
}

/** What happened. */
interface Watched {
	/** Calls that the service got, in their order. */
	calls: LoggedRequest[];
	/** Milliseconds of simulated time. */
	time: number;
	/** How many things the service has made. */
	made: number;
	/** Where the token was found though it must not be there. */
	leaks: string[];
}

export type Run = Outcome & Watched;

export interface World {
	simulator: Simulator;
	/** Another host, to which a redirect leads. */
	readonly elsewhere: string;
	/** What the nodes log in with. */
	readonly credential: { apiToken: string; baseUrl: string };
	/** Lets something happen in the world as it was at the beginning, and watches it. */
	watch<T>(work: () => Promise<T>, faults?: FaultInput[]): Promise<Watched & { result: T }>;
	/** Runs an operation on these of its three items. */
	run(
		tested: Tested,
		variants: Variant[],
		job?: { faults?: FaultInput[]; onError?: INode['onError'] },
	): Promise<Run>;
	/** So many requests to other hosts will get no answer in the next run. */
	mayStall(count: number): void;
	/** Runs an operation on any items. */
	runWith(
		tested: Tested,
		parameters: IDataObject,
		items: INodeExecutionData[],
		onError?: INode['onError'],
		faults?: FaultInput[],
	): Promise<Run>;
}

/** The world, as long as the tests of a file run. */
export function createWorld(): World {
	const simulator = createSimulator({ decode: false, vlmFetchImages: false });
	const { state } = simulator;
	const other = createSimulator();
	let initial: State;
	/** What another host got, headers included. */
	let foreign: string[] = [];
	let stalledElsewhere = 0;

	beforeAll(async () => {
		// The wire itself is tested here, so nothing may stand between the node and the socket.
		nock.restore();
		other.app.addHook('onRequest', async ({ raw }) => {
			foreign.push(inspect([raw.url, raw.headers]));
		});
		await Promise.all([simulator.start(), other.start()]);
		await furnish(simulator);
		initial = structuredClone(state);
	});

	afterAll(async () => {
		await Promise.all([simulator.stop(), other.stop()]);
	});

	const stalled = () => {
		const stalling = new Map(state.faults.map(({ id, stall }) => [id, stall]));
		const here = [...state.open].filter(({ faults, status }) =>
			// Half an answer begins when the call is done.
			faults.some((id) => (status === null ? ['before'] : ['during']).includes(stalling.get(id)!)),
		);
		return here.length + stalledElsewhere;
	};

	const watch: World['watch'] = async (work, faults = []) => {
		Object.assign(state, structuredClone(initial));
		foreign = [];
		simulator.control.addFaults(...faults.map((fault) => ({ times: 'always' as const, ...fault })));
		const printed = listen();
		const before = countMade(state);
		const { result, time } = await inVirtualTime(work, stalled).finally(() => {
			simulator.app.server.closeAllConnections();
			stalledElsewhere = 0;
		});
		const calls = [...state.requests];
		const places = {
			'what came out': everythingIn(result),
			"n8n's log": printed(),
			'another host': foreign.join('\n'),
			'an address, a header or a body': everythingIn(
				calls.map(({ path, query, headers, body }) => ({ path, query, headers, body })),
			),
		};
		const leaks = Object.entries(places).flatMap(([place, text]) =>
			text.includes(TOKEN) ? [place] : [],
		);
		return { result, time, calls, made: countMade(state) - before, leaks };
	};

	const world: World = {
		simulator,
		get elsewhere() {
			return `${other.url}/account/v2/details/`;
		},
		get credential() {
			return { apiToken: TOKEN, baseUrl: simulator.url };
		},
		watch,
		mayStall: (count) => {
			stalledElsewhere = count;
		},
		run: async (tested, variants, { faults, onError } = {}) =>
			await world.runWith(
				tested,
				await parametersOf(tested),
				await Promise.all(variants.map(async (variant) => await inputOf(tested, variant))),
				onError,
				faults,
			),
		runWith: async ({ type, resource, operation }, parameters, items, onError, faults) => {
			const { result, ...watched } = await watch(
				async () =>
					await runNode({
						node: type,
						parameters: { resource, operation, ...parameters } as INodeParameters,
						items,
						credential: world.credential,
						onError,
					}),
				faults,
			);
			return { ...result, ...watched };
		},
	};
	return world;
}

/** Adds what recipes need. */
async function furnish(simulator: Simulator): Promise<void> {
	const { state } = simulator;
	const post = async (path: string, body: unknown) => {
		const { status, text } = await call(simulator, path, { body });
		if (status >= 300) throw new Error(`${path}: ${text}`);
	};
	// Every label has enough images for a training, and the first three are those of the recipes.
	const { data } = await testImage('badge.gif');
	await post('/recognition/v2/training-image/', { base64: data.toString('base64') });
	const [image] = state.trainingImages.splice(0);
	const labels = state.labels.map(({ id }) => ({ id, value: null }));
	for (let number = 0; number < 20; number++) {
		const id = MADE.images[number] ?? `${MADE.images[0].slice(0, -2)}${number}`;
		state.trainingImages.push({ ...image!, id, sha256: id, labels: labels.slice(0, 11) });
	}
	state.labels.push({ ...state.labels[0]!, id: labelId(MADE.label), name: 'Spare' });
	const { vlm } = state;
	const [sample] = vlm.samples;
	const [first] = vlm.datasets;
	const [model] = vlm.tasks;
	const [grade] = vlm.variables;
	for (const [at, id] of MADE.datasets.entries()) {
		vlm.datasets.push({ ...structuredClone(first!), id, name: `Dataset ${at}` });
		vlm.samples.push({ ...structuredClone(sample!), id: `${id}-sample`, dataset: id, values: {} });
		vlm.variables.push({ ...grade!, id: `${id}-variable`, dataset: id });
	}
	for (const [at, id] of MADE.vlmTasks.entries()) {
		vlm.tasks.push({ ...structuredClone(model!), id, name: `Task ${at}` });
		simulator.control.vlm.addRequests({ id: MADE.requests[at]!, task_id: id });
	}
	for (const [at, id] of MADE.samples.entries()) {
		vlm.samples.push({ ...structuredClone(sample!), id, name: `Sample ${at}` });
		await post(`/vlm/v2/sample/${id}/add-images/`, {
			image_ids: [MADE.images[0].replace(/..$/, '19')],
		});
		await post(`/vlm/v2/sample/${id}/add-objects/`, { detection_object_ids: [OBJECT_IDS[11]] });
	}
	Object.assign(state, { requests: [], calls: 0 });
}

/** Everything that a creating call makes, and what is begun or billed anew. */
function countMade({ labels, tasks, trainings, trainingImages, vlm }: State): number {
	const lists = [labels, tasks, trainings, trainingImages, vlm.prompts, vlm.samples, vlm.variables];
	const requests = Object.values(vlm.requests);
	return (
		lists.reduce((sum, list) => sum + list.length, 0) +
		vlm.tasks.reduce((sum, task) => sum + task.trainings.length, 0) +
		requests.reduce((sum, { work }) => sum + work.run, 0)
	);
}

/** The three items' values of a recipe, as parameters that are the same for all: expressions. */
async function parametersOf({ name }: Tested): Promise<IDataObject> {
	const values = await Promise.all(VARIANTS.map(async (variant) => await valuesOf(name, variant)));
	return expressed(values, 'item').parameters as IDataObject;
}

/** @param path where the values stand in the item */
function expressed(values: unknown[], path: string): { parameters: unknown } {
	const [first] = values;
	if (values.every((value) => JSON.stringify(value) === JSON.stringify(first))) {
		return { parameters: first };
	}
	if (typeof first !== 'object') return { parameters: `={{ $json.${path} }}` };
	const fields = Object.keys(first as object).map((key) => [
		key,
		expressed(
			values.map((value) => (value as IDataObject)[key]),
			`${path}.${key}`,
		).parameters,
	]);
	return { parameters: Object.fromEntries(fields) };
}

async function inputOf({ name }: Tested, variant: Variant): Promise<INodeExecutionData> {
	return { json: { item: await valuesOf(name, variant) } };
}

/** A recipe's values; "file NAME" stands for a test image in base64. */
export async function valuesOf(name: string, variant: Variant): Promise<IDataObject> {
	const values = RECIPES[name]!(variant);
	const { base64Images: file } = values;
	if (typeof file !== 'string') return values;
	const { data } = await testImage(file.replace('file ', ''));
	return { ...values, base64Images: data.toString('base64') };
}

/** A text that only the calls for this item mention; undefined when there is none. */
export async function markOf({ name }: Tested, variant: Variant): Promise<string | undefined> {
	const all = await Promise.all(VARIANTS.map(async (one) => await valuesOf(name, one)));
	const others = JSON.stringify(all.filter((_, at) => at !== variant));
	return textsIn(all[variant]).find((text) => !others.includes(text));
}

function textsIn(value: unknown): string[] {
	if (typeof value === 'string') return [value];
	return typeof value === 'object' && value ? Object.values(value).flatMap(textsIn) : [];
}

/** All of a value, errors and hidden properties included, as a text. */
export function everythingIn(value: unknown): string {
	return inspect(value, {
		depth: Infinity,
		showHidden: true,
		maxStringLength: Infinity,
		maxArrayLength: Infinity,
	});
}

/** @returns ends the listening, and gives what n8n logged and what was printed meanwhile */
function listen(): () => string {
	const texts: string[] = [];
	const keep = (...args: unknown[]) => void texts.push(inspect(args, { depth: Infinity }));
	const spies = (['info', 'warn', 'error', 'debug'] as const).flatMap((level) => [
		jest.spyOn(console, level).mockImplementation(keep),
		jest.spyOn(Logger.prototype, level).mockImplementation(keep),
	]);
	return () => {
		for (const spy of spies) spy.mockRestore();
		return texts.join('\n');
	};
}
