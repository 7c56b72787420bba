import fc from 'fast-check';
import { recordsById } from '../../nodes/shared/api/records';
import { mapLimit } from '../../nodes/shared/api/concurrency';

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

describe('inParallel', () => {
	test('does each entry once, never more at once than the limit', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.nat(3)),
				fc.integer({ min: 1, max: 5 }),
				async (pauses, limit) => {
					let running = 0;
					const done: number[] = [];
					await mapLimit(pauses.keys(), limit, async (at) => {
						expect(++running).toBeLessThanOrEqual(limit);
						for (let tick = 0; tick < pauses[at]!; tick++) await Promise.resolve();
						running--;
						done.push(at);
					});
					expect(done.sort((a, b) => a - b)).toEqual([...pauses.keys()]);
				},
			),
		);
	});

	test('begins nothing further after a failure, lets the others end, and throws it', async () => {
		const begun: number[] = [];
		let ended = 0;
		const work = async (at: number) => {
			begun.push(at);
			await Promise.resolve();
			if (at === 1) throw new Error('no');
			await Promise.resolve();
			ended++;
		};
		await expect(mapLimit([0, 1, 2, 3, 4, 5], 2, work)).rejects.toThrow('no');
		expect(begun).toEqual([0, 1]);
		expect(ended).toBe(1);
	});
});
