import sharp from 'sharp';
import { chain, type Link } from '../../e2e/harness/chain';
import { byId } from '../../e2e/harness/links';
import type { Settings } from '../../simulator/settings';
import type { TrainingImage } from '../../simulator/state';
import type { SampleReport } from '../../simulator/vlm/control';
import { VLM_IDS } from '../../simulator/vlm/ids';
import type { VlmRequest } from '../../simulator/vlm/request/state';
import type { Lab } from '../lab';
import {
	differentIn,
	execute,
	figuresOf,
	MEASURED,
	readFiles,
	ximilar,
	type Measured,
} from '../n8n';
import type { Options } from '../options';
import type { ContenderName, Figures, Result } from '../run';
import type { CaseName, Scene } from '../scene';
import type { Service } from '../service';
import { readingName } from './classify';

/** What the service is in these scenes: it takes so many milliseconds for any call. */
const SERVICE = { capacity: 8, latencyMs: 50, pageSize: 100 } satisfies Partial<Settings>;

const CONTENDERS: ContenderName[] = ['package', 'previous'];

/** One operation: what leads to its node, what is there before, and what must be there after. */
interface Operation {
	case: CaseName;
	count: number;
	size?: '300kB';
	requests?: number;
	/** The path of the calls that count. */
	path: string;
	settings?: Partial<Settings>;
	links: (lab: Lab) => Link[];
	/** Fills the service before each run. */
	setUp?: (service: Service) => Promise<void>;
	/** What came out. */
	done: (measured: Measured) => number;
	/** What the service holds, against what it should. */
	check?: (service: Service) => Promise<{ missed: number; doubled: number }>;
	more?: (service: Service, measured: Measured) => Promise<Partial<Figures>>;
}

/** Operations that are more than one call, with many items each. */
export function operationScenes(options: Options): Scene[] {
	const { short } = options;
	return [
		wait(short ? 50 : 500),
		list(short ? 1000 : 10_000),
		mark(short ? 100 : 1000),
		upload(short ? 100 : 1000),
		samples(short ? 20 : 200),
	].map((operation) => sceneOf(operation, options));
}

/** What n8n takes when it does nothing. */
export function idleScene({ line }: Options): Scene {
	const id = 'idle';
	return {
		name: IDLE,
		case: 'reading',
		n8n: line,
		count: 1,
		executions: 1,
		contenders: ['reading'],
		workflows: () => [{ id, ...chain(id, { name: MEASURED, type: 'n8n-nodes-base.noOp' }) }],
		run: async ({ homeOf, service }, contender) => {
			await service.begin();
			const [measured] = await execute(homeOf(contender), id);
			const { images: _, ...seen } = await service.counts();
			return { ...figuresOf(measured, 1), ...seen, missed: 0, doubled: 0 };
		},
	};
}

const IDLE = 'n8n alone';

function sceneOf(operation: Operation, { line }: Options): Scene {
	const { case: name, count, size, requests, links } = operation;
	const id = `${name}-${count}`;
	return {
		name: `${name}, ${count}`,
		case: name,
		n8n: line,
		count,
		...(size && { size }),
		...(requests === undefined ? {} : { requests }),
		capacity: SERVICE.capacity,
		executions: 1,
		base: size ? readingName(size, count) : IDLE,
		contenders: CONTENDERS,
		workflows: (lab) => [{ id, ...chain(id, ...links(lab)) }],
		run: async (lab, contender) => await runOnce(lab, id, operation, contender),
	};
}

async function runOnce(
	lab: Lab,
	id: string,
	operation: Operation,
	contender: ContenderName,
): Promise<Result> {
	const { service } = lab;
	await service.reset({ ...operation.settings, pageSize: SERVICE.pageSize });
	await operation.setUp?.(service);
	await service.change(SERVICE);
	await service.begin();
	const isProfiled = contender === 'package' && lab.isProfiled;
	const [measured] = await execute(lab.homeOf(contender), id, { isProfiled });
	const { images: _, ...seen } = await service.counts(operation.path);
	return {
		...figuresOf(measured, operation.done(measured)),
		...(await operation.more?.(service, measured)),
		...seen,
		...((await operation.check?.(service)) ?? { missed: 0, doubled: 0 }),
	};
}

/** So long requests are processed, in milliseconds, which n8n's start is a part of. */
const PROCESSING: [number, number] = [8000, 16_000];

