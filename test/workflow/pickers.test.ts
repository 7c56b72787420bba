import nock from 'nock';
import { XimilarRecognition } from '../../nodes/XimilarRecognition/XimilarRecognition.node';
import { API, editorOf } from './workflow';

const node = new XimilarRecognition();
const { listSearch } = node.methods;
const [searchTasks, searchWorkspaces] = [listSearch.searchTasks!, listSearch.searchWorkspaces!];
const classify = { resource: 'image', operation: 'classify' };

test('a search is made on the server, and goes on where its page token says', async () => {
	const editor = editorOf(node, classify);
	nock(API)
		.get('/recognition/v2/task/')
		.query({ search: 'col' })
		.reply(200, {
			count: 2,
			// Another scheme and host than the one called: only the query is used.
			next: 'http://elsewhere.example/recognition/v2/task/?page=2&search=col',
			results: [{ id: 'a', name: 'Product colours', production_version: 3 }],
		});
	const first = await searchTasks.call(editor, 'col');
	expect(first.results).toEqual([{ name: 'Product colours', value: 'a' }]);

	nock(API)
		.get('/recognition/v2/task/')
		.query({ search: 'col', page: 2 })
		.reply(200, { next: null, results: [{ id: 'b', name: 'Colours 2', production_version: -1 }] });
	const second = await searchTasks.call(editor, 'col', first.paginationToken as string);
	expect(second).toEqual({ results: [{ name: 'Colours 2 (not trained yet)', value: 'b' }] });
});

test('the workspace that is chosen in the node holds for its lists', async () => {
	const workspace = { __rl: true, mode: 'id', value: 'w-1' };
	nock(API).get('/recognition/v2/task/').query({ workspace: 'w-1' }).reply(200, { results: [] });
	const editor = editorOf(node, { ...classify, options: { workspace } });
	expect((await searchTasks.call(editor)).results).toEqual([]);
});

test('workspaces are searched by name', async () => {
	nock(API)
		.get('/account/v2/workspace/')
		.reply(200, [
			{ id: 'a', name: 'Default' },
			{ id: 'b', name: 'Warehouse' },
		]);
	const { results } = await searchWorkspaces.call(editorOf(node, classify), 'ware');
	expect(results).toEqual([{ name: 'Warehouse', value: 'b' }]);
});

test('a list that cannot be loaded says why', async () => {
	nock(API).get('/recognition/v2/task/').reply(401, { detail: 'Invalid token.' });
	await expect(searchTasks.call(editorOf(node, classify))).rejects.toThrow(
		'Ximilar did not accept the API token: Invalid token.',
	);
});
