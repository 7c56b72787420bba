import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { packProject, projectDirectory } from '../e2e/harness/pack';
import { mustRun } from '../e2e/harness/process';

/**
 * The packed package: of this checkout by default, otherwise a tarball as it is, or a commit, tag
 * or branch of this repository, built in a folder of its own with the tools of this checkout.
 */
export async function packed(source?: string): Promise<string> {
	if (source === undefined) return (await packProject()).tarball;
	if (existsSync(source) && (await stat(source)).isFile()) return path.resolve(source);
	const commit = (await git('rev-parse', '--verify', `${source}^{commit}`)).trim();
	const packages = path.join(projectDirectory, '.scratch/bench/packages');
	const tarball = path.join(packages, `${commit.slice(0, 12)}.tgz`);
	if (existsSync(tarball)) return tarball;
	await mkdir(packages, { recursive: true });
	const checkout = await mkdtemp(path.join(packages, 'checkout-'));
	try {
		await git('archive', '--output', path.join(checkout, 'source.tar'), commit);
		await mustRun('tar', ['xf', 'source.tar'], { cwd: checkout });
		await symlink(path.join(projectDirectory, 'node_modules'), path.join(checkout, 'node_modules'));
		await mustRun('npm', ['run', 'build'], { cwd: checkout });
		const { stdout } = await mustRun('npm', ['pack', '--json', '--ignore-scripts'], {
			cwd: checkout,
		});
		const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
		await rename(path.join(checkout, filename), tarball);
	} finally {
		await rm(checkout, { recursive: true, force: true });
	}
	return tarball;
}

async function git(...args: string[]): Promise<string> {
	return (await mustRun('git', args, { cwd: projectDirectory })).stdout;
}
