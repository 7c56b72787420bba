import nock from 'nock';
import { XimilarAccount } from '../../nodes/XimilarAccount/XimilarAccount.node';
import { API, TOKEN, jsonOf, runnerOf } from './workflow';

const account = {
	id: '21073c04-5308-47fe-a403-ce5385d859de',
	email: 'test@ximilar.com',
	first_name: 'FIRST',
	last_name: 'NAME',
	phone: null,
	organization: 'COMPANY',
	verified: true,
	credits_counter: 103378706,
	credits_limit: 2147483647,
	default_workspace: '58421549-21ea-3d43-94a6-6a1cb38160e3',
};

const run = runnerOf(() => new XimilarAccount());

test('Get sends the token and gives the credits first', async () => {
	nock(API, { reqheaders: { authorization: `Token ${TOKEN}`, 'content-type': 'application/json' } })
		.get('/account/v2/details/')
		.reply(200, account);
	const { items, error } = await run('account', 'get');
	expect(error).toBeUndefined();
	expect(Object.keys(items[0]!.json).slice(0, 2)).toEqual(['credits_counter', 'credits_limit']);
	expect(items[0]!.json).not.toHaveProperty('phone');
	expect(items[0]!.pairedItem).toEqual({ item: 0 });
});

test('Get without Simplify gives the answer of the API', async () => {
	nock(API).get('/account/v2/details/').reply(200, account);
	const { items } = await run('account', 'get', { simplify: false });
	expect(jsonOf(items)).toEqual([account]);
});

test.each([null, 'unlimited', undefined])('Get takes a credit limit of %p', async (limit) => {
	nock(API)
		.get('/account/v2/details/')
		.reply(200, { ...account, credits_limit: limit });
	const { items, error } = await run('account', 'get');
	expect(error).toBeUndefined();
	expect(items[0]!.json).toMatchObject({ credits_counter: account.credits_counter });
});

test('Get Workspaces gives one item each', async () => {
	const workspaces = [
		{ id: 'a', name: 'Default' },
		{ id: 'b', name: 'Second' },
	];
	nock(API).get('/account/v2/workspace/').reply(200, workspaces);
	expect(jsonOf((await run('account', 'getWorkspaces')).items)).toEqual(workspaces);
});
