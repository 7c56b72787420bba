import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TopLevelSpec } from 'vega-lite' with { 'resolution-mode': 'import' };
import { describeGroups, type Shares } from './profile';
import { contenders, type ContenderName } from './run';
import { ratio, summaryOf, type Measured, type Summary } from './summary';

/** Pictures of figures, as panels of bars; each for a light and for a dark page. */

/** One bar. */
interface Bar {
	/** The line that it stands in, with others under the same conditions. */
	line: string;
	who: string;
	value: number;
	/** Said at its end. */
	label: string;
}

interface Panel {
	title: string;
	bars: Bar[];
	/** What the bars should stay below. */
	goal?: number;
}

export interface Picture {
	/** Of the files, without what tells light from dark. */
	name: string;
	/** For those who do not see it. */
	alt: string;
	panels: Panel[];
}

const COLOURS: Record<string, string> = {
	[contenders.package]: '#2f81f7',
	[contenders.previous]: '#8c959f',
	[contenders.http]: '#e5534b',
	[contenders.stream]: '#2da44e',
	[contenders.loop]: '#bf8700',
	[contenders.reading]: '#a475f9',
	[contenders.without]: '#a475f9',
};

const THEMES = {
	light: { text: '#1f2328', line: '#d0d7de' },
	dark: { text: '#e6edf3', line: '#3d444d' },
};

/** Draws pictures into a folder, in place of all that was there. */
export async function drawPictures(folder: string, pictures: Picture[]): Promise<void> {
	// Both are ES modules, which these CommonJS files cannot import otherwise.
	const { parse, View } = await import('vega');
	const { compile } = await import('vega-lite');
	await rm(folder, { recursive: true, force: true });
	await mkdir(folder, { recursive: true });
	for (const picture of pictures) {
		for (const theme of ['light', 'dark'] as const) {
			const { spec } = compile(specOf(picture, theme));
			const svg = await new View(parse(spec), { renderer: 'none' }).toSVG();
			await writeFile(path.join(folder, fileOf(picture, theme)), `${svg}\n`);
		}
	}
}

/** A picture in Markdown, as GitHub shows it on light and on dark pages. */
export function embedded(folder: string, picture: Picture): string {
	const address = (theme: keyof typeof THEMES) => `${folder}/${fileOf(picture, theme)}`;
	return [
		'<picture>',
		`<source media="(prefers-color-scheme: dark)" srcset="${address('dark')}">`,
		`<img alt="${picture.alt}" src="${address('light')}">`,
		'</picture>',
	].join('\n');
}

function fileOf({ name }: Picture, theme: keyof typeof THEMES): string {
	return `${name}-${theme}.svg`;
}

function specOf({ panels }: Picture, theme: keyof typeof THEMES): TopLevelSpec {
	const { text, line } = THEMES[theme];
	return {
		background: 'transparent',
		hconcat: panels.map((panel, at) => {
			const isNamed = String(linesOf(panel)) !== String(linesOf(panels[at - 1]));
			return panelSpec(panel, whoIn(panels), text, isNamed);
		}),
		spacing: 24,
		config: {
			font: 'system-ui, sans-serif',
			view: { stroke: null },
			title: { color: text, fontSize: 13, anchor: 'start' },
			axis: {
				labelColor: text,
				titleColor: text,
				gridColor: line,
				domainColor: line,
				tickColor: line,
				labelFontSize: 12,
				labelLimit: 0,
			},
			legend: { labelColor: text, labelFontSize: 12, labelLimit: 0, orient: 'bottom', title: null },
			text: { color: text, fontSize: 11 },
		},
	};
}

const BAR_HEIGHT = 17;

/** Who is shown in a picture, each by one colour. */
const whoIn = (panels: Panel[]): string[] => [
	...new Set(panels.flatMap(({ bars }) => bars.map(({ who }) => who))),
];

const linesOf = (panel?: Panel): string[] => [...new Set(panel?.bars.map(({ line }) => line))];

