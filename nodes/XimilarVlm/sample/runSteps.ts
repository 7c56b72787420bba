import { XimilarError } from '../../shared/api/error';

/** One of several calls that make a sample what it shall be. */
export interface Step {
	/** What is missing while the step is not done, e.g. `the value of "grade"`. */
	what: string;
	/** @returns what is done now, where that says more than `what`, e.g. an ID */
	work(): Promise<string | void>;
}

/**
 * Does one step after the other. The API has no call that deletes a sample: when a step fails, what
 * was made before is named, so that nothing is orphaned unseen.
 * @param subject what the steps finish, e.g. `Sample "Row 7"`
 * @param howToGoOn what leads to the end without making anything twice
 * @param done what there is before the first step
 */
export async function runSteps(
	subject: string,
	steps: Step[],
	howToGoOn: () => string,
	done: string[] = [],
): Promise<void> {
	for (const [position, { what, work }] of steps.entries()) {
		const unfinished = (error: unknown): never => {
			if (!(error instanceof XimilarError) || !done.length) throw error;
			const missing = steps.slice(position).map((step) => step.what);
			throw error.with({
				message: `${subject} is not finished: ${error.message.replace(/\.$/, '')}. Done: ${done.join(', ')}. Missing: ${missing.join(', ')}`,
				description: `${howToGoOn()} ${error.description}`,
			});
		};
		done.push((await work().catch(unfinished)) ?? what);
	}
}
