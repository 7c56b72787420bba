import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { read, type List } from '../../nodes/XimilarVlm/trigger/reading';
import {
	hashesIn,
	fingerprintOf,
	settleAll,
	startingAt,
	type Finish,
	type ListState,
} from '../../nodes/XimilarVlm/trigger/state';

/**
 * The trigger's core against a model of the service and of n8n: whatever the history, the order of
 * the list, the moments of polls, pages, faults and kills, each finish after the start is emitted
 * exactly once. PROPERTY_RUNS sets the number of runs.
 */
const RUNS = Number(process.env.PROPERTY_RUNS ?? 300);

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const LATENESS = 5 * MINUTE;

/** One finish, and when it stands in the list. */
interface Listed extends Finish {
	created: number;
	from: number;
	/** When it was resubmitted, deleted, or cleaned up. */
	until: number;
	/** Which finish of its request it is: the list's entry differs by it. */
	retry: number;
}

interface World {
	finishes: Listed[];
	order: 'oldestFirst' | 'newestFirst' | 'created' | 'createdLast' | 'shuffled';
	pageSize: number;
	/** Pages by number: an entry that leaves shifts the others forward, past a reading. */
	numbered: boolean;
	/** The list does not tell completed_at: it takes a second call for each entry. */
	timeless: boolean;
	/** How far the clock that the service shows is off. */
	skew: number;
}

/** A request's life: its first finish, and those after resubmissions. */
interface Life {
	created: number;
	spans: Array<{ duration: number; delay: number; stay: number }>;
}

const lifeArbitrary: fc.Arbitrary<Life> = fc.record({
	created: fc.nat(30).map((minutes) => minutes * MINUTE),
	/** From creation to the first finish, and from each resubmission to the next. */
	spans: fc.array(
		fc.record({
			duration: fc.integer({ min: 0, max: 40 }).map((steps) => steps * 30 * SECOND),
			delay: fc.oneof(fc.constant(0), fc.nat(LATENESS), fc.constant(LATENESS)),
			/** Until it leaves the list again, if it does. */
			stay: fc.oneof(
				{ weight: 4, arbitrary: fc.constant(Infinity) },
				{ weight: 1, arbitrary: fc.nat(40 * MINUTE) },
			),
		}),
		{ minLength: 1, maxLength: 3 },
	),
});

const worldArbitrary: fc.Arbitrary<World> = fc.record({
	finishes: fc.array(lifeArbitrary, { maxLength: 24, size: 'max' }).map(finishesOf),
	order: fc.constantFrom<World['order']>(
		'oldestFirst',
		'newestFirst',
		'created',
		'createdLast',
		'shuffled',
	),
	pageSize: fc.integer({ min: 1, max: 5 }),
	numbered: fc.nat(3).map((one) => one === 0),
	timeless: fc.boolean(),
	skew: fc.constantFrom(0, 0, 0, 0, -20 * MINUTE, -SECOND, SECOND, 20 * MINUTE),
});

function finishesOf(lives: Life[]): Listed[] {
	return lives.flatMap(({ created, spans }, index) => {
		const finishes: Listed[] = [];
		let submitted = created;
		for (const [retry, { duration, delay, stay }] of spans.entries()) {
			const at = submitted + duration + 1;
			const until = at + stay;
			finishes.push({ id: `request-${index}`, created, at, from: at + delay, until, retry });
			if (until === Infinity) break;
			submitted = until;
		}
		return finishes;
	});
}

/** What happens next, in n8n or in the world. */
type Step =
	/** A poll begins; its pages come one by one, between other steps. */
	| { kind: 'poll'; budget: number }
	/** A poll from its begin to its end. */
	| { kind: 'round'; budget: number; takes: number }
	| { kind: 'page'; which: number; takes: number }
	| { kind: 'fault'; which: number; after: number }
	| { kind: 'gone'; which: number }
	| { kind: 'wait'; ms: number }
	| { kind: 'kill' };

