import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { collect, type Collected, type TriggerState } from '../../nodes/XimilarVlm/trigger/collect';
import type { Source } from '../../nodes/XimilarVlm/trigger/lists';
import { settle } from '../../nodes/XimilarVlm/trigger/settle';
import { countSeen, startingAt } from '../../nodes/XimilarVlm/trigger/state';
import {
	DAY,
	HOUR,
	MINUTE,
	nameOf,
	nameOfEmitted,
	pageAt,
	requestAt,
	SECOND,
	unfinishedAt,
	worldArbitrary,
	type Position,
	type World,
} from './triggerWorld';

/**
 * The trigger's core against a model of the service and of n8n: whatever the history, the order of
 * the list, the moments of polls, pages, faults, kills, and changes of the credential, each finish
 * after the start is emitted exactly once. PROPERTY_RUNS sets the number of runs.
 */
const RUNS = Number(process.env.PROPERTY_RUNS ?? 150);

/** A fault that stays: of the pages from some depth on, of single requests, of the unfinished ones. */
interface Fault {
	what: 'page' | 'request' | 'unfinished';
	/** The page, or which requests. */
	which: number;
	for: number;
}

/** What happens next, in n8n or in the world. */
type Step =
	/** A poll begins; its calls are answered one by one, between other steps. */
	| { kind: 'poll'; budget: number }
	/** A poll from its begin to its end. */
	| { kind: 'round'; budget: number; takes: number }
	| { kind: 'answer'; which: number; takes: number }
	| { kind: 'fail'; which: number }
	| { kind: 'gone'; which: number }
	| { kind: 'wait'; ms: number }
	| { kind: 'fault'; fault: Fault }
	/** The credential or a filter is another one from now on. */
	| { kind: 'account'; account: number }
	| { kind: 'kill' };

const faultArbitrary: fc.Arbitrary<Fault> = fc.record({
	what: fc.constantFrom('page', 'page', 'request', 'unfinished'),
	which: fc.nat(3),
	for: fc.constantFrom(MINUTE, HOUR, DAY),
});

const stepArbitrary = (wait: number): fc.Arbitrary<Step> => {
	const budget = fc.integer({ min: 1, max: 12 });
	const which = fc.nat(2);
	const weighted: Array<[number, fc.Arbitrary<Step>]> = [
		[4, fc.record({ kind: fc.constant('poll'), budget })],
		[6, fc.record({ kind: fc.constant('round'), budget, takes: fc.nat(SECOND) })],
		[12, fc.record({ kind: fc.constant('answer'), which, takes: fc.nat(3 * SECOND) })],
		[2, fc.record({ kind: fc.constant('fail'), which })],
		[1, fc.record({ kind: fc.constant('gone'), which })],
		[6, fc.record({ kind: fc.constant('wait'), ms: fc.nat(wait) })],
		[1, fc.record({ kind: fc.constant('fault'), fault: faultArbitrary })],
		[0.5, fc.record({ kind: fc.constant('account'), account: fc.nat(1) })],
		[1, fc.record({ kind: fc.constant('kill') })],
	];
	return fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight: weight * 2, arbitrary })));
};

interface Pending {
	answer(): void;
	fail(): void;
	gone(): void;
}

interface Poll {
	pending: Pending[];
	started: number;
	ended: boolean;
}

/** n8n with the trigger in it, on the world's clock. */
class Model {
	now: number;
	account = 0;
	/** When the account at hand began to be watched. */
	start: number;
	readonly emitted: string[] = [];
	readonly violations: string[] = [];
	private memory: TriggerState;
	private saved: string;
	private polls: Poll[] = [];
	private faults: Array<Fault & { until: number }> = [];
	private walks = 0;
	/** The same; those without a time may finish again after a change of the account. */
	readonly emittedOnce: string[] = [];
	/** When each finish came, and when a request was last noted as unfinished. */
	readonly emittedAt = new Map<string, number>();
	readonly unfinishedAt = new Map<string, number>();
	private readonly hidden = new Set<number>();
	/** Is called at the moment in which the service makes a first page. */
	onFirstPage = () => {};

	constructor(
		private readonly world: World,
		start: number,
		/** n8n's durable cursor: state and items are committed together, and polls do not overlap. */
		private readonly durable: boolean,
		/** How many single requests a poll has time for, beyond its pages. */
		private readonly asks = 10,
	) {
		this.now = this.start = start;
		this.memory = { lists: {}, open: {}, openOf: '', polledAt: start };
		this.begin();
		this.saved = JSON.stringify(this.memory);
	}

