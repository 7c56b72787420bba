import { parseArgs } from 'node:util';
import { n8nLines, type N8nLine } from '../e2e/harness/install';
import { contenders, type ContenderName } from './run';

export const HELP = `Measures the packed nodes in real n8n beside what a user would pick instead.

  npm run bench                     everything
  npm run bench -- --short          a few minutes; checks that nothing is lost, prints the rest

Choose a part:
  --case NAMES        classify, parallel, sizes
  --capacity NUMBERS  of classify: requests that the server takes at once (1,2,4,8,16)
  --images N          of classify and parallel (1000)
  --runs N            of each contender; medians are shown (5)
  --only NAMES        ${Object.keys(contenders).join(', ')}

What is compared:
  --package SOURCE    a tarball, another checkout, or a commit, instead of this checkout
  --against SOURCE    the same, as the previous release
  --n8n LINE          ${n8nLines.join(' or ')}

The server:
  --latency MS (150)  --record-ms MS (20)  --retry-after SECONDS (none)

BENCH_PROFILE=FOLDER writes a CPU profile of each n8n process there.

All figures go to .scratch/bench/figures.json. Linux only: memory and CPU are read from /proc.`;

export type CaseName = (typeof caseNames)[number];
export const caseNames = ['classify', 'parallel', 'sizes'] as const;

export interface Options {
	short: boolean;
	cases: CaseName[];
	capacities: number[];
	images: number;
	runs: number;
	only: ContenderName[];
	package?: string;
	against?: string;
	line: N8nLine;
	latency: number;
	recordMs: number;
	retryAfter: number | null;
}

/** Reads the command line; undefined when help was asked for. */
export function readOptions(args: string[]): Options | undefined {
	const text = { type: 'string' } as const;
	const { values } = parseArgs({
		args,
		options: {
			short: { type: 'boolean', default: false },
			help: { type: 'boolean', short: 'h' },
			case: text,
			capacity: text,
			images: text,
			runs: text,
			only: text,
			package: text,
			against: text,
			n8n: text,
			latency: text,
			'record-ms': text,
			'retry-after': text,
		},
	});
	if (values.help) return undefined;
	const { short } = values;
	const line = oneOf(values.n8n ?? n8nLines[0], n8nLines);
	return {
		short,
		cases: list(values.case, caseNames, short ? ['classify'] : caseNames),
		capacities: values.capacity?.split(',').map(whole) ?? (short ? [2, 8] : [1, 2, 4, 8, 16]),
		images: whole(values.images ?? (short ? '300' : '1000')),
		runs: whole(values.runs ?? (short ? '1' : '5')),
		only: list(values.only, Object.keys(contenders) as ContenderName[]),
		package: values.package,
		against: values.against,
		line,
		latency: whole(values.latency ?? '150'),
		recordMs: whole(values['record-ms'] ?? '20'),
		retryAfter: values['retry-after'] === undefined ? null : whole(values['retry-after']),
	};
}

function whole(text: string): number {
	if (!/^\d+$/.test(text)) throw new Error(`"${text}" is no whole number`);
	return Number(text);
}

function oneOf<T extends string>(text: string, allowed: readonly T[]): T {
	const found = allowed.find((one) => one === text);
	if (!found) throw new Error(`"${text}" is none of: ${allowed.join(', ')}`);
	return found;
}

function list<T extends string>(
	text: string | undefined,
	allowed: readonly T[],
	byDefault: readonly T[] = allowed,
): T[] {
	return text?.split(',').map((one) => oneOf(one, allowed)) ?? [...byDefault];
}
