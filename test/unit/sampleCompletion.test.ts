import { isSame } from '../../nodes/shared/api/json';
import { differencesOf } from '../../nodes/XimilarVlm/sample/differences';
import { hashOfAddress } from '../../nodes/XimilarVlm/sample/rememberedImages';

/** What is to be changed in a sample that is there, and which addresses stand for the same image. */

describe('what differs', () => {
	const sample = {
		test: false,
		type: 'multi_random',
		description: null,
		input_meta_data: { style: { cut: 'wide', year: 1999 }, category: 'jacket' },
		meta_data: { sku: 17 },
	};

	test.each([
		['nothing is wanted', {}, { printed: {}, unprinted: {} }],
		[
			'all of it is there, in whatever order',
			{
				test: false,
				type: 'multi_random',
				description: '',
				input_meta_data: { style: { year: 1999, cut: 'wide' } },
				meta_data: { sku: 17 },
			},
			{ printed: {}, unprinted: {} },
		],
		['its mark', { test: true }, { test: true, printed: {}, unprinted: {} }],
		[
			'its type and input metadata',
			{ type: 'single', input_meta_data: { category: 'coat' } },
			{ printed: { type: 'single', input_meta_data: { category: 'coat' } }, unprinted: {} },
		],
		[
			'its description and metadata, whose other entries stay',
			{ description: 'Blue', meta_data: { shelf: 'B' } },
			{ printed: {}, unprinted: { description: 'Blue', meta_data: { sku: 17, shelf: 'B' } } },
		],
		[
			'an entry inside an entry',
			{ input_meta_data: { style: { cut: 'wide' } } },
			{ printed: { input_meta_data: { style: { cut: 'wide' } } }, unprinted: {} },
		],
	])('%s', (_, wanted, differences) => {
		expect(differencesOf(sample, wanted)).toEqual(differences);
	});

	test('a sample that tells nothing of itself has none of it', () => {
		expect(differencesOf({}, { description: 'x', meta_data: { a: 1 }, test: false })).toEqual({
			test: false,
			printed: {},
			unprinted: { description: 'x', meta_data: { a: 1 } },
		});
	});

	test.each([
		[1, 1, true],
		[1, '1', false],
		[null, undefined, false],
		[[1, 2], [2, 1], false],
		[[{ a: 1 }], [{ a: 1 }], true],
		[[1], [1, 2], false],
		[{ a: 1 }, { a: 1, b: 2 }, false],
		[{}, [], false],
	])('%j and %j: %j', (a, b, same) => {
		expect(isSame(a, b)).toBe(same);
	});
});

describe('addresses', () => {
	test.each([
		[
			'signed by Amazon',
			'https://b.s3.amazonaws.com/a.jpg?versionId=3&X-Amz-Date=1&X-Amz-Signature=a',
			'https://b.s3.amazonaws.com/a.jpg?versionId=3&X-Amz-Date=2&X-Amz-Signature=b',
		],
		[
			'signed by Google',
			'https://storage.googleapis.com/b/a.jpg?X-Goog-Expires=9&X-Goog-Signature=a',
			'https://storage.googleapis.com/b/a.jpg?X-Goog-Expires=9&X-Goog-Signature=b',
		],
		[
			'signed by CloudFront',
			'https://x.cloudfront.net/a.jpg?Expires=1&Signature=a&Key-Pair-Id=K',
			'https://x.cloudfront.net/a.jpg?Expires=2&Signature=b&Key-Pair-Id=K',
		],
		[
			'signed by Azure',
			'https://x.blob.core.windows.net/c/a.jpg?sv=1&se=1&sr=b&sp=r&sig=a',
			'https://x.blob.core.windows.net/c/a.jpg?sv=1&se=2&sr=b&sp=r&sig=b',
		],
	])('%s are the same when they are signed anew', (_, one, other) => {
		expect(hashOfAddress(one)).toBe(hashOfAddress(other));
	});

	test.each([
		['another file', 'https://x.example/a.jpg', 'https://x.example/b.jpg'],
		['another query', 'https://x.example/i?id=1', 'https://x.example/i?id=2'],
		['short names that are no signature', 'https://x.example/i?sp=1', 'https://x.example/i?sp=2'],
		[
			'another version',
			'https://b.s3.amazonaws.com/a?versionId=1',
			'https://b.s3.amazonaws.com/a?versionId=2',
		],
		['no addresses at all', 'a b', 'a c'],
	])('%s is another image', (_, one, other) => {
		expect(hashOfAddress(one)).not.toBe(hashOfAddress(other));
	});
});
