import http from 'node:http';
import type * as Workflow from 'n8n-workflow';

/**
 * Time that passes only while nothing else happens: pauses and time limits cost none, and come in
 * their order. For tests in which the service runs in the same process.
 */

interface Timer {
	at: number;
	/** A time limit of a call, which must not pass while the call is prepared or answered. */
	isLimit: boolean;
	fire(): void;
}

const realNow = Date.now;
let offset = 0;
let timers: Timer[] = [];
let underWay = 0;
/** When a request last began or ended, by the real clock. */
let lastEvent = 0;

const now = () => realNow() + offset;

function schedule(milliseconds: number, isLimit: boolean, fire: () => void): void {
	timers.push({ at: now() + milliseconds, isLimit, fire });
	timers.sort((a, b) => a.at - b.at);
}

const sleep = async (milliseconds: number) =>
	await new Promise<void>((resolve) => schedule(milliseconds, false, resolve));

/** n8n-workflow with a `sleep` by this clock: for `jest.mock`. */
export function withVirtualSleep(actual: typeof Workflow): typeof Workflow {
	return { ...actual, sleep };
}

/** How many turns of the event loop have to bring no request before a pause ends. */
const QUIET_TURNS = 8;
/**
 * Real milliseconds without any request before much time passes: a call's body may be in the making.
 */
const QUIET_TIME = 40;
/** What is much, in milliseconds: reports of progress, and longer. */
const MUCH = 10_000;

/**
 * Lets work run by this clock.
 * @param stalled how many requests are under way that will get no answer
 * @returns what the work gave, and how many milliseconds it took by this clock
 */
export async function inVirtualTime<T>(
	work: () => Promise<T>,
	stalled: () => number,
): Promise<{ result: T; time: number }> {
	[offset, timers, underWay] = [0, [], 0];
	const spies = [
		jest.spyOn(Date, 'now').mockImplementation(now),
		jest.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
			const late = new AbortController();
			schedule(milliseconds, true, () => late.abort());
			return late.signal;
		}),
		jest.spyOn(Math, 'random').mockReturnValue(0.5),
		countRequests(),
	];
	let isOver = false;
	let quiet = 0;
	let seen = lastEvent;
	const turn = () => {
		if (isOver) return;
		const waiting = stalled();
		quiet = lastEvent === seen && underWay <= waiting ? quiet + 1 : 0;
		seen = lastEvent;
		const [next] = timers;
		if (next && quiet > QUIET_TURNS) {
			const isMuch = next.isLimit || (!waiting && next.at - now() > 0.9 * MUCH);
			const rest = isMuch ? lastEvent + QUIET_TIME - realNow() : 0;
			if (rest > 0) return void setTimeout(turn, rest);
			quiet = 0;
			timers.shift();
			offset += Math.max(0, next.at - now());
			next.fire();
		}
		setImmediate(turn);
	};
	setImmediate(turn);
	try {
		const start = now();
		return { result: await work(), time: now() - start };
	} finally {
		isOver = true;
		for (const spy of spies) spy.mockRestore();
	}
}

function countRequests() {
	const request = http.request.bind(http);
	return jest.spyOn(http, 'request').mockImplementation(((...args: Parameters<typeof request>) => {
		const made = request(...args);
		underWay++;
		lastEvent = realNow();
		let isOver = false;
		const end = () => {
			if (!isOver) underWay--;
			isOver = true;
			lastEvent = realNow();
		};
		made.once('response', (response) => response.once('close', end));
		made.once('error', end);
		return made;
	}) as typeof http.request);
}
