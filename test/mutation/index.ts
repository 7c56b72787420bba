/**
 * Mutation tests as a command: `npm run test:mutation -- api/pages engine/verdicts` changes these files
 * in every way that Stryker knows, one change at a time, and says which of them no test sees; without
 * names, all files of both floors. `api/exchange:1-120` is a part of a file. `--update-docs` puts the
 * scores of these files into docs/mutation.md, beside those of the others.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { table } from '../bench/table';

const root = path.join(__dirname, '../..');
const scratch = path.join(root, '.scratch/mutation');
const shared = 'nodes/shared';
const FLOORS = ['api', 'engine'] as const;
type Floor = (typeof FLOORS)[number];

interface Report {
	files: Record<string, { source: string; mutants: Mutant[] }>;
}

interface Mutant {
	status: 'Killed' | 'Timeout' | 'Survived' | 'NoCoverage' | 'Ignored' | string;
	mutatorName: string;
	replacement?: string;
	location: { start: { line: number } };
}

/** By file, such as `api/pages.ts`. */
type Scores = Record<string, Score>;

/** What became of a file's mutants. */
interface Score {
	seen: number;
	/** Those of the seen ones by which a test did not end in time: endless, or only slow. */
	late?: number;
	survived: number;
	/** Changes of constants of the module, which are not tried. */
	ignored: number;
}

function main(): void {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: { 'update-docs': { type: 'boolean' } },
	});
	const scores: Scores = {};
	for (const floor of FLOORS) {
		const names = positionals.length ? positionals : namesOf(floor);
		const files = names.filter((name) => name.startsWith(`${floor}/`)).map(fileOf);
		if (!files.length) continue;
		const asked = new Set(files.map((file) => file.split(':')[0]!));
		for (const [file, { source, mutants }] of Object.entries(mutate(floor, files).files)) {
			// Stryker hands on what it found of other files before, however old.
			if (!asked.has(file)) continue;
			scores[path.relative(shared, file)] = scoreOf(mutants);
			printSurvivors(file, source.split('\n'), mutants);
		}
	}
	console.log(tableOf(scores));
	if (values['update-docs']) updateDocs(scores);
}

function namesOf(floor: Floor): string[] {
	return readdirSync(path.join(root, shared, floor)).map(
		(file) => `${floor}/${path.basename(file, '.ts')}`,
	);
}

/** @param name such as `api/pages`, or with the lines that are meant, `api/pages:1-50` */
function fileOf(name: string): string {
	const [file, lines] = name.split(':');
	return `${shared}/${file}.ts${lines ? `:${lines}` : ''}`;
}

/** Runs Stryker; what it found of unchanged files and tests before, it does not try again. */
function mutate(floor: Floor, files: string[]): Report {
	mkdirSync(scratch, { recursive: true });
	const reportFile = path.join(scratch, 'report.json');
	const { status } = spawnSync(
		path.join(root, 'node_modules/.bin/stryker'),
		[
			...['run', 'test/mutation/stryker.config.mjs', '--mutate', files.join(',')],
			...['--incrementalFile', path.join(scratch, `${floor}.json`)],
		],
		{
			cwd: root,
			stdio: 'inherit',
			env: {
				...process.env,
				MUTATION_FLOOR: floor,
				MUTATION_NAMES: files.map((file) => path.basename(file.split(':')[0]!, '.ts')).join(),
				MUTATION_REPORT: reportFile,
			},
		},
	);
	if (status !== 0) throw new Error(`Stryker ended with exit code ${status}`);
	return JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
}

function scoreOf(mutants: Mutant[]): Score {
	const count = (...statuses: string[]) =>
		mutants.filter(({ status }) => statuses.includes(status)).length;
	return {
		seen: count('Killed', 'Timeout'),
		late: count('Timeout'),
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

function tableOf(scores: Scores): string {
	const row = (name: string, { seen, late, survived, ignored }: Score) => [
		name,
		...[seen + survived, survived, late ?? '', ignored].map(String),
		// Rounded down: 100 % is said where nothing is left.
		seen + survived ? `${Math.floor((100 * seen) / (seen + survived))} %` : '',
	];
	const names = Object.keys(scores).sort();
	const rows = FLOORS.flatMap((floor) => {
		const own = names.filter((name) => name.startsWith(`${floor}/`));
		if (!own.length) return [];
		const sum = (which: keyof Score) =>
			own.reduce((total, name) => total + (scores[name]![which] ?? 0), 0);
		const total: Score = {
			seen: sum('seen'),
			late: sum('late'),
			survived: sum('survived'),
			ignored: sum('ignored'),
		};
		return [...own.map((name) => row(name, scores[name]!)), row(`${floor} together`, total)];
	});
	return table(
		['File', 'Changes', 'Seen by no test', 'Out of time', 'Of constants, not tried', 'Score'],
		rows,
	);
}

const DOCUMENT = path.join(root, 'docs/mutation.md');
const PLACE = /(<!-- scores -->\n)[\s\S]*?(<!-- end of scores -->)/;

/** Puts scores in the place of those that the document has of the same files. */
function updateDocs(scores: Scores): void {
	const text = readFileSync(DOCUMENT, 'utf8');
	const documented = [...text.matchAll(/^\| (\w+\/\w+\.ts) +\|([\d |]+)\|/gm)];
	const before = documented.map(([, name, figures]): [string, Score] => {
		const [changes, survived, late, ignored] = figures!.split('|').map((cell) => cell.trim());
		const score = { survived: Number(survived), ignored: Number(ignored) };
		const seen = Number(changes) - score.survived;
		return [name!, { ...score, seen, late: late ? Number(late) : undefined }];
	});
	const all = { ...Object.fromEntries(before), ...scores };
	writeFileSync(
		DOCUMENT,
		text.replace(PLACE, (_, start, end) => `${start}\n${tableOf(all)}\n\n${end}`),
	);
}

main();
