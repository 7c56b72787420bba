import {
	methodsOf,
	type ListSearch,
	type Methods,
	type ResourceMapping,
} from '../../../nodes/shared/engine/methods';

/** What the editor asks a node for. */

const [searchTasks, searchLabels]: ListSearch[] = [
	async () => ({ results: [] }),
	async () => ({ results: [] }),
];
const getVariables: ResourceMapping = async () => ({ fields: [] });

test('a node answers what any of its fields brings along', () => {
	const fields: Array<{ methods?: Methods }> = [
		{ methods: { listSearch: { searchTasks: searchTasks! } } },
		{},
		{ methods: { listSearch: { searchLabels: searchLabels! }, resourceMapping: { getVariables } } },
		{ methods: { listSearch: { searchTasks: searchTasks! } } },
	];
	const { listSearch, resourceMapping } = methodsOf(fields);
	expect(Object.entries(listSearch)).toEqual([
		['searchTasks', searchTasks],
		['searchLabels', searchLabels],
	]);
	expect(Object.entries(resourceMapping)).toEqual([['getVariables', getVariables]]);
	expect(Object.keys(fields[0]!.methods!.listSearch!)).toEqual(['searchTasks']);
});

test('fields that bring nothing along leave nothing to answer', () => {
	expect(methodsOf([])).toEqual({ listSearch: {}, resourceMapping: {} });
	expect(methodsOf([{}, { methods: {} }])).toEqual({ listSearch: {}, resourceMapping: {} });
});
