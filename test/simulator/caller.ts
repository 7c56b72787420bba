/** Calls the simulator in its tests, with the headers that the seeds demand. */
import nock from 'nock';
import { createSimulator, type Simulator } from './server';
import type { Settings } from './settings';
import { TOKENS } from './state';

export interface Answer {
	status: number;
	headers: Headers;
	text: string;
	// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are what the tests look into
	body: any;
}

export interface CallOptions {
	method?: string;
	/** Name of an account, or null to send no token. */
	as?: keyof typeof TOKENS | null;
	/** Sent as JSON. */
	body?: unknown;
	/** Added to the headers; null leaves one out. */
	headers?: Record<string, string | null>;
}

/** A simulator that runs as long as the tests of a file, fresh before each of them. */
export function runSimulator(settings: Partial<Settings> = {}): Simulator {
	const simulator = createSimulator(settings);
	beforeAll(async () => {
		// The wire itself is tested here, so nothing may stand between the caller and the socket.
		nock.restore();
		await simulator.start();
	});
	beforeEach(() => simulator.control.reset());
	afterAll(async () => await simulator.stop());
	return simulator;
}

/** One call. It fails as `fetch` does when the connection breaks. */
export async function call(
	simulator: Simulator,
	path: string,
	{
		body,
		method = body === undefined ? 'GET' : 'POST',
		as = 'business',
		headers = {},
	}: CallOptions = {},
): Promise<Answer> {
	const all: Record<string, string | null> = {
		'Content-Type': 'application/json',
		Authorization: as === null ? null : `Token ${TOKENS[as]}`,
		...headers,
	};
	const response = await fetch(new URL(path, simulator.url), {
		method,
		headers: Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null),
		body: typeof body === 'string' ? body : JSON.stringify(body),
		redirect: 'manual',
	});
	const text = await response.text();
	const json = response.headers.get('content-type')?.startsWith('application/json');
	let parsed: unknown;
	try {
		parsed = json ? JSON.parse(text) : undefined;
	} catch {
		parsed = undefined;
	}
	return { status: response.status, headers: response.headers, text, body: parsed };
}
