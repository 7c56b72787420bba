import community from '@n8n/eslint-plugin-community-nodes';
import nodesBase from 'eslint-plugin-n8n-nodes-base';
import tseslint from 'typescript-eslint';
import noMutation from './tools/noMutation.mjs';

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

// The floors (CONTRIBUTING.md): what each folder may import, judged by the path as it is written.
const floor = (files, ...patterns) => ({
	files,
	rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
});

const N8N_TYPES_ONLY = {
	regex: '^n8n-',
	allowTypeImports: true,
	message: 'This floor knows no n8n at run time: import types only, and have the rest handed in.',
};

const floors = [
	floor(['nodes/shared/api/**/*.ts'], N8N_TYPES_ONLY, {
		regex: String.raw`^\.\./`,
		message:
			'The api floor is the lowest: it imports nothing of the project from outside its folder.',
	}),
	floor(['nodes/shared/engine/**/*.ts'], {
		regex: String.raw`^\.\./(?!api/)`,
		message: 'The engine stands on the api floor, and knows no node and no credential.',
	}),
	floor(['nodes/Ximilar*/**/*.ts'], {
		regex: String.raw`^(\.\./)+(.*/)?(Ximilar|credentials/|shared/(?!engine/|api/))`,
		message: 'A node stands on engine and api, and knows no other node and no credential.',
	}),
	floor(['credentials/**/*.ts'], N8N_TYPES_ONLY, {
		regex: String.raw`^\.\./(?!nodes/shared/api/)`,
		message: 'A credential stands on the api floor alone.',
	}),
];

// State in a module outlives the execution and is shared by all workflows of the process, while the
// workers of n8n's queue mode have none of it in common.
const STATELESS = 'No state in module variables: executions would share it, and workers would not.';
const declaredInModule =
	':matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration';
const stateless = [
	{ selector: `${declaredInModule}[kind=/^(let|var)$/]`, message: STATELESS },
	{
		selector: `${declaredInModule} > VariableDeclarator[init.type='NewExpression'][init.callee.name=/^(Weak)?(Map|Set)$/]:not([id.typeAnnotation.typeAnnotation.typeName.name=/^Readonly(Map|Set)$/])`,
		message: `${STATELESS} A constant is declared as ReadonlySet or ReadonlyMap.`,
	},
	{
		selector: `${declaredInModule} > VariableDeclarator > :matches(ArrayExpression[elements.length=0], ObjectExpression[properties.length=0]).init`,
		message: STATELESS,
	},
	{ selector: 'PropertyDefinition[static=true]', message: STATELESS },
	// What its function remembers would be the module's.
	{
		selector: `${declaredInModule} > VariableDeclarator > CallExpression.init > :function.callee`,
		message: STATELESS,
	},
	{ selector: 'ImportExpression', message: 'Import at the top, where the floors are guarded.' },
];

const API_FIELD = '/^(_base64|_id|_url|_status|records)$/';
const KNOWN_BELOW = 'How the API names its fields and pages is known to the api floor only.';
const ignorantOfTheApi = [
	// The name of the api floor's own file is no field.
	{
		selector: `:not(ImportDeclaration, ExportNamedDeclaration) > Literal[value=${API_FIELD}]`,
		message: KNOWN_BELOW,
	},
	{
		selector: `:matches(Property, TSPropertySignature) > Identifier.key[name=${API_FIELD}]`,
		message: KNOWN_BELOW,
	},
	{ selector: `MemberExpression > Identifier.property[name=${API_FIELD}]`, message: KNOWN_BELOW },
	{ selector: String.raw`Literal[value=/app\.ximilar\.com/]`, message: KNOWN_BELOW },
	{ selector: String.raw`TemplateElement[value.raw=/app\.ximilar\.com/]`, message: KNOWN_BELOW },
];

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
	...floors,
	{
		files: ['nodes/**/*.ts', 'credentials/**/*.ts'],
		plugins: { project: { rules: { 'no-mutation': noMutation } } },
		rules: {
			'no-restricted-syntax': ['error', ...stateless],
			'project/no-mutation': ['error', STATELESS],
		},
	},
	{
		files: ['nodes/shared/engine/**/*.ts'],
		rules: { 'no-restricted-syntax': ['error', ...stateless, ...ignorantOfTheApi] },
	},
	{ files: ['nodes/**/*.ts', '.lint/**/*.ts'], ...forNodes(nodesBase.configs.nodes.rules) },
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
