const { transform, transformIgnorePatterns } = require('../../jest.config.js');

/** The tests that judge the mutants of a floor. */
const TESTS = {
	// Those that need no n8n, so that each takes milliseconds.
	api: ['unit/api/*.test.ts', 'unit/{images,json}.test.ts'],
	// The engine is seen in n8n's own, by the operations that use most of it.
	engine: [
		'unit/engine/*.test.ts',
		'unit/json.test.ts',
		'workflow/{base64,batching.property,classify,ocr,pickers,refusals}.test.ts',
		'workflow/recognition/*.test.ts',
	],
};

module.exports = {
	testEnvironment: 'node',
	rootDir: '../..',
	roots: ['<rootDir>/test/unit', '<rootDir>/test/workflow'],
	testMatch: TESTS[process.env.MUTATION_FLOOR].map((pattern) => `<rootDir>/test/${pattern}`),
	setupFiles: ['reflect-metadata'],
	setupFilesAfterEnv: ['<rootDir>/test/setup.ts'],
	testTimeout: 60_000,
	transform,
	transformIgnorePatterns,
};
