import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../e2e/harness/port';
import { mustRun, start, until } from '../e2e/harness/process';
import { projectDirectory } from '../e2e/harness/pack';

/** A registry of packages of our own (Verdaccio), on loopback, that asks no other one. */
export interface Registry {
	/** Without a slash at the end. */
	url: string;
	/** Publishes a tarball as `npm publish` does. */
	publish(tarball: string): Promise<void>;
	stop(): Promise<void>;
}

/** Anybody may publish, and what was not published here is not found. */
const configuration = (storage: string) => ({
	storage,
	uplinks: {},
	packages: { '**': { access: '$all', publish: '$all', unpublish: '$all' } },
	web: { enable: false },
	log: { type: 'stdout', format: 'json', level: 'warn' },
});

/** @param tools where Verdaccio is installed */
export async function startRegistry(tools: string): Promise<Registry> {
	const directory = await mkdtemp(path.join(tmpdir(), 'registry-'));
	const settings = path.join(directory, 'config.yaml');
	// JSON is YAML as well.
	await writeFile(settings, JSON.stringify(configuration(path.join(directory, 'storage'))));
	const logs = path.join(projectDirectory, '.scratch/e2e-logs');
	await mkdir(logs, { recursive: true });
	const log = path.join(logs, 'registry.log');
	await rm(log, { force: true });
	const address = `127.0.0.1:${await freePort()}`;
	const url = `http://${address}`;
	const child = await start(
		process.execPath,
		[
			path.join(tools, 'node_modules/verdaccio/bin/verdaccio'),
			'--config',
			settings,
			'--listen',
			address,
		],
		{ cwd: directory, env: { PATH: process.env.PATH, HOME: directory }, log },
	);
	await until('the registry answers', async () => {
		const answer = await fetch(`${url}/-/ping`).catch(() => undefined);
		if (child.exitCode !== null) throw new Error(await readFile(log, 'utf8'));
		return answer?.ok || undefined;
	});
	// npm publishes only as somebody, although the registry does not ask who it is.
	const userconfig = path.join(directory, 'npmrc');
	await writeFile(userconfig, `//${address}/:_authToken=anybody\n`);
	return {
		url,
		publish: async (tarball) => {
			const options = [`--registry=${url}`, `--userconfig=${userconfig}`, '--ignore-scripts'];
			await mustRun('npm', ['publish', tarball, ...options], { cwd: directory, log });
		},
		stop: async () => {
			await ended(child);
			await rm(directory, { recursive: true, force: true, maxRetries: 5 });
		},
	};
}

async function ended(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null) return;
	const closed = new Promise((resolve) => child.once('close', resolve));
	child.kill('SIGTERM');
	await closed;
}

/**
 * Unpacks a tarball beside it.
 * @returns the folder
 */
export async function unpack(tarball: string, name = 'unpacked'): Promise<string> {
	const directory = path.join(path.dirname(tarball), name);
	await rm(directory, { recursive: true, force: true });
	await mkdir(directory, { recursive: true });
	await mustRun('tar', ['-xzf', tarball, '-C', directory, '--strip-components=1']);
	return directory;
}

/**
 * The same package under another version, as the next release of it.
 * @param tarball the packed package
 * @returns the tarball of the other version
 */
export async function repack(tarball: string, version: string): Promise<string> {
	const directory = await unpack(tarball, version);
	await mustRun('npm', ['version', version, '--no-git-tag-version', '--ignore-scripts'], {
		cwd: directory,
	});
	const { stdout } = await mustRun('npm', ['pack', '--json', '--ignore-scripts'], {
		cwd: directory,
	});
	const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
	return path.join(directory, filename);
}
