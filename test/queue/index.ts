/** n8n's queue mode as a command: `npm run test:queue -- --help`. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { packProject } from '../e2e/harness/pack';
import { n8nLines, type N8nLine } from '../e2e/harness/install';
import type { Outcome } from './judge';
import { HELP, readOptions, type Options } from './options';
import { closeLab, killPart, openLab, scratch, storagePart, throughputPart } from './parts';
import { problemsOf, tablesOf, updateDocs, type Figures } from './report';

const work = { kill: killPart, storage: storagePart, throughput: throughputPart };

async function main(): Promise<void> {
	const options = readOptions(process.argv.slice(2));
	if (!options) {
		console.log(HELP);
		return;
	}
	const figures = await runAll(options);
	console.log(tablesOf(figures));
	if (options.updateDocs) await updateDocs(await keep({}));
	const problems = problemsOf(figures);
	for (const problem of problems) console.log(`WRONG: ${problem}`);
	process.exitCode = problems.length ? 1 : 0;
}

async function runAll(options: Options): Promise<Figures> {
	const lab = await openLab((await packProject()).tarball, options);
	const figures: Figures = {};
	try {
		for (const part of options.parts) {
			for (const line of options.lines) {
				const result = { [line]: await work[part](lab, line) };
				Object.assign((figures[part] ??= {}), result);
				// At once: a later part may not come to its end.
				if (options.updateDocs) await keep({ [part]: result });
			}
		}
	} finally {
		await closeLab(lab);
	}
	return figures;
}

/** Adds to what earlier runs measured, so that the parts can be run one by one. */
async function keep(figures: Figures): Promise<Figures> {
	const file = path.join(scratch, 'figures.json');
	const before = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as Figures;
	const all: Figures = {
		kill: mapLines((line) => byTitle(before.kill?.[line], figures.kill?.[line])),
		storage: { ...before.storage, ...figures.storage },
		throughput: { ...before.throughput, ...figures.throughput },
	};
	await writeFile(file, JSON.stringify(all, null, '\t'));
	return all;
}

/** The outcomes of both, the newer ones in the place of older ones of the same title. */
function byTitle(older: Outcome[] = [], newer: Outcome[] = []): Outcome[] {
	const all = new Map([...older, ...newer].map((one) => [one.title, one]));
	return [...all.values()];
}

function mapLines(outcomesOf: (line: N8nLine) => Outcome[]): Figures['kill'] {
	const all = n8nLines.map((line) => [line, outcomesOf(line)] as const);
	return Object.fromEntries(all.filter(([, outcomes]) => outcomes.length > 0));
}

// What was started ends with the command, also when that is stopped.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
