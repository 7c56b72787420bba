import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { packProject, projectDirectory } from '../e2e/harness/pack';
import { mustRun } from '../e2e/harness/process';

const packages = path.join(projectDirectory, '.scratch/bench/packages');

/**
 * The packed package: of this checkout by default, otherwise a tarball as it is, another checkout
 * built where it stands, or a commit, tag or branch of this repository, built in a folder of its
 * own with the tools of this checkout.
 */
export async function packed(source?: string): Promise<string> {
	if (source === undefined) return (await packProject()).tarball;
	if (existsSync(source)) {
		const file = path.resolve(source);
		return (await stat(file)).isFile() ? file : await buildAndPack(file, 'checkout.tgz');
	}
	const commit = (await git('rev-parse', '--verify', `${source}^{commit}`)).trim();
	const name = `${commit.slice(0, 12)}.tgz`;
	if (existsSync(path.join(packages, name))) return path.join(packages, name);
	await mkdir(packages, { recursive: true });
	const checkout = await mkdtemp(path.join(packages, 'checkout-'));
	try {
		await git('archive', '--output', path.join(checkout, 'source.tar'), commit);
		await mustRun('tar', ['xf', 'source.tar'], { cwd: checkout });
		await symlink(path.join(projectDirectory, 'node_modules'), path.join(checkout, 'node_modules'));
		return await buildAndPack(checkout, name);
	} finally {
		await rm(checkout, { recursive: true, force: true });
	}
}

async function buildAndPack(checkout: string, name: string): Promise<string> {
	await mkdir(packages, { recursive: true });
	await mustRun('npm', ['run', 'build'], { cwd: checkout });
	const { stdout } = await mustRun(
		'npm',
		['pack', '--json', '--ignore-scripts', '--pack-destination', packages],
		{ cwd: checkout },
	);
	const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
	await rename(path.join(packages, filename), path.join(packages, name));
	return path.join(packages, name);
}

async function git(...args: string[]): Promise<string> {
	return (await mustRun('git', args, { cwd: projectDirectory })).stdout;
}
