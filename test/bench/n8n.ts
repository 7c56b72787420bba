import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Link } from '../e2e/harness/chain';
import { toExecution, type Execution, type Item, type RawRun } from '../e2e/harness/execution';
import type { Home } from '../e2e/harness/home';
import { freePort } from '../e2e/harness/port';
import { start, tail } from '../e2e/harness/process';
import { credential } from './lab';
import { watch } from './meter';
import type { PhotoStore, PhotoSize } from './photos';
import { sharesOf, type Shares } from './profile';
import type { Figures } from './run';

/** What one n8n process took, and one of its nodes. */
export interface Measured {
	execution: Execution;
	/** When the node began, in milliseconds since 1970. */
	startedAt: number;
	/** The node's own time, as n8n reports it; with that of those before it which were asked for. */
	milliseconds: number;
	/** The CPU of the process during that time. */
	cpuMilliseconds: number;
	/** The most memory that the process held, and all its CPU, start and end included. */
	peakBytes: number;
	processCpuMilliseconds: number;
	shares?: Shares;
}

const TIMEOUT = 900_000;

/** The node that all cases measure. */
export const MEASURED = 'Measured';

let executions = 0;

/**
 * Executes an imported workflow some times side by side, each in an n8n process of its own, and
 * watches these processes.
 * @param from the first of the nodes that are measured, up to the one that is named so
 * @param isProfiled whether a CPU profile is taken, which costs time itself
 */
export async function execute(
	home: Home,
	workflowId: string,
	{ times = 1, ...options }: { times?: number; from?: string; isProfiled?: boolean } = {},
): Promise<[Measured, ...Measured[]]> {
	const all = Array.from(
		{ length: times },
		async () => await executeOne(home, workflowId, options),
	);
	try {
		return (await Promise.all(all)) as [Measured, ...Measured[]];
	} finally {
		// The files that executions have stored: gigabytes in a long run.
		for (const folder of ['binaryData', 'storage']) {
			await rm(path.join(home.directory, '.n8n', folder), { recursive: true, force: true });
		}
	}
}

async function executeOne(
	home: Home,
	workflowId: string,
	{ from = MEASURED, isProfiled }: { from?: string; isProfiled?: boolean },
): Promise<Measured> {
	const { n8n, env, directory } = home;
	const log = path.join(directory, `execute-${++executions}.log`);
	const profile = isProfiled ? path.join(directory, `execute-${executions}.cpuprofile`) : undefined;
	const flags = profile
		? ['--cpu-prof', '--cpu-prof-dir', directory, '--cpu-prof-name', path.basename(profile)]
		: [];
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
	const runOf = (node: string) =>
		raw.data?.resultData?.runData?.[node]?.[0] as
			{ startTime: number; executionTime: number } | undefined;
	const [first, last] = [runOf(from), runOf(MEASURED) ?? runOf(from)];
	if (!first || !last) throw new Error(`${from} was not reached\n${tail(output)}`);
	const startedAt = first.startTime;
	const milliseconds = last.startTime + last.executionTime - startedAt;
	return {
		execution: toExecution(raw),
		startedAt,
		milliseconds,
		cpuMilliseconds: meter.cpuBetween(startedAt, startedAt + milliseconds),
		peakBytes,
		processCpuMilliseconds,
		...(profile && { shares: await sharesOf(profile, startedAt, startedAt + milliseconds) }),
	};
}

/** The figures of one execution; what counts as done is the caller's to say. */
export function figuresOf(measured: Measured, done: number): Figures {
	const { execution, startedAt: _, ...figures } = measured;
	const failure = failureOf(measured);
	return {
		...figures,
		...(failure === undefined ? {} : { failure }),
		done,
		errorRows: itemsOf(execution).filter(({ json }) => json.error).length,
	};
}

/** What the measured node put out. */
export function itemsOf({ nodes }: Execution): Item[] {
	return nodes[MEASURED]?.items ?? [];
}

/** How many different things a field of the measured node's items names. */
export function differentIn({ execution }: Measured, field: string): number {
	const values = itemsOf(execution).map(({ json }) => json[field]);
	return new Set(values.filter((value) => typeof value === 'string')).size;
}

/** Why an execution did not succeed. */
export function failureOf({ execution: { status, nodes, error } }: Measured): string | undefined {
	if (status === 'success') return undefined;
	return (nodes[MEASURED]?.error ?? error)?.message ?? status;
}

/** The node that loads the photographs. */
export function readFiles(
	photos: PhotoStore,
	size: PhotoSize,
	count: number,
	name = 'Files',
): Link {
	const fileSelector = `${photos.folderOf(size, count)}/*.jpg`;
	return {
		name,
		type: 'n8n-nodes-base.readWriteFile',
		parameters: { operation: 'read', fileSelector, options: {} },
	};
}

/** A node of this package. */
export function ximilar(
	node: 'Recognition' | 'Vlm',
	resource: string,
	operation: string,
	parameters: object,
	name = MEASURED,
): Link {
	return {
		name,
		type: `n8n-nodes-ximilar.ximilar${node}`,
		parameters: { resource, operation, ...parameters },
		credentials: { ximilarApi: credential },
	};
}
