/** Tests of the package as it is published: judged by n8n's scanner, and installed by n8n from a registry. */
module.exports = {
	...require('../e2e/jest.config.js'),
	testMatch: ['**/*.release.ts'],
	globalSetup: '../e2e/harness/setup.ts',
	// npm takes its time on a busy machine.
	testTimeout: 900_000,
	setupFilesAfterEnv: ['../e2e/harness/cleanup.ts'],
};
