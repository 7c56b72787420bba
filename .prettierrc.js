module.exports = {
	printWidth: 100,
	useTabs: true,
	singleQuote: true,
	trailingComma: 'all',
	semi: true,
};