	get running(): Poll[] {
		return this.polls.filter(({ ended }) => !ended);
	}

	private get key(): string {
		return `account ${this.account}`;
	}

	/** As a poll begins to watch a list that its state does not know. */
	private begin(): void {
		if (this.key in this.memory.lists) return;
		this.start = this.now;
		const lists = { ...this.memory.lists, [this.key]: startingAt(this.now) };
		this.memory = { ...this.memory, lists };
		if (this.durable) this.saved = JSON.stringify(this.memory);
	}

	startPoll(budget: number): void {
		if (this.running.length >= (this.durable ? 1 : 3)) return;
		const poll: Poll = { pending: [], started: this.now, ended: false };
		this.polls.push(poll);
		if (this.durable) this.memory = JSON.parse(this.saved) as TriggerState;
		this.begin();
		const { account, key } = this;
		let left = budget;
		const state = JSON.parse(JSON.stringify(this.memory)) as TriggerState;
		const source = this.sourceFor(poll, account, key, () => left--);
		const terms = {
			details: this.world.details,
			now: () => this.now,
			hasTime: () => left > 0,
			hasTimeToAsk: () => left > -this.asks,
		};
		void collect(source, state, terms).then(
			(collected) => this.endPoll(poll, account, key, collected),
			(error) => this.violations.push(String(error)),
		);
	}

	private endPoll(poll: Poll, account: number, key: string, collected: Collected): void {
		if (poll.ended) return;
		poll.ended = true;
		const times = { now: this.now, clock: this.now + this.world.skew };
		const { emitted, state } = settle(this.memory, [key], collected, times);
		this.check(
			emitted.every(({ at = Infinity }, index) => !index || (emitted[index - 1]!.at ?? 0) <= at),
			'order',
		);
		this.check(isDeepStrictEqual(JSON.parse(JSON.stringify(state)), state), 'plain JSON');
		for (const one of emitted) {
			this.check(
				this.world.finishes.some((finish) => finish.id === one.id && finish.account === account),
				`another account's finish ${nameOfEmitted(one)}`,
			);
		}
		this.memory = state;
		this.emitted.push(...emitted.map(nameOfEmitted));
		for (const one of emitted) {
			const name = nameOfEmitted(one);
			this.emittedOnce.push(one.at === undefined ? `${name} since ${this.start}` : name);
			this.emittedAt.set(name, this.emittedAt.get(name) ?? this.now);
		}
		if (this.durable || emitted.length) this.saved = JSON.stringify(state);
		for (const { id, began, from } of this.world.finishes) {
			const isNoted = state.open[id] !== undefined && began <= this.now && this.now < from;
			if (isNoted) this.unfinishedAt.set(`${id} from ${began}`, this.now);
		}
		const list = state.lists[key];
		if (list) this.check(countSeen(list) <= this.emitted.length, 'bounded state');
	}

	/** A kill: what runs is lost, and so is the state that n8n has not saved. */
	kill(): void {
		for (const poll of this.polls) poll.ended = true;
		this.memory = JSON.parse(this.saved) as TriggerState;
	}

	addFault(fault: Fault): void {
		this.faults.push({ ...fault, until: this.now + fault.for });
		if (fault.what === 'request') this.hidden.add(fault.which);
	}

	/** The pages can be read again; single requests cannot. */
	mendPages(): void {
		this.faults = this.faults
			.filter(({ what }) => what === 'request')
			.map((fault) => ({ ...fault, until: Infinity }));
	}

	/** Neither its list nor, at times, the request itself told when it finished. */
	wasHidden(id: string): boolean {
		return this.world.timeless && this.hidden.has(Number(id.split('-')[1]) % 4);
	}

	private check(holds: boolean, what: string): void {
		if (!holds) this.violations.push(what);
	}

	private isDown(what: Fault['what'], is: (which: number) => boolean): boolean {
		return this.faults.some((one) => one.what === what && this.now < one.until && is(one.which));
	}

