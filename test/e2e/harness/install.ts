import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
	copyFile,
	mkdir,
	mkdtemp,
	readdir,
	readFile,
	rename,
	rm,
	stat,
	utimes,
	writeFile,
} from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mustRun } from './process';

/** The two lines of n8n that the package is tested in; each has a folder of its name beside this one. */
export const n8nLines = ['n8n-2', 'n8n-1'] as const;
export type N8nLine = (typeof n8nLines)[number];

/** An installed n8n, and the Node.js that it runs on. */
export interface N8n {
	line: N8nLine;
	version: string;
	directory: string;
	node: string;
	entry: string;
}

/** What is to be installed: the packages of a folder's lock file. */
interface Manifest {
	directory: string;
	/** The package that all others are there for, as it is called in reports and in the cache. */
	name: string;
	version: string;
	/** Modules that are to be compiled. */
	native: string[];
	/** The folders of all packages of the lock file that this platform needs. */
	packages: string[];
	/** The package that holds the right Node.js, where there is one for this platform. */
	nodePackage?: string;
	hash: string;
}

/** Installs n8n into the cache unless it is there already; progress goes to stderr. */
export async function installN8n(line: N8nLine): Promise<N8n> {
	const manifest = await readManifest(path.join(__dirname, '..', line), 'n8n', [
		'sqlite3',
		'isolated-vm',
	]);
	const target = await installOnce(`${manifest.version}-${manifest.hash}`, manifest);
	return {
		line,
		version: manifest.version,
		directory: target,
		node: nodeBinary(target, manifest),
		entry: path.join(target, 'node_modules/n8n/bin/n8n'),
	};
}

/**
 * Installs what the lock file of a folder names into the cache, unless it is there already.
 * @param main the package that all others are there for
 * @returns where `node_modules` is
 */
export async function installTools(directory: string, main: string): Promise<string> {
	const manifest = await readManifest(directory, main);
	return await installOnce(`${main}-${manifest.version}-${manifest.hash}`, manifest);
}

async function installOnce(folder: string, manifest: Manifest): Promise<string> {
	const target = path.join(cacheFolder(), folder);
	if (!existsSync(target)) {
		await mkdir(cacheFolder(), { recursive: true });
		await withLock(`${target}.lock`, `${manifest.name} ${manifest.version}`, async () => {
			if (!existsSync(target)) await installInto(target, manifest);
		});
	}
	return target;
}

/** Where everything is kept that takes long to make and serves many runs. */
export function cacheFolder(): string {
	const base = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
	return path.join(base, 'n8n-nodes-ximilar');
}

async function readManifest(
	directory: string,
	name: string,
	native: string[] = [],
): Promise<Manifest> {
	const packageJson = await readFile(path.join(directory, 'package.json'), 'utf8');
	const lockFile = await readFile(path.join(directory, 'package-lock.json'), 'utf8');
	const lock = JSON.parse(lockFile) as {
		packages: Record<string, { version: string; os?: string[]; cpu?: string[] }>;
	};
	const fits = (names: string[] | undefined, own: string) => !names || names.includes(own);
	const packages = Object.entries(lock.packages)
		.filter(([, { os, cpu }]) => fits(os, process.platform) && fits(cpu, process.arch))
		.map(([folder]) => folder)
		.filter((folder) => folder !== '');
	const nodePackage = packages.find(
		(folder) => folder === `node_modules/node-${process.platform}-${process.arch}`,
	);
	// Native modules are built for one platform and, where n8n runs on the Node.js of the machine, for that.
	const builtFor = [process.platform, process.arch, nodePackage ? '' : process.version];
	const hash = createHash('sha256')
		.update([packageJson, lockFile, ...builtFor].join('\n'))
		.digest('hex')
		.slice(0, 12);
	const version = lock.packages[`node_modules/${name}`]?.version;
	if (!version) throw new Error(`${directory}: the lock file holds no ${name}`);
	return { directory, name, version, native, packages, nodePackage, hash };
}