const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
	{
		weight: 4,
		arbitrary: fc.record({
			kind: fc.constant('poll' as const),
			budget: fc.integer({ min: 1, max: 9 }),
		}),
	},
	{
		weight: 5,
		arbitrary: fc.record({
			kind: fc.constant('round' as const),
			budget: fc.integer({ min: 1, max: 12 }),
			takes: fc.nat(SECOND),
		}),
	},
	{
		weight: 12,
		arbitrary: fc.record({
			kind: fc.constant('page' as const),
			which: fc.nat(2),
			takes: fc.nat(3 * SECOND),
		}),
	},
	{
		weight: 2,
		arbitrary: fc.record({
			kind: fc.constant('fault' as const),
			which: fc.nat(2),
			after: fc.nat(4),
		}),
	},
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('gone' as const), which: fc.nat(2) }) },
	{
		weight: 6,
		arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(5 * MINUTE) }),
	},
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const) }) },
);

const hash = (text: string) => createHash('md5').update(text).digest('hex');

/** The world's list at a moment, in its order. */
function listAt({ finishes, order }: World, now: number, seed: string): Array<[string, Listed]> {
	const sortable = (time: number) => String(time).padStart(15, '0');
	const last = 10 ** 12;
	const place = ({ id, at, created, retry }: Listed) => {
		const byOrder = {
			oldestFirst: sortable(at),
			newestFirst: sortable(last - at),
			created: sortable(created),
			createdLast: sortable(last - created),
			shuffled: hash(`${seed} ${id} ${retry}`),
		};
		return `${byOrder[order]} ${id} ${retry}`;
	};
	return finishes
		.filter(({ from, until }) => from <= now && now < until)
		.map((finish): [string, Listed] => [place(finish), finish])
		.sort(([a], [b]) => (a < b ? -1 : 1));
}

interface Pending {
	/** Answers the page at the world's time; after some entries, with a fault. */
	answer(faultAfter?: number): void;
	gone(): void;
}

interface Poll {
	pending?: Pending;
	ended: boolean;
}

/** n8n with the trigger in it, on the world's clock. */
class Model {
	now = 0;
	readonly emitted: Finish[] = [];
	readonly violations: string[] = [];
	private memory: ListState;
	private saved: string;
	private polls: Poll[] = [];
	private chains = 0;
	private readonly allowedLateness: number;

	constructor(
		private readonly world: World,
		readonly start: number,
		/** n8n's durable cursor: state and items are committed together, and polls do not overlap. */
		private readonly durable: boolean,
	) {
		this.now = start;
		this.memory = startingAt(start);
		this.saved = JSON.stringify(this.memory);
		this.allowedLateness = world.numbered ? 24 * 60 * MINUTE : LATENESS;
	}

	get running(): Poll[] {
		return this.polls.filter(({ ended }) => !ended);
	}

	startPoll(budget: number): void {
		if (this.running.length >= (this.durable ? 1 : 3)) return;
		const poll: Poll = { ended: false };
		this.polls.push(poll);
		let left = budget;
		const state = this.durable ? (JSON.parse(this.saved) as ListState) : this.memory;
		const list = this.listFor(poll, () => left--);
		void read(list, state, () => left > 0).then((reading) => {
			if (poll.ended) return;
			poll.ended = true;
			const before = this.durable ? state : this.memory;
			const { emitted, states } = settleAll([list], { model: before }, [reading]);
			const after = states.model!;
			this.check(
				emitted.every(({ at }, index) => !index || emitted[index - 1]!.at <= at),
				'order',
			);
			this.check(isDeepStrictEqual(JSON.parse(JSON.stringify(after)), after), 'plain JSON');
			this.memory = after;
			this.emitted.push(...emitted);
			if (this.durable || emitted.length) this.saved = JSON.stringify(after);
			this.checkBound(after);
		});
	}

	/** A kill: what runs is lost, and so is the state that n8n has not saved. */
	kill(): void {
		for (const poll of this.polls) poll.ended = true;
		this.memory = JSON.parse(this.saved) as ListState;
	}

	private check(holds: boolean, what: string): void {
		if (!holds) this.violations.push(what);
	}

	private checkBound({ seen, watermark: mark }: ListState): void {
		const remembered = Object.values(seen).flatMap((text) => [...hashesIn(text)]);
		const recent = this.emitted.filter(({ at }) => at > mark - MINUTE);
		this.check(remembered.length <= recent.length, 'bounded state');
	}

