import path from 'node:path';
import { chain } from '../e2e/harness/chain';
import type { Importable } from '../e2e/harness/cli';
import type { Home } from '../e2e/harness/home';
import { mustRun } from '../e2e/harness/process';
import type { Workflow } from '../e2e/harness/workflows';
import { IDS, TOKENS } from '../simulator/state';
import { credential, type Lab } from './lab';
import { execute, MEASURED, readFiles, removeStoredFiles, type Measured } from './n8n';
import type { Options } from './options';
import { photos, type Photos, type PhotoSize } from './photos';
import { compare, type ContenderName, type Figures, type Run } from './run';

/** Images in a request, as Ximilar allows. */
const BATCH = 10;

/** Contenders under equal conditions. */
export interface Scene {
	name: string;
	case: 'classify' | 'parallel' | 'sizes' | 'reading';
	size: PhotoSize;
	images: number;
	capacity: number;
	/** Side by side, on one account. */
	executions: number;
	contenders: ContenderName[];
	/** The fewest requests that can do it, where that is also the number asked for. */
	requests?: number;
}

/** The scenes that the options ask for, in their order; each set of photographs is read once a round. */
export function scenesOf({ cases, capacities, images, only, against }: Options): Scene[] {
	const scene = (part: Pick<Scene, 'case' | 'images' | 'contenders'> & Partial<Scene>): Scene => {
		const { size = '300kB', capacity = 8, executions = 1 } = part;
		const requests = size === '300kB' ? Math.ceil(part.images / BATCH) * executions : undefined;
		const words = [
			part.case,
			`${part.images} x ${size}`,
			...(part.case === 'reading' ? [] : [`capacity ${capacity}`]),
			...(executions > 1 ? [`${executions} executions`] : []),
		];
		const contenders = part.contenders.filter(
			(name) => only.includes(name) && (name !== 'previous' || against !== undefined),
		);
		return { ...part, name: words.join(', '), size, capacity, executions, contenders, requests };
	};
	const nodes: ContenderName[] = ['package', 'previous'];
	const byCase: Record<Options['cases'][number], Scene[]> = {
		classify: capacities.map((capacity) =>
			scene({ case: 'classify', images, capacity, contenders: ['stream', 'loop', ...nodes] }),
		),
		parallel: [scene({ case: 'parallel', images, executions: 3, contenders: nodes })],
		sizes: [
			...[100, 1000, 5000].map((count) =>
				scene({ case: 'sizes', images: count, contenders: nodes }),
			),
			scene({ case: 'sizes', size: '20MB', images: 50, contenders: nodes }),
		],
	};
	const scenes = cases.flatMap((name) => byCase[name]);
	const sets = new Map(scenes.map((one) => [`${one.images} x ${one.size}`, one]));
	const readings = [...sets.values()].map(({ size, images: count }) =>
		scene({ case: 'reading', size, images: count, contenders: ['reading'] }),
	);
	return [...readings, ...scenes].filter(({ contenders }) => contenders.length > 0);
}

/** Makes the photographs of the scenes, and puts their workflows into the homes. */
export async function prepare(lab: Lab, scenes: Scene[]): Promise<void> {
	const workflows = new Map<string, Workflow & Importable>();
	for (const { size, images } of scenes) {
		const { folder } = await photos(size, images);
		const ids = workflowIds(size, images);
		workflows.set(ids.reading, {
			id: ids.reading,
			...chain(ids.reading, readFiles(folder, MEASURED)),
		});
		workflows.set(ids.classify, {
			id: ids.classify,
			...chain(ids.classify, readFiles(folder), {
				name: MEASURED,
				type: 'n8n-nodes-ximilar.ximilarRecognition',
				parameters: {
					resource: 'image',
					operation: 'classify',
					task: { __rl: true, mode: 'id', value: IDS.coloursTask },
				},
				credentials: { ximilarApi: credential },
			}),
		});
	}
	await lab.importWorkflows([...workflows.values()]);
}

