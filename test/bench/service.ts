import type { ChildProcess } from 'node:child_process';
import { rm, readFile } from 'node:fs/promises';
import path from 'node:path';
import { start, until } from '../e2e/harness/process';
import { projectDirectory } from '../e2e/harness/pack';

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

/** The server that plays Ximilar, in a process of its own. */
export interface Service {
	url: string;
	/** Sets it for one run, and its counts to zero. */
	set: (settings: ServiceSettings) => Promise<void>;
	counts: () => Promise<ServiceCounts>;
	stop: () => Promise<void>;
}

/** Starts the server. */
export async function startService(node: string): Promise<Service> {
	const log = path.join(projectDirectory, '.scratch/bench/service.log');
	await rm(log, { force: true });
	const child = await start(node, [path.join(__dirname, 'standIn.ts'), '0'], {
		cwd: __dirname,
		env: { PATH: process.env.PATH },
		log,
	});
	const url = await until('the server listens', async () => {
		if (child.exitCode !== null) throw new Error(await readFile(log, 'utf8'));
		return /http:\S+/.exec(await readFile(log, 'utf8'))?.[0];
	});
	const control = async (method: string, body?: object) => {
		const answer = await fetch(`${url}/admin/bench`, { method, body: JSON.stringify(body) });
		if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
		return await answer.json();
	};
	return {
		url,
		set: async (settings) => void (await control('POST', settings)),
		counts: async () => (await control('GET')) as ServiceCounts,
		stop: async () => await ended(child),
	};
}

async function ended(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null) return;
	const closed = new Promise((resolve) => child.once('close', resolve));
	child.kill();
	await closed;
}
