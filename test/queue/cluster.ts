import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createCredential, type CredentialReference } from '../e2e/harness/editor';
import { createHome, removeHome, type Home } from '../e2e/harness/home';
import type { N8n } from '../e2e/harness/install';
import { freePort } from '../e2e/harness/port';
import { end, hasEnded, start, until } from '../e2e/harness/process';
import { startServer, stopServer, withLog, type Server } from '../e2e/harness/server';
import { TOKENS } from '../simulator/state';
import { startServices } from './services';

/** Where n8n keeps files: its mode, and for files on a disk whether all processes share the folder. */
export type Storage = 'database' | 'filesystem, shared' | 'filesystem, not shared' | 'memory';

/** A worker of the queue, in a home of its own as on a machine of its own. */
export interface Worker {
	name: string;
	home: Home;
	child: ChildProcess;
}

/** An n8n in queue mode, its workers, and a credential for the simulator. */
export interface Cluster {
	n8n: N8n;
	main: Server;
	/** Those that run. */
	workers: Worker[];
	credentials: { ximilarApi: CredentialReference };
	addWorker: () => Promise<void>;
	/** Ends a worker at once, as a crash of its machine would. Returns the executions that it was at. */
	kill: (worker: Worker) => Promise<string[]>;
	/** The executions that a worker has begun and not ended. */
	executionsOf: (worker: Worker) => Promise<string[]>;
	stop: () => Promise<void>;
}

/** Found missing sooner than after n8n's own minute and a half, so that a test need not wait as long. */
const SOON = {
	QUEUE_WORKER_LOCK_DURATION: '10000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '2000',
	QUEUE_WORKER_STALLED_INTERVAL: '5000',
};

export interface ClusterOptions {
	tarball: string;
	storage: Storage;
	/** Of the simulator. */
	baseUrl: string;
	workers: number;
	/** A folder that workflows may read, on every machine. */
	files: string;
}

export async function startCluster(n8n: N8n, options: ClusterOptions): Promise<Cluster> {
	const { tarball, storage, baseUrl, files } = options;
	const services = await startServices();
	const shared = await mkdtemp(path.join(tmpdir(), 'queue-storage-'));
	const env = {
		...services.env,
		...SOON,
		...storageEnv(storage, shared),
		N8N_RESTRICT_FILE_ACCESS_TO: files,
	};
	const homes: Home[] = [];
	const createOne = async (name: string) => {
		const home = await createHome(n8n, { name: `queue-${name}`, tarball, env });
		homes.push(home);
		return home;
	};
	const workers: Worker[] = [];
	let main: Server | undefined;
	const stop = async () => {
		await Promise.all(workers.map(async ({ child }) => await end(child, 'SIGKILL')));
		await stopServer(main);
		await services.stop();
		for (const home of homes) await removeHome(home);
		await rm(shared, { recursive: true, force: true });
	};
	try {
		main = await startServer(await createOne('main'));
		const data = { apiToken: TOKENS.business, baseUrl };
		const credential = { name: 'Ximilar', type: 'ximilarApi', data };
		let started = 0;
		const cluster: Cluster = {
			n8n,
			main,
			workers,
			credentials: { ximilarApi: await createCredential(main, credential) },
			addWorker: async () => {
				const name = `worker-${++started}`;
				workers.push(await startWorker(name, await createOne(name)));
			},
			kill: async (worker) => {
				await end(worker.child, 'SIGKILL');
				workers.splice(workers.indexOf(worker), 1);
				return await executionsOf(worker);
			},
			executionsOf,
			stop,
		};
		for (let at = 0; at < options.workers; at++) await cluster.addWorker();
		return cluster;
	} catch (error) {
		await stop();
		throw error;
	}
}

function storageEnv(storage: Storage, shared: string): NodeJS.ProcessEnv {
	const [mode, place] = storage.split(', ');
	return {
		// n8n 1 knows the database as a place of files only when it is told so.
		N8N_AVAILABLE_BINARY_DATA_MODES: 'filesystem,database',
		N8N_DEFAULT_BINARY_DATA_MODE: mode === 'memory' ? 'default' : mode,
		...(place === 'shared' && { N8N_BINARY_DATA_STORAGE_PATH: shared }),
	};
}

async function startWorker(name: string, home: Home): Promise<Worker> {
	const { n8n, directory, env, log } = home;
	const child = await start(n8n.node, [n8n.entry, 'worker'], {
		cwd: directory,
		env: { ...env, N8N_RUNNERS_BROKER_PORT: String(await freePort()) },
		log,
	});
	try {
		await until(
			`${name} is ready`,
			async () => {
				if (hasEnded(child)) throw new Error(`${name} ended while it was starting`);
				return (await readFile(log, 'utf8')).includes('worker is now ready') || undefined;
			},
			{ timeout: 180_000 },
		);
	} catch (error) {
		await end(child, 'SIGKILL');
		throw await withLog(home, error);
	}
	return { name, home, child };
}

async function executionsOf({ home }: Worker): Promise<string[]> {
	const log = await readFile(home.log, 'utf8');
	const told = (what: string) =>
		[...log.matchAll(new RegExp(`Worker ${what} execution (\\d+)`, 'g'))].map(([, id]) => id!);
	const over = new Set([...told('finished'), ...told('errored while running')]);
	return told('started').filter((id) => !over.has(id));
}
