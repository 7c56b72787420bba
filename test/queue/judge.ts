import type { N8nLine } from '../e2e/harness/install';
import { partOf, type Job, type Part, type Whole } from './job';

/** A worker that was killed, and the executions that it was at. */
export interface Cut {
	worker: string;
	executions: string[];
}

export interface Observed {
	job: Pick<Job, 'title' | 'parts' | 'results'>;
	line: N8nLine;
	cut: Cut;
	/** The executions of the first sending, and those of both. */
	first: Whole[];
	all: Whole[];
	/** The parts that were sent a second time. */
	again: Part[];
	/** How often each key was done after the first sending, and at the end; none for what costs nothing. */
	doneFirst?: Map<string, number>;
	doneAll?: Map<string, number>;
}

/** What came of a job during which a worker was killed. */
export interface Outcome {
	title: string;
	executions: number;
	units: number;
	/** Executions that the killed worker was at. */
	cut: number;
	/** Those among them that n8n shows as failed, and what it says. */
	failed: number;
	failure?: string;
	/** Those among them that n8n let another worker do from the start. */
	repeated: number;
	/** Units that were done more than once in the end, all of them in executions that were cut off. */
	doneAgain: number;
	/** Units with exactly one result in the end. */
	results: number;
	/** What may not be. */
	problems: string[];
}

/**
 * Judges a job: each unit of an execution that was not cut off is done exactly once; one of an execution
 * that was cut off at most once for each time that n8n or the user began it; and each has one result.
 */
export function judge(observed: Observed): Outcome {
	const { job, line, cut, first, all, again, doneFirst, doneAll } = observed;
	const failed = all.filter(({ status }) => status !== 'success');
	const successes = new Map<string, Whole[]>();
	for (const one of all) {
		const part = partOf(one);
		if (part !== undefined) successes.set(part, [...(successes.get(part) ?? []), one]);
	}
	// In n8n 2 a success of the killed worker is one that ended just before.
	const repeated =
		line === 'n8n-1' ? first.filter((one) => isCut(cut, one) && partOf(one) !== undefined) : [];
	const twice = new Set([...repeated.map(partOf), ...again.map(({ name }) => name)]);

	const problems = failed
		.filter((one) => !isCut(cut, one))
		.map(({ id, execution }) => `execution ${id} failed: ${execution.error?.message}`);
	let results = 0;
	for (const { name, keys } of job.parts) {
		const runs = successes.get(name) ?? [];
		if (runs.length !== 1) problems.push(`part ${name} succeeded ${runs.length} times`);
		const got = runs.flatMap(({ execution }) => job.results(execution));
		const right = keys.filter((key) => got.filter((one) => one === key).length === 1);
		results += right.length;
		if (right.length !== keys.length || got.length !== keys.length) {
			problems.push(`part ${name} has ${got.length} results, ${right.length} of them right`);
		}
		const isAgain = again.some((part) => part.name === name);
		problems.push(
			...wrongCounts(name, keys, doneFirst, isAgain ? [0, 1] : [1, twice.has(name) ? 2 : 1]),
			...wrongCounts(name, keys, doneAll, [1, twice.has(name) ? 2 : 1]),
		);
	}
	const units = job.parts.flatMap(({ keys }) => keys);
	return {
		title: job.title,
		executions: job.parts.length,
		units: units.length,
		cut: cut.executions.length,
		failed: failed.length,
		...(failed[0] && { failure: failed[0].execution.error?.message ?? failed[0].status }),
		repeated: repeated.length,
		doneAgain: units.filter((key) => (doneAll?.get(key) ?? 1) > 1).length,
		results,
		problems,
	};
}

function isCut({ executions }: Cut, { id }: Whole): boolean {
	return executions.includes(id);
}

function wrongCounts(
	part: string,
	keys: string[],
	done: Map<string, number> | undefined,
	[least, most]: [number, number],
): string[] {
	const wrong = done
		? keys.filter((key) => (done.get(key) ?? 0) < least || (done.get(key) ?? 0) > most)
		: [];
	if (!wrong.length) return [];
	const [key] = wrong;
	return [
		`part ${part}: ${wrong.length} not done ${least} to ${most} times, e.g. ${key} ${done!.get(key!) ?? 0} times`,
	];
}
