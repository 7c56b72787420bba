import nock from 'nock';
import { requiredText } from '../../nodes/shared/engine/field';
import type { Resources } from '../../nodes/shared/engine/node';
import { operation } from '../../nodes/shared/engine/operation';
import { path } from '../../nodes/shared/api/url';
import { entitySchema } from '../../nodes/shared/api/schemas';
import { API, TOKEN, jsonOf, nodeOf, runNode, type Job } from './workflow';

/** A node on the shared floors, for what holds for every call of the client. */
const common = {
	action: 'Act',
	description: 'Acts',
	fields: { id: requiredText({ displayName: 'ID' }) },
};

const resources: Resources = {
	thing: {
		name: 'Thing',
		operations: {
			create: operation({
				...common,
				name: 'Create',
				run: async ({ api }, { id }) => await api.post('things/', entitySchema, { id }),
			}),
			delete: operation({
				...common,
				name: 'Delete',
				run: async ({ api }, { id }) => await api.delete(path`things/${id}/`),
			}),
			get: operation({
				...common,
				name: 'Get',
				run: async ({ api }, { id }) => await api.get(path`things/${id}/`, entitySchema),
			}),
			update: operation({
				...common,
				name: 'Update',
				run: async ({ api }, { id }) => await api.patch(path`things/${id}/`, entitySchema, { id }),
			}),
		},
	},
};

const node = nodeOf(resources);

const run = async (name: string, job: Partial<Job> = {}) =>
	await runNode({ node, parameters: { resource: 'thing', operation: name, id: 'a' }, ...job });

const systemError = (code: string) => Object.assign(new Error(`${code} happened`), { code });

describe('creating calls', () => {
	test.each([408, 500, 502, 503, 504])('are not sent again after status %i', async (status) => {
		nock(API).post('/things/').reply(status, { detail: 'Busy' });
		const { error } = await run('create');
		expect(error!.message).toContain('Busy');
		if (status >= 500)
			expect(error!.description).toContain('look in the Ximilar App before you repeat it');
	});

	test('are not sent again after a lost connection', async () => {
		nock(API).post('/things/').replyWithError(systemError('ECONNRESET'));
		const { error } = await run('create');
		expect(error!.message).toBe('The connection was lost before the whole answer arrived');
		expect(error!.description).toContain('It may have been carried out all the same');
	});

	test.each([
		['429', 429, {}],
		['503 with Retry-After', 503, {}],
	])('are sent again after %s, as nothing was done', async (_, status, body) => {
		nock(API).post('/things/').times(2).reply(status, body, { 'Retry-After': '0' });
		nock(API).post('/things/', { id: 'a' }).reply(201, { id: 'a' });
		expect(jsonOf((await run('create')).items)).toEqual([{ id: 'a' }]);
	});

	test('are sent again after a connection that was never made', async () => {
		nock(API).post('/things/').replyWithError(systemError('ECONNREFUSED'));
		nock(API).post('/things/').reply(201, { id: 'a' });
		expect(jsonOf((await run('create')).items)).toEqual([{ id: 'a' }]);
	});

	test('whose answer was cut off are said to be perhaps done', async () => {
		nock(API).post('/things/').reply(201, '{"id": "a', { 'Content-Type': 'application/json' });
		const { error } = await run('create');
		expect(error!.message).toBe("Ximilar's answer was cut off on the way");
		expect(error!.description).toContain('It may have been carried out all the same');
	});
});

