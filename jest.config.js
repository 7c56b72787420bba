/** Unit, workflow and simulator tests: everything that runs without a real n8n. */
module.exports = {
	testEnvironment: 'node',
	// All cores: jest would leave one idle.
	maxWorkers: '100%',
	roots: ['<rootDir>/test'],
	testMatch: ['**/*.test.ts'],
	testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/e2e/'],
	setupFiles: ['reflect-metadata'],
	setupFilesAfterEnv: ['<rootDir>/test/setup.ts'],
	transform: {
		'^.+\\.(ts|js|mjs)$': [
			'ts-jest',
			{
				tsconfig: {
					module: 'commonjs',
					moduleResolution: 'node',
					target: 'es2022',
					allowJs: true,
					isolatedModules: true,
					esModuleInterop: true,
					resolveJsonModule: true,
				},
				diagnostics: false,
			},
		],
	},
	// n8n-core pulls in these packages, which ship ES modules only.
	transformIgnorePatterns: [
		'/node_modules/(?!(p-retry|is-network-error|p-queue|eventemitter3|p-timeout|ansi-styles|postal-mime|oled-font-5x7)/)',
	],
	// n8n-core keeps handles open after the last test.
	forceExit: true,
	// Machines differ in speed; no test asserts a duration.
	testTimeout: 60_000,
};
