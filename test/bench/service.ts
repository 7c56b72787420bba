import type { ChildProcess } from 'node:child_process';
import { rm, readFile } from 'node:fs/promises';
import path from 'node:path';
import { start, until } from '../e2e/harness/process';
import { projectDirectory } from '../e2e/harness/pack';
import type { LoggedRequest } from '../simulator/log';
import type { Report } from '../simulator/pressure';

export interface ServiceSettings {
	/** Requests that are analysed at once; one more is refused with a 429. */
	capacity: number;
	/** Milliseconds that a request takes, and each of its records. */
	latency: number;
	recordMs: number;
	/** The Retry-After of a refusal in seconds, or none. */
	retryAfter: number | null;
}

/** What the service saw since it was last set. */
export interface ServiceCounts {
	/** Answered with results. */
	requests: number;
	/** Refused with a 429. */
	refused: number;
	/** Broken off by the caller. */
	failed: number;
	/** How often each image was analysed. */
	images: Record<string, number>;
	/** The most requests at once. */
	peak: number;
}

/** The simulator, in a process of its own. */
export interface Service {
	url: string;
	/** Sets it for one run, and its counts to zero. */
	set: (settings: ServiceSettings) => Promise<void>;
	counts: () => Promise<ServiceCounts>;
	stop: () => Promise<void>;
}

/** Starts the simulator; it looks at no more of an image than its head and hash, to save CPU. */
export async function startService(node: string): Promise<Service> {
	const log = path.join(projectDirectory, '.scratch/bench/service.log');
	await rm(log, { force: true });
	const simulator = path.join(projectDirectory, 'test/simulator/index.ts');
	const settings = ['echoBase64=none', 'logSize=100000'].flatMap((one) => ['--set', one]);
	const child = await start(node, ['--import', 'tsx', simulator, '--no-decode', ...settings], {
		cwd: projectDirectory,
		env: { PATH: process.env.PATH },
		log,
	});
	const url = await until('the simulator listens', async () => {
		if (child.exitCode !== null) throw new Error(await readFile(log, 'utf8'));
		return /simulator: (http:\S+)/.exec(await readFile(log, 'utf8'))?.[1];
	});
	const control = async <T>(method: string, call: string, body?: object): Promise<T> => {
		const answer = await fetch(`${url}/admin/${call}`, {
			method,
			...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
		});
		if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
		return (await answer.json()) as T;
	};
	return {
		url,
		set: async ({ capacity, latency, recordMs, retryAfter }) => {
			await control('POST', 'reset');
			await control('PATCH', 'settings', {
				capacity,
				latencyMs: latency,
				recordMs,
				capacityRetryAfter: retryAfter === null ? null : { seconds: retryAfter },
			});
		},
		counts: async () => {
			const report = await control<Report>('GET', 'report');
			const { requests } = await control<{ requests: Array<Pick<LoggedRequest, 'status'>> }>(
				'GET',
				'requests?path=classify',
			);
			return {
				requests: requests.filter(({ status }) => status === 200).length,
				refused: report.overCapacity,
				failed: report.aborted,
				images: report.images,
				peak: report.mostAtOnce,
			};
		},
		stop: async () => await ended(child),
	};
}

async function ended(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null) return;
	const closed = new Promise((resolve) => child.once('close', resolve));
	child.kill();
	await closed;
}
