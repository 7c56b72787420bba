import { describeShares, type Shares } from './profile';
import { contenders } from './run';
import { goalsOf, ratio, summaryOf, type Measured, type Summary } from './summary';

/**
 * A table in Markdown, its columns aligned for those who read it as it is.
 * @param texts how many columns, from the left, hold texts and not figures
 */
export function table(header: string[], rows: string[][], texts = 1): string {
	const widths = header.map((title, at) =>
		Math.max(title.length, ...rows.map((row) => row[at]!.length)),
	);
	const line = (cells: string[]) =>
		`| ${cells.map((cell, at) => (at < texts ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join(' | ')} |`;
	const rule = widths.map((width, at) =>
		at < texts ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
	);
	return [line(header), line(rule), ...rows.map(line)].join('\n');
}

/**
 * The same without the columns that nobody has a figure for; the texts stay.
 * @param texts how many columns, from the left, hold texts and not figures
 */
export function tableOfUsed(header: string[], rows: string[][], texts = 1): string {
	const used = header.map((_, at) => at < texts || rows.some((row) => row[at] !== ''));
	const cells = (row: string[]) => row.filter((_, at) => used[at]);
	return table(cells(header), rows.map(cells), texts);
}

/** A figure, or nothing where there is none. */
export function shown(value: number | undefined, digits: number): string {
	return value === undefined ? '' : value.toFixed(digits);
}

/** The contenders of a scene, as far as they were measured. */
export function summariesOf(scenes: Measured[], scene: Measured): Summary[] {
	const names = [...new Set(scene.runs.map(({ contender }) => contender))];
	return names.map((name) => summaryOf(scenes, scene, name)!);
}

/** The figures of one scene side by side, and what is to be said of them, for the terminal. */
export function report(scenes: Measured[], scene: Measured & { profile?: Shares }): string {
	const summaries = summariesOf(scenes, scene);
	const rows = summaries.map(({ contender, ...figures }) => [
		contenders[contender],
		shown(ratio(scene, contender, 'stream'), 2),
		shown(
			ratio(scene, contender, 'loop', (run) => run.cpuMilliseconds),
			2,
		),
		shown(ratio(scene, contender, 'previous'), 2),
		shown(figures.seconds, 2),
		shown(figures.lateSeconds, 2),
		shown(figures.cpuSeconds, 2),
		shown(figures.megabytesAbove, 0),
		shown(figures.megabytes, 0),
		shown(figures.requests, 0),
		shown(figures.refused, 0),
		contender === 'reading' ? '' : String(figures.lost),
		`${shown(figures.othersPercent, 0)} %`,
	]);
	const header = [
		'',
		'time/stream',
		'CPU/loop',
		'time/previous',
		's',
		's late',
		'CPU s',
		'MB above',
		'MB',
		'requests',
		'refused',
		'lost',
		'others',
	];
	return [
		`\n${scene.name}`,
		tableOfUsed(header, rows),
		...summaries.flatMap(({ contender, problems }) =>
			problems.map((problem) => `${contenders[contender]}: ${problem}`),
		),
		...goalsOf(scenes, scene).map(
			({ what, value, limit, digits, isMet }) =>
				`${isMet ? 'met' : 'MISSED'}: ${value.toFixed(digits)} ${what} (goal ${limit})`,
		),
		...(scene.profile ? [describeShares(scene.profile)] : []),
	].join('\n');
}
