import { spawnSync } from 'node:child_process';
import path from 'node:path';

/** The linter guards the floors: what breaks a rule fails, and what is right next to it passes. */

const IMPORTS = '@typescript-eslint/no-restricted-imports';
const SYNTAX = 'no-restricted-syntax';
const MUTATION = 'project/no-mutation';

const API = 'nodes/shared/api/sample.ts';
const ENGINE = 'nodes/shared/engine/sample.ts';
const NODE = 'nodes/XimilarOcr/XimilarOcr.node.ts';
const OPERATION = 'nodes/XimilarOcr/image/sample.ts';
const CREDENTIAL = 'credentials/sample.ts';

type Sample = [file: string, code: string];

const importing = (file: string, from: string): Sample => [
	file,
	`import { a } from '${from}';\nexport const b = [a];\n`,
];
const reexporting = (file: string, from: string): Sample => [
	file,
	`export { a } from '${from}';\n`,
];
const importingType = (file: string, from: string): Sample => [
	file,
	`import type { A } from '${from}';\nexport const b = (a: A) => [a];\n`,
];

const wrong: Array<[rule: string, ...Sample]> = [
	[IMPORTS, ...importing(API, 'n8n-workflow')],
	[IMPORTS, ...importing(API, 'n8n-core')],
	[IMPORTS, ...reexporting(API, 'n8n-workflow')],
	[IMPORTS, ...importing(API, '../engine/field')],
	[IMPORTS, ...importingType(API, '../engine/field')],
	[IMPORTS, ...importing(API, '../../XimilarOcr/image')],
	[IMPORTS, ...importing(ENGINE, '../../XimilarOcr/image')],
	[IMPORTS, ...importingType(ENGINE, '../../XimilarRecognition/entities')],
	[IMPORTS, ...importing(ENGINE, '../../../credentials/XimilarApi.credentials')],
	[IMPORTS, ...importing(NODE, '../XimilarRecognition/entities')],
	[IMPORTS, ...importing(OPERATION, '../../XimilarRecognition/entities')],
	[IMPORTS, ...importing(OPERATION, '../../../nodes/XimilarRecognition/entities')],
	[IMPORTS, ...importing(OPERATION, '../../shared/fields')],
	[IMPORTS, ...importing(OPERATION, '../../../credentials/XimilarApi.credentials')],
	[IMPORTS, ...importing(CREDENTIAL, 'n8n-workflow')],
	[IMPORTS, ...importing(CREDENTIAL, '../nodes/shared/engine/field')],
	[IMPORTS, ...importing(CREDENTIAL, '../nodes/XimilarOcr/image')],
	[SYNTAX, API, "export const load = async () => await import('../engine/field');\n"],
	[SYNTAX, ENGINE, "export const body = { _base64: '' };\n"],
	[SYNTAX, ENGINE, "export const key = '_base64';\n"],
	[SYNTAX, ENGINE, 'export const id = (record: { _id: string }) => record;\n'],
	[SYNTAX, ENGINE, 'export const all = (answer: never[]) => [answer].map((a) => a.records);\n'],
	[SYNTAX, ENGINE, "export const field = (answer: object) => 'records' in answer;\n"],
	[SYNTAX, ENGINE, "export const link = 'Open https://app.ximilar.com';\n"],
	[SYNTAX, ENGINE, 'export const link = (id: string) => `https://app.ximilar.com/${id}`;\n'],
	...[API, ENGINE, OPERATION].flatMap((file): typeof wrong => [
		[SYNTAX, file, 'let count = 0;\nexport const next = () => ++count;\n'],
		[SYNTAX, file, 'const cache = new Map<string, string>();\nexport const all = [cache];\n'],
		[SYNTAX, file, "export const known = new Set(['a']);\n"],
		[SYNTAX, file, 'export const seen = new WeakSet<object>();\n'],
		[SYNTAX, file, 'export const found: string[] = [];\n'],
		[SYNTAX, file, 'export const byName: Record<string, string> = {};\n'],
		[SYNTAX, file, 'export class Calls {\n\tstatic count = 0;\n}\n'],
		[SYNTAX, file, 'export const next = ((count) => () => ++count)(0);\n'],
		[MUTATION, file, 'const A = { n: 0 };\nexport const f = () => (A.n = 1);\n'],
		[MUTATION, file, 'const A = { n: 0 };\nexport const f = () => A.n++;\n'],
		[MUTATION, file, 'const A = { b: { n: 0 } };\nexport const f = () => delete A.b!.n;\n'],
		[MUTATION, file, "const A = ['a'];\nexport const f = () => A.push('b');\n"],
		[MUTATION, file, "const A = { b: ['a'] };\nexport const f = () => A.b?.sort();\n"],
		[MUTATION, file, 'const A = { n: 0 };\nexport const f = () => Object.assign(A, { n: 1 });\n'],
		[MUTATION, file, 'export function f() {\n\tf.calls = 1;\n}\n'],
		[MUTATION, file, "import { A } from './a';\nexport const f = () => A.push(1);\n"],
	]),
];

