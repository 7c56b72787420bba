const { existsSync } = require('node:fs');
const path = require('node:path');
const { transform, transformIgnorePatterns } = require('../../jest.config.js');

/** The tests that judge the mutants of a floor, where a file has no unit tests of its own name. */
const TESTS = {
	// Those that need no n8n, so that each takes milliseconds.
	api: ['unit/api/*.test.ts'],
	// The engine is seen in n8n's own, by the operations that use most of it.
	engine: [
		'unit/engine/*.test.ts',
		'workflow/{base64,batching.property,classify,client,credential,ocr,pickers,refusals}.test.ts',
		'workflow/recognition/*.test.ts',
	],
};

/** The workflow tests of files that are at work in n8n's engine alone: few, because each mutant runs them. */
const WORKFLOWS = {
	analysis: ['analysis'],
	analysisRun: ['analysis'],
	connection: ['credential', 'execution', 'imageInput'],
	credentialTest: ['credential'],
	entity: ['entity'],
	execution: ['execution', 'recognition/named'],
	imageInput: ['imageInput', 'imageOperation'],
	imageOperation: ['imageOperation'],
	ledger: ['execution'],
	listOperation: ['entity'],
	listSearch: ['entity', 'pickers'],
	node: ['execution'],
	operation: ['entity', 'execution'],
	workspace: ['entity'],
};

/**
 * Where each file that is changed has its own tests, such as client.test.ts and
 * client.rateLimit.test.ts, these alone: a change takes a second, not ten.
 */
function testsOf(floor, names) {
	const own = names.map((name) => {
		const unit = `unit/${floor}/${name}`;
		const hasUnit = existsSync(path.join(__dirname, '..', `${unit}.test.ts`));
		const workflows = (floor === 'engine' && WORKFLOWS[name]) || [];
		return [
			...(hasUnit ? [`${unit}.test.ts`, `${unit}.*.test.ts`] : []),
			...workflows.map((one) => `workflow/${one}.test.ts`),
		];
	});
	return own.every((tests) => tests.length) ? own.flat() : TESTS[floor];
}

const { MUTATION_FLOOR, MUTATION_NAMES } = process.env;

module.exports = {
	testEnvironment: 'node',
	rootDir: '../..',
	roots: ['<rootDir>/test/unit', '<rootDir>/test/workflow'],
	testMatch: testsOf(MUTATION_FLOOR, MUTATION_NAMES.split(',')).map(
		(pattern) => `<rootDir>/test/${pattern}`,
	),
	setupFiles: ['reflect-metadata'],
	setupFilesAfterEnv: ['<rootDir>/test/setup.ts'],
	testTimeout: 60_000,
	transform,
	transformIgnorePatterns,
};
