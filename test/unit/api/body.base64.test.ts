import { isBase64 } from '../../../nodes/shared/api/body';

test.each(['QUJD', 'QUI=', 'QQ==', 'QUJD\r\nQUI=\n', 'Q-_D'])('%j is base64', (text) => {
	expect(isBase64(text)).toBe(true);
});

test.each(['', ' ', 'a,b', 'QQ===', 'Q=Q', 'https://example.com', '{"a": 1}'])(
	'%j is not base64',
	(text) => {
		expect(isBase64(text)).toBe(false);
	},
);

test('a text of any length is judged', () => {
	const long = 'A'.repeat(2 ** 27);
	expect(isBase64(long)).toBe(true);
	expect(isBase64(`${long}!`)).toBe(false);
});