const right: Sample[] = [
	importingType(API, 'n8n-workflow'),
	importing(API, './client'),
	importing(API, 'zod'),
	importing(ENGINE, 'n8n-workflow'),
	importing(ENGINE, './field'),
	importing(ENGINE, '../api/records'),
	importing(OPERATION, '../entities'),
	importing(OPERATION, '../../shared/engine/operation'),
	importing(OPERATION, '../../shared/api/schemas'),
	importingType(CREDENTIAL, 'n8n-workflow'),
	importing(CREDENTIAL, '../nodes/shared/api/credential'),
	[API, "export const body = { _base64: '', records: ['https://app.ximilar.com'] };\n"],
	[API, "export const KNOWN: ReadonlySet<string> = new Set(['a']);\n"],
	[API, 'export const make = () => new Map<string, string>();\n'],
	[API, 'export const NAMES = { a: 1 };\nexport const LIST = [1];\n'],
	[API, "const A = ['b', 'a'];\nexport const f = () => [...A].sort();\n"],
	[API, "const A = ['b', 'a'];\nexport const f = () => A.toSorted().push('c');\n"],
	[API, 'const A = { n: 0 };\nexport const f = () => Object.assign({}, A);\n'],
	[API, "import { A } from './a';\nexport const b = { c: A.delete('d') };\n"],
	[API, 'export const f = () => {\n\tconst a = [1];\n\ta.push(2);\n\treturn a;\n};\n'],
];

let broken: string[][];

beforeAll(() => {
	const samples = [...wrong.map(([, ...sample]) => sample), ...right];
	const { stdout, stderr } = spawnSync(process.execPath, [path.join(__dirname, 'lintTexts.mjs')], {
		input: JSON.stringify(samples),
		encoding: 'utf8',
	});
	if (!stdout) throw new Error(stderr);
	broken = JSON.parse(stdout) as string[][];
});

test.each(wrong.map((sample, at) => [...sample, at] as const))(
	'%s forbids in %s: %s',
	(rule, _file, _code, at) => {
		expect(broken[at]).toEqual([rule]);
	},
);

test.each(right.map((sample, at) => [...sample, at] as const))('%s may say: %s', (_f, _c, at) => {
	expect(broken[wrong.length + at]).toEqual([]);
});

test('no file is excepted but the memory of the polls, which n8n makes in one process', () => {
	const { stdout } = spawnSync(
		'grep',
		['-rlE', 'eslint-disable.*(no-restricted-syntax|no-mutation)', 'nodes', 'credentials'],
		{ cwd: path.join(__dirname, '../../..'), encoding: 'utf8' },
	);
	expect(stdout.trim().split('\n')).toEqual(['nodes/XimilarVlm/trigger/memory.ts']);
});
