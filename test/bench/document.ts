import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { projectDirectory } from '../e2e/harness/pack';
import {
	drawPictures,
	embedded,
	measures,
	panelOf,
	profilePanel,
	ratioPanel,
	type Picture,
} from './pictures';
import type { Recorded, Results } from './results';
import { contenders, median, type ContenderName, type Run } from './run';
import { caseNames, type CaseName } from './scene';
import { goalsOf, ratio, runsOf, summaryOf, GOALS, type Goal } from './summary';
import { shown, table, tableOfUsed } from './table';

/** Writes docs/performance.md and its pictures from the recorded figures. */

const DOCS = path.join(projectDirectory, 'docs');
const FOLDER = 'performance';

export const DOCUMENT = path.join(DOCS, 'performance.md');

/** Draws the pictures, and writes the document around them. */
export async function draw(results: Results): Promise<void> {
	const pictures = sectionsOf(results).flatMap(({ pictures: own = [] }) => own);
	await drawPictures(path.join(DOCS, FOLDER), pictures);
	await writeFile(DOCUMENT, documentOf(results));
}

interface Section {
	title: string;
	/** What was measured, and what it says. */
	text: string;
	pictures?: Picture[];
	table?: string;
}

/** The whole document, as Markdown. */
export function documentOf(results: Results): string {
	const sections = sectionsOf(results).map(({ title, text, pictures = [], table: rows }) => [
		`## ${title}`,
		text,
		...pictures.map((picture) => embedded(FOLDER, picture)),
		...(rows ? [rows] : []),
	]);
	return `${[['# Performance', introduction(results)], ...sections, [...HOW_TO_REPEAT]].flat().join('\n\n')}\n`;
}

function introduction({ machine, scenes }: Results): string {
	const versions = [...new Set(scenes.map(({ version }) => version))].join(' and ');
	const dates = scenes.map(({ date }) => date).sort();
	const [first, last] = [dates[0], dates.at(-1)];
	const when = first === last ? `on ${first}` : `from ${first} to ${last}`;
	return [
		'Written by `npm run bench -- --draw` from [performance.json](performance.json), which holds every run.',
		'',
		`Measured ${when} with n8n ${versions} and the packed package, on ${machine.cores} cores (${machine.cpu}) and ${machine.gigabytes} GB, which n8n shares with the simulated service. All figures are medians; ratios are taken within a round, in which everybody took turns. Seconds depend on the machine, and on what else it had to do: _others_ is how much of it other programs used meanwhile. Where that is more than a few percent, compare CPU, memory and requests.`,
		'',
		'The service takes 150 ms for a request and 20 ms more for each image in it, and refuses with a 429 what goes beyond its capacity. Images are JPEGs of 300 kB unless it says otherwise. The _bare streaming client_ is [a page of plain Node.js](../test/bench/bareClient.ts) that is told the capacity; the _bare loop_ is the same with `toString("base64")`, `JSON.stringify` and `fetch`. The _previous release_ is the state before requests were streamed and paced by what the service bears.',
	].join('\n');
}

const HOW_TO_REPEAT = [
	'## How to repeat it',
	[
		'```',
		'npm ci',
		'npm run bench                                # everything: about two hours',
		'npm run bench -- --short                     # some minutes',
		'npm run bench -- --case classify --record    # one case, into this document',
		'npm run bench -- --help                      # all that can be chosen',
		'```',
	].join('\n'),
	'It installs n8n into the cache, needs 3 GB of disk for photographs while it runs, and Linux. `--against COMMIT` adds a previous release.',
];

function sectionsOf(results: Results): Section[] {
	return [
		goals(results),
		classify(results),
		cpu(results),
		http(results),
		memory(results),
		parallel(results),
		operations(results),
		trigger(results),
		start(results),
	].filter((section) => section !== undefined);
}

/** The scenes of some cases, in the order of their capacities, however they were recorded. */
const of = ({ scenes }: Results, ...names: CaseName[]): Recorded[] =>
	scenes
		.filter((scene) => names.includes(scene.case))
		.sort((one, other) => (one.capacity ?? 0) - (other.capacity ?? 0));

