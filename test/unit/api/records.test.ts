import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';
import { base64OfBytes } from '../../../nodes/shared/api/body';
import { createClient, type Api } from '../../../nodes/shared/api/client';
import { analyse, answerAbout, recordsById } from '../../../nodes/shared/api/records';
import { connectionTo, type Answer } from './fakes';

describe('recordsById', () => {
	test('finds every record by the _id that was sent, in any order, with any missing', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 10 }).chain((sent) =>
					fc.record({
						sent: fc.constant(sent),
						present: fc.shuffledSubarray([...Array(sent).keys()], { minLength: 1 }),
					}),
				),
				({ sent, present }) => {
					const records = present.map((position) => ({ _id: String(position), position }));
					const found = recordsById(sent, records);
					expect(found.map((record) => record?.position)).toEqual(
						[...Array(sent).keys()].map((at) => (present.includes(at) ? at : undefined)),
					);
				},
			),
		);
	});

	test('goes by order when no _id came back, and never guesses when the number differs', () => {
		expect(recordsById(2, [{ at: 0 }, { at: 1 }])).toEqual([{ at: 0 }, { at: 1 }]);
		expect(recordsById(3, [{ at: 0 }, { at: 1 }])).toEqual([undefined, undefined, undefined]);
		expect(recordsById(2, [{ _id: '0' }, { at: 1 }])).toEqual([{ _id: '0' }, undefined]);
	});

	test('takes the first of two results with one _id', () => {
		expect(
			recordsById(1, [
				{ _id: '0', at: 0 },
				{ _id: '0', at: 1 },
			]),
		).toEqual([{ _id: '0', at: 0 }]);
	});
});

describe('analyse', () => {
	const PATH = 'recognition/v2/classify/';
	const inputs = [
		{ image: { url: 'https://images.example/a.png' }, more: { real: false } },
		{ image: { url: 'https://images.example/b.png' } },
	];
	const run = async (...answers: Answer[]) => {
		const { connection, requests } = connectionTo(...answers);
		const options = { timeout: 7000, check: jest.fn() };
		const result = analyse(createClient(connection), PATH, { task_id: 't' }, inputs, options);
		return { requests, ...(await result), ...options };
	};

	test('sends records that it knows again, and gives the outcome of each', async () => {
		const failed = { _id: '0', _status: { code: 404, text: 'No image' } };
		const done = { _id: '1', _status: { code: 200 }, labels: [] };
		const body = { records: [done, failed], statistics: {} };
		const { requests, answer, outcomes, timeout, check } = await run({ body });
		expect(requests).toMatchObject([{ method: 'POST', timeout }]);
		expect(JSON.parse(requests[0]!.body as string)).toEqual({
			task_id: 't',
			records: [
				{ _id: '0', _url: 'https://images.example/a.png', real: false },
				{ _id: '1', _url: 'https://images.example/b.png' },
			],
		});
		expect(check).toHaveBeenCalled();
		expect(answer).toEqual(body);
		expect(outcomes).toEqual([
			{ error: expect.objectContaining({ message: 'Ximilar did not find it: No image' }) },
			{ record: done },
		]);
	});

	test('sends an image that has no address as base64', async () => {
		const base64 = base64OfBytes(Buffer.from('x'));
		const api = {
			post: async (_path: string, _schema: unknown, { records }: IDataObject) => ({ records }),
		} as unknown as Api;
		const options = { timeout: 1, check: () => undefined };
		const { answer } = await analyse(api, PATH, {}, [{ image: { base64 } }], options);
		expect(answer.records).toEqual([{ _id: '0', _base64: base64 }]);
	});

	test('takes a record without a status, or with another one, for a result', async () => {
		const some = [
			[{}, { _status: { code: 299 } }],
			[{ _status: 300 }, { _status: { code: '400' } }],
		];
		for (const records of some) {
			const { outcomes } = await run({ body: { records } });
			expect(outcomes).toEqual(records.map((record) => ({ record })));
		}
	});

	test('a status of 300 is a failure already', async () => {
		const records = [{ _status: { code: 300 } }, {}];
		expect((await run({ body: { records } })).outcomes[0]).toHaveProperty('error');
	});

	test('says of which image there is no result', async () => {
		const { outcomes } = await run({ body: { records: [{ _id: '1' }] } });
		expect(outcomes).toEqual([
			{
				error: expect.objectContaining({
					kind: 'badAnswer',
					message: 'Ximilar sent no result for it',
					description: 'Run this item again. If it persists, report it to Ximilar.',
				}),
			},
			{ record: { _id: '1' } },
		]);
	});

	test('asks again for what was lost, but after a status of 500 only once', async () => {
		const done = { body: { records: [{}, {}] } };
		expect((await run({ status: 502 }, { status: 500 }, done)).requests).toHaveLength(3);
		await expect(run({ status: 500 }, { status: 500 }, done)).rejects.toMatchObject({
			kind: 'server',
		});
	});

	test.each([[{}], [{ records: {} }], [{ records: [1, 2] }]])('refuses %j', async (body) => {
		await expect(run({ body })).rejects.toMatchObject({ kind: 'badAnswer' });
	});
});

test('an answer about one record tells its place no more', () => {
	const answer = { records: [{ _id: '0' }, { _id: '1' }], statistics: { a: 1 } };
	expect(answerAbout({ _id: '1', text: 'x' }, answer)).toEqual({
		records: [{ text: 'x' }],
		statistics: { a: 1 },
	});
});
