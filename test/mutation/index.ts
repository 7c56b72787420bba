/**
 * Mutation tests as a command: `npm run test:mutation -- pages error` changes these files of the api
 * floor in every way that Stryker knows, one change at a time, and says which of them no test sees;
 * without names, all files. `--update-docs` puts the scores into docs/mutation.md.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { table } from '../bench/table';

const root = path.join(__dirname, '../..');
const scratch = path.join(root, '.scratch/mutation');
const floor = 'nodes/shared/api';

interface Report {
	files: Record<string, { source: string; mutants: Mutant[] }>;
}

interface Mutant {
	status: 'Killed' | 'Timeout' | 'Survived' | 'NoCoverage' | 'Ignored' | string;
	mutatorName: string;
	replacement?: string;
	location: { start: { line: number } };
}

/** What became of a file's mutants. */
interface Score {
	seen: number;
	survived: number;
	/** Changes of constants of the module, which are not tried. */
	ignored: number;
}

function main(): void {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: { 'update-docs': { type: 'boolean' } },
	});
	const names = positionals.length ? positionals : namesOfFloor();
	const report = mutate(names.map((name) => `${floor}/${name}.ts`));
	const scores: Record<string, Score> = {};
	for (const [file, { source, mutants }] of Object.entries(report.files)) {
		scores[path.basename(file, '.ts')] = scoreOf(mutants);
		printSurvivors(file, source.split('\n'), mutants);
	}
	console.log(tableOf(scores));
	if (values['update-docs']) updateDocs(keep(scores));
}

function namesOfFloor(): string[] {
	return readdirSync(path.join(root, floor)).map((file) => path.basename(file, '.ts'));
}

/** Runs Stryker; what it found of unchanged files and tests before, it does not try again. */
function mutate(files: string[]): Report {
	mkdirSync(scratch, { recursive: true });
	const reportFile = path.join(scratch, 'report.json');
	const { status } = spawnSync(
		path.join(root, 'node_modules/.bin/stryker'),
		[
			...['run', 'test/mutation/stryker.config.mjs', '--mutate', files.join(',')],
			...['--incrementalFile', path.join(scratch, 'incremental.json')],
		],
		{ cwd: root, stdio: 'inherit', env: { ...process.env, MUTATION_REPORT: reportFile } },
	);
	if (status !== 0) throw new Error(`Stryker ended with exit code ${status}`);
	return JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
}

function scoreOf(mutants: Mutant[]): Score {
	const count = (...statuses: string[]) =>
		mutants.filter(({ status }) => statuses.includes(status)).length;
	return {
		seen: count('Killed', 'Timeout'),
		survived: count('Survived', 'NoCoverage'),
		ignored: count('Ignored'),
	};
}

function printSurvivors(file: string, lines: string[], mutants: Mutant[]): void {
	for (const { status, mutatorName, replacement = '', location } of mutants) {
		if (status !== 'Survived' && status !== 'NoCoverage') continue;
		const { line } = location.start;
		console.log(`${file}:${line} ${status} ${mutatorName}\n  ${lines[line - 1]!.trim()}`);
		console.log(`  becomes ${replacement.replaceAll(/\s+/g, ' ').slice(0, 100)}`);
	}
}

function tableOf(scores: Record<string, Score>): string {
	const row = (name: string, { seen, survived, ignored }: Score) => [
		name,
		...[seen + survived, survived, ignored].map(String),
		`${((100 * seen) / Math.max(1, seen + survived)).toFixed(0)} %`,
	];
	const sum = (which: keyof Score) =>
		Object.values(scores).reduce((total, score) => total + score[which], 0);
	const total = { seen: sum('seen'), survived: sum('survived'), ignored: sum('ignored') };
	const rows = Object.entries(scores).sort(([a], [b]) => a.localeCompare(b));
	return table(
		['File', 'Changes', 'Seen by no test', 'Of constants, not tried', 'Score'],
		[...rows.map(([name, score]) => row(`${name}.ts`, score)), row('together', total)],
	);
}

/** Adds to what earlier runs found, so that files can be run one by one. */
function keep(scores: Record<string, Score>): Record<string, Score> {
	const file = path.join(scratch, 'scores.json');
	const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
	const all = { ...before, ...scores } as Record<string, Score>;
	writeFileSync(file, JSON.stringify(all, null, '\t'));
	return all;
}

const DOCUMENT = path.join(root, 'docs/mutation.md');
const PLACE = /(<!-- scores -->\n)[\s\S]*?(<!-- end of scores -->)/;

function updateDocs(scores: Record<string, Score>): void {
	const text = readFileSync(DOCUMENT, 'utf8');
	writeFileSync(
		DOCUMENT,
		text.replace(PLACE, (_, start, end) => `${start}\n${tableOf(scores)}\n\n${end}`),
	);
}

main();
