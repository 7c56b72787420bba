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

/**
 * Where each file that is changed has its own tests, such as client.test.ts and
 * client.rateLimit.test.ts, these alone: a change takes a second, not ten.
 */
function testsOf(floor, names) {
	const fileOf = (end) => (name) => `unit/${floor}/${name}${end}`;
	const first = names.map(fileOf('.test.ts'));
	const all = first.every((file) => existsSync(path.join(__dirname, '..', file)));
	return all ? [...first, ...names.map(fileOf('.*.test.ts'))] : TESTS[floor];
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
