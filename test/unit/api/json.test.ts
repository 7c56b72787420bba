import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { holds, isObject, isSame, parseCutJson } from '../../../nodes/shared/api/json';

test.each([[undefined], [null], [false], [0], [''], ['{}'], [[]], [[{}]], [() => ({})]])(
	'%j is no object',
	(value) => expect(isObject(value)).toBe(false),
);

const copyOf = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;
/** With the entries of all objects in the opposite order. */
const turned = (value: unknown): unknown => {
	if (Array.isArray(value)) return value.map(turned);
	if (!isObject(value)) return value;
	const entries = Object.entries(value).reverse();
	return Object.fromEntries(entries.map(([key, entry]) => [key, turned(entry)]));
};

test('JSON is the same as itself, whatever the order of its entries, and as nothing else', () => {
	fc.assert(
		fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
			const same = isDeepStrictEqual(copyOf(a), copyOf(b));
			expect([isSame(a, turned(a)), isSame(a, b), isSame(b, a)]).toEqual([true, same, same]);
			expect([isSame([a, b], [a]), isSame([a], [a, b]), isSame([a, b], [b, a])]).toEqual([
				...[false, false, same],
			]);
			expect(isSame({ a, b }, { a })).toBe(false);
			expect(isSame({ a }, { a, b })).toBe(false);
			expect(isSame([a], { 0: a })).toBe(false);
		}),
	);
});

test('an object holds some of its own entries, and no others', () => {
	fc.assert(
		fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
			const same = isSame(a, b);
			expect([holds({ a, b }, { b }), holds({ a, b }, {}), holds({ a: b }, { a })]).toEqual([
				...[true, true, same],
			]);
			expect([holds({ a }, { a, b }), holds(undefined, { a })]).toEqual([false, false]);
		}),
	);
});

test.each([
	['{"detail": "Not fou', { detail: 'Not fou…' }],
	['{"detail": "', { detail: '…' }],
	['{"detail": "Not found."', { detail: 'Not found.' }],
	['{"detail": "No", "sta', { detail: 'No' }],
	['{"detail": "No", "status":', { detail: 'No' }],
	['{"name": ["Taken", "Od', { name: ['Taken', 'Od…'] }],
	['{"a": {"b": "c"}, "d": [1, 2', { a: { b: 'c' }, d: [1, 2] }],
	['{"detail": "a\\', { detail: 'a…' }],
	['{"detail": "a\\\\', { detail: 'a\\…' }],
	['{"detail": "a\\"', { detail: 'a"…' }],
	['{"detail": "a\\u00', { detail: 'a…' }],
	['{"det', {}],
	['[', []],
	['Not found', undefined],
	['', undefined],
])('of %s is left %j', (text, left) => {
	expect(parseCutJson(text)).toEqual(left);
});

test('wherever an answer is cut, its first text is as it was, or its beginning', () => {
	fc.assert(
		fc.property(fc.string(), fc.jsonValue(), fc.nat(), (detail, more, at) => {
			const text = JSON.stringify({ detail, more });
			const left = parseCutJson(text.slice(0, 1 + (at % text.length)));
			const read = (left as { detail?: string }).detail ?? '';
			expect(read === detail || detail.startsWith(read.slice(0, -1))).toBe(true);
		}),
		{ numRuns: 1000 },
	);
});
