// Runs the demo from a fresh clone: installs what the demo itself is written with, then hands over.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');

function run(command, args) {
	const { status } = spawnSync(command, args, {
		cwd: root,
		stdio: 'inherit',
		shell: process.platform === 'win32',
	});
	if (status !== 0) process.exit(status ?? 1);
}

// npm writes this file when an installation is complete.
if (!existsSync(path.join(root, 'node_modules/.package-lock.json'))) {
	console.log("Installing this project's own tools (about a minute) …");
	run('npm', ['ci']);
}
run(process.execPath, [
	'--import',
	'tsx',
	path.join(root, 'tools/demo.ts'),
	...process.argv.slice(2),
]);