	private sourceFor(poll: Poll, account: number, key: string, spend: () => void): Source {
		const { world } = this;
		/** Waits for the step that answers the call. */
		const call = async <T>(answer: () => T, gone: () => T, isDown: () => boolean) => {
			spend();
			return await new Promise<T>((resolve, reject) => {
				const end = (result: () => void) => () => {
					poll.pending = poll.pending.filter((one) => one !== pending);
					result();
				};
				const fail = end(() => reject(new Error('fault')));
				const pending: Pending = {
					answer: () => (isDown() ? fail() : end(() => resolve(answer()))()),
					fail,
					gone: end(() => resolve(gone())),
				};
				poll.pending.push(pending);
			});
		};
		return {
			key,
			clock: () => this.now + world.skew,
			lists: [
				{
					key,
					status: 'FAILED',
					numbered: world.numbered,
					readPage: async (query, pageSize) => {
						const position = query as unknown as Position | undefined;
						const asked = Number(query?.page_size ?? pageSize);
						// A page of 100 stands for the largest one.
						const small = Math.ceil((asked / 100) * world.pageSize);
						const size = query ? asked : small;
						const seed = position?.seed ?? `walk ${this.walks++}`;
						const answer = () => {
							if (!position) this.onFirstPage();
							return pageAt(world, account, this.now, {
								position,
								size,
								seed,
								// Between two pages of one reading, a departure can only be met by luck.
								left: world.numbered ? poll.started : undefined,
							});
						};
						return await call(
							answer,
							() => (position ? undefined : answer()),
							() => this.isDown('page', (depth) => (position?.page ?? 0) >= depth),
						);
					},
				},
			],
			getRequest: async (id) =>
				await call(
					() => requestAt(world, id, this.now),
					() => requestAt(world, id, this.now),
					() => this.isDown('request', (which) => Number(id.split('-')[1]) % 4 === which),
				),
			getUnfinished: async () =>
				await call(
					() => unfinishedAt(world, account, this.now),
					() => [],
					() => this.isDown('unfinished', () => true),
				),
		};
	}
}

/** Lets everything that can go on without an answer go on. */
const settled = async () => await new Promise((resolve) => setImmediate(resolve));

async function act(model: Model, step: Step): Promise<void> {
	const call = (which: number) =>
		model.running[which % Math.max(1, model.running.length)]?.pending[0];
	switch (step.kind) {
		case 'poll':
			model.startPoll(step.budget);
			break;
		case 'round':
			model.startPoll(step.budget);
			await settled();
			await runOut(model, step.takes);
			break;
		case 'answer':
			model.now += step.takes;
			call(step.which)?.answer();
			break;
		case 'fail':
			call(step.which)?.fail();
			break;
		case 'gone':
			call(step.which)?.gone();
			break;
		case 'wait':
			model.now += step.ms;
			break;
		case 'fault':
			model.addFault(step.fault);
			break;
		case 'account':
			model.account = step.account;
			break;
		case 'kill':
			model.kill();
			break;
	}
	await settled();
}

async function runOut(model: Model, takes: number): Promise<void> {
	while (model.running.length) await act(model, { kind: 'answer', which: 0, takes });
}

/** Quiet polls, an hour apart, until everything that is to come has come. */
async function finish(model: Model, world: World, budget: number): Promise<void> {
	await runOut(model, 0);
	model.mendPages();
	model.now = Math.max(...world.finishes.map(({ from }) => from), model.now) + 1;
	for (let polls = 0; polls < 3 * world.finishes.length + 8; polls++) {
		model.now += HOUR;
		await act(model, { kind: 'round', budget, takes: 10 });
	}
}

const scenarioArbitrary = fc.constantFrom(MINUTE, 5 * MINUTE, HOUR, DAY).chain((interval) =>
	fc.record({
		world: worldArbitrary(Math.max(30 * MINUTE, 10 * interval)).map((world) =>
			// Beyond a day, entries that leave may be too much for numbered pages; see the table below.
			interval > 5 * MINUTE ? { ...world, numbered: false } : world,
		),
		start: fc.nat(20 * MINUTE),
		durable: fc.boolean(),
		steps: fc.array(stepArbitrary(interval), { maxLength: 120, size: 'max' }),
		lastBudget: fc.integer({ min: 1, max: 4 }),
	}),
);

