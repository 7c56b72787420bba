import path from 'node:path';
import { chain, type Link } from '../../e2e/harness/chain';
import { byId } from '../../e2e/harness/links';
import { mustRun } from '../../e2e/harness/process';
import { IDS, TOKENS } from '../../simulator/state';
import type { Lab } from '../lab';
import {
	execute,
	failureOf,
	figuresOf,
	itemsOf,
	MEASURED,
	readFiles,
	ximilar,
	type Measured,
} from '../n8n';
import type { Options } from '../options';
import type { Photos, PhotoSize } from '../photos';
import { compare, type ContenderName, type Figures, type Result } from '../run';
import type { Scene } from '../scene';

/** Images in a request, as Ximilar allows. */
const BATCH = 10;

interface ClassifyScene extends Scene {
	size: PhotoSize;
	capacity: number;
}

/** Images that are classified, by this package and by what a user would pick instead. */
export function classifyScenes({ capacities, images, short, ...options }: Options): Scene[] {
	const scene = (
		part: Pick<Scene, 'case' | 'count' | 'contenders'> & Partial<ClassifyScene>,
	): Scene => {
		const { size = '300kB', capacity = 8, executions = 1 } = part;
		const words = [
			part.case,
			`${part.count} x ${size}`,
			`capacity ${capacity}`,
			...(executions > 1 ? [`${executions} executions`] : []),
		];
		const own: ClassifyScene = {
			n8n: options.line,
			name: words.join(', '),
			base: readingName(size, part.count),
			requests: requestsOf(part.count, size, executions),
			...part,
			size,
			capacity,
			executions,
			workflows: (lab) => {
				const files = readFiles(lab.photos, size, part.count);
				return [
					workflow(idOf('classify', own), files, node),
					workflow(idOf('http', own), files, ...httpNodes(lab.service.url, options)),
				];
			},
			run: async (lab, contender) => await runOnce(lab, own, contender, options),
		};
		return own;
	};
	const nodes: ContenderName[] = ['package', 'previous'];
	return [
		...capacities.map((capacity) =>
			scene({
				case: 'classify',
				count: images,
				capacity,
				contenders: ['stream', ...(capacity === 8 ? (['loop'] as const) : []), ...nodes],
			}),
		),
		scene({ case: 'http', count: options.httpImages, contenders: ['stream', 'http', ...nodes] }),
		...(short ? [4] : [4, 8]).map((capacity) =>
			scene({ case: 'parallel', count: images, capacity, executions: 3, contenders: nodes }),
		),
		...[100, 1000, 5000].map((count) => scene({ case: 'sizes', count, contenders: nodes })),
		scene({ case: 'sizes', size: '20MB', count: 50, contenders: nodes }),
	];
}

/** What n8n takes to read photographs; nothing else is done with them. */
export function readingScene(size: PhotoSize, count: number, { line }: Options): Scene {
	const id = `reading-${count}-${size}`;
	return {
		name: readingName(size, count),
		case: 'reading',
		n8n: line,
		size,
		count,
		executions: 1,
		contenders: ['reading'],
		workflows: ({ photos }) => [workflow(id, readFiles(photos, size, count, MEASURED))],
		run: async ({ homeOf, service }, contender) => {
			await service.begin();
			const [measured] = await execute(homeOf(contender), id);
			const figures = figuresOf(measured, itemsOf(measured.execution).length);
			return { ...figures, ...compare(await service.counts(), new Map()) };
		},
	};
}

export function readingName(size: PhotoSize, count: number): string {
	return `reading, ${count} x ${size}`;
}

/** One image of 20 MB fills a request nearly by itself; how many fit is not promised. */
function requestsOf(count: number, size: PhotoSize, executions: number) {
	return size === '300kB' ? Math.ceil(count / BATCH) * executions : undefined;
}

function idOf(kind: 'classify' | 'http', { count, size }: ClassifyScene): string {
	return `${kind}-${count}-${size}`;
}

function workflow(id: string, ...links: Link[]) {
	return { id, ...chain(id, ...links) };
}

const node = ximilar('Recognition', 'image', 'classify', { task: byId(IDS.coloursTask) });

/**
 * HTTP Request takes so many images at once. It is kept from its timer by its own work now and then,
 * and sends two batches together, which the server has to bear.
 */
const HTTP_BATCH = 4;

/**
 * What one builds without this package: each file to base64, and from that a request for each image.
 * A pause that fits the server's pace keeps n8n within its capacity, for HTTP Request does not wait
 * for the answers to a batch before it sends the next. On an error it goes on, because otherwise one
 * refusal loses all that was paid for before.
 */
