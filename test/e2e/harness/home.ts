import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { N8n } from './install';
import { mustRun } from './process';
import { projectDirectory } from './pack';

/** A fresh n8n home with this package in it, as a user has it who installed it from npm. */
export interface Home {
	n8n: N8n;
	directory: string;
	/** The one folder that workflows may read and write. */
	files: string;
	/** Everything that n8n prints; stays when the home is removed. */
	log: string;
	/** The environment of every n8n process in this home. */
	env: NodeJS.ProcessEnv;
}

export interface HomeOptions {
	/** Tells this home's log file from others. */
	name: string;
	/** The packed package; a home without it where left out. */
	tarball?: string;
	/** More environment variables for n8n. */
	env?: NodeJS.ProcessEnv;
}

/** Makes a fresh home in the folder for temporary files, and installs the packed package there if one is given. */
export async function createHome(n8n: N8n, options: HomeOptions): Promise<Home> {
	const directory = await mkdtemp(path.join(tmpdir(), `${n8n.line}-`));
	const files = path.join(directory, 'files');
	const packages = path.join(directory, '.n8n/nodes');
	const logs = path.join(projectDirectory, '.scratch/e2e-logs');
	const log = path.join(logs, `${n8n.line}-${options.name}.log`);
	await rm(log, { force: true });
	for (const folder of [files, packages, logs]) await mkdir(folder, { recursive: true });
	await writeFile(
		path.join(packages, 'package.json'),
		'{ "name": "installed-nodes", "private": true, "dependencies": {} }',
	);
	// The package has no dependencies, and its peer n8n-workflow comes with n8n: nothing is to be fetched.
	const flags = ['--offline', '--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund'];
	if (options.tarball) {
		await mustRun('npm', ['install', ...flags, options.tarball], { cwd: packages, log });
	}
	return {
		n8n,
		directory,
		files,
		log,
		env: { ...environment(n8n, directory, files), ...options.env },
	};
}

/** Removes a home; its log stays. */
export async function removeHome(home: Home | undefined): Promise<void> {
	if (home) await rm(home.directory, { recursive: true, force: true, maxRetries: 5 });
}

function environment(n8n: N8n, directory: string, files: string): NodeJS.ProcessEnv {
	return {
		// Not the whole environment of the tests: n8n acts differently where it believes to be under test itself.
		HOME: directory,
		// The task runner is started as `node`.
		PATH: [path.dirname(n8n.node), process.env.PATH].join(path.delimiter),
		GENERIC_TIMEZONE: 'UTC',
		TZ: 'UTC',
		N8N_USER_FOLDER: directory,
		N8N_ENCRYPTION_KEY: 'only-for-tests',
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_SECURE_COOKIE: 'false',
		N8N_RESTRICT_FILE_ACCESS_TO: files,
		// Code nodes run outside of n8n's process: the default in n8n 2.
		...(n8n.line === 'n8n-1' && { N8N_RUNNERS_ENABLED: 'true' }),
		// Nothing here reaches for the network.
		N8N_DIAGNOSTICS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
		N8N_TEMPLATES_ENABLED: 'false',
		N8N_DYNAMIC_BANNERS_ENABLED: 'false',
		N8N_VERIFIED_PACKAGES_ENABLED: 'false',
		...(n8n.line === 'n8n-2' && { N8N_DISABLED_MODULES: 'mcp-registry' }),
		N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
		// No questions in the editor.
		N8N_PERSONALIZATION_ENABLED: 'false',
		N8N_HIRING_BANNER_ENABLED: 'false',
	};
}