	private listFor(poll: Poll, spend: () => void): List<Finish> {
		const { world } = this;
		return {
			key: 'model',
			allowedLateness: this.allowedLateness,
			readPage: async (position, hooks) => {
				spend();
				return await new Promise((resolve, reject) => {
					poll.pending = {
						gone: () => (position ? resolve(undefined) : poll.pending!.answer()),
						answer: (faultAfter = Infinity) => {
							const seed = String(position?.seed ?? `chain ${this.chains++}`);
							const all = listAt(world, this.now, seed);
							const from = world.numbered
								? Number(position?.page ?? 0) * world.pageSize
								: all.filter(([place]) => place <= String(position?.after ?? '')).length;
							const entries = all.slice(from, from + world.pageSize);
							for (const [index, [, finish]] of entries.entries()) {
								if (index >= faultAfter) return reject(new Error('fault'));
								if (!world.timeless) {
									hooks.take({ id: finish.id, at: finish.at });
									continue;
								}
								const fingerprint = fingerprintOf([finish.id, finish.retry]);
								if (hooks.isKnown(fingerprint)) continue;
								hooks.take({ id: finish.id, at: finish.at });
								hooks.remember(fingerprint);
							}
							if (entries.length <= faultAfter && faultAfter < Infinity) {
								return reject(new Error('fault'));
							}
							const next =
								from + world.pageSize < all.length
									? world.numbered
										? { seed, page: Number(position?.page ?? 0) + 1 }
										: { seed, after: entries.at(-1)![0] }
									: undefined;
							return resolve({ next, clock: this.now + world.skew });
						},
					};
				});
			},
		};
	}
}

/** Lets everything that can go on without an answer go on. */
const settled = async () => await new Promise((resolve) => setImmediate(resolve));

async function act(model: Model, step: Step): Promise<void> {
	const of = (which: number) => model.running[which % Math.max(1, model.running.length)]?.pending;
	switch (step.kind) {
		case 'poll':
			model.startPoll(step.budget);
			break;
		case 'round':
			model.startPoll(step.budget);
			await settled();
			await runOut(model, step.takes);
			break;
		case 'page':
			model.now += step.takes;
			of(step.which)?.answer();
			break;
		case 'fault':
			of(step.which)?.answer(step.after);
			break;
		case 'gone':
			of(step.which)?.gone();
			break;
		case 'wait':
			model.now += step.ms;
			break;
		case 'kill':
			model.kill();
			break;
	}
	await settled();
}

async function runOut(model: Model, takes: number): Promise<void> {
	while (model.running.length) await act(model, { kind: 'page', which: 0, takes });
}

/** Quiet polls without faults, until everything that is to come has come. */
async function finish(model: Model, world: World, budget: number): Promise<void> {
	await runOut(model, 0);
	model.now = Math.max(...world.finishes.map(({ from }) => from), model.now) + 1;
	for (let polls = 0; polls < 3 * world.finishes.length + 5; polls++) {
		await act(model, { kind: 'round', budget, takes: 10 });
	}
}

const nameOf = ({ id, at }: Finish) => `${id} at ${at}`;

test(`each finish after the start is emitted exactly once (${RUNS} runs)`, async () => {
	await fc.assert(
		fc.asyncProperty(
			worldArbitrary,
			fc.nat(20 * MINUTE),
			fc.boolean(),
			fc.array(stepArbitrary, { maxLength: 120, size: 'max' }),
			fc.integer({ min: 1, max: 4 }),
			async (world, start, durable, steps, lastBudget) => {
				const model = new Model(world, start, durable);
				for (const step of steps) await act(model, step);
				await finish(model, world, lastBudget);
				const emitted = model.emitted.map(nameOf);
				expect(model.violations).toEqual([]);
				expect(new Set(emitted).size).toBe(emitted.length);
				const possible = world.finishes.filter(({ at }) => at > start);
				// One that left the list in between may have been gone before any poll could meet it.
				const certain = possible.filter(({ until }) => until > model.now);
				expect(possible.map(nameOf)).toEqual(expect.arrayContaining(emitted));
				expect(emitted).toEqual(expect.arrayContaining(certain.map(nameOf)));
			},
		),
		{ numRuns: RUNS },
	);
}, 3_600_000);
