import type { ServiceCounts } from './service';

/** What is put side by side. */
export const contenders = {
	package: 'this package',
	previous: 'previous release',
	reading: 'reading only',
	stream: 'bare streaming client',
	loop: 'bare loop',
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
	/** What went wrong with the run as a whole. */
	failure?: string;
	/** The images whose results came out. */
	rows: number;
	/** Items that came out as errors. */
	errorRows: number;
}

/** One run of one contender, with what the server saw of it. */
export interface Run extends Figures {
	scene: string;
	contender: ContenderName;
	round: number;
	requests: number;
	/** Refused with a 429. */
	refused: number;
	/** Broken off by the caller. */
	failed: number;
	/** Images that were not analysed, and analyses beyond the first of an image. */
	missed: number;
	doubled: number;
	/** The most requests at once. */
	peakRequests: number;
}

/** What the server saw, against what it should have: how often each image is to be analysed. */
export function compare(
	counts: ServiceCounts,
	expected: Map<string, number>,
): Pick<Run, 'requests' | 'refused' | 'failed' | 'missed' | 'doubled' | 'peakRequests'> {
	const { requests, refused, failed, peak, images } = counts;
	let [missed, doubled] = [0, 0];
	for (const [hash, times] of expected) {
		const seen = images[hash] ?? 0;
		missed += Math.max(0, times - seen);
		doubled += Math.max(0, seen - times);
	}
	const strange = Object.keys(images).filter((hash) => !expected.has(hash));
	if (strange.length) throw new Error(`The server got ${strange.length} images that are no files`);
	return { requests, refused, failed, missed, doubled, peakRequests: peak };
}

/** The value in the middle; the mean of the two in the middle of an even number. */
export function median(values: number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const half = Math.floor(sorted.length / 2);
	return sorted.length % 2 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