const NEWER = 'n8n-2';

const NODES: ContenderName[] = ['package', 'previous'];

/** One line of a table: a scene and a contender. */
function rowOf(results: Results, scene: Recorded, name: ContenderName, line: string): string[] {
	const summary = summaryOf(results.scenes, scene, name);
	if (!summary) return [];
	const isWhole = summary.lost === 0;
	return [
		line,
		contenders[name],
		isWhole ? shown(ratio(scene, name, 'stream'), 2) : '',
		isWhole
			? shown(
					ratio(scene, name, 'loop', (run) => run.cpuMilliseconds),
					2,
				)
			: '',
		shown(summary.seconds, 1),
		shown(summary.cpuSeconds, 1),
		shown(summary.megabytesAbove, 0),
		shown(summary.megabytes, 0),
		shown(summary.requests, 0),
		shown(summary.refused, 0),
		String(summary.lost),
		String(summary.runs),
		`${summary.othersPercent.toFixed(0)} %`,
	];
}

const COLUMNS = [
	'',
	'',
	'time / stream',
	'CPU / loop',
	's',
	'CPU s',
	'MB above',
	'MB',
	'requests',
	'refused',
	'lost',
	'runs',
	'others',
];

/** The table of some scenes, without the columns that nobody has a figure for. */
function tableOf(
	results: Results,
	scenes: Array<{ line: string; scene: Recorded }>,
	names: ContenderName[],
): string {
	const rows = scenes.flatMap(({ line, scene }) =>
		names.map((name) => rowOf(results, scene, name, line)).filter(({ length }) => length > 0),
	);
	return tableOfUsed(COLUMNS, rows, 2);
}

function goals(results: Results): Section | undefined {
	const rows = caseNames
		.flatMap((name) => of(results, name))
		.flatMap((scene) => goalsOf(results.scenes, scene).map((goal) => goalRow(scene, goal)));
	if (!rows.length) return undefined;
	return {
		title: 'Goals',
		text: `What this package wants to reach: nothing lost or done twice, no more requests than it takes; at most ${GOALS.time(8)} of the time of a bare streaming client that knows the capacity (${GOALS.time(1)} where the service takes one or two requests at once), no more CPU than a bare loop, at most ${GOALS.megabytesAbove} MB above a workflow that only reads the files, and ${GOALS.http} times as fast as n8n's HTTP Request.`,
		table: table(['', '', 'reached', 'goal', ''], rows, 2),
	};
}

function goalRow({ name, n8n }: Recorded, { what, value, limit, digits, isMet }: Goal): string[] {
	const where = n8n === NEWER ? name : `${name}, n8n 1`;
	// One more digit where the goal is missed by less than is shown.
	const isClose = !isMet && Number(value.toFixed(digits)) === limit;
	const reached = value.toFixed(isClose ? digits + 1 : digits);
	return [where, what, reached, String(limit), isMet ? 'met' : '**missed**'];
}

function classify(results: Results): Section | undefined {
	const all = of(results, 'classify');
	if (!all.length) return undefined;
	const newer = all
		.filter(({ n8n }) => n8n === NEWER)
		.map((scene) => ({ line: `capacity ${scene.capacity}`, scene }));
	const older = all
		.filter(({ n8n }) => n8n !== NEWER)
		.map((scene) => ({ line: `capacity ${scene.capacity}, n8n 1`, scene }));
	const names: ContenderName[] = ['stream', 'package', 'previous'];
	return {
		title: `Classify ${all[0]!.count} images`,
		text:
			'With all options as they are by default: the node finds out by itself how many requests the service takes at once. The time is that of the node, without reading the files. What it takes more than a client that is told the capacity, it takes at the beginning: it looks at the fields of all items and at the first bytes of all files before anything is sent, and has four requests under way until the first answers. From then on there are as many as the service takes, so the more images, the less this counts.' +
			busyService(newer.map(({ scene }) => scene)),
		pictures: [
			{
				name: 'classify',
				alt: 'Time by the capacity of the service',
				panels: [ratioPanel(newer, names), panelOf(results.scenes, newer, names, measures.seconds)],
			},
		],
		table: tableOf(results, [...newer, ...older], ['stream', 'loop', 'package', 'previous']),
	};
}

