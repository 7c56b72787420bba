import { readFile } from 'node:fs/promises';

/** What a process and all that it started took up to a moment. */
interface Sample {
	/** Milliseconds since 1970. */
	at: number;
	cpuMilliseconds: number;
}

/** Watches a process and its descendants. Linux only: it reads /proc. */
export interface Meter {
	/** Ends the watching: the most memory that each process held, summed, and the CPU of all. */
	stop: () => { peakBytes: number; cpuMilliseconds: number };
	/** The CPU time between two moments. */
	cpuBetween: (from: number, to: number) => number;
}

const INTERVAL = 50;
/** The kernel counts CPU time in these, whatever the machine. */
const MILLISECONDS_A_TICK = 10;

/** Starts to watch a process from its beginning. */
export function watch(pid: number): Meter {
	const samples: Sample[] = [{ at: Date.now(), cpuMilliseconds: 0 }];
	const peaks = new Map<number, number>();
	let running = false;
	const sample = async () => {
		// A slow reading is not overtaken by the next one.
		if (running) return;
		running = true;
		const at = Date.now();
		let cpuMilliseconds = 0;
		for (const one of await treeOf(pid)) {
			cpuMilliseconds += await cpuOf(one);
			peaks.set(one, Math.max(peaks.get(one) ?? 0, await peakOf(one)));
		}
		// Time of a process that has just ended is missing until its parent has taken it over.
		if (cpuMilliseconds >= samples.at(-1)!.cpuMilliseconds) samples.push({ at, cpuMilliseconds });
		running = false;
	};
	// A watch that nobody ends keeps no process alive.
	const timer = setInterval(() => void sample(), INTERVAL).unref();
	return {
		stop: () => {
			clearInterval(timer);
			return {
				peakBytes: [...peaks.values()].reduce((sum, bytes) => sum + bytes, 0),
				cpuMilliseconds: samples.at(-1)!.cpuMilliseconds,
			};
		},
		cpuBetween: (from, to) => cpuAt(samples, to) - cpuAt(samples, from),
	};
}

/** The CPU time at a moment, interpolated between two samples. */
function cpuAt(samples: Sample[], moment: number): number {
	const next = samples.findIndex(({ at }) => at >= moment);
	if (next <= 0) return samples.at(next)!.cpuMilliseconds;
	const [before, after] = [samples[next - 1]!, samples[next]!];
	const share = (moment - before.at) / (after.at - before.at);
	return before.cpuMilliseconds + share * (after.cpuMilliseconds - before.cpuMilliseconds);
}

async function treeOf(pid: number): Promise<number[]> {
	const children = (await readText(`/proc/${pid}/task/${pid}/children`)).split(' ').filter(Boolean);
	const below = await Promise.all(children.map(async (child) => await treeOf(Number(child))));
	return [pid, ...below.flat()];
}

/** Milliseconds of user and system time of a process, and of those children that have ended. */
export async function cpuOf(pid: number): Promise<number> {
	const stat = await readText(`/proc/${pid}/stat`);
	// The second field, the command's name in brackets, may hold anything.
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * MILLISECONDS_A_TICK;
}

/** Milliseconds that all cores together have worked since the machine started, whatever for. */
export async function machineCpu(): Promise<number> {
	const [, ...ticks] = (await readText('/proc/stat')).split('\n')[0]!.split(/\s+/).map(Number);
	const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = ticks;
	return (user + nice + system + irq + softirq) * MILLISECONDS_A_TICK;
}

async function peakOf(pid: number): Promise<number> {
	const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(await readText(`/proc/${pid}/status`))?.[1];
	return Number(kilobytes ?? 0) * 1024;
}

/** Empty for a process that has ended. */
async function readText(file: string): Promise<string> {
	return await readFile(file, 'utf8').catch(() => '');
}