/** @param isNamed whether the lines are named, which those of a panel beside the same lines are not */
function panelSpec(panel: Panel, who: string[], text: string, isNamed: boolean) {
	const { title, bars, goal } = panel;
	const lines = linesOf(panel);
	const most = Math.max(...bars.map(({ value }) => value), goal ?? 0);
	const y = {
		field: 'line',
		type: 'nominal' as const,
		sort: lines,
		title: null,
		axis: isNamed ? { ticks: false, domain: false, labelPadding: 8 } : null,
	};
	const yOffset = { field: 'who', sort: who };
	const x = {
		field: 'value',
		type: 'quantitative' as const,
		title: null,
		axis: { tickCount: 4 },
		// Room for what is said at the ends of the bars.
		scale: { domain: [Math.min(0, ...bars.map(({ value }) => value)), most * 1.35] },
	};
	return {
		title,
		width: 240,
		height: { step: BAR_HEIGHT, for: 'offset' as const },
		data: { values: bars },
		layer: [
			{
				mark: { type: 'bar' as const, cornerRadiusEnd: 2 },
				encoding: {
					y,
					yOffset,
					x,
					color: {
						field: 'who',
						type: 'nominal' as const,
						scale: { domain: who, range: who.map((name) => COLOURS[name] ?? '#2f81f7') },
						...(who.length > 1 ? {} : { legend: null }),
					},
				},
			},
			{
				mark: { type: 'text' as const, align: 'left' as const, dx: 4 },
				encoding: { y, yOffset, x, text: { field: 'label', type: 'nominal' as const } },
			},
			...(goal === undefined
				? []
				: [
						{
							data: { values: [{ goal }] },
							mark: { type: 'rule' as const, strokeDash: [4, 3], color: text },
							encoding: { x: { field: 'goal', type: 'quantitative' as const } },
						},
					]),
		],
	};
}

/** Which figure of a summary a panel shows, and how. */
interface Measure {
	title: string;
	value: (summary: Summary) => number | undefined;
	label: (value: number) => string;
	goal?: number;
}

const whole = (value: number) => value.toFixed(0);

export const measures = {
	seconds: {
		title: 'seconds',
		value: ({ seconds }) => seconds,
		label: (value) => value.toFixed(1),
	},
	cpu: {
		title: 'seconds of CPU',
		value: ({ cpuSeconds }) => cpuSeconds,
		label: (value) => value.toFixed(1),
	},
	memory: { title: 'MB of memory, at the most', value: ({ megabytes }) => megabytes, label: whole },
	memoryAbove: {
		title: 'MB above n8n without the node',
		value: ({ megabytesAbove }) => megabytesAbove,
		label: whole,
	},
	requests: { title: 'requests', value: ({ requests }) => requests, label: whole },
} satisfies Record<string, Measure>;

/** A panel of a figure: a line for each scene, a bar for each contender. */
export function panelOf(
	all: Measured[],
	scenes: Array<{ line: string; scene: Measured }>,
	names: ContenderName[],
	{ title, value, label, goal }: Measure,
): Panel {
	const bars = scenes.flatMap(({ line, scene }) =>
		names.flatMap((name) => {
			const summary = summaryOf(all, scene, name);
			const figure = summary && value(summary);
			if (!summary || figure === undefined) return [];
			const lost = summary.lost > 0 ? ` (${summary.lost} lost)` : '';
			return [{ line, who: contenders[name], value: figure, label: label(figure) + lost }];
		}),
	);
	return { title, bars, ...(goal === undefined ? {} : { goal }) };
}

/** A panel of times, each in those of the bare streaming client. */
export function ratioPanel(
	scenes: Array<{ line: string; scene: Measured }>,
	names: ContenderName[],
): Panel {
	const bars = scenes.flatMap(({ line, scene }) =>
		names.flatMap((name) => {
			const value = ratio(scene, name, 'stream');
			const run = scene.runs.filter(({ contender }) => contender === name);
			const isLost = run.some(({ done }) => done < scene.count);
			if (value === undefined || isLost) return [];
			return [{ line, who: contenders[name], value, label: value.toFixed(2) }];
		}),
	);
	return { title: 'times the bare streaming client’s time', bars, goal: 1 };
}

/** A panel of where the CPU time went. */
export function profilePanel(shares: Shares): Panel {
	const who = contenders.package;
	const bars = describeGroups(shares).map(({ name, milliseconds }) => ({
		line: name,
		who,
		value: milliseconds / 1000,
		label: (milliseconds / 1000).toFixed(2),
	}));
	return { title: 'seconds of CPU, under a profile', bars };
}