/** Where the most requests are under way, the service has little room for what comes late. */
function busyService(scenes: Recorded[]): string {
	const [most] = [...scenes].sort((a, b) => (b.capacity ?? 0) - (a.capacity ?? 0));
	const runs = most ? runsOf(most, 'stream') : [];
	if (!most || !runs.length) return '';
	const shares = runs.map((run) => run.serverCpuMilliseconds / run.milliseconds);
	return ` The simulated service works on one core, and with ${most.capacity} at once it does so for ${(100 * median(shares)).toFixed(0)} % of the bare client’s time: what begins late has to wait there as well.`;
}

function cpu(results: Results): Section | undefined {
	const scene = of(results, 'classify').find(
		({ capacity, n8n }) => capacity === 8 && n8n === NEWER,
	);
	if (!scene) return undefined;
	const line = `${scene.count} images`;
	const names: ContenderName[] = ['stream', 'loop', 'package', 'previous'];
	const shares = scene.profile;
	return {
		title: 'Where the CPU time goes',
		text:
			'The CPU of the whole n8n process during the node, capacity 8, beside the bare clients. ' +
			(shares
				? 'Below, one run under a profile, by what the code belongs to; only n8n’s main thread is seen there.'
				: ''),
		pictures: [
			{
				name: 'cpu',
				alt: 'CPU time',
				panels: [panelOf(results.scenes, [{ line, scene }], names, measures.cpu)],
			},
			...(shares
				? [
						{
							name: 'profile',
							alt: 'What the CPU time is spent on',
							panels: [profilePanel(shares)],
						},
					]
				: []),
		],
	};
}

function http(results: Results): Section | undefined {
	const scenes = of(results, 'http').map((scene) => ({ line: `${scene.count} images`, scene }));
	if (!scenes.length) return undefined;
	const names: ContenderName[] = ['package', 'http'];
	return {
		title: 'Beside n8n’s HTTP Request',
		text: 'What one builds without this package: Read Files, Extract From File to base64, and HTTP Request with an image a request, four at a time with a pause that keeps it within the capacity of 8, and set to go on after an error, because otherwise one refusal loses the whole run. The time is that of all nodes after Read Files.',
		pictures: [
			{
				name: 'http-request',
				alt: 'Time, CPU and memory beside n8n’s HTTP Request',
				panels: [measures.seconds, measures.cpu, measures.memory].map((measure) =>
					panelOf(results.scenes, scenes, names, measure),
				),
			},
		],
		table: tableOf(results, scenes, ['stream', ...names]),
	};
}

function memory(results: Results): Section | undefined {
	const scenes = of(results, 'sizes').map((scene) => ({
		line: `${scene.count} of ${scene.size === '20MB' ? '20 MB' : '300 kB'}`,
		scene,
	}));
	if (!scenes.length) return undefined;
	const goal = GOALS.megabytesAbove;
	return {
		title: 'Memory, whatever the number of images',
		text: 'The most memory that the n8n process held, above that of a workflow which only reads the same files. The dashed line is the goal.',
		pictures: [
			{
				name: 'memory',
				alt: 'Memory by the number of images',
				panels: [
					panelOf(results.scenes, scenes, NODES, { ...measures.memoryAbove, goal }),
					panelOf(results.scenes, scenes, NODES, measures.memory),
				],
			},
		],
		table: tableOf(results, scenes, NODES),
	};
}

function parallel(results: Results): Section | undefined {
	const scenes = of(results, 'parallel').map((scene) => ({
		line: `capacity ${scene.capacity}`,
		scene,
	}));
	const scene = scenes[0]?.scene;
	if (!scene) return undefined;
	return {
		title: `${scene.executions} executions side by side`,
		text: `Each classifies ${scene.count} images in an n8n process of its own, all on one account. None knows of the others, and together they may open more requests than the service takes.`,
		pictures: [
			{
				name: 'parallel',
				alt: 'Executions side by side',
				panels: [
					panelOf(results.scenes, scenes, NODES, measures.seconds),
					panelOf(results.scenes, scenes, NODES, measures.requests),
				],
			},
		],
		table: tableOf(results, scenes, NODES),
	};
}

