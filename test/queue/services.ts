import { existsSync } from 'node:fs';
import { chown, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort, untilListens } from '../e2e/harness/port';
import { projectDirectory } from '../e2e/harness/pack';
import { end, mustRun, run, start } from '../e2e/harness/process';

/** Redis and PostgreSQL for one n8n: on free ports of loopback, in a folder of their own. */
export interface Services {
	/** What every n8n process needs to know of them. */
	env: NodeJS.ProcessEnv;
	stop: () => Promise<void>;
}

const USER = 'n8n';

/** Starts both; nothing of an earlier start is in them. Where they are missing, root installs them. */
export async function startServices(): Promise<Services> {
	await install();
	const folder = await mkdtemp(path.join(tmpdir(), 'queue-'));
	const log = path.join(projectDirectory, '.scratch/queue/services.log');
	await mkdir(path.dirname(log), { recursive: true });
	const [redisPort, postgresPort] = [await freePort(), await freePort()];
	const redis = await start(
		'redis-server',
		[
			...['--bind', '127.0.0.1', '--port', String(redisPort), '--dir', folder],
			...['--save', '', '--appendonly', 'no'],
		],
		{ cwd: folder, env: { PATH: process.env.PATH }, log },
	);
	const postgres = await startPostgres(folder, postgresPort, log);
	await untilListens('Redis', redis, redisPort, log);
	await untilListens('PostgreSQL', postgres, postgresPort, log);
	return {
		env: {
			EXECUTIONS_MODE: 'queue',
			QUEUE_BULL_REDIS_HOST: '127.0.0.1',
			QUEUE_BULL_REDIS_PORT: String(redisPort),
			DB_TYPE: 'postgresdb',
			DB_POSTGRESDB_HOST: '127.0.0.1',
			DB_POSTGRESDB_PORT: String(postgresPort),
			DB_POSTGRESDB_DATABASE: 'postgres',
			DB_POSTGRESDB_USER: USER,
		},
		stop: async () => {
			// The signal by which PostgreSQL ends its sessions, and then itself.
			await Promise.all([end(postgres, 'SIGINT'), end(redis, 'SIGTERM')]);
			await rm(folder, { recursive: true, force: true });
		},
	};
}

/** PostgreSQL refuses to run as root, so root gives it the user that its package has made. */
async function startPostgres(folder: string, port: number, log: string) {
	const programs = (await postgresPrograms())!;
	const data = path.join(folder, 'postgres');
	const user = process.getuid?.() === 0 ? await idsOf('postgres') : undefined;
	await mkdir(data);
	if (user) {
		await chown(folder, user.uid, user.gid);
		await chown(data, user.uid, user.gid);
	}
	const options = { cwd: folder, env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' }, log, ...user };
	const init = await start(
		path.join(programs, 'initdb'),
		['--pgdata', data, '--username', USER, '--auth', 'trust', '--encoding', 'UTF8', '--no-sync'],
		options,
	);
	await new Promise((resolve) => init.once('close', resolve));
	if (init.exitCode !== 0) throw new Error(`initdb: see ${log}`);
	return await start(
		path.join(programs, 'postgres'),
		[
			...['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder],
			// It is thrown away at the end, and the machine's disk is not what is tried.
			...['-c', 'fsync=off'],
		],
		options,
	);
}

async function idsOf(user: string): Promise<{ uid: number; gid: number }> {
	const [uid, gid] = await Promise.all(
		['-u', '-g'].map(async (what) => Number((await mustRun('id', [what, user])).stdout)),
	);
	return { uid: uid!, gid: gid! };
}

/** The folder of the newest PostgreSQL, which Debian does not put on the path. */
async function postgresPrograms(): Promise<string | undefined> {
	const base = '/usr/lib/postgresql';
	const versions = existsSync(base) ? await readdir(base) : [];
	const folders = versions
		.sort((a, b) => Number(b) - Number(a))
		.map((version) => path.join(base, version, 'bin'));
	return [...folders, ...(process.env.PATH ?? '').split(path.delimiter)].find((folder) =>
		existsSync(path.join(folder, 'initdb')),
	);
}

async function install(): Promise<void> {
	const missing = [
		...((await run('which', ['redis-server'])).code === 0 ? [] : ['redis-server']),
		...((await postgresPrograms()) ? [] : ['postgresql']),
	];
	if (!missing.length) return;
	const packages = missing.join(' ');
	if (process.getuid?.() !== 0) {
		throw new Error(`Install what is missing first: sudo apt-get install ${packages}`);
	}
	process.stderr.write(`installing ${packages}\n`);
	const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
	await mustRun('apt-get', ['update', '-q'], { env });
	await mustRun('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing], { env });
}
