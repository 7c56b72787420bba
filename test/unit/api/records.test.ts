import fc from 'fast-check';
import { recordsById } from '../../../nodes/shared/api/records';

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
