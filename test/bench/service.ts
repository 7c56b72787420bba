import { rm, readFile } from 'node:fs/promises';
import path from 'node:path';
import { end, start, until } from '../e2e/harness/process';
import { projectDirectory } from '../e2e/harness/pack';
import type { LoggedRequest } from '../simulator/log';
import type { Report } from '../simulator/pressure';
import type { Settings } from '../simulator/settings';
import { TOKENS } from '../simulator/state';
import { cpuOf } from './meter';
import type { Seen } from './run';

/** What the service saw since it was last set; `images` says how often each was analysed. */
export interface ServiceCounts extends Omit<Seen, 'missed' | 'doubled'> {
	images: Record<string, number>;
}

/** The simulator, in a process of its own. */
export interface Service {
	url: string;
	/** Back to the start, with these settings. */
	reset: (settings: Partial<Settings>) => Promise<void>;
	change: (settings: Partial<Settings>) => Promise<void>;
	/** Begins to count anew. */
	begin: () => Promise<void>;
	/** Of the calls whose path holds this text; all when left out. */
	counts: (path?: string) => Promise<ServiceCounts>;
	/** Those calls themselves. */
	calls: (path: string) => Promise<LoggedRequest[]>;
	/** A call of the simulator's own controls. */
	control: <T = unknown>(method: string, call: string, body?: unknown) => Promise<T>;
	/** A call of the API, as the account that everything runs on. */
	api: <T = unknown>(method: string, call: string, body?: unknown) => Promise<T>;
	stop: () => Promise<void>;
}

/** Starts the simulator; it looks at no more of an image than its head and hash, to save CPU. */
export async function startService(node: string, scratch: string): Promise<Service> {
	const log = path.join(scratch, 'service.log');
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
	const { control, api } = callers(url);
	const change = async (change: Partial<Settings>) => {
		await control('PATCH', 'settings', change);
	};
	/** Where counting began: the number of the last call before, and the CPU by then. */
	let from = { call: 0, cpu: 0 };
	const calls = async (part = '') => {
		const query = `requests?path=${encodeURIComponent(part)}`;
		const { requests } = await control<{ requests: LoggedRequest[] }>('GET', query);
		return requests.filter(({ number }) => number > from.call);
	};
	return {
		url,
		control,
		api,
		change,
		reset: async (settings) => {
			await control('POST', 'reset');
			from = { call: 0, cpu: 0 };
			await change(settings);
		},
		begin: async () => {
			await control('DELETE', 'report');
			const before = await calls();
			from = { call: before.at(-1)?.number ?? from.call, cpu: await cpuOf(child.pid!) };
		},
		calls,
		counts: async (part) => {
			const cpu = await cpuOf(child.pid!);
			const report = await control<Report>('GET', 'report');
			const answered = (await calls(part)).filter(({ status }) => status && status < 300);
			return {
				requests: answered.length,
				refused: report.overCapacity,
				failed: report.aborted,
				peakRequests: report.mostAtOnce,
				serverCpuMilliseconds: cpu - from.cpu,
				images: report.images,
			};
		},
		stop: async () => await end(child, 'SIGTERM'),
	};
}

const JSON_HEADER = { 'Content-Type': 'application/json' };

/** Calls of the simulator: of its controls, and of the API with a token. */
function callers(url: string): Pick<Service, 'control' | 'api'> {
	const call = async <T>(method: string, address: string, body: unknown, headers: object) => {
		const answer = await fetch(address, {
			method,
			headers: { ...headers, ...(body !== undefined && JSON_HEADER) },
			...(body !== undefined && { body: JSON.stringify(body) }),
		});
		if (!answer.ok)
			throw new Error(`${method} ${address}: ${answer.status} ${await answer.text()}`);
		return (await answer.json()) as T;
	};
	const token = { ...JSON_HEADER, Authorization: `Token ${TOKENS.business}` };
	return {
		control: async (method, path, body) => await call(method, `${url}/admin/${path}`, body, {}),
		api: async (method, path, body) => await call(method, `${url}/${path}`, body, token),
	};
}
