/**
 * The "pool of workers" (seed 003, Request Endpoints). What is due by the simulator's clock happens
 * before a call is handled, each thing at its own time, however far the clock was moved; while the
 * clock runs, a timer sees to it without any call.
 */
import { now, stamp } from '../../clock';
import type { State } from '../../state';
import { type Eyes, type Look, openEyes, type Sight } from './eyes';
import { bill, finish, forgetOld, reserve } from './finish';
import { imageUrls } from './messages';
import { responseFor, usageFor } from './response';
import { isDue, msToNext, schedule } from './schedule';
import type { VlmEvent, VlmRequest } from './state';
import { deliver } from './webhook';

export interface Workers {
	/** Looks at the images that requests bring. */
	eyes: Eyes;
	/** Resolves when everything that is due has happened; webhooks may still be on their way. */
	settle: () => Promise<void>;
	/** Resolves when webhooks have been answered as well. */
	delivered: () => Promise<void>;
	/** To be called when something was planned, or the clock was changed. */
	wake: () => void;
	stop: () => void;
}

/** Node's longest. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What a worker sees of a request's images; `looks` stays undefined until it has seen them. */
interface Inspection {
	looks?: Look[];
	done: Promise<void>;
}

interface Pool {
	state: State;
	eyes: Eyes;
	/** By request. */
	inspections: WeakMap<VlmRequest, Inspection>;
	deliveries: Set<Promise<void>>;
	closing: AbortController;
	wake: () => void;
}

function inspectImages({ eyes, state }: Pool, request: VlmRequest): Inspection {
	const urls = imageUrls(request.request);
	const fetchImages = state.settings.vlmFetchImages;
	const inspection: Inspection = { done: Promise.resolve() };
	inspection.done = Promise.all(urls.map((url) => eyes(url, fetchImages))).then((looks) => {
		inspection.looks = looks;
	});
	return inspection;
}

/** "Queue priority (higher is processed first)"; the first come first among equals. */
function takeFromQueue({ vlm }: State): VlmRequest {
	const priority = (id: string) => vlm.requests[id]!.work.priority;
	const best = vlm.queue.reduce((one, other) => (priority(other) > priority(one) ? other : one));
	vlm.queue.splice(vlm.queue.indexOf(best), 1);
	return vlm.requests[best]!;
}

function start(pool: Pool, request: VlmRequest, at: number): void {
	const { state } = pool;
	Object.assign(request, { status: 'PROCESSING', started_at: stamp(at) });
	if (!reserve(state, request)) {
		finish(state, request, at, 'API_LIMIT_EXCEEDED', { error: 'Insufficient credits.' });
		return;
	}
	state.vlm.busy++;
	pool.inspections.set(request, inspectImages(pool, request));
	schedule(state, request, 'finish', at + request.work.plan.processMs);
}

/** Gives waiting requests to free workers. */
function assign(pool: Pool, at: number): void {
	const { vlm, settings } = pool.state;
	while (vlm.busy < settings.vlmWorkers && vlm.queue.length > 0) {
		start(pool, takeFromQueue(pool.state), at);
	}
}

/** "A transient failure occurred (e.g. rate limit or GPU OOM); the request will be retried". */
function retry(state: State, request: VlmRequest, at: number): void {
	request.work.plan.retries--;
	request.retry_count++;
	request.status = 'RETRY';
	schedule(state, request, 'ready', at + state.settings.vlmRetryMs);
}

const REASONS = {
	FAILED: 'Processing failed after all retries.',
	API_LIMIT_EXCEEDED: 'Rate limit exceeded.',
	NOT_SUPPORTED: 'The model does not support this request.',
};

/** The end that the plan says, unless an image cannot be had. */
function end(state: State, request: VlmRequest, at: number, looks: Look[]): void {
	const { status, response } = request.work.plan;
	if (status !== 'DONE') {
		finish(state, request, at, status, response ? response.value : { error: REASONS[status] });
		return;
	}
	const sights: Sight[] = [];
	for (const look of looks) {
		if ('refused' in look) {
			finish(state, request, at, 'FAILED', { error: look.refused });
			return;
		}
		sights.push(look.sight);
	}
	finish(
		state,
		request,
		at,
		'DONE',
		response ? response.value : responseFor(state, request, sights),
	);
	request.usage = usageFor(request, sights.length, at - Date.parse(request.started_at!));
}

/**
 * Ends a run of the model. A worker that has not got all images yet goes on: on a running clock for as
 * long as it takes, while a stopped clock waits for it.
 */
async function endRun(pool: Pool, request: VlmRequest, at: number): Promise<void> {
	const { state } = pool;
	const { vlm } = state;
	const inspection = pool.inspections.get(request)!;
	if (!inspection.looks && state.clock.stopped === null) {
		void inspection.done.then(() => {
			if (state.vlm !== vlm) return;
			schedule(state, request, 'finish', now(state.clock));
			pool.wake();
		});
		return;
	}
	await inspection.done;
	if (state.vlm !== vlm) return;
	vlm.busy--;
	if (request.work.plan.retries > 0) retry(state, request, at);
	else end(state, request, at, inspection.looks!);
	assign(pool, at);
}

async function handle(pool: Pool, event: VlmEvent, request: VlmRequest): Promise<void> {
	const { state, deliveries } = pool;
	const { kind, at } = event;
	if (kind === 'ready') {
		state.vlm.queue.push(request.id);
		assign(pool, at);
	} else if (kind === 'finish') {
		await endRun(pool, request, at);
	} else if (kind === 'bill') {
		bill(state, request, at);
	} else {
		// Nobody waits for a receiver.
		const delivery = deliver(state, request, event, pool.closing.signal).then(() => {
			deliveries.delete(delivery);
			pool.wake();
		});
		deliveries.add(delivery);
	}
}

/** Lets everything happen that is due, in its order. */
async function drain(pool: Pool): Promise<void> {
	const { state } = pool;
	while (isDue(state)) {
		const event = state.vlm.events.shift()!;
		const request = state.vlm.requests[event.request];
		if (request?.work.run === event.run) await handle(pool, event, request);
	}
}

export function createWorkers(state: State): Workers {
	let running: Promise<void> | undefined;
	let timer: NodeJS.Timeout | undefined;

	const settle = async () => {
		while (isDue(state)) {
			running ??= drain(pool).finally(() => (running = undefined));
			await running;
		}
		await running;
		forgetOld(state);
		setTimer();
	};
	const wake = () => void settle();
	const setTimer = () => {
		clearTimeout(timer);
		const ms = msToNext(state);
		if (ms === undefined || pool.closing.signal.aborted) return;
		timer = setTimeout(wake, Math.min(Math.ceil(ms), LONGEST_TIMER_MS));
		timer.unref();
	};
	const pool: Pool = {
		state,
		eyes: openEyes(state),
		inspections: new WeakMap(),
		deliveries: new Set(),
		closing: new AbortController(),
		wake,
	};
	return {
		eyes: pool.eyes,
		settle,
		wake,
		delivered: async () => {
			await settle();
			while (pool.deliveries.size > 0) {
				await Promise.all(pool.deliveries);
				await settle();
			}
		},
		stop: () => {
			pool.closing.abort();
			clearTimeout(timer);
		},
	};
}
