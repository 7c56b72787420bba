import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Home } from '../../e2e/harness/home';
import { freePort } from '../../e2e/harness/port';
import { start, until } from '../../e2e/harness/process';
import type { Lab } from '../lab';
import { watch } from '../meter';
import type { Options } from '../options';
import type { ContenderName, Result } from '../run';
import type { Scene } from '../scene';

/** n8n's own start, with and without the package. */
export function startScene({ line }: Options): Scene {
	const warm = new Set<ContenderName>();
	return {
		name: 'start',
		case: 'start',
		n8n: line,
		count: 1,
		executions: 1,
		contenders: ['without', 'package'],
		// Something to import, so that the database is made before the first start is measured.
		workflows: () => [{ id: 'start', name: 'Start', nodes: [], connections: {} }],
		run: async (lab, contender) => {
			// The first start of a home, and of a machine, has to fill caches.
			if (!warm.has(contender)) await runOnce(lab, contender);
			warm.add(contender);
			return await runOnce(lab, contender);
		},
	};
}

/** What n8n prints when it serves its editor. */
const READY = 'Editor is now accessible via';

async function runOnce({ homeOf }: Lab, contender: ContenderName): Promise<Result> {
	const home = homeOf(contender);
	const log = path.join(home.directory, 'start.log');
	await rm(log, { force: true });
	const startedAt = Date.now();
	const child = await start(home.n8n.node, [home.n8n.entry, 'start'], {
		cwd: home.directory,
		env: {
			...home.env,
			N8N_PORT: String(await freePort()),
			N8N_RUNNERS_BROKER_PORT: String(await freePort()),
		},
		log,
	});
	const meter = watch(child.pid!);
	try {
		await until(
			'n8n has started',
			async () => (await readFile(log, 'utf8')).includes(READY) || undefined,
			{ timeout: 180_000, interval: 5 },
		);
		const endedAt = Date.now();
		const { peakBytes, cpuMilliseconds: processCpuMilliseconds } = meter.stop();
		return {
			milliseconds: endedAt - startedAt,
			cpuMilliseconds: meter.cpuBetween(startedAt, endedAt),
			peakBytes,
			processCpuMilliseconds,
			diskBytes: await sizeOf(packageFolder(home)),
			done: 1,
			errorRows: 0,
			...{ requests: 0, refused: 0, failed: 0, missed: 0, doubled: 0, peakRequests: 0 },
			serverCpuMilliseconds: 0,
		};
	} finally {
		const ended = new Promise((resolve) => child.once('close', resolve));
		child.kill('SIGTERM');
		await ended;
	}
}

function packageFolder({ directory }: Home): string {
	return path.join(directory, '.n8n/nodes/node_modules/n8n-nodes-ximilar');
}

/** The bytes of all files in a folder; none where it is not there. */
async function sizeOf(folder: string): Promise<number> {
	const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
	const sizes = files
		.filter((file) => file.isFile())
		.map(async (file) => (await stat(path.join(file.parentPath, file.name))).size);
	return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
