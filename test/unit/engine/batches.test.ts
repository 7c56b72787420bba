import fc from 'fast-check';
import { bytesIn, pack, type Open, type Sized } from '../../../nodes/shared/engine/batches';

interface Entry extends Sized {
	name: string;
}

/** Packs entries one after the other; what waits at the end is the last part. */
function packAll(entries: Entry[], maxBytes: number) {
	let open: Open<Entry> = new Map();
	const ready: Entry[][] = [];
	for (const entry of entries) {
		const step = pack(open, entry, maxBytes);
		ready.push(...step.ready);
		open = step.open;
	}
	return { ready, open };
}

const namesOf = (batches: Iterable<readonly Entry[]>) =>
	[...batches].map((batch) => batch.map(({ name }) => name).join(' '));

/** Entries told as "name:bytes", a name's first letter being its key. */
const entriesOf = (text: string, batchSize: number): Entry[] =>
	text.split(' ').map((one) => {
		const [name, bytes] = one.split(':') as [string, string];
		return { name, key: name[0]!, bytes: Number(bytes), batchSize };
	});

test.each([
	['waits while there is room', 'a1:1 a2:1', 3, 10, [], ['a1 a2']],
	['is ready when it is full', 'a1:1 a2:1 a3:1', 3, 10, ['a1 a2 a3'], []],
	['goes alone when it is full with one', 'a1:1 a2:1', 1, 10, ['a1', 'a2'], []],
	['is ready before it grows too large', 'a1:6 a2:6', 3, 10, ['a1'], ['a2']],
	['may be as large as allowed', 'a1:6 a2:4', 3, 10, [], ['a1 a2']],
	['is ready when one entry alone is too large', 'a1:99', 3, 10, ['a1'], []],
	['waits for its own kind', 'a1:1 b1:1 a2:1', 2, 10, ['a1 a2'], ['b1']],
	[
		'is ready, the oldest first, when all together grow too large',
		'a1:4 b1:4 c1:4',
		3,
		10,
		['a1'],
		['b1', 'c1'],
	],
	[
		'of another kind is ready as well when that is not enough',
		'a1:1 b1:1 c1:10',
		3,
		10,
		['a1', 'b1'],
		['c1'],
	],
])('a request %s', (_, text, batchSize, maxBytes, ready, waiting) => {
	const packed = packAll(entriesOf(text, batchSize), maxBytes);
	expect(namesOf(packed.ready)).toEqual(ready);
	expect(namesOf(packed.open.values())).toEqual(waiting);
});

test('what waits is not changed in place', () => {
	const [first, second] = entriesOf('a1:1 a2:1', 2) as [Entry, Entry];
	const { open } = pack(new Map(), first, 10);
	const kept = namesOf(open.values());
	pack(open, second, 10);
	expect(namesOf(open.values())).toEqual(kept);
});

test('whatever the entries: none is lost, doubled or out of order, and no request too large', () => {
	const entry = fc.record({
		name: fc.constant(''),
		key: fc.constantFrom('a', 'b', 'c'),
		bytes: fc.integer({ min: 1, max: 15 }),
		batchSize: fc.constant(4),
	});
	fc.assert(
		fc.property(fc.array(entry, { maxLength: 60 }), fc.integer({ min: 1, max: 30 }), (all, max) => {
			const entries = all.map((one, at) => ({ ...one, name: String(at) }));
			const { ready, open } = packAll(entries, max);
			expect(bytesIn([...open.values()].flat())).toBeLessThanOrEqual(max);
			for (const batch of [...ready, ...open.values()]) {
				expect(new Set(batch.map(({ key }) => key)).size).toBe(1);
				expect(batch.length).toBeLessThanOrEqual(4);
				if (batch.length > 1) expect(bytesIn(batch)).toBeLessThanOrEqual(max);
			}
			for (const key of ['a', 'b', 'c']) {
				const out = [...ready, ...open.values()].flat().filter((one) => one.key === key);
				expect(out).toEqual(entries.filter((one) => one.key === key));
			}
		}),
	);
});