test(`each finish after the start is emitted exactly once (${RUNS} runs)`, async () => {
	await fc.assert(
		fc.asyncProperty(scenarioArbitrary, async ({ world, start, durable, steps, lastBudget }) => {
			const model = new Model(world, start, durable);
			for (const step of steps) await act(model, step);
			await finish(model, world, lastBudget);
			const { emitted, violations } = model;
			expect(violations).toEqual([]);
			expect(new Set(model.emittedOnce).size).toBe(model.emittedOnce.length);
			// One that left the list in between may have been gone before any poll could meet it.
			const certain = world.finishes.filter(
				({ account, at, began, until, untold, id }) =>
					account === model.account &&
					(untold || model.wasHidden(id) ? began : at) > model.start &&
					until > model.now,
			);
			const [hidden, told] = [certain, certain].map((all, index) =>
				all.filter(({ id }) => model.wasHidden(id) === (index === 0)),
			);
			expect(told!.map(nameOf).filter((name) => !emitted.includes(name))).toEqual([]);
			const ids = emitted.map((name) => name.split(' ')[0]!);
			expect(ids).toEqual(expect.arrayContaining(hidden!.map(({ id }) => id)));
			// What nobody asked for: finishes before the start, or more of a request than it had.
			const possible = world.finishes.filter(({ at }) => at > start);
			const count = (all: string[], id: string) => all.filter((one) => one === id).length;
			for (const id of ids) {
				expect(count(ids, id)).toBeLessThanOrEqual(
					count(
						possible.map((one) => one.id),
						id,
					),
				);
			}
			expect([
				...possible.map(nameOf),
				...possible.map((one) => nameOf({ ...one, untold: model.wasHidden(one.id) })),
			]).toEqual(expect.arrayContaining(emitted));
		}),
		{ numRuns: RUNS },
	);
}, 3_600_000);

/** Polls at an interval that is kept, and a page that cannot be read for a while. */
const regularArbitrary = fc.constantFrom(MINUTE, 5 * MINUTE, HOUR, DAY).chain((interval) =>
	fc.record({
		interval: fc.constant(interval),
		world: worldArbitrary(20 * interval).map((world) => ({
			...world,
			skew: 0,
			// An entry that leaves is met by a later reading: that takes longer than is promised here.
			numbered: false,
		})),
		budget: fc.integer({ min: 3, max: 12 }),
		fault: fc.option(
			fc.record({
				after: fc.nat(10),
				depth: fc.integer({ min: 1, max: 4 }),
				polls: fc.integer({ min: 1, max: 10 }),
			}),
		),
	}),
);

test(`no finish comes later than is promised (${RUNS} runs)`, async () => {
	await fc.assert(
		fc.asyncProperty(regularArbitrary, async ({ interval, world, budget, fault }) => {
			const model = new Model(world, 0, false, Infinity);
			const polls: number[] = [];
			const pages = Math.ceil(world.finishes.length / world.pageSize);
			/** Two scans that get a page a poll at the least, and the rests of fresh pages between them. */
			const bound = 2 * (pages + 2);
			let mendedAt = 0;
			const count = 15 + bound;
			/** When the poll began that found a finish on the first page. */
			const firstPages = new Map<string, number>();
			model.onFirstPage = () => {
				const { entries } = pageAt(world, 0, model.now, {
					size: Math.ceil(world.pageSize / 10),
					seed: 'first',
				});
				for (const entry of entries) {
					const name = `${entry.id} ${entry.began}`;
					if (!firstPages.has(name)) firstPages.set(name, polls.at(-1)!);
				}
			};
			for (let poll = 0; poll < count; poll++) {
				model.now += interval;
				if (fault?.after === poll) {
					const length = fault.polls * interval;
					model.addFault({ what: 'page', which: fault.depth, for: length });
					// The page is tried again after an hour at the latest.
					mendedAt = model.now + length + HOUR;
				}
				polls.push(model.now);
				await act(model, { kind: 'round', budget, takes: 1 });
			}
			expect(model.violations).toEqual([]);
			for (const finish of world.finishes) {
				const { account, untold, from, at, until, id, began } = finish;
				if (account !== 0 || (untold ? began : at) <= 0) continue;
				const emittedAt = model.emittedAt.get(nameOf(finish)) ?? Infinity;
				/** The polls until it came, that one included. */
				const waited = (since: number) =>
					polls.filter((time) => time >= since && time < Math.min(emittedAt, until)).length;
				const late = { id, at, waited: waited(Math.max(from, mendedAt)), bound };
				if (waited(Math.max(from, mendedAt)) > bound) expect(late).toBe('in time');
				// New finishes flow past a page that fails.
				const onFirst = world.order === 'shuffled' ? undefined : firstPages.get(`${id} ${began}`);
				if (onFirst !== undefined && waited(onFirst) > 1)
					expect({ ...late, onFirst }).toBe('flowing');
				const seen = model.unfinishedAt.get(`${id} from ${began}`);
				if (seen !== undefined && !untold && waited(Math.max(from, seen + 1)) > 2) {
					expect({ ...late, seen }).toBe('asked for by itself');
				}
			}
		}),
		{ numRuns: RUNS },
	);
}, 3_600_000);
