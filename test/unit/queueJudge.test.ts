import type { Execution } from '../e2e/harness/execution';
import { judge, type Observed } from '../queue/judge';

/** What the run in queue mode takes for right: it has to see each thing that may not be. */

const execution = (part: string, results: string[]): Execution => ({
	status: 'success',
	mode: 'webhook',
	nodes: {
		Start: { ...outcome, items: [{ json: { body: { part } } }] },
		Ximilar: { ...outcome, items: results.map((key) => ({ json: { key } })) },
	},
});
const outcome = { runs: 1, outputs: [], milliseconds: 1 };

const listed = { mode: 'webhook', startedAt: null, stoppedAt: null };
const success = (id: string, part: string, results: string[]) => ({
	...listed,
	id,
	status: 'success',
	execution: execution(part, results),
});
const failure = (id: string) => ({
	...listed,
	id,
	status: 'error',
	execution: { status: 'error', mode: 'webhook', nodes: {}, error: { message: 'Too many times' } },
});

const parts = [
	{ name: 'A', keys: ['a1', 'a2'], body: {} },
	{ name: 'B', keys: ['b1', 'b2'], body: {} },
];
const job: Observed['job'] = {
	title: 'Work',
	parts,
	results: ({ nodes }) => nodes.Ximilar!.items.map(({ json }) => String(json.key)),
};

const times = (counts: Record<string, number>) => new Map(Object.entries(counts));

/** In n8n 2, B was cut off by the kill after one of its two, and sent again. */
const cutOff = (change: Partial<Observed> = {}): Observed => {
	const first = [success('1', 'A', ['a1', 'a2']), failure('2')];
	return {
		job,
		line: 'n8n-2',
		cut: { worker: 'worker-1', executions: ['2'] },
		first,
		all: [...first, success('3', 'B', ['b1', 'b2'])],
		again: [parts[1]!],
		doneFirst: times({ a1: 1, a2: 1, b1: 1 }),
		doneAll: times({ a1: 1, a2: 1, b1: 2, b2: 1 }),
		...change,
	};
};

/** In n8n 1, another worker began B again. */
const begunAgain = (change: Partial<Observed> = {}): Observed => {
	const first = [success('1', 'A', ['a1', 'a2']), success('2', 'B', ['b1', 'b2'])];
	const done = times({ a1: 1, a2: 1, b1: 2, b2: 1 });
	return {
		...cutOff(),
		line: 'n8n-1',
		first,
		all: first,
		again: [],
		doneFirst: done,
		doneAll: done,
		...change,
	};
};

test('what n8n promises is right', () => {
	expect(judge(cutOff())).toEqual({
		title: 'Work',
		executions: 2,
		units: 4,
		cut: 1,
		failed: 1,
		failure: 'Too many times',
		repeated: 0,
		doneAgain: 1,
		results: 4,
		problems: [],
	});
	expect(judge(begunAgain())).toMatchObject({ failed: 0, repeated: 1, doneAgain: 1, problems: [] });
});

test.each<[string, Observed, RegExp]>([
	[
		'an execution that failed elsewhere',
		cutOff({ cut: { worker: 'worker-1', executions: [] } }),
		/execution 2 failed: Too many times/,
	],
	[
		'an image of an undisturbed execution that was done twice',
		cutOff({ doneFirst: times({ a1: 2, a2: 1, b1: 1 }) }),
		/part A: 1 not done 1 to 1 times, e.g. a1 2 times/,
	],
	[
		'a success whose image was never done',
		cutOff({ doneFirst: times({ a1: 1, b1: 1 }) }),
		/part A: 1 not done 1 to 1 times, e.g. a2 0 times/,
	],
	[
		'one that was done twice before it was sent again',
		cutOff({ doneFirst: times({ a1: 1, a2: 1, b1: 2 }) }),
		/part B: 1 not done 0 to 1 times/,
	],
	[
		'one that was done three times',
		cutOff({ doneAll: times({ a1: 1, a2: 1, b1: 3, b2: 1 }) }),
		/part B: 1 not done 1 to 2 times/,
	],
	[
		'in n8n 2, one done again though nobody sent it again',
		begunAgain({ line: 'n8n-2' }),
		/part B: 1 not done 1 to 1 times/,
	],
	[
		'a result that is missing',
		begunAgain({ all: [success('1', 'A', ['a1']), success('2', 'B', ['b1', 'b2'])] }),
		/part A has 1 results, 1 of them right/,
	],
	[
		'a result that came twice',
		begunAgain({ all: [success('1', 'A', ['a1', 'a1', 'a2']), success('2', 'B', ['b1', 'b2'])] }),
		/part A has 3 results, 1 of them right/,
	],
	['a part without success', cutOff({ all: cutOff().first }), /part B succeeded 0 times/],
	[
		'a part with two successes',
		begunAgain({ all: [...begunAgain().first, success('3', 'B', [])] }),
		/part B succeeded 2 times/,
	],
])('%s is told', (_, observed, problem) => {
	expect(judge(observed).problems.join('\n')).toMatch(problem);
});
