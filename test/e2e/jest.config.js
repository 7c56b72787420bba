const { transform, transformIgnorePatterns } = require('../../jest.config.js');

/** Tests of the packed package in real n8n. */
module.exports = {
	testEnvironment: 'node',
	testMatch: ['**/*.e2e.ts'],
	globalSetup: './harness/setup.ts',
	// One n8n at a time: its start takes a whole core, and the times measured stay true.
	maxWorkers: 1,
	testTimeout: 300_000,
	setupFilesAfterEnv: ['./harness/cleanup.ts'],
	// A test that fails half way may leave a simulator open.
	forceExit: true,
	transform,
	transformIgnorePatterns,
};
