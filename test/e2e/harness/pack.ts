import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { mustRun } from './process';

export const projectDirectory = path.join(__dirname, '../../..');

/** Builds this package and packs it as npm publishes it. Returns the tarball and the files in it. */
export async function packProject(): Promise<{ tarball: string; files: string[] }> {
	const directory = path.join(projectDirectory, '.scratch/e2e-package');
	await rm(directory, { recursive: true, force: true });
	await mkdir(directory, { recursive: true });
	await mustRun('npm', ['run', 'build'], { cwd: projectDirectory });
	const { stdout } = await mustRun(
		'npm',
		['pack', '--json', '--ignore-scripts', '--pack-destination', directory],
		{ cwd: projectDirectory },
	);
	const [packed] = JSON.parse(stdout) as [{ filename: string; files: Array<{ path: string }> }];
	return {
		tarball: path.join(directory, packed.filename),
		files: packed.files.map((file) => file.path),
	};
}
