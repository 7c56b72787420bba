import { parseArgs } from 'node:util';
import { n8nLines, type N8nLine } from '../e2e/harness/install';
import { contenders, type ContenderName } from './run';
import { caseNames, type CaseName } from './scene';

export const HELP = `Measures the packed nodes in real n8n beside what a user would pick instead.

  npm run bench                     everything: about two hours
  npm run bench -- --short          some minutes: checks that nothing is lost or done twice, and
                                    that no more requests are sent than it takes; prints the rest
  npm run bench -- --draw           draws the pictures and writes docs/performance.md anew from
                                    what was recorded; measures nothing

Choose a part:
  --case NAMES        ${caseNames.join(', ')}
  --capacity NUMBERS  of classify: requests that the server takes at once (1,2,4,8,16)
  --images N          of classify and parallel (1000)
  --http-images N     of http (1000)
  --runs N            of each contender; medians are shown (5)
  --only NAMES        ${Object.keys(contenders).join(', ')}

What is compared:
  --package SOURCE    a tarball, another checkout, or a commit, instead of this checkout
  --against SOURCE    the same, as the previous release; without it there is none
  --n8n LINE          ${n8nLines.join(' or ')}

The server:
  --latency MS (150)  --record-ms MS (20)  --retry-after SECONDS (none)

What becomes of the figures:
  --record            puts them into docs/performance.json in place of older ones of the same
                      scenes, then draws
  --add               the same, but beside the older ones: for a long case in several sittings
  --profile           takes a CPU profile of this package's node, and shows where the time goes

Linux only: memory and CPU are read from /proc.`;

export interface Options {
	short: boolean;
	draw: boolean;
	record: boolean;
	add: boolean;
	profile: boolean;
	cases: CaseName[];
	capacities: number[];
	images: number;
	httpImages: number;
	runs: number;
	only: ContenderName[];
	package?: string;
	against?: string;
	line: N8nLine;
	latency: number;
	recordMs: number;
	retryAfter: number | null;
}

/** What the short form leaves out: a run of minutes, gigabytes of images, n8n's start again and again. */
const SHORT_CASES = caseNames.filter(
	(name) => !['http', 'sizes', 'trigger', 'start'].includes(name),
);

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;

/** Reads the command line; undefined when help was asked for. */
export function readOptions(args: string[]): Options | undefined {
	const { values } = parseArgs({
		args,
		options: {
			...{ short: flag, draw: flag, record: flag, add: flag, profile: flag },
			help: { type: 'boolean', short: 'h' },
			...{ case: text, capacity: text, images: text, 'http-images': text, runs: text, only: text },
			...{ package: text, against: text, n8n: text },
			...{ latency: text, 'record-ms': text, 'retry-after': text },
		},
	});
	if (values.help) return undefined;
	const { short, draw, record, add, profile } = values;
	return {
		short,
		draw,
		record: record || add,
		add,
		profile,
		cases: list<CaseName>(values.case, caseNames, short ? SHORT_CASES : caseNames),
		capacities: values.capacity?.split(',').map(whole) ?? (short ? [8] : [1, 2, 4, 8, 16]),
		images: whole(values.images ?? (short ? '150' : '1000')),
		httpImages: whole(values['http-images'] ?? '1000'),
		runs: whole(values.runs ?? (short ? '1' : '5')),
		only: list(values.only, Object.keys(contenders) as ContenderName[]),
		package: values.package,
		against: values.against,
		line: oneOf(values.n8n ?? n8nLines[0], n8nLines),
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
