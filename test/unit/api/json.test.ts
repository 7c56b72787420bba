import fc from 'fast-check';
import { parseCutJson } from '../../../nodes/shared/api/json';

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
