/** Mutation tests of single files; `test/mutation/index.ts` says which, and where each report goes. */
export default {
	testRunner: 'jest',
	plugins: ['@stryker-mutator/jest-runner'],
	// Workflow tests find the nodes by the package's own list, not by imports.
	jest: { configFile: 'test/mutation/jest.config.js', enableFindRelatedTests: false },
	coverageAnalysis: 'perTest',
	concurrency: 2,
	// Jest loads all modules anew for each change and keeps the old ones: a process gets slow with them.
	maxTestRunnerReuse: 60,
	// A mutant that never ends must not hold the machine.
	timeoutMS: 10_000,
	tempDirName: '.scratch/mutation/sandbox',
	ignorePatterns: ['/.scratch', '/dist', '/docs', '/.lint', '/coverage'],
	// A constant of a module is made once for all tests, so a mutant of it would need all of them.
	ignoreStatic: true,
	incremental: true,
	reporters: ['json', 'progress-append-only'],
	jsonReporter: { fileName: process.env.MUTATION_REPORT },
};
