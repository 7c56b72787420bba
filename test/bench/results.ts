import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';
import { projectDirectory } from '../e2e/harness/pack';
import type { N8n } from '../e2e/harness/install';
import type { Options } from './options';
import type { Run } from './run';
import type { Conditions, Pace } from './scene';
import type { Shares } from './profile';

/** Every recorded figure; pictures and tables are made of this file. */
export const RECORDS = path.join(projectDirectory, 'docs/performance.json');

/** A scene that was measured. */
export interface Recorded extends Conditions {
	/** The day on which it was last measured. */
	date: string;
	/** n8n's version, and the previous release by its commit or file. */
	version: string;
	against?: string;
	pace: Pace;
	runs: Run[];
	/** Where the CPU time of this package's node went, in milliseconds. */
	profile?: Shares;
}

export interface Results {
	machine: { cpu: string; cores: number; gigabytes: number };
	scenes: Recorded[];
}

/** Tells records of the same scene from others: each n8n has its own. */
const keyOf = ({ name, n8n }: Conditions): string => `${n8n}: ${name}`;

/** The record of a scene and its runs. */
export function recordOf(scene: Conditions, runs: Run[], options: Options, n8n: N8n): Recorded {
	const { name, n8n: line, count, size, capacity, executions, requests, base } = scene;
	const { against, latency, recordMs } = options;
	const profile = runs.find(({ shares }) => shares)?.shares;
	const kept = { name, case: scene.case, n8n: line, count, size, capacity, executions };
	return {
		...kept,
		requests,
		base,
		date: new Date().toISOString().slice(0, 10),
		version: n8n.version,
		...(runs.some(({ contender }) => contender === 'previous') && { against }),
		pace: { latency, recordMs },
		...(profile && { profile }),
		runs: runs.map(({ shares: _, ...run }) => run),
	};
}

/** What is recorded so far. */
export async function readResults(): Promise<Results> {
	if (!existsSync(RECORDS)) return { machine: machine(), scenes: [] };
	return JSON.parse(await readFile(RECORDS, 'utf8')) as Results;
}

export async function writeResults(results: Results): Promise<void> {
	// A run is a line, so that a change shows what was measured anew.
	const lines = JSON.stringify(results, rounded, '\t').replace(
		/\{\n\t+"contender"[^}]*\}/g,
		(run) => run.replaceAll(/\n\t*/g, ' '),
	);
	await writeFile(RECORDS, `${lines}\n`);
}

/** Milliseconds and bytes need no fractions. */
const rounded = (_: string, value: unknown): unknown =>
	typeof value === 'number' ? Math.round(value) : value;

/**
 * Records in the place of older ones of the same scenes, where they stood. With `add`, runs go beside
 * those of the older ones, as further rounds. A run under a profile is slower than others: of such
 * a record only the profile is taken.
 */
export function merged(
	old: Results,
	records: Recorded[],
	{ add, profile }: Pick<Options, 'add' | 'profile'>,
): Results {
	const scenes = new Map(old.scenes.map((scene) => [keyOf(scene), scene]));
	for (const record of records) {
		const before = scenes.get(keyOf(record));
		if (!before) scenes.set(keyOf(record), record);
		else if (profile) scenes.set(keyOf(record), { ...before, profile: record.profile });
		else if (add) scenes.set(keyOf(record), joined(before, record));
		else scenes.set(keyOf(record), { ...record, profile: before.profile });
	}
	return { machine: machine(), scenes: [...scenes.values()] };
}

function joined(before: Recorded, record: Recorded): Recorded {
	const rounds = Math.max(...before.runs.map(({ round }) => round));
	const later = record.runs.map((run) => ({ ...run, round: run.round + rounds }));
	return { ...before, ...record, runs: [...before.runs, ...later] };
}

function machine(): Results['machine'] {
	const model = cpus()[0]?.model ?? 'unknown';
	return { cpu: model, cores: cpus().length, gigabytes: Math.round(totalmem() / 2 ** 30) };
}