const OPERATIONS: Partial<Record<CaseName, string>> = {
	wait: 'wait for {} requests',
	list: 'list {} training images',
	mark: 'mark {} training images',
	upload: 'upload {} images with a label',
	samples: '{} rows to finished samples',
};

function operations(results: Results): Section | undefined {
	const scenes = of(results, 'wait', 'list', 'mark', 'upload', 'samples').map((scene) => ({
		line: OPERATIONS[scene.case]!.replace('{}', scene.count.toLocaleString('en')),
		scene,
	}));
	if (!scenes.length) return undefined;
	const late = scenes.flatMap(({ scene }) =>
		NODES.flatMap((name) => {
			const seconds = summaryOf(results.scenes, scene, name)?.lateSeconds;
			return seconds === undefined
				? []
				: [`${contenders[name]} ${seconds.toFixed(1)} s after the last one is done`];
		}),
	);
	return {
		title: 'Operations with many items',
		text: `Here the service takes 50 ms for a call of any kind, 8 at once, and gives 100 entries a page. Requests that are waited for are done 8 to 16 seconds after they were submitted${late.length ? `; the node goes on: ${late.join(', ')}` : ''}.`,
		pictures: [
			{
				name: 'operations',
				alt: 'Time and requests of operations with many items',
				panels: [measures.seconds, measures.requests].map((measure) =>
					panelOf(results.scenes, scenes, NODES, measure),
				),
			},
		],
		table: tableOf(results, scenes, NODES),
	};
}

function trigger(results: Results): Section | undefined {
	const scenes = of(results, 'trigger').map((scene) => ({
		line: `${scene.count.toLocaleString('en')} finishes`,
		scene,
	}));
	if (!scenes.length) return undefined;
	return {
		title: 'The trigger catches up',
		text: 'The workflow is activated when so many requests have finished that it has to tell; from then on until all of them have come through an execution. A call takes 50 ms.',
		pictures: [
			{
				name: 'trigger',
				alt: 'Time, calls and memory of the trigger',
				panels: [measures.seconds, measures.requests, measures.memory].map((measure) =>
					panelOf(results.scenes, scenes, NODES, measure),
				),
			},
		],
		table: tableOf(results, scenes, NODES),
	};
}

function start(results: Results): Section | undefined {
	const [scene] = of(results, 'start');
	if (!scene) return undefined;
	const without = new Map(runsOf(scene, 'without').map((run) => [run.round, run]));
	const pairs = runsOf(scene, 'package').flatMap((run) => {
		const other = without.get(run.round);
		return other ? [{ run, other }] : [];
	});
	const difference = (value: (run: Run) => number) => {
		const all = pairs.map(({ run, other }) => value(run) - value(other));
		const [least, middle, most] = [Math.min(...all), median(all), Math.max(...all)].map(Math.round);
		return `${middle} ms (${least} to ${most})`;
	};
	const added = difference(({ milliseconds }) => milliseconds);
	const addedCpu = difference(({ cpuMilliseconds }) => cpuMilliseconds);
	const kilobytes = (runsOf(scene, 'package')[0]!.diskBytes ?? 0) / 1000;
	const names: ContenderName[] = ['without', 'package'];
	const line = 'n8n start';
	return {
		title: 'What the package adds to n8n',
		text: `To its start: ${added}, and of CPU ${addedCpu}: medians and extremes of ${pairs.length} pairs of starts with and without the package, which differ by themselves as well. To the disk: ${kilobytes.toFixed(0)} kB, and no other package.`,
		pictures: [
			{
				name: 'start',
				alt: 'n8n’s start with and without the package',
				panels: [
					panelOf(results.scenes, [{ line, scene }], names, {
						...measures.seconds,
						label: (value) => value.toFixed(2),
					}),
					panelOf(results.scenes, [{ line, scene }], names, {
						...measures.cpu,
						label: (value) => value.toFixed(2),
					}),
				],
			},
		],
	};
}