describe('reads, updates and deletions', () => {
	test.each(['get', 'update', 'delete'])(
		'%s is sent again after 500 and a lost connection',
		async (name) => {
			const method = { get: 'GET', update: 'PATCH', delete: 'DELETE' }[name]!;
			nock(API).intercept('/things/a/', method).reply(500, {}, { 'Retry-After': '0' });
			nock(API).intercept('/things/a/', method).replyWithError(systemError('ECONNRESET'));
			nock(API).intercept('/things/a/', method).reply(200, { id: 'a' });
			const { items } = await run(name);
			expect(jsonOf(items)).toEqual([name === 'delete' ? { deleted: true } : { id: 'a' }]);
		},
	);

	test('a deletion whose answer was lost, and that finds nothing the second time, was done', async () => {
		nock(API).delete('/things/a/').replyWithError(systemError('ECONNRESET'));
		nock(API).delete('/things/a/').reply(404, { detail: 'Not found.' });
		expect(jsonOf((await run('delete')).items)).toEqual([{ deleted: true }]);
	});

	test('a deletion that finds nothing after an error by which nothing was done says so', async () => {
		nock(API).delete('/things/a/').reply(429, {}, { 'Retry-After': '0' });
		nock(API).delete('/things/a/').reply(404, { detail: 'Not found.' });
		expect((await run('delete')).error!.message).toBe('Ximilar did not find things/a/');
	});

	test('a deletion that finds nothing the first time says so', async () => {
		nock(API).delete('/things/a/').reply(404, { detail: 'Not found.' });
		expect((await run('delete')).error!.message).toBe('Ximilar did not find things/a/');
	});

	test('Retry-After may be a date', async () => {
		nock(API)
			.get('/things/a/')
			.reply(429, {}, { 'Retry-After': new Date(Date.now() - 1000).toUTCString() });
		nock(API).get('/things/a/').reply(200, { id: 'a' });
		expect(jsonOf((await run('get')).items)).toEqual([{ id: 'a' }]);
	});

	test('an unreachable host is told after 4 tries, without a system code in the message', async () => {
		nock(API).get('/things/a/').times(4).replyWithError(systemError('ENOTFOUND'));
		const { error } = await run('get');
		expect(error!.message).toBe('Ximilar could not be reached');
		expect(error!.description).toContain('(ENOTFOUND)');
	}, 20_000);

	test('a certificate that is not accepted is not tried again', async () => {
		nock(API).get('/things/a/').replyWithError(systemError('CERT_HAS_EXPIRED'));
		expect((await run('get')).error!.message).toBe('The connection to Ximilar is not secure');
	});
});

test('an ID is encoded into the path', async () => {
	nock(API).get('/things/..%2Fother%3Fx/').reply(200, { id: 'a' });
	const { items } = await run('get', {
		parameters: { resource: 'thing', operation: 'get', id: '../other?x' },
	});
	expect(items).toHaveLength(1);
});

test('messages by field are passed on', async () => {
	nock(API)
		.post('/things/')
		.reply(400, { name: ['This field is required.'], non_field_errors: ['Too many.'] });
	expect((await run('create')).error!.message).toBe(
		'Ximilar refused this: name: This field is required.; Too many.',
	);
});

test.each([
	['http://api.ximilar.com', 'API Base URL must begin with https://'],
	['ftp://127.0.0.1', 'API Base URL must begin with https://'],
	['api.ximilar.com', 'API Base URL is not a web address'],
	[' ', 'API Base URL is empty'],
	['https://user:word@api.ximilar.com', 'API Base URL must be a plain address'],
])('the base address %s is refused, and nothing is sent', async (baseUrl, message) => {
	const { error } = await run('get', { credential: { baseUrl } });
	expect(error!.message).toContain(message);
});

test.each([
	'http://127.0.0.1:8080',
	'http://localhost:8080/',
	'https://proxy.example.com/ximilar/',
])('the base address %s is used', async (baseUrl) => {
	nock(baseUrl.replace(/\/$/, '')).get('/things/a/').reply(200, { id: 'a' });
	expect((await run('get', { credential: { baseUrl } })).error).toBeUndefined();
});

test('a token that is empty or holds a line break is refused, and nothing is sent', async () => {
	for (const apiToken of ['', 'a\r\nX: y']) {
		const { error } = await run('get', { credential: { apiToken } });
		expect(error!.message).toMatch(/^The API token/);
	}
});

test('the token is taken out of what a server echoes', async () => {
	nock(API)
		.post('/things/')
		.reply(400, { detail: `Token ${TOKEN} is odd` });
	const outcome = await run('create');
	expect(outcome.error!.message).toBe('Ximilar refused this: Token [API token] is odd');
	expect(JSON.stringify(outcome.run)).not.toContain(TOKEN);
});
