import { parseArgs } from 'node:util';
import { n8nLines, type N8nLine } from '../e2e/harness/install';

export const HELP = `Runs the packed package in n8n's queue mode: a main and its workers, Redis, PostgreSQL.

  npm run test:queue                everything, in both versions of n8n
  npm run test:queue -- --short     two workers of the newer one, a kill, fewer images: some minutes

  --part NAMES     kill, storage, throughput
  --work NAMES     of kill: folders, uploads, submit, wait, trigger
  --n8n LINES      n8n-2, n8n-1
  --images N       of kill and throughput (2000)
  --update-docs    writes the figures into docs/reliability.md

Redis and PostgreSQL come from Debian's packages; root installs them when they are missing. What n8n
says is in .scratch/e2e-logs. Whatever is lost, done twice or wrong is printed, and ends the command
with exit code 1.`;

export const partNames = ['kill', 'storage', 'throughput'] as const;
export type PartName = (typeof partNames)[number];

/** What is done while a worker is killed. */
export const workNames = ['folders', 'uploads', 'submit', 'wait', 'trigger'] as const;
export type WorkName = (typeof workNames)[number];

export interface Options {
	parts: PartName[];
	work: WorkName[];
	lines: N8nLine[];
	images: number;
	updateDocs: boolean;
}

/** Reads the command line; undefined when help was asked for. */
export function readOptions(args: string[]): Options | undefined {
	const { values } = parseArgs({
		args,
		options: {
			help: { type: 'boolean', short: 'h' },
			short: { type: 'boolean', default: false },
			part: { type: 'string' },
			work: { type: 'string' },
			n8n: { type: 'string' },
			images: { type: 'string' },
			'update-docs': { type: 'boolean', default: false },
		},
	});
	if (values.help) return undefined;
	const { short } = values;
	const images = Number(values.images ?? (short ? 500 : 2000));
	if (!Number.isInteger(images) || images < 100) throw new Error('--images: at least 100');
	return {
		parts: list(values.part, partNames, short ? ['kill'] : partNames),
		work: list(values.work, workNames, short ? ['folders'] : workNames),
		lines: list(values.n8n, n8nLines, short ? ['n8n-2'] : n8nLines),
		images,
		updateDocs: values['update-docs'],
	};
}

function list<T extends string>(
	text: string | undefined,
	allowed: readonly T[],
	byDefault: readonly T[],
): T[] {
	if (text === undefined) return [...byDefault];
	return text.split(',').map((one) => {
		const found = allowed.find((name) => name === one);
		if (!found) throw new Error(`"${one}" is none of: ${allowed.join(', ')}`);
		return found;
	});
}
