/**
 * A rule of the linter: what a module declares or imports is not changed after it was loaded, neither by
 * assignment nor by a method. TypeScript sees that where something is declared as readonly; this sees it everywhere.
 */

const MUTATING_METHODS = new Set(
	'add clear copyWithin delete fill pop push reverse set shift sort splice unshift'.split(' '),
);
const MUTATING_FUNCTIONS = /^(Object\.(assign|define\w+|setPrototypeOf)|Reflect\.(set|define\w+))$/;

/** The whole of `a.b[c]!.d` for its `a`. */
function wholeChain(node) {
	const { parent } = node;
	const isLonger =
		(parent.type === 'MemberExpression' && parent.object === node) ||
		parent.type === 'TSNonNullExpression' ||
		parent.type === 'TSAsExpression' ||
		parent.type === 'ChainExpression';
	return isLonger ? wholeChain(parent) : node;
}

function isChanged(identifier, sourceCode) {
	const whole = wholeChain(identifier);
	const { parent } = whole;
	const isPart = whole !== identifier;
	if (parent.type === 'AssignmentExpression') return isPart && parent.left === whole;
	if (parent.type === 'UpdateExpression') return isPart;
	if (parent.type === 'UnaryExpression') return isPart && parent.operator === 'delete';
	if (parent.type !== 'CallExpression') return false;
	if (parent.callee === whole) {
		const { object, property } = whole;
		// A method of what a call has just made changes nothing of the module's.
		return Boolean(object) && MUTATING_METHODS.has(property.name);
	}
	return (
		parent.arguments[0] === whole && MUTATING_FUNCTIONS.test(sourceCode.getText(parent.callee))
	);
}

export default {
	meta: { type: 'problem', schema: [{ type: 'string' }], messages: { changed: '{{why}}' } },
	create: (context) => ({
		Program(program) {
			const { sourceCode } = context;
			const { variables } = sourceCode
				.getScope(program)
				.childScopes.find(({ type }) => type === 'module');
			for (const { identifier, from } of variables.flatMap(({ references }) => references)) {
				// What is done while the module is loaded makes it.
				if (from.type === 'module' || !isChanged(identifier, sourceCode)) continue;
				context.report({
					node: identifier,
					messageId: 'changed',
					data: { why: context.options[0] },
				});
			}
		},
	}),
};
