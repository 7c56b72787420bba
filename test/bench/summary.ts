import { median, type ContenderName, type Run } from './run';
import type { Conditions } from './scene';

/** A scene with its runs; a record is one. */
export interface Measured extends Conditions {
	runs: Run[];
}

/** What each figure should be at most, or at least. */
export const GOALS = {
	/** The nodes' time in those of the bare streaming client, at narrow and at wide servers. */
	time: (capacity: number) => (capacity <= 2 ? 1.3 : 1.15),
	megabytesAbove: 150,
	/** The node's CPU in those of the bare loop. */
	cpu: 1,
	/** How many times longer n8n's HTTP Request takes. */
	http: 20,
};

/** The medians of one contender's runs in one scene. */
export interface Summary {
	scene: Measured;
	contender: ContenderName;
	runs: number;
	seconds: number;
	cpuSeconds: number;
	megabytes: number;
	/** Above what n8n takes without the node. */
	megabytesAbove?: number;
	lateSeconds?: number;
	requests: number;
	refused: number;
	/** How much of the machine other programs used meanwhile. */
	othersPercent: number;
	/** The most in one run that was asked for and did not come out. */
	lost: number;
	/** What was not as it must be, whatever the machine. */
	problems: string[];
}

export function summaryOf(
	scenes: Measured[],
	scene: Measured,
	contender: ContenderName,
): Summary | undefined {
	const own = runsOf(scene, contender);
	if (own.length === 0) return undefined;
	const middle = (value: (run: Run) => number) => median(own.map(value));
	const base = scenes.find(({ name, n8n }) => name === scene.base && n8n === scene.n8n);
	const bytes = middle((run) => run.peakBytes);
	const isBare = contender === 'stream' || contender === 'loop';
	return {
		scene,
		contender,
		runs: own.length,
		seconds: middle((run) => run.milliseconds) / 1000,
		cpuSeconds: middle((run) => run.cpuMilliseconds) / 1000,
		megabytes: bytes / 1e6,
		...(base && !isBare
			? { megabytesAbove: (bytes - median(base.runs.map((run) => run.peakBytes))) / 1e6 }
			: {}),
		...(own[0]!.lateMilliseconds === undefined
			? {}
			: { lateSeconds: middle((run) => run.lateMilliseconds!) / 1000 }),
		requests: middle((run) => run.requests),
		refused: middle((run) => run.refused),
		othersPercent: middle((run) => run.othersPercent),
		lost: Math.max(...own.map((run) => scene.count * scene.executions - run.done)),
		problems: [...new Set(own.flatMap((run) => problemsOf(scene, run)))],
	};
}

export function runsOf(scene: Measured, contender: ContenderName): Run[] {
	return scene.runs.filter((run) => run.contender === contender);
}

/**
 * How many times as much one contender took as another: the median over the rounds, in each of which
 * they took turns, so that a slow minute of the machine falls on both. None without common rounds.
 */
export function ratio(
	scene: Measured,
	contender: ContenderName,
	to: ContenderName,
	value: (run: Run) => number = (run) => run.milliseconds,
): number | undefined {
	const others = new Map(runsOf(scene, to).map((run) => [run.round, run]));
	const pairs = runsOf(scene, contender).flatMap((run) => {
		const other = others.get(run.round);
		return other ? [value(run) / value(other)] : [];
	});
	return pairs.length ? median(pairs) : undefined;
}

/** What of a run is not exactly as it must be, whatever the machine. */
export function problemsOf({ count, executions, requests }: Conditions, run: Run): string[] {
	const all = count * executions;
	return [
		run.failure !== undefined && `the run failed: ${run.failure}`,
		run.done !== all && `${all - run.done} of ${all} without a result`,
		run.errorRows > 0 && `${run.errorRows} error items`,
		run.missed > 0 && `${run.missed} not done at the server`,
		run.doubled > 0 && `${run.doubled} done again`,
		run.failed > 0 && `${run.failed} requests broken off`,
		requests !== undefined &&
			run.requests !== requests &&
			run.contender !== 'http' &&
			run.contender !== 'reading' &&
			`${run.requests} requests, not ${requests}`,
	].filter((problem) => problem !== false);
}

/** A goal of this package in one scene, and what was reached. */
export interface Goal {
	what: string;
	value: number;
	limit: number;
	digits: number;
	isMet: boolean;
}

/** The goals of this package in one scene. */
export function goalsOf(scenes: Measured[], scene: Measured): Goal[] {
	const summary = summaryOf(scenes, scene, 'package');
	// What was not done took neither time nor memory.
	if (!summary || summary.problems.length) return [];
	const { capacity = 8 } = scene;
	const atMost = (what: string, value: number | undefined, limit: number, digits = 2): Goal[] =>
		value === undefined ? [] : [{ what, value, limit, digits, isMet: value <= limit }];
	const http = ratio(scene, 'http', 'package');
	return [
		...atMost(
			'time, of the bare streaming client’s',
			ratio(scene, 'package', 'stream'),
			GOALS.time(capacity),
		),
		...(capacity === 8
			? atMost(
					'CPU, of the bare loop’s',
					ratio(scene, 'package', 'loop', (run) => run.cpuMilliseconds),
					GOALS.cpu,
				)
			: []),
		...(scene.size && scene.executions === 1
			? atMost('MB above reading', summary.megabytesAbove, GOALS.megabytesAbove, 0)
			: []),
		...(http === undefined
			? []
			: [
					{
						what: 'times as fast as HTTP Request',
						value: http,
						limit: GOALS.http,
						digits: 1,
						isMet: http >= GOALS.http,
					},
				]),
	];
}
