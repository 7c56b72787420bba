import fc from 'fast-check';
import { parsedJson } from '../../../nodes/shared/engine/json';
import type { XimilarError } from '../../../nodes/shared/api/error';

const errorOf = (text: string): XimilarError => {
	try {
		parsedJson(text, 'Metadata');
	} catch (error) {
		return error as XimilarError;
	}
	throw new Error('It was taken.');
};

test.each([
	['{"a":1,}', 'It breaks (line 1, column 8) at: }.'],
	['{a:1}', 'It breaks (line 1, column 2) at: a:1}.'],
	["{'a':1}", "It breaks (line 1, column 2) at: 'a':1}."],
	['{"a":1 "b":2}', 'It breaks (line 1, column 8) at: "b":2}.'],
	['{\n\t"a": tru\n}', 'It breaks (line 2, column 7) at: tru.'],
	['{"a": "x', 'It breaks (line 1, column 7) at: "x.'],
	['[1, 2', 'It ends too early (line 1, column 6).'],
	['{"a": 1}}', 'It breaks (line 1, column 9) at: }.'],
	['[01]', 'It breaks (line 1, column 3) at: 1].'],
	['{"a": tru \n}', 'It breaks (line 1, column 7) at: tru.'],
	['["\\u00e9" 1]', 'It breaks (line 1, column 11) at: 1].'],
	['["\\u00g1"]', 'It breaks (line 1, column 2) at: "\\u00g1"].'],
	['[1e5 2]', 'It breaks (line 1, column 6) at: 2].'],
	['[[,1],x]', 'It breaks (line 1, column 3) at: ,1],x].'],
	['', 'It ends too early (line 1, column 1).'],
])('%j says where it breaks', (text, place) => {
	const { message, description } = errorOf(text);
	expect(message).toBe('Metadata is not valid JSON');
	expect(description).toContain(place);
});

test('whatever is JSON comes out as it is', () => {
	fc.assert(
		fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
			const text = JSON.stringify(value, null, indent);
			expect(parsedJson(text, 'x')).toEqual(JSON.parse(text));
		}),
	);
});

test('text that goes on behind its end breaks there, whatever stands in front', () => {
	fc.assert(
		fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
			const text = JSON.stringify(value, null, indent);
			const lines = text.split('\n');
			const place = `(line ${lines.length}, column ${lines.at(-1)!.length + 1}) at: #`;
			expect(errorOf(`${text}#`).description).toContain(place);
		}),
	);
});

test('text that is cut off breaks within what is left of it', () => {
	fc.assert(
		fc.property(
			fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }),
			fc.nat(),
			(value, at) => {
				const text = JSON.stringify(value);
				const cut = text.slice(0, at % text.length);
				const column = Number(/column (\d+)/.exec(errorOf(cut).description)![1]);
				expect(column).toBeGreaterThan(0);
				expect(column).toBeLessThanOrEqual(cut.length + 1);
			},
		),
	);
});
