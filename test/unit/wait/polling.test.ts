import type { IDataObject } from 'n8n-workflow';
import { XimilarError } from '../../../nodes/shared/api/error';
import { apply, plan, type Answer, type Call } from '../../../nodes/XimilarVlm/request/polling';
import {
	beginPoll,
	keepOnly,
	stateOf,
	type State,
} from '../../../nodes/XimilarVlm/request/pollState';

/** A call in a word: `open CREATED`, `history`, `status r1`, `whole r1`; a workspace behind `@`. */
function nameOf(call: Call): string {
	if ('id' in call) return `${call.kind} ${call.id}`;
	const { workspace, query } = call;
	const what = call.kind === 'open' ? `open ${String(query.status)}` : 'history';
	return `${what}${query.page ? ` page ${query.page}` : ''}${workspace ? ` @${workspace}` : ''}`;
}

type Told = IDataObject | IDataObject[] | Error | { page: IDataObject[]; next: number } | undefined;

/**
 * Carries a poll out.
 * @param tell answers a call: a request, a page, an error
 * @returns the calls in their order, those that are made together in one string
 */
function poll(before: State, tell: (name: string) => Told): { calls: string[]; state: State } {
	const made: string[] = [];
	let state = beginPoll(before);
	for (let calls = plan(state); calls.length; calls = plan(state)) {
		if (made.length > 100) throw new Error('The poll does not end');
		made.push(calls.map(nameOf).join(', '));
		const answers = calls.map((call): Answer => {
			const told = tell(nameOf(call));
			if ('id' in call) {
				if (told instanceof Error) return { call, error: told };
				return { call, request: told as IDataObject };
			}
			if (!told || told instanceof Error) return { call };
			const { page, next } = Array.isArray(told)
				? { page: told, next: undefined }
				: (told as { page: IDataObject[]; next?: number });
			return {
				call,
				page: { results: page, next: next ? { ...call.query, page: next } : undefined },
			};
		});
		state = apply(state, answers);
	}
	return { calls: made, state };
}

const ids = (count: number) => Array.from({ length: count }, (_, at) => `r${at}`);

const waitingFor = (
	count: number,
	{ raw = false, workspace }: { raw?: boolean; workspace?: string } = {},
) =>
	stateOf(
		ids(count).map((id) => ({ id, raw })),
		{ workspace },
	);

const outcomesOf = ({ requests }: State) =>
	[...requests.values()].flatMap(({ id, outcome }) => {
		if (!outcome) return [];
		return 'request' in outcome ? [`${id} done`] : [`${id}: ${(outcome.error as Error).message}`];
	});

const LISTS = ['open CREATED', 'open PROCESSING', 'open RETRY'];
const listed = (status: string, from = 0, to = 6) =>
	ids(to)
		.slice(from)
		.map((id) => ({ id, status }));
const fault = new XimilarError('Busy', '', { kind: 'server', status: 500 });
const gone = new XimilarError('Not found', '', { kind: 'notFound', status: 404 });