function nodeBinary(directory: string, { nodePackage, version }: Manifest): string {
	if (nodePackage) return path.join(directory, nodePackage, 'bin/node');
	if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
	throw new Error(
		`n8n ${version} needs Node.js 24, and there is no package of it for ${process.platform} ${process.arch}: run this with Node.js 24`,
	);
}

async function installInto(target: string, manifest: Manifest): Promise<void> {
	// Installed beside its place and then renamed: an interrupted install is never taken for a whole one.
	await removeAll(`${target}.partial-`);
	const partial = await mkdtemp(`${target}.partial-`);
	for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
		await copyFile(path.join(manifest.directory, file), path.join(partial, file));
	}
	const total = manifest.packages.length;
	const installed = () =>
		manifest.packages.filter((folder) => existsSync(path.join(partial, folder, 'package.json')));
	const report = startReport(`${manifest.name} ${manifest.version}`);
	try {
		report.stage(() => `installing, ${installed().length} of ${total} packages`);
		await mustRun('npm', ['ci', '--no-progress', '--loglevel=error'], { cwd: partial });
		if (manifest.native.length) {
			report.stage(() => 'building its native modules');
			await buildNative(partial, manifest);
		}
		await rename(partial, target);
		report.stage(() => 'installed');
	} finally {
		report.end();
	}
}

async function buildNative(directory: string, manifest: Manifest): Promise<void> {
	const node = nodeBinary(directory, manifest);
	await mustRun('npm', ['rebuild', '--ignore-scripts=false', ...manifest.native], {
		cwd: directory,
		env: {
			...process.env,
			PATH: [path.dirname(node), process.env.PATH].join(path.delimiter),
			...(manifest.nodePackage && {
				npm_config_nodedir: path.join(directory, manifest.nodePackage),
			}),
		},
	});
}

/** Removes every file and folder whose path begins so. */
async function removeAll(prefix: string): Promise<void> {
	const parent = path.dirname(prefix);
	const names = (await readdir(parent)).filter((name) => name.startsWith(path.basename(prefix)));
	for (const name of names) {
		await rm(path.join(parent, name), { recursive: true, force: true, maxRetries: 5 });
	}
}

/** Tells on stderr how far a long work is: at each new stage, and every ten seconds. */
function startReport(title: string) {
	const start = Date.now();
	let describe = () => '';
	const print = () => {
		const seconds = Math.round((Date.now() - start) / 1000);
		const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
		process.stderr.write(`${title}  ${time}  ${describe()}\n`);
	};
	const timer = setInterval(print, 10_000);
	return {
		stage(text: () => string) {
			describe = text;
			print();
		},
		end: () => clearInterval(timer),
	};
}

/**
 * Runs the work while no other process holds the lock file. The holder renews the file's time,
 * so that a lock left behind is known by its age and taken over.
 */
async function withLock(file: string, title: string, work: () => Promise<void>): Promise<void> {
	for (let waited = 0; !(await takeLock(file)); waited++) {
		if (waited % 10 === 0)
			process.stderr.write(`${title}  waiting for another run to install it\n`);
		await sleep(1000);
	}
	const renewal = setInterval(() => {
		utimes(file, new Date(), new Date()).catch(() => undefined);
	}, 2000);
	try {
		await work();
	} finally {
		clearInterval(renewal);
		await rm(file, { force: true });
	}
}

async function takeLock(file: string): Promise<boolean> {
	const age = await stat(file).then(
		({ mtimeMs }) => Date.now() - mtimeMs,
		() => 0,
	);
	if (age > 30_000) await rm(file, { force: true });
	return writeFile(file, '', { flag: 'wx' }).then(
		() => true,
		(error: NodeJS.ErrnoException) => {
			if (error.code === 'EEXIST') return false;
			throw error;
		},
	);
}
