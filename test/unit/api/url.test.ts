import { at, LABEL } from '../../../nodes/shared/api/entities';
import { APP_LINK, ID, parseUrl, path } from '../../../nodes/shared/api/url';

test('an address is parsed, and anything else is none', () => {
	expect(parseUrl('https://example.com/a?b=c')?.search).toBe('?b=c');
	for (const text of ['', 'example.com', 'https://', '/a']) expect(parseUrl(text)).toBeUndefined();
});

test('no value leads to another path', () => {
	expect(path`a/${'../b?c#d'}/e/${'f'}/`).toBe('a/..%2Fb%3Fc%23d/e/f/');
	expect(path`a/`).toBe('a/');
	expect(at(LABEL, '../b')).toBe('recognition/v2/label/..%2Fb/');
	expect(at(LABEL, 'b', 'wipe')).toBe('recognition/v2/label/b/wipe');
});

const [first, last] = [
	'58421549-21ea-4d43-94a6-6a1cb38160e3',
	'748E50E4-d081-4924-b9e7-f500aac6a71d',
];

test.each([
	[`https://app.ximilar.com/recognition/tasks/${last}`, last],
	[`https://app.ximilar.com/workspace/${first}/tasks/${last}/edit?x=1`, last],
	[`https://elsewhere.com/${last}`, undefined],
	[`https://app-ximilar.com/${last}`, undefined],
	[`https://app.ximilar.com/tasks/${last.slice(1)}`, undefined],
	['https://app.ximilar.com/tasks/', undefined],
])('in %s, the thing is %s', (address, id) => {
	expect(APP_LINK.exec(address)?.[1]).toBe(id);
});

test.each([
	[last, true],
	['42', true],
	['', false],
	['a b', false],
	['a/b', false],
	['a\n', false],
])('%j can be an ID: %s', (text, right) => {
	expect(ID.test(text)).toBe(right);
});
