import type { Scene } from './classify';
import { contenders, median, type ContenderName, type Run } from './run';

/** What each figure should be at most. */
const GOALS = {
	/** The nodes' time in those of the bare streaming client, at narrow and at wide servers. */
	time: (capacity: number) => (capacity <= 2 ? 1.3 : 1.15),
	megabytesAboveReading: 150,
	/** The node's CPU in those of the bare loop. */
	cpu: 1,
};

/** The medians of one contender's runs in one scene. */
export interface Summary {
	scene: Scene;
	contender: ContenderName;
	runs: number;
	seconds: number;
	cpuSeconds: number;
	/** Of the whole process, above that of a workflow that only reads the files. */
	cpuSecondsAboveReading?: number;
	megabytes: number;
	megabytesAboveReading?: number;
	/** Times those of the bare clients. */
	timeRatio?: number;
	cpuRatio?: number;
	requests: number;
	refused: number;
	/** The most images in one run that gave no result. */
	lost: number;
	problems: string[];
}

/** Sums up all runs, scene by scene. */
export function summarize(scenes: Scene[], runs: Run[]): Summary[] {
	return scenes.flatMap((scene) =>
		scene.contenders.flatMap((contender) => {
			const own = runsOf(runs, scene.name, contender);
			return own.length ? [summary(scene, contender, own, scenes, runs)] : [];
		}),
	);
}

function runsOf(runs: Run[], scene: string, contender: ContenderName): Run[] {
	return runs.filter((run) => run.scene === scene && run.contender === contender);
}

function summary(
	scene: Scene,
	contender: ContenderName,
	own: Run[],
	scenes: Scene[],
	runs: Run[],
): Summary {
	const middle = (some: Run[], value: (run: Run) => number) =>
		some.length ? median(some.map(value)) : undefined;
	const inN8n = contender === 'package' || contender === 'previous';
	const readingScene = scenes.find(
		({ case: name, size, images }) =>
			name === 'reading' && size === scene.size && images === scene.images,
	);
	const reading = inN8n && readingScene ? runsOf(runs, readingScene.name, 'reading') : [];
	const above = (value: (run: Run) => number, times = 1) => {
		const base = middle(reading, value);
		return base === undefined ? undefined : middle(own, value)! - base * times;
	};
	const ratio = (to: ContenderName, value: (run: Run) => number) => {
		const base = middle(runsOf(runs, scene.name, to), value);
		return base === undefined ? undefined : middle(own, value)! / base;
	};
	const cpuAbove = above((run) => run.processCpuMilliseconds ?? 0, scene.executions);
	const bytesAbove = above((run) => run.peakBytes);
	return {
		scene,
		contender,
		runs: own.length,
		seconds: middle(own, (run) => run.milliseconds)! / 1000,
		cpuSeconds: middle(own, (run) => run.cpuMilliseconds)! / 1000,
		...(cpuAbove === undefined ? {} : { cpuSecondsAboveReading: cpuAbove / 1000 }),
		megabytes: middle(own, (run) => run.peakBytes)! / 1e6,
		...(bytesAbove === undefined ? {} : { megabytesAboveReading: bytesAbove / 1e6 }),
		timeRatio: ratio('stream', (run) => run.milliseconds),
		cpuRatio: ratio('loop', (run) => run.cpuMilliseconds),
		requests: middle(own, (run) => run.requests)!,
		refused: middle(own, (run) => run.refused)!,
		lost: Math.max(...own.map((run) => scene.images * scene.executions - run.rows)),
		problems:
			contender === 'reading' ? [] : [...new Set(own.flatMap((run) => problemsOf(scene, run)))],
	};
}

/** What of a run is not exactly as it must be, whatever the machine. */
export function problemsOf({ images, executions, requests }: Scene, run: Run): string[] {
	const all = images * executions;
	return [
		run.failure !== undefined && `the run failed: ${run.failure}`,
		run.rows !== all && `${all - run.rows} of ${all} images without a result`,
		run.errorRows > 0 && `${run.errorRows} error items`,
		run.missed > 0 && `${run.missed} images not analysed`,
		run.doubled > 0 && `${run.doubled} images analysed again`,
		run.failed > 0 && `${run.failed} requests broken off`,
		requests !== undefined &&
			run.requests !== requests &&
			`${run.requests} requests, not ${requests}`,
	].filter((problem) => problem !== false);
}

/** The goals of this package in one scene: which are met, which are missed. */
export function goalsOf({ scene, contender, ...figures }: Summary): string[] {
	if (contender !== 'package') return [];
	// What was not done took neither time nor memory.
	if (figures.problems.length)
		return ['MISSED: all images analysed, in no more requests than that takes'];
	const { timeRatio, cpuRatio, megabytesAboveReading } = figures;
	const check = (what: string, value: number | undefined, limit: number, digits: number) =>
		value === undefined
			? []
			: [`${value <= limit ? 'met' : 'MISSED'}: ${what} ${value.toFixed(digits)} (goal ${limit})`];
	return [
		...check('time in bare streaming clients', timeRatio, GOALS.time(scene.capacity), 2),
		...check('CPU in bare loops', cpuRatio, GOALS.cpu, 2),
		...check('MB above reading', megabytesAboveReading, GOALS.megabytesAboveReading, 0),
	];
}

/** A table in Markdown, its columns aligned for those who read it as it is. */
export function table(header: string[], rows: string[][]): string {
	const widths = header.map((title, at) =>
		Math.max(title.length, ...rows.map((row) => row[at]!.length)),
	);
	const line = (cells: string[]) =>
		`| ${cells.map((cell, at) => (at ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!))).join(' | ')} |`;
	const rule = widths.map((width, at) => (at ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
	return [line(header), line(rule), ...rows.map(line)].join('\n');
}

/** The medians of one scene side by side. */
export function sceneTable(summaries: Summary[]): string {
	const shown = (value: number | undefined, digits: number) =>
		value === undefined ? '' : value.toFixed(digits);
	return table(
		[
			'',
			'time in streams',
			'CPU in loops',
			's',
			'CPU s',
			'CPU s above reading',
			'MB above reading',
			'MB',
			'requests',
			'refused',
			'lost',
		],
		summaries.map((one) => [
			contenders[one.contender],
			shown(one.timeRatio, 2),
			shown(one.cpuRatio, 2),
			shown(one.seconds, 2),
			shown(one.cpuSeconds, 2),
			shown(one.cpuSecondsAboveReading, 2),
			shown(one.megabytesAboveReading, 0),
			shown(one.megabytes, 0),
			shown(one.requests, 0),
			shown(one.refused, 0),
			one.contender === 'reading' ? '' : String(one.lost),
		]),
	);
}
