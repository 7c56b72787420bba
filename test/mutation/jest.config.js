const { transform, transformIgnorePatterns } = require('../../jest.config.js');

/** The tests that judge the mutants: those that need no n8n, so that each takes milliseconds. */
module.exports = {
	testEnvironment: 'node',
	rootDir: '../..',
	roots: ['<rootDir>/test/unit'],
	testMatch: ['<rootDir>/test/unit/api/*.test.ts', '<rootDir>/test/unit/{images,json}.test.ts'],
	testTimeout: 60_000,
	transform,
	transformIgnorePatterns,
};
