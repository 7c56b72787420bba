/**
 * The table in docs/reliability.md, of what the runs of `npm run test:faults` have seen. As a command
 * it says whether the table is what they saw, or writes it: UPDATE_DOCS=1.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { FAULTS } from './faults';
import { RECIPES } from './recipes';

const ROOT = path.join(__dirname, '../..');
const DOCS = path.join(ROOT, 'docs/reliability.md');
const SEEN = path.join(ROOT, '.scratch/faults');
const fileOf = (operation: string) => path.join(SEEN, `${operation}.json`);
const BEGIN = '<!-- table of faults -->';
const END = '<!-- end of the table of faults -->';

/** What a faulty call came to, for the user. */
export interface Cell {
	operation: string;
	/** Method and route. */
	call: string;
	fault: string;
	/** How often it was sent. */
	calls: number;
	/** Minutes that the run took, rounded. */
	minutes: number;
	outcome: 'done' | 'fails' | 'unsure';
}

/** Kinds of calls, in the order of the columns; the first that fits is a call's. */
const KINDS: Array<[kind: string, fits: (cell: Pick<Cell, 'operation' | 'call'>) => boolean]> = [
	[
		'Read what was made',
		({ operation, call }) =>
			operation.endsWith('sample create') && call === 'GET /vlm/v2/sample/:id/',
	],
	['Wait', ({ operation }) => operation.endsWith('request wait')],
	['Read', ({ call }) => call.startsWith('GET')],
	['Change', ({ call }) => /^(PATCH|PUT)/.test(call)],
	['Delete', ({ call }) => call.startsWith('DELETE')],
	['Analyse', ({ call }) => /(classify\/|read|read_gpt)$/.test(call)],
	['Upload', ({ call }) => call.endsWith('training-image/')],
	['Submit', ({ call }) => call.endsWith('request/')],
	['Add to a sample', ({ call }) => /add-(images|objects)\/$/.test(call)],
	[
		'Create, train, resubmit',
		({ call }) =>
			/(label|task|prompt|variable|sample|:id\/train|:id\/resubmit)\/$/.test(call) &&
			!/(add|remove|set)-/.test(call),
	],
	['Set, add, remove', () => true],
];

const kindOf = (cell: Pick<Cell, 'operation' | 'call'>) => KINDS.find(([, fits]) => fits(cell))![0];

/** Many tries are told by their time. */
const textOf = ({ calls, minutes, outcome }: Cell) =>
	`${calls > 10 ? `${minutes} min` : calls}, ${outcome}`;

/** Texts by fault and kind: more than one where the operations of a kind differ. */
type Table = Map<string, Map<string, Set<string>>>;

function tableOf(cells: Cell[]): Table {
	const table: Table = new Map(FAULTS.map(({ name }) => [name, new Map()]));
	for (const cell of cells) {
		const row = table.get(cell.fault)!;
		const kind = kindOf(cell);
		row.set(kind, (row.get(kind) ?? new Set()).add(textOf(cell)));
	}
	return table;
}

/** Faults that come to the same stand in one row. */
function markdownOf(table: Table): string {
	const kinds = KINDS.map(([kind]) => kind);
	const rows = new Map<string, string[]>();
	for (const [fault, row] of table) {
		const texts = kinds.map((kind) => [...(row.get(kind) ?? [])].sort().join(' or '));
		const key = texts.join(' | ');
		rows.set(key, [...(rows.get(key) ?? []), fault]);
	}
	return [
		`| Fault | ${kinds.join(' | ')} |`,
		`| --- |${' --- |'.repeat(kinds.length)}`,
		...[...rows].map(([texts, faults]) => `| ${faults.join('; ')} | ${texts} |`),
	].join('\n');
}

const written = () => readFileSync(DOCS, 'utf8').split(BEGIN)[1]?.split(END)[0]?.trim() ?? '';

function documented(): Table {
	const [head = '', , ...lines] = written().split('\n');
	const cellsOf = (line: string) =>
		line
			.split('|')
			.slice(1, -1)
			.map((text) => text.trim());
	const [, ...kinds] = cellsOf(head);
	return new Map(
		lines.flatMap((line) => {
			const [faults = '', ...texts] = cellsOf(line);
			const row = new Map(kinds.map((kind, at) => [kind, new Set(texts[at]!.split(' or '))]));
			return faults.split('; ').map((fault): [string, Map<string, Set<string>>] => [fault, row]);
		}),
	);
}

/** The cells that are not as documented, each as a sentence. */
export function undocumented(cells: Cell[]): string[] {
	const table = documented();
	return cells
		.filter((cell) => !table.get(cell.fault)?.get(kindOf(cell))?.has(textOf(cell)))
		.map((cell) => `${cell.operation}, ${cell.call}, ${cell.fault}: ${textOf(cell)}`);
}

/** Keeps what the test of an operation has seen of all faults, for the whole table. */
export function keepSeen(operation: string, cells: Cell[]): void {
	mkdirSync(SEEN, { recursive: true });
	writeFileSync(fileOf(operation), JSON.stringify(cells));
}

/** However a formatter pads the cells. */
const compact = (text: string) => text.replace(/-+/g, '-').replace(/ +/g, ' ');

function main(): void {
	const unseen = Object.keys(RECIPES).filter((name) => !existsSync(fileOf(name)));
	if (unseen.length) throw new Error(`Not tried yet: ${unseen.join(', ')}`);
	const cells = Object.keys(RECIPES).flatMap(
		(name) => JSON.parse(readFileSync(fileOf(name), 'utf8')) as Cell[],
	);
	const table = markdownOf(tableOf(cells));
	if (process.env.UPDATE_DOCS) {
		const [before, rest] = readFileSync(DOCS, 'utf8').split(BEGIN);
		writeFileSync(DOCS, `${before}${BEGIN}\n\n${table}\n\n${END}${rest!.split(END)[1]}`);
	} else if (compact(table) !== compact(written())) {
		console.error(
			`docs/reliability.md is stale: UPDATE_DOCS=1 npm run test:faults writes\n\n${table}`,
		);
		process.exitCode = 1;
	}
}

if (require.main === module) main();
