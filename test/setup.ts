import nock from 'nock';

beforeAll(() => {
	nock.disableNetConnect();
	nock.enableNetConnect('127.0.0.1');
});

afterEach(() => {
	const pending = nock.pendingMocks();
	nock.cleanAll();
	// A request that was announced and never came is a failed test.
	expect(pending).toEqual([]);
});

// Node's http module is shared by the test files of one process: each gives it back as it was.
afterAll(() => nock.restore());
