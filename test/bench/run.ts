import type { Shares } from './profile';
import type { ServiceCounts } from './service';

/** What is put side by side. */
export const contenders = {
	package: 'this package',
	previous: 'previous release',
	http: 'HTTP Request',
	stream: 'bare streaming client',
	loop: 'bare loop',
	reading: 'n8n without the node',
	without: 'n8n without the package',
};

export type ContenderName = keyof typeof contenders;

/** What a contender took in one run. */
export interface Figures {
	/** Of the node alone, as n8n reports it; of a bare client from its first file to its last answer. */
	milliseconds: number;
	/** The CPU of the process in that time. */
	cpuMilliseconds: number;
	/** The most memory that the process held. */
	peakBytes: number;
	/** All CPU of the process, start and end included; a bare client's is not measured. */
	processCpuMilliseconds?: number;
	/** From when the last thing that was waited for was there. */
	lateMilliseconds?: number;
	/** Of the installed package. */
	diskBytes?: number;
	/** Where the CPU time of the node went, where a profile was taken. */
	shares?: Shares;
	/** What went wrong with the run as a whole. */
	failure?: string;
	/** How many of what was asked for came out. */
	done: number;
	/** Items that came out as errors. */
	errorRows: number;
}

/** What the server saw of a run. */
export interface Seen {
	/** Calls that were taken, and answered. */
	requests: number;
	/** Refused with a 429. */
	refused: number;
	/** Broken off by the caller. */
	failed: number;
	/** What should have been done there and was not, and what was done more often than it should be. */
	missed: number;
	doubled: number;
	/** The most requests at once. */
	peakRequests: number;
	/** What the server itself used of the machine. */
	serverCpuMilliseconds: number;
}

export type Result = Figures & Seen;

/** One run of one contender. */
export interface Run extends Result {
	contender: ContenderName;
	/** Contenders of the same round took turns within a minute or two. */
	round: number;
	/** How much of the machine other programs used meanwhile, in percent. */
	othersPercent: number;
}

/** What the server saw, against what it should have: how often each image is to be analysed. */
export function compare(counts: ServiceCounts, expected: Map<string, number>): Seen {
	const { images, ...seen } = counts;
	let [missed, doubled] = [0, 0];
	for (const [hash, times] of expected) {
		const analysed = images[hash] ?? 0;
		missed += Math.max(0, times - analysed);
		doubled += Math.max(0, analysed - times);
	}
	const strange = Object.keys(images).filter((hash) => !expected.has(hash));
	if (strange.length) throw new Error(`The server got ${strange.length} images that are no files`);
	return { ...seen, missed, doubled };
}

/** The value in the middle; the mean of the two in the middle of an even number. */
export function median(values: number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const half = Math.floor(sorted.length / 2);
	return sorted.length % 2 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
