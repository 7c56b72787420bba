import { readFile } from 'node:fs/promises';
import { DOCUMENT, documentOf } from '../bench/document';
import { merged, readResults, RECORDS, type Recorded, type Results } from '../bench/results';
import type { Run } from '../bench/run';
import { goalsOf, problemsOf, ratio, summaryOf } from '../bench/summary';

/** The benchmark's own sums, which no reader of its figures can check. */

const run = (more: Partial<Run>): Run => ({
	contender: 'package',
	round: 1,
	othersPercent: 0,
	milliseconds: 1000,
	cpuMilliseconds: 500,
	peakBytes: 700e6,
	done: 100,
	errorRows: 0,
	requests: 10,
	refused: 0,
	failed: 0,
	missed: 0,
	doubled: 0,
	peakRequests: 4,
	serverCpuMilliseconds: 100,
	...more,
});

const scene = (...runs: Run[]): Recorded => ({
	name: 'classify',
	case: 'classify',
	n8n: 'n8n-2',
	count: 100,
	size: '300kB',
	capacity: 8,
	executions: 1,
	requests: 10,
	base: 'reading',
	date: '2026-01-01',
	version: '2.0.0',
	pace: { latency: 150, recordMs: 20 },
	runs,
});

test('a ratio is the median of those within each round', () => {
	const times = [
		[1000, 1000],
		[9000, 6000],
		[1200, 1000],
	] as const;
	const runs = times.flatMap(([own, other], at) => [
		run({ round: at + 1, milliseconds: own }),
		run({ round: at + 1, milliseconds: other, contender: 'stream' }),
	]);
	expect(ratio(scene(...runs), 'package', 'stream')).toBe(1.2);
	expect(ratio(scene(...runs), 'package', 'loop')).toBeUndefined();
});

test.each<[string, Partial<Run>, string[]]>([
	['nothing', {}, []],
	[
		'a lost image',
		{ done: 99, missed: 1 },
		['1 of 100 without a result', '1 not done at the server'],
	],
	['an image sent again', { doubled: 1, requests: 11 }, ['1 done again', '11 requests, not 10']],
	[
		'a failure',
		{ failure: 'It failed', done: 0 },
		['the run failed: It failed', '100 of 100 without a result'],
	],
	['an error item', { errorRows: 2 }, ['2 error items']],
])('a run is wrong by %s', (_, more, problems) => {
	expect(problemsOf(scene(), run(more))).toEqual(problems);
});

test('a run that lost something reaches no goal', () => {
	const stream = run({ contender: 'stream', milliseconds: 900 });
	const reading = { ...scene(run({ contender: 'reading', peakBytes: 600e6 })), name: 'reading' };
	const reached = (one: Recorded) =>
		goalsOf([reading, one], one).map(({ what, isMet }) => `${isMet} ${what}`);
	expect(reached(scene(stream, run({})))).toEqual([
		'true time, of the bare streaming client’s',
		'true MB above reading',
	]);
	expect(reached(scene(stream, run({ milliseconds: 2000, peakBytes: 800e6 })))).toEqual([
		'false time, of the bare streaming client’s',
		'false MB above reading',
	]);
	expect(reached(scene(stream, run({ done: 99 })))).toEqual([]);
	expect(summaryOf([], scene(run({}), run({ done: 90 })), 'package')).toMatchObject({ lost: 10 });
});

test('recording replaces a scene where it stood, or adds rounds to it', () => {
	const old: Results = {
		machine: { cpu: '', cores: 2, gigabytes: 24 },
		scenes: [scene(run({}), run({ round: 2 })), { ...scene(), n8n: 'n8n-1' }],
	};
	const roundsOf = (options: { add: boolean; profile: boolean }) =>
		merged(old, [scene(run({}))], options).scenes.map(({ runs }) => runs.map(({ round }) => round));
	expect(roundsOf({ add: false, profile: false })).toEqual([[1], []]);
	expect(roundsOf({ add: true, profile: false })).toEqual([[1, 2, 3], []]);
	expect(roundsOf({ add: false, profile: true })).toEqual([[1, 2], []]);
});

test('the document is what the recorded runs make', async () => {
	expect(await readFile(DOCUMENT, 'utf8')).toBe(documentOf(await readResults()));
});

test('each recorded run is a line, so that a change shows what was measured anew', async () => {
	const { scenes } = await readResults();
	const lines = (await readFile(RECORDS, 'utf8')).split('\n').map((line) => line.trim());
	const runs = lines.filter((line) => /^\{ "contender".*\},?$/.test(line));
	expect(runs).toHaveLength(scenes.flatMap((one) => one.runs).length);
});
