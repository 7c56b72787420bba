import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Link } from '../e2e/harness/chain';
import { toExecution, type Execution, type RawRun } from '../e2e/harness/execution';
import type { Home } from '../e2e/harness/home';
import { freePort } from '../e2e/harness/port';
import { start, tail } from '../e2e/harness/process';
import { watch } from './meter';

/** What one n8n process took, and one of its nodes. */
export interface Measured {
	execution: Execution;
	/** When the node began, in milliseconds since 1970. */
	startedAt: number;
	/** The node's own time, as n8n reports it. */
	milliseconds: number;
	/** The CPU of the process during that time. */
	cpuMilliseconds: number;
	/** The most memory that the process held, and all its CPU, start and end included. */
	peakBytes: number;
	processCpuMilliseconds: number;
}

const TIMEOUT = 900_000;

/** The node that all cases measure. */
export const MEASURED = 'Measured';

let executions = 0;

/** Executes an imported workflow in an n8n process of its own, and watches that process. */
export async function execute(home: Home, workflowId: string): Promise<Measured> {
	const { n8n, env, directory } = home;
	const log = path.join(directory, `execute-${++executions}.log`);
	const profile = process.env.BENCH_PROFILE;
	const flags = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
	const child = await start(
		n8n.node,
		[...flags, n8n.entry, 'execute', `--id=${workflowId}`, '--rawOutput'],
		{
			cwd: directory,
			env: { ...env, N8N_RUNNERS_BROKER_PORT: String(await freePort()) },
			log,
		},
	);
	const meter = watch(child.pid!);
	const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT);
	await once(child, 'close');
	clearTimeout(timer);
	const { peakBytes, cpuMilliseconds: processCpuMilliseconds } = meter.stop();
	const output = await readFile(log, 'utf8');
	// Log lines may stand around the JSON, which begins and ends with a line of its own.
	const json = /^\{$[\s\S]*^\}$/m.exec(output)?.[0];
	if (!json) throw new Error(`n8n execute printed no execution\n${tail(output)}`);
	await rm(log);
	const raw = JSON.parse(json) as RawRun;
	const [run] = (raw.data?.resultData?.runData?.[MEASURED] ?? []) as Array<{
		startTime: number;
		executionTime: number;
	}>;
	if (!run) throw new Error(`The node was not reached\n${tail(output)}`);
	const { startTime: startedAt, executionTime: milliseconds } = run;
	return {
		execution: toExecution(raw),
		startedAt,
		milliseconds,
		cpuMilliseconds: meter.cpuBetween(startedAt, startedAt + milliseconds),
		peakBytes,
		processCpuMilliseconds,
	};
}

/** Removes the files that executions have stored: gigabytes in a long run. */
export async function removeStoredFiles(home: Home): Promise<void> {
	for (const folder of ['binaryData', 'storage']) {
		await rm(path.join(home.directory, '.n8n', folder), { recursive: true, force: true });
	}
}

/** The node that loads the photographs. */
export function readFiles(folder: string, name = 'Files'): Link {
	return {
		name,
		type: 'n8n-nodes-base.readWriteFile',
		parameters: { operation: 'read', fileSelector: `${folder}/*.jpg`, options: {} },
	};
}