function wait(count: number): Operation {
	return {
		case: 'wait',
		count,
		path: '/vlm/v2/request/',
		settings: { vlmWorkers: count, vlmProcessMs: PROCESSING, vlmFetchImages: false },
		setUp: async (service) => {
			for (let at = 0; at < count; at++) {
				await service.api('POST', 'vlm/v2/request/', {
					task_id: VLM_IDS.task,
					request: { messages: [message(`https://example.com/${at}.jpg`)] },
				});
			}
		},
		links: () => [
			ximilar('Vlm', 'request', 'getAll', { returnAll: true }, 'Requests'),
			ximilar('Vlm', 'request', 'wait', { requestIds: '={{ $json.id }}' }),
		],
		done: (measured) => differentIn(measured, 'id'),
		more: async (service, { startedAt, milliseconds }) => {
			const { vlm } = await service.control<{ vlm: { requests: Record<string, VlmRequest> } }>(
				'GET',
				'state',
			);
			const ends = Object.values(vlm.requests).map((one) => Date.parse(one.completed_at!));
			return { lateMilliseconds: startedAt + milliseconds - Math.max(startedAt, ...ends) };
		},
	};
}

function message(url: string) {
	return { role: 'user', content: [{ type: 'image_url', image_url: { url } }] };
}

/** A label that is there from the start. */
const RED = '9d4b5433-add9-46e2-be64-000000000001';

const IMAGES = 'recognition/v2/training-image/';

function list(count: number): Operation {
	return {
		case: 'list',
		count,
		path: IMAGES,
		requests: Math.ceil(count / SERVICE.pageSize),
		setUp: async (service) => await addTrainingImages(service, count),
		links: () => [ximilar('Recognition', 'trainingImage', 'getAll', { returnAll: true })],
		done: (measured) => differentIn(measured, 'id'),
	};
}

function mark(count: number): Operation {
	return {
		case: 'mark',
		count,
		path: `${IMAGES}update`,
		// The others must stay as they are.
		setUp: async (service) => await addTrainingImages(service, count + 100),
		links: () => [
			ximilar('Recognition', 'trainingImage', 'getAll', { limit: count }, 'Images'),
			ximilar('Recognition', 'trainingImage', 'update', {
				trainingImage: '={{ $json.id }}',
				updateFields: { test: true },
			}),
		],
		done: (measured) => differentIn(measured, 'id'),
		check: async (service) => {
			const marked = (await stateOf(service)).trainingImages.filter((one) => one.test_image);
			return difference(marked.length, count);
		},
	};
}

function upload(count: number): Operation {
	return {
		case: 'upload',
		count,
		size: '300kB',
		path: IMAGES,
		links: ({ photos }) => [
			readFiles(photos, '300kB', count),
			ximilar('Recognition', 'trainingImage', 'upload', {
				imageSource: 'binary',
				label: byId(RED),
			}),
		],
		done: (measured) => differentIn(measured, 'id'),
		check: async (service) => {
			const { trainingImages } = await stateOf(service);
			const labelled = trainingImages.filter(({ labels }) => labels.length === 1);
			return difference(labelled.length, count);
		},
	};
}

function samples(count: number): Operation {
	return {
		case: 'samples',
		count,
		size: '300kB',
		path: '/v2/',
		links: ({ photos }) => [
			readFiles(photos, '300kB', count),
			ximilar('Vlm', 'sample', 'create', {
				dataset: byId(VLM_IDS.dataset),
				imageSource: 'binary',
				valueSource: 'pairs',
				valuePairs: {
					entries: [
						{ name: 'grade', value: '9.5' },
						{ name: 'explain', value: '={{ "Seen in " + $json.fileName }}' },
					],
				},
			}),
		],
		done: (measured) => differentIn(measured, 'id'),
		check: async (service) => {
			const all = await service.control<SampleReport[]>(
				'GET',
				`vlm/samples?dataset=${VLM_IDS.dataset}`,
			);
			const made = all.filter(({ values }) => String(values.explain).startsWith('Seen in '));
			const whole = made.filter(
				({ images, values }) => images.length === 1 && values.grade === 9.5,
			);
			const images = new Set(whole.flatMap((one) => one.images));
			return { ...difference(images.size, count), doubled: Math.max(0, made.length - count) };
		},
	};
}

function difference(found: number, expected: number): { missed: number; doubled: number } {
	return { missed: Math.max(0, expected - found), doubled: Math.max(0, found - expected) };
}

async function stateOf(service: Service) {
	return await service.control<{ trainingImages: TrainingImage[] }>('GET', 'state');
}

/** Puts so many images into the service, each of a few bytes. */
async function addTrainingImages(service: Service, count: number): Promise<void> {
	const image = await sharp({
		create: { width: 8, height: 8, channels: 3, background: 'grey' },
	})
		.jpeg()
		.toBuffer();
	const numbers = Array.from({ length: count }, (_, at) => at);
	const work = async () => {
		for (let at = numbers.shift(); at !== undefined; at = numbers.shift()) {
			// What follows the end of an image makes it another file.
			const bytes = Buffer.concat([image, Buffer.from(String(at))]);
			await service.api('POST', IMAGES, { base64: bytes.toString('base64') });
		}
	};
	await Promise.all(Array.from({ length: 8 }, work));
}
