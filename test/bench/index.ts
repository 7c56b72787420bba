/** The benchmark as a command: `npm run bench -- --help`. */
import { cpus } from 'node:os';
import { scenesOf } from './cases';
import { draw } from './document';
import { openLab, type Lab } from './lab';
import { machineCpu } from './meter';
import { HELP, readOptions, type Options } from './options';
import { merged, readResults, recordOf, writeResults } from './results';
import { contenders, type Result, type Run } from './run';
import type { Scene } from './scene';
import { problemsOf } from './summary';
import { report } from './table';

async function main(): Promise<void> {
	const options = readOptions(process.argv.slice(2));
	if (!options) {
		console.log(HELP);
		return;
	}
	if (options.draw) return await draw(await readResults());
	const scenes = scenesOf(options);
	const lab = await openLab(options, scenes);
	const close = () => void lab.close().finally(() => process.exit(130));
	process.once('SIGINT', close).once('SIGTERM', close);
	try {
		const before = await readResults();
		const recordsOf = (runs: Map<Scene, Run[]>) =>
			scenes.flatMap((scene) => {
				const own = runs.get(scene)!;
				return own.length ? [recordOf(scene, own, options, lab.n8n)] : [];
			});
		// After each scene, so that a run which is broken off leaves what it has.
		const keep = async (runs: Map<Scene, Run[]>) => {
			if (!options.record) return;
			const results = merged(before, recordsOf(runs), options);
			await writeResults(results);
			await draw(results);
		};
		const records = recordsOf(await runAll(lab, scenes, options, keep));
		for (const record of records) console.log(report(records, record));
		const inexact = records.flatMap((record) =>
			record.runs
				.filter(({ contender }) => contender === 'package')
				.flatMap((run) => problemsOf(record, run)),
		);
		if (inexact.length) process.exitCode = 1;
	} finally {
		await lab.close();
	}
}

/** Contenders take turns, so that a slow minute of the machine falls on all of them. */
async function runAll(
	lab: Lab,
	scenes: Scene[],
	options: Options,
	keep: (runs: Map<Scene, Run[]>) => Promise<void>,
): Promise<Map<Scene, Run[]>> {
	const runs = new Map<Scene, Run[]>(scenes.map((scene) => [scene, []]));
	for (let round = 1; round <= options.runs; round++) {
		for (const scene of scenes) {
			for (const contender of scene.contenders) {
				const { result, othersPercent } = await besideOthers(() => scene.run(lab, contender));
				const run: Run = { contender, round, othersPercent, ...result };
				runs.get(scene)!.push(run);
				const seconds = (run.milliseconds / 1000).toFixed(2);
				process.stderr.write(
					`${round}/${options.runs}  ${scene.name}  ${contenders[contender]}: ${[`${seconds} s`, ...problemsOf(scene, run)].join(', ')}\n`,
				);
			}
			await keep(runs);
		}
	}
	return runs;
}

/** Runs a contender, and sees how busy the machine was with what is no part of the benchmark. */
async function besideOthers(
	run: () => Promise<Result>,
): Promise<{ result: Result; othersPercent: number }> {
	const from = { at: performance.now(), machine: await machineCpu(), own: process.cpuUsage() };
	const result = await run();
	const { user, system } = process.cpuUsage(from.own);
	const own = (user + system) / 1000 + result.serverCpuMilliseconds;
	const node = result.processCpuMilliseconds ?? result.cpuMilliseconds;
	const others = (await machineCpu()) - from.machine - own - node;
	const all = (performance.now() - from.at) * cpus().length;
	return { result, othersPercent: Math.max(0, (100 * others) / all) };
}

main()
	.catch((error: unknown) => {
		console.error(error instanceof Error ? error.message : error);
		process.exitCode = 1;
	})
	// Whatever a run that failed has left open.
	.finally(() => process.exit());