test.each<[string, State, Record<string, Told>, string[], string[]]>([
	[
		'few requests are asked for their statuses, and read when they have finished',
		waitingFor(2),
		{
			'status r0': { status: 'CREATED' },
			'status r1': { status: 'DONE' },
			'whole r1': { status: 'DONE' },
		},
		['status r0, status r1', 'whole r1'],
		['r1 done'],
	],
	[
		'a fault leaves a request to the next poll; one that is gone has ended',
		waitingFor(2),
		{ 'status r0': fault, 'status r1': gone },
		['status r0, status r1'],
		['r1: Not found'],
	],
	[
		'more requests are looked up in the lists, as far as needed',
		waitingFor(6),
		{
			'open CREATED': { page: listed('CREATED', 0, 3), next: 2 },
			'open CREATED page 2': listed('CREATED', 3),
		},
		['open CREATED', 'open CREATED page 2'],
		[],
	],
	[
		'what the lists do not show has finished: the history has it',
		waitingFor(6),
		{ history: listed('DONE') },
		[...LISTS, 'history'],
		ids(6).map((id) => `${id} done`),
	],
	[
		'what is not in the history either is read by itself, one of them first',
		waitingFor(6),
		Object.fromEntries(ids(6).map((id) => [`whole ${id}`, { status: 'NOT_SUPPORTED' }])),
		[...LISTS, 'history', 'whole r0', 'whole r1, whole r2, whole r3, whole r4', 'whole r5'],
		ids(6).map((id) => expect.stringContaining(`Request ${id} ended as NOT_SUPPORTED`) as string),
	],
	[
		'raw data is not taken from the history',
		waitingFor(6, { raw: true }),
		Object.fromEntries(ids(6).map((id) => [`whole ${id}`, { status: 'DONE' }])),
		[...LISTS, 'whole r0', 'whole r1, whole r2, whole r3, whole r4', 'whole r5'],
		ids(6).map((id) => `${id} done`),
	],
	[
		'one that is open though no list shows it names its workspace, whose lists are read then',
		waitingFor(6),
		{
			'whole r0': { status: 'CREATED', workspace: 'w' },
			'open CREATED @w': listed('CREATED'),
		},
		[...LISTS, 'history', 'whole r0', 'open CREATED @w'],
		[],
	],
	[
		'where it names none, only the statuses of the others are asked for',
		waitingFor(6),
		Object.fromEntries(
			ids(6).flatMap((id) => [
				[`whole ${id}`, { status: 'CREATED' }],
				[`status ${id}`, { status: 'CREATED' }],
			]),
		),
		[...LISTS, 'history', 'whole r0', 'status r1, status r2, status r3, status r4', 'status r5'],
		[],
	],
	[
		'the workspace of the node has its lists read once, by whatever name',
		waitingFor(6),
		{
			'open CREATED': [{ id: 'other', status: 'CREATED', workspace: 'main' }],
			...Object.fromEntries(
				ids(6).flatMap((id) => [
					[`whole ${id}`, { status: 'CREATED', workspace: 'main' }],
					[`status ${id}`, { status: 'CREATED' }],
				]),
			),
		},
		[...LISTS, 'history', 'whole r0', 'status r1, status r2, status r3, status r4', 'status r5'],
		[],
	],
	[
		'while the lists cannot be read, statuses are asked for',
		waitingFor(6),
		{
			...Object.fromEntries(ids(6).map((id) => [`status ${id}`, { status: 'CREATED' }])),
			'open CREATED': fault,
			history: fault,
		},
		[
			'open CREATED',
			'history',
			'status r0, status r1, status r2, status r3',
			'status r4, status r5',
		],
		[],
	],
])('%s', (_, state, answers, calls, outcomes) => {
	const made = poll(state, (name) => answers[name] ?? []);
	expect(made.calls).toEqual(calls);
	expect(outcomesOf(made.state)).toEqual(outcomes);
});

test('a poll ends after 20 statuses of requests that are open, and the next asks for others', () => {
	const asked: string[] = [];
	let state = waitingFor(50);
	for (let polls = 0; polls < 3; polls++) {
		state = poll(state, (name) => {
			const [kind, id] = name.split(' ');
			if (kind !== 'status' && kind !== 'whole') return undefined;
			asked.push(id!);
			return { status: 'PROCESSING' };
		}).state;
	}
	expect(asked).toHaveLength(60);
	expect(new Set(asked).size).toBe(50);
});

test('what others have under way is read only as far as it costs less than asking', () => {
	const others = { page: [{ id: 'other', status: 'CREATED' }], next: 1 };
	let page = 1;
	const { calls } = poll(waitingFor(20), (name) => {
		if (name.startsWith('open')) return { ...others, next: ++page };
		return name.startsWith('status') ? { status: 'CREATED' } : [];
	});
	expect(calls.filter((name) => name.startsWith('open'))).toHaveLength(5);
});

test('a request that is not waited for any more is not asked for, the probe included', () => {
	let state = beginPoll(waitingFor(6));
	while (!plan(state).some((call) => 'id' in call)) {
		state = apply(
			state,
			plan(state).map((call) => ({ call, page: { results: [] } }) as Answer),
		);
	}
	expect(plan(state).map(nameOf)).toEqual(['whole r0']);
	state = keepOnly(state, new Set(['r4', 'r5']));
	expect(plan(state).map(nameOf)).toEqual(['whole r4']);
	expect(plan(keepOnly(state, new Set()))).toEqual([]);
});

test('a state is data: answers make a new one', () => {
	const before = beginPoll(waitingFor(2));
	const shown = JSON.stringify([...before.requests.values(), before]);
	const answers = plan(before).map((call) => ({ call, request: { status: 'CREATED' } }) as Answer);
	expect(apply(before, answers)).not.toBe(before);
	expect(JSON.stringify([...before.requests.values(), before])).toBe(shown);
});