function workflowIds(size: PhotoSize, images: number) {
	return { reading: `reading-${images}-${size}`, classify: `classify-${images}-${size}` };
}

/** One run of a contender, and what the server saw of it. */
export async function runOnce(
	lab: Lab,
	scene: Scene,
	contender: ContenderName,
	{ latency, recordMs, retryAfter }: Options,
	round: number,
): Promise<Run> {
	const { capacity, executions } = scene;
	const set = await photos(scene.size, scene.images);
	await lab.service.set({ capacity, latency, recordMs, retryAfter });
	const figures = await take(lab, scene, contender, set);
	const times = contender === 'reading' ? 0 : executions;
	const expected = new Map([...set.hashes].map(([key, count]) => [key, count * times]));
	const seen = compare(await lab.service.counts(), expected);
	return { scene: scene.name, contender, round, ...figures, ...seen };
}

async function take(
	lab: Lab,
	scene: Scene,
	contender: ContenderName,
	set: Photos,
): Promise<Figures> {
	const { reading, classify } = workflowIds(scene.size, scene.images);
	switch (contender) {
		case 'reading':
			return await inN8n(lab.homes.package, reading, 1, new Set());
		case 'package':
		case 'previous':
			return await inN8n(lab.homes[contender]!, classify, scene.executions, new Set(set.names));
		case 'stream':
			return await bare(lab, scene, set, 'stream');
		case 'loop':
			return await bare(lab, scene, set, 'text');
	}
}

async function inN8n(
	home: Home,
	workflow: string,
	executions: number,
	names: Set<string>,
): Promise<Figures> {
	const all = await Promise.all(
		Array.from({ length: executions }, async () => await execute(home, workflow)),
	);
	await removeStoredFiles(home);
	const ends = all.map(({ startedAt, milliseconds }) => startedAt + milliseconds);
	const failure = all.map(failureOf).find((message) => message !== undefined);
	const sum = (value: (one: Measured) => number) =>
		all.reduce((total, one) => total + value(one), 0);
	return {
		milliseconds: Math.max(...ends) - Math.min(...all.map(({ startedAt }) => startedAt)),
		cpuMilliseconds: sum(({ cpuMilliseconds }) => cpuMilliseconds),
		peakBytes: Math.max(...all.map(({ peakBytes }) => peakBytes)),
		processCpuMilliseconds: sum(({ processCpuMilliseconds }) => processCpuMilliseconds),
		...(failure === undefined ? {} : { failure }),
		rows: sum((one) => new Set(imagesOf(one).filter((image) => names.has(image))).size),
		errorRows: sum(({ execution }) => itemsOf(execution).filter(({ json }) => json.error).length),
	};
}

function itemsOf({ nodes }: Measured['execution']) {
	return nodes[MEASURED]?.items ?? [];
}

/** The names of the images that have a result. */
function imagesOf({ execution }: Measured): string[] {
	return itemsOf(execution)
		.filter(({ json }) => typeof json.label === 'string')
		.map(({ json }) => String(json.image));
}

function failureOf({ execution: { status, nodes, error } }: Measured): string | undefined {
	if (status === 'success') return undefined;
	return (nodes[MEASURED]?.error ?? error)?.message ?? status;
}

/** Runs a client without n8n, on the Node.js that n8n runs on. */
async function bare(
	lab: Lab,
	{ capacity }: Scene,
	{ folder }: Photos,
	mode: 'stream' | 'text',
): Promise<Figures> {
	const { stdout } = await mustRun(lab.n8n.node, [
		path.join(__dirname, 'bareClient.ts'),
		...[mode, folder, lab.service.url, TOKENS.business, IDS.coloursTask, String(capacity)],
	]);
	return { errorRows: 0, ...(JSON.parse(stdout) as Omit<Figures, 'errorRows'>) };
}
