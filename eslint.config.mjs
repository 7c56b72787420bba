import community from '@n8n/eslint-plugin-community-nodes';
import nodesBase from 'eslint-plugin-n8n-nodes-base';
import tseslint from 'typescript-eslint';

const asErrors = (rules) =>
	Object.fromEntries(
		Object.entries(rules).map(([name, level]) => [name, level === 'off' ? 'off' : 'error']),
	);

// Where the two plugins contradict each other, the newer one decides: it wants
// NodeConnectionTypes.Main, and an address as documentationUrl.
const contradicted = [
	'node-class-description-inputs-wrong-regular-node',
	'node-class-description-inputs-wrong-trigger-node',
	'node-class-description-outputs-wrong',
	'cred-class-field-documentation-url-miscased',
];

const forNodes = (rules) => ({
	plugins: { 'n8n-nodes-base': nodesBase },
	rules: {
		...asErrors(rules),
		...Object.fromEntries(contradicted.map((name) => [`n8n-nodes-base/${name}`, 'off'])),
	},
});

const { plugins, rules } = community.configs.recommended;

export default tseslint.config(
	{ ignores: ['.scratch/', 'dist/', 'node_modules/', 'test/e2e/n8n-*/'] },
	{
		files: ['**/*.ts'],
		extends: [tseslint.configs.recommended],
		rules: {
			'@typescript-eslint/no-unused-vars': [
				'error',
				{ argsIgnorePattern: '^_', varsIgnorePattern: '^_$' },
			],
		},
	},
	{
		files: ['nodes/**/*.ts', 'credentials/**/*.ts', '.lint/**/*.ts'],
		languageOptions: { parser: tseslint.parser },
		plugins,
		rules: asErrors(rules),
	},
	{ files: ['nodes/**/*.ts', '.lint/**/*.ts'], ...forNodes(nodesBase.configs.nodes.rules) },
	{
		// Properties are built here, from no literals; the built ones are linted as literals.
		files: ['nodes/shared/engine/*.ts'],
		rules: { 'n8n-nodes-base/node-param-default-missing': 'off' },
	},
	{ files: ['credentials/**/*.ts'], ...forNodes(nodesBase.configs.credentials.rules) },
	{
		files: ['package.json'],
		languageOptions: { parser: tseslint.parser, parserOptions: { extraFileExtensions: ['.json'] } },
		plugins: { ...plugins, 'n8n-nodes-base': nodesBase },
		rules: {
			...asErrors(rules),
			...asErrors(nodesBase.configs.community.rules),
		},
	},
);
