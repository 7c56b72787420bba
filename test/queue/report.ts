import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { table } from '../bench/table';
import { projectDirectory } from '../e2e/harness/pack';
import type { N8nLine } from '../e2e/harness/install';
import type { Outcome } from './judge';
import type { Stored, Throughput } from './parts';

/** All figures, each part's by the line of n8n; what was not run is missing. */
export interface Figures {
	kill?: Partial<Record<N8nLine, Outcome[]>>;
	storage?: Partial<Record<N8nLine, Stored[]>>;
	throughput?: Partial<Record<N8nLine, Throughput[]>>;
}

/** What may not be, of everything that was run. */
export function problemsOf({ kill, storage, throughput }: Figures): string[] {
	const wrong: string[] = [];
	for (const [line, outcomes] of lines(kill)) {
		for (const { title, problems, results, units } of outcomes) {
			if (results !== units) wrong.push(`${line} ${title}: ${units - results} without a result`);
			wrong.push(...problems.map((problem) => `${line} ${title}: ${problem}`));
		}
	}
	for (const [line, all] of lines(storage)) {
		for (const { storage: where, images, results, said } of all) {
			const lost = results !== images && where !== 'filesystem, not shared';
			if (lost) wrong.push(`${line} ${where}: ${images - results} without a result: ${said}`);
			if (results !== images && said === undefined) wrong.push(`${line} ${where}: nothing is said`);
		}
	}
	for (const [line, all] of lines(throughput)) {
		wrong.push(...all.flatMap(({ problems }) => problems).map((problem) => `${line} ${problem}`));
	}
	return wrong;
}

/** The tables, in Markdown. */
export function tablesOf({ kill, storage, throughput }: Figures): string {
	const parts = [
		...lines(kill).map(([line, outcomes]) => `${versions[line]}\n\n${killTable(outcomes)}`),
		...(lines(storage).length
			? [`Images uploaded to main and classified by a worker\n\n${storageTable(lines(storage))}`]
			: []),
		...lines(throughput).map(
			([line, all]) => `Throughput, ${versions[line]}\n\n${throughputTable(all)}`,
		),
	];
	return parts.join('\n\n');
}

export const versions: Record<N8nLine, string> = { 'n8n-2': 'n8n 2.40.7', 'n8n-1': 'n8n 1.123.81' };

function lines<T>(part: Partial<Record<N8nLine, T>> = {}): Array<[N8nLine, T]> {
	return Object.entries(part) as Array<[N8nLine, T]>;
}

function killTable(outcomes: Outcome[]): string {
	return table(
		[
			'Work',
			'Executions',
			'Images or requests',
			'Executions cut off',
			'Failed by n8n',
			'Begun again by n8n',
			'Done again in the end',
			'Results in the end',
			'Lost or doubled otherwise',
		],
		outcomes
			.map((one) => [
				one.title,
				...[
					one.executions,
					one.units,
					one.cut,
					one.failed,
					one.repeated,
					one.doneAgain,
					one.results,
				],
				one.problems.length,
			])
			.map((row) => row.map(String)),
	);
}

function storageTable(all: Array<[N8nLine, Stored[]]>): string {
	return table(
		['n8n', 'Files are kept in', 'Images', 'Results', 'What is said'],
		all.flatMap(([line, stored]) =>
			stored.map(({ storage, images, results, said = '' }) => [
				versions[line],
				storage,
				String(images),
				String(results),
				said,
			]),
		),
	);
}

/** Ratios to one worker; images a second only tell how large the whole is. */
function throughputTable(all: Throughput[]): string {
	return table(
		['Ximilar takes at once', 'Workers', 'Time in that of one worker', 'Requests', 'Refused'],
		all.map(({ capacity, workers, milliseconds, requests, refused }) => {
			const one = all.find((other) => other.capacity === capacity && other.workers === 1)!;
			const ratio = (milliseconds / one.milliseconds).toFixed(2);
			return [String(capacity), String(workers), ratio, String(requests), String(refused)];
		}),
	);
}

const DOCUMENT = path.join(projectDirectory, 'docs/reliability.md');
const PLACE = /(<!-- queue mode -->\n)[\s\S]*?(<!-- end of queue mode -->)/;

/** Writes the tables into the documentation. */
export async function updateDocs(figures: Figures): Promise<void> {
	const text = await readFile(DOCUMENT, 'utf8');
	if (!PLACE.test(text)) throw new Error(`${DOCUMENT} has no place for the tables`);
	await writeFile(
		DOCUMENT,
		text.replace(PLACE, (_, start, end) => `${start}\n${tablesOf(figures)}\n\n${end}`),
	);
}
