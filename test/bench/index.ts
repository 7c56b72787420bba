/** The benchmark as a command: `npm run bench -- --help`. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { prepare, runOnce, scenesOf, type Scene } from './classify';
import { openLab, scratch, type Lab } from './lab';
import { HELP, readOptions, type Options } from './options';
import { goalsOf, problemsOf, sceneTable, summarize } from './report';
import { contenders, type Run } from './run';

async function main(): Promise<void> {
	const options = readOptions(process.argv.slice(2));
	if (!options) {
		console.log(HELP);
		return;
	}
	const scenes = scenesOf(options);
	const lab = await openLab(options);
	try {
		await prepare(lab, scenes);
		const runs = await runAll(lab, scenes, options);
		print(scenes, runs);
		await writeFile(
			path.join(scratch, 'figures.json'),
			JSON.stringify({ options, runs }, null, '\t'),
		);
		const inexact = scenes.flatMap((scene) =>
			runs
				.filter((run) => run.scene === scene.name && run.contender === 'package')
				.flatMap((run) => problemsOf(scene, run)),
		);
		if (inexact.length) process.exitCode = 1;
	} finally {
		await lab.close();
	}
}

/** Contenders take turns, so that a slow minute of the machine falls on all of them. */
async function runAll(lab: Lab, scenes: Scene[], options: Options): Promise<Run[]> {
	const runs: Run[] = [];
	for (let round = 1; round <= options.runs; round++) {
		for (const scene of scenes) {
			for (const contender of scene.contenders) {
				const run = await runOnce(lab, scene, contender, options, round);
				runs.push(run);
				const seconds = (run.milliseconds / 1000).toFixed(2);
				const problems = contender === 'reading' ? [] : problemsOf(scene, run);
				process.stderr.write(
					`${round}/${options.runs}  ${scene.name}  ${contenders[contender]}: ${[`${seconds} s`, ...problems].join(', ')}\n`,
				);
			}
		}
	}
	return runs;
}

function print(scenes: Scene[], runs: Run[]): void {
	const summaries = summarize(scenes, runs);
	for (const scene of scenes) {
		const own = summaries.filter((one) => one.scene === scene);
		console.log(`\n${scene.name}\n${sceneTable(own)}`);
		for (const { contender, problems } of own) {
			for (const problem of problems) console.log(`${contenders[contender]}: ${problem}`);
		}
		for (const goal of own.flatMap(goalsOf)) console.log(goal);
	}
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
