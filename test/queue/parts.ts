import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { median } from '../bench/run';
import { startService, type Service } from '../bench/service';
import { installN8n, type N8n, type N8nLine } from '../e2e/harness/install';
import { projectDirectory } from '../e2e/harness/pack';
import { getExecution, listExecutions } from '../e2e/harness/workflows';
import { classifyJob, makeFolders, type Folder } from './classifying';
import { startCluster, type Cluster, type Storage } from './cluster';
import { activate, itemsOf, timed, withKill } from './job';
import type { Outcome } from './judge';
import type { Options, WorkName } from './options';
import { submitJob, waitJob } from './requests';
import { triggerWithKill } from './triggering';

export const scratch = path.join(projectDirectory, '.scratch/queue');

/** What all parts stand on. */
export interface Lab {
	tarball: string;
	options: Options;
	files: string;
	folders: Folder[];
}

export async function openLab(tarball: string, options: Options): Promise<Lab> {
	await mkdir(scratch, { recursive: true });
	const files = await mkdtemp(path.join(tmpdir(), 'queue-files-'));
	return { tarball, options, files, folders: await makeFolders(files, options.images) };
}

export async function closeLab({ files }: Lab): Promise<void> {
	await rm(files, { recursive: true, force: true });
}

/** Ximilar as the parts need it: requests of a VLM that take some seconds, and images that nobody fetches. */
async function set(service: Service, capacity: number): Promise<void> {
	await service.reset({
		capacity,
		latencyMs: 300,
		recordMs: 20,
		vlmFetchImages: false,
		vlmWorkers: 500,
		vlmProcessMs: [5000, 15_000],
	});
}

/** Runs a piece of work in a fresh cluster, beside a fresh service. */
async function inCluster<T>(
	{ tarball, files }: Lab,
	line: N8nLine,
	setting: { storage: Storage; workers: number },
	work: (cluster: Cluster, service: Service) => Promise<T>,
): Promise<T> {
	const n8n: N8n = await installN8n(line);
	const service = await startService(n8n.node, scratch);
	try {
		await set(service, 8);
		const options = { tarball, files, baseUrl: service.url, ...setting };
		const cluster = await startCluster(n8n, options);
		try {
			return await work(cluster, service);
		} finally {
			await cluster.stop();
		}
	} finally {
		await service.stop();
	}
}

/** Where n8n keeps files in queue mode by default, or, where that is the memory, by its own advice. */
const usualStorage: Record<N8nLine, Storage> = {
	'n8n-2': 'database',
	'n8n-1': 'filesystem, shared',
};

/** Each kind of work with two workers, one of which is killed in the middle; another takes its place. */
export async function killPart(lab: Lab, line: N8nLine): Promise<Outcome[]> {
	const setting = { storage: usualStorage[line], workers: 2 };
	return await inCluster(lab, line, setting, async (cluster, service) => {
		const outcomes: Outcome[] = [];
		for (const name of lab.options.work) {
			await set(service, 8);
			outcomes.push(await workWithKill(name, lab, cluster, service));
			process.stderr.write(`${line}  ${JSON.stringify(outcomes.at(-1))}\n`);
			if (cluster.workers.length < 2) await cluster.addWorker();
		}
		return outcomes;
	});
}

/** A quarter of the images is uploaded, the others are read from folders. */
async function workWithKill(
	name: WorkName,
	{ folders }: Lab,
	cluster: Cluster,
	service: Service,
): Promise<Outcome> {
	const uploads = Math.floor(folders.length / 4);
	switch (name) {
		case 'folders':
			return await withKill(
				cluster,
				classifyJob(cluster, service, folders.slice(uploads), 'folders'),
			);
		case 'uploads':
			return await withKill(
				cluster,
				classifyJob(cluster, service, folders.slice(0, uploads), 'uploads'),
			);
		case 'submit':
			return await withKill(cluster, submitJob(cluster, service, 1000));
		case 'wait':
			return await withKill(cluster, await waitJob(cluster, service, 500));
		case 'trigger':
			return await triggerWithKill(cluster, service, 60);
	}
}

/** What became of files that main took and a worker read. */
export interface Stored {
	storage: Storage;
	images: number;
	results: number;
	/** What n8n or the node said of the others. */
	said?: string;
}

/** Images uploaded to main and classified by a worker, for each place where n8n can keep files. */
export async function storagePart(lab: Lab, line: N8nLine): Promise<Stored[]> {
	const storages: Storage[] = ['database', 'filesystem, shared', 'filesystem, not shared'];
	const stored: Stored[] = [];
	for (const storage of line === 'n8n-1' ? [...storages, 'memory' as const] : storages) {
		const setting = { storage, workers: 1 };
		stored.push(
			await inCluster(lab, line, setting, async (cluster, service) => {
				const [folder] = lab.folders;
				const job = classifyJob(cluster, service, [folder!], 'uploads');
				const active = await activate(cluster, job);
				const failure = await timed(cluster, active).then(
					() => undefined,
					(error: Error) => error,
				);
				const [one] = await listExecutions(cluster.main, active.workflow);
				const execution = await getExecution(cluster.main, one!.id);
				const [errorRow] = itemsOf(execution, 'Ximilar').filter(({ json }) => json.error);
				const error = execution.nodes.Ximilar?.error ?? execution.error;
				const said = errorRow?.json.error ?? error?.message ?? failure?.message;
				return {
					storage,
					images: folder!.images.length,
					results: job.results(execution).length,
					...(said !== undefined && { said: String(said) }),
				};
			}),
		);
		process.stderr.write(`${line}  ${JSON.stringify(stored.at(-1))}\n`);
	}
	return stored;
}

/** What a number of workers took for all images, as medians. */
export interface Throughput {
	capacity: number;
	workers: number;
	milliseconds: number;
	requests: number;
	refused: number;
	problems: string[];
}

const ROUNDS = 3;

/** Capacities at which the service holds the workers back, and at which it does not. */
const CAPACITIES = [8, 64];

/** Classifies all images with one, two and three workers. */
export async function throughputPart(lab: Lab, line: N8nLine): Promise<Throughput[]> {
	const setting = { storage: usualStorage[line], workers: 1 };
	return await inCluster(lab, line, setting, async (cluster, service) => {
		const job = classifyJob(cluster, service, lab.folders, 'folders');
		const active = await activate(cluster, job);
		await timed(cluster, { ...active, job: { ...job, parts: job.parts.slice(0, 2) } });
		const all: Throughput[] = [];
		for (let workers = 1; workers <= 3; workers++) {
			if (cluster.workers.length < workers) await cluster.addWorker();
			for (const capacity of CAPACITIES) {
				const runs: Array<Omit<Throughput, 'capacity' | 'workers'>> = [];
				for (let round = 0; round < ROUNDS; round++) {
					await set(service, capacity);
					const milliseconds = await timed(cluster, active);
					const wrong = [...(await job.done!()).values()].filter((times) => times !== 1);
					const { requests, refused } = await service.counts('classify');
					const problems = wrong.length ? [`${wrong.length} images not analysed once`] : [];
					runs.push({ milliseconds, requests, refused, problems });
				}
				all.push({
					capacity,
					workers,
					milliseconds: median(runs.map((run) => run.milliseconds)),
					requests: median(runs.map((run) => run.requests)),
					refused: median(runs.map((run) => run.refused)),
					problems: runs.flatMap((run) => run.problems),
				});
				process.stderr.write(`${line}  ${JSON.stringify(all.at(-1))}\n`);
			}
		}
		return all;
	});
}