function httpNodes(
	url: string,
	{ latency, recordMs }: Pick<Options, 'latency' | 'recordMs'>,
): Link[] {
	return [
		{
			name: 'Base64',
			type: 'n8n-nodes-base.extractFromFile',
			parameters: { operation: 'binaryToPropery', options: {} },
		},
		{
			name: MEASURED,
			type: 'n8n-nodes-base.httpRequest',
			typeVersion: 4.2,
			onError: 'continueRegularOutput',
			parameters: {
				method: 'POST',
				url: `${url}/recognition/v2/classify/`,
				sendHeaders: true,
				headerParameters: {
					parameters: [{ name: 'Authorization', value: `Token ${TOKENS.business}` }],
				},
				sendBody: true,
				specifyBody: 'json',
				jsonBody: `={{ { task_id: '${IDS.coloursTask}', records: [{ _base64: $json.data }] } }}`,
				options: {
					batching: { batch: { batchSize: HTTP_BATCH, batchInterval: latency + 2 * recordMs } },
				},
			},
		},
	];
}

async function runOnce(
	lab: Lab,
	scene: ClassifyScene,
	contender: ContenderName,
	{ latency, recordMs, retryAfter }: Pick<Options, 'latency' | 'recordMs' | 'retryAfter'>,
): Promise<Result> {
	const { capacity, executions, size, count } = scene;
	const set = await lab.photos.get(size, count);
	await lab.service.reset({
		capacity,
		latencyMs: latency,
		recordMs,
		capacityRetryAfter: retryAfter === null ? null : { seconds: retryAfter },
	});
	await lab.service.begin();
	const figures = await take(lab, scene, contender, set);
	const expected = new Map([...set.hashes].map(([key, times]) => [key, times * executions]));
	return { ...figures, ...compare(await lab.service.counts('classify'), expected) };
}

async function take(
	lab: Lab,
	scene: ClassifyScene,
	contender: ContenderName,
	set: Photos,
): Promise<Figures> {
	const home = lab.homeOf(contender);
	switch (contender) {
		case 'stream':
			return await bare(lab, scene, set, 'stream');
		case 'loop':
			return await bare(lab, scene, set, 'text');
		case 'http': {
			const [measured] = await execute(home, idOf('http', scene), { from: 'Base64' });
			const { execution } = measured;
			const results = itemsOf(execution).filter(({ json }) => Array.isArray(json.records));
			return figuresOf(measured, results.length);
		}
		default: {
			const isProfiled = contender === 'package' && lab.isProfiled;
			const all = await execute(home, idOf('classify', scene), {
				times: scene.executions,
				isProfiled,
			});
			return together(all, new Set(set.names));
		}
	}
}

/** Executions side by side: from the first that begins until the last that ends. */
function together(all: Measured[], names: Set<string>): Figures {
	const ends = all.map(({ startedAt, milliseconds }) => startedAt + milliseconds);
	const each = all.map((one) =>
		figuresOf(one, new Set(imagesOf(one).filter((image) => names.has(image))).size),
	);
	const sum = (value: (one: Figures) => number) =>
		each.reduce((total, one) => total + value(one), 0);
	const failure = all.map(failureOf).find((message) => message !== undefined);
	const [{ shares } = {}] = each;
	return {
		milliseconds: Math.max(...ends) - Math.min(...all.map(({ startedAt }) => startedAt)),
		cpuMilliseconds: sum(({ cpuMilliseconds }) => cpuMilliseconds),
		peakBytes: Math.max(...each.map(({ peakBytes }) => peakBytes)),
		processCpuMilliseconds: sum(({ processCpuMilliseconds = 0 }) => processCpuMilliseconds),
		...(shares && { shares }),
		...(failure === undefined ? {} : { failure }),
		done: sum(({ done }) => done),
		errorRows: sum(({ errorRows }) => errorRows),
	};
}

/** The names of the images that have a result. */
function imagesOf({ execution }: Measured): string[] {
	return itemsOf(execution)
		.filter(({ json }) => typeof json.label === 'string')
		.map(({ json }) => String(json.image));
}

/** Runs a client without n8n, on the Node.js that n8n runs on. */
async function bare(
	lab: Lab,
	{ capacity }: ClassifyScene,
	{ folder }: Photos,
	mode: 'stream' | 'text',
): Promise<Figures> {
	const { stdout } = await mustRun(lab.n8n.node, [
		path.join(__dirname, '../bareClient.ts'),
		...[mode, folder, lab.service.url, TOKENS.business, IDS.coloursTask, String(capacity)],
	]);
	return { errorRows: 0, ...(JSON.parse(stdout) as Omit<Figures, 'errorRows'>) };
}
