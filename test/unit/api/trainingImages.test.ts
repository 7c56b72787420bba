import fc from 'fast-check';
import type { Base64 } from '../../../nodes/shared/api/body';
import type { Api } from '../../../nodes/shared/api/client';
import { XimilarError } from '../../../nodes/shared/api/error';
import {
	addLabelsTogether,
	markImages,
	uploadImage,
} from '../../../nodes/shared/api/trainingImages';

type Marks = Parameters<typeof markImages>[2];

const ID = '58421549-21ea-4d43-94a6-6a1cb38160e3';
const OTHER = '748e50e4-d081-4924-b9e7-f500aac6a71d';

const error = (kind: XimilarError['kind'], message = 'No', status?: number) =>
	new XimilarError(message, 'Do something.', { kind, status });

/** An API whose calls are answered by a function. */
const apiOf = (answer: (body: never, options: never, path: string) => unknown) =>
	({
		post: async (path: string, _schema: unknown, body: never, options: never) =>
			answer(body, options, path),
		get: async (path: string) => {
			if (path.includes('unknown')) throw error('notFound');
			return { id: path };
		},
	}) as unknown as Api;

describe('uploadImage', () => {
	/** @param mayHaveBeenDone what is told before the try; no try is begun where it is null */
	const upload = async (answer: unknown, mayHaveBeenDone: boolean | null = false) => {
		const api = apiOf((_body, options: { check: (done: boolean) => void }) => {
			if (mayHaveBeenDone !== null) options.check(mayHaveBeenDone);
			if (answer instanceof Error) throw answer;
			return answer;
		});
		return await uploadImage(api, 'bytes' as unknown as Base64, { noresize: true });
	};

	test('gives the new image', async () => {
		expect(await upload({ id: ID, labels: [] })).toEqual({ created: { id: ID, labels: [] } });
	});

	test('says beside the image what it is told, and may be repeated', async () => {
		const calls: unknown[] = [];
		const api = apiOf((body, options, path) => {
			calls.push([path, body, options]);
			return { id: ID };
		});
		await uploadImage(api, 'bytes' as unknown as Base64, { test_image: true });
		expect(calls).toEqual([
			[
				'recognition/v2/training-image/',
				{ base64: 'bytes', test_image: true },
				expect.objectContaining({ idempotent: true, maxTriesAfter500: 2 }),
			],
		]);
	});

	test.each([
		['a detail', { detail: `Image already exists: image_ID: ${ID}, workspace ${OTHER}` }],
		['a list', [`Training image already exists, imageID ${ID}`]],
		['capital letters', [`${OTHER} already exists: IMAGE-ID "${ID}"`]],
		['a detail with a list', { detail: [`ALREADY EXISTS ${ID}`] }],
		['an error', error('badRequest', `Image already exists (${ID})`)],
	])('finds the one that is there in %s', async (_, answer) => {
		expect(await upload(answer)).toEqual({ existingId: ID, mayBeOurs: false });
		expect(await upload(answer, true)).toEqual({ existingId: ID, mayBeOurs: true });
	});

	test.each([
		['no ID', { detail: 'Image already exists' }, /already exists/],
		['two IDs, none of them named', { detail: `Already exists: ${ID} ${OTHER}` }, /lready exists/],
		['another refusal', { detail: `Too dark: ${ID}` }, /Too dark/],
		['another error', error('server', `Broken ${ID}`), /Broken/],
		['an error that is none of ours', new Error(`already exists ${ID}`), /already exists/],
		['neither an ID nor a reason', { name: 'x' }, /id/],
		['nothing', null, /^Ximilar/],
	])('fails on %s', async (_, answer, message) => {
		await expect(upload(answer)).rejects.toThrow(message);
	});

	const UNKNOWN =
		'It may have been uploaded all the same: run this item again, and the image that is there is used. ';

	test.each([
		['the server failed', error('server'), false, true],
		['the connection was lost', error('connectionLost'), false, true],
		['no answer came', error('timeout'), false, true],
		['the answer was none', error('badAnswer'), false, true],
		['the server had no time', error('refused', 'No', 408), false, true],
		['the answer has no ID', { name: 'x' }, false, true],
		['a refusal came after a try that was lost', error('token'), true, true],
		['it was refused', error('token', 'No', 401), false, false],
		['nothing was sent', error('aborted'), null, false],
	])('says whether it may be there, where %s', async (_, answer, mayHaveBeenDone, maybe) => {
		const { description } = (await upload(answer, mayHaveBeenDone).catch(
			(thrown: unknown) => thrown,
		)) as XimilarError;
		expect(description.startsWith(UNKNOWN)).toBe(maybe);
		expect(description.replace(UNKNOWN, '')).toMatch(/^[A-Z].*\.$/);
	});

	test('hands on an error that is none of ours', async () => {
		const fault = new TypeError('x');
		await expect(upload(fault, true)).rejects.toBe(fault);
	});
});

describe('markImages', () => {
	/** A service that knows all images but those whose name begins with `unknown`. */
	const mark = async (
		images: string[],
		{ marks = { test: true }, ...service }: { marks?: Marks } & Service = {},
	) => {
		const bodies: Array<{ images: string[] }> = [];
		const api = apiOf((body: { images: string[] }, options, path) => {
			expect([path, options]).toEqual([
				'recognition/v2/training-image/update',
				{ idempotent: true },
			]);
			bodies.push(body);
			return answerOf(body.images, service);
		});
		const errors = await markImages(api, images, marks);
		return { bodies, sizes: bodies.map((body) => body.images.length), errors };
	};

	interface Service {
		refuses?: XimilarError['kind'];
		count?: (known: number) => unknown;
	}

	const answerOf = (images: string[], { refuses, count = (known) => known }: Service) => {
		const known = images.filter((id) => !id.startsWith('unknown')).length;
		if (refuses && known < images.length) throw error(refuses);
		return count(known);
	};

	const ids = (count: number) => Array.from({ length: count }, (_, at) => `image-${at}`);

	test.each<[Marks, object]>([
		[{ test: true }, { 'mark-test': true }],
		[{ test: false }, { 'unmark-test': true }],
		[{ real: true }, { 'mark-real': true }],
		[
			{ test: true, real: false },
			{ 'mark-test': true, 'unmark-real': true },
		],
	])('%j is one call', async (marks, said) => {
		const { bodies, errors } = await mark(['a', 'b'], { marks });
		expect(bodies).toEqual([
			{ images: ['a', 'b'], labels: [], 'labels-add': [], 'labels-remove': [], ...said },
		]);
		expect(errors.size).toBe(0);
	});

	test.each<[string, (known: number) => unknown]>([
		['a number', (known) => known],
		['an object with a count', (known) => ({ count: known })],
	])('images that were passed over are found, where the answer is %s', async (_, count) => {
		const images = [...ids(3), 'unknown-1', ...ids(8).slice(3), 'unknown-2'];
		const { errors, sizes } = await mark(images, { count });
		expect([...errors.keys()].sort()).toEqual(['unknown-1', 'unknown-2']);
		expect(sizes[0]).toBe(10);
	});

	test('a service that does not count is believed', async () => {
		const { errors, sizes } = await mark([...ids(3), 'unknown'], { count: () => ({}) });
		expect([errors.size, sizes]).toEqual([0, [4]]);
		const silent = await mark(ids(2), { count: () => null });
		expect([silent.errors.size, silent.sizes]).toEqual([0, [2]]);
	});

	test('where the counts of the halves do not fit, each image is asked for', async () => {
		let first = true;
		const count = (known: number) => {
			const told = first ? known : 0;
			first = false;
			return told;
		};
		const { errors, sizes } = await mark([...ids(3), 'unknown'], { count });
		expect([...errors.keys()]).toEqual(['unknown']);
		expect(sizes).toEqual([4, 2, 2]);
	});

	test('where the halves are refused, each image is asked for', async () => {
		let first = true;
		const count = (known: number) => {
			if (!first) throw error('server');
			first = false;
			return known;
		};
		const { errors } = await mark([...ids(3), 'unknown'], { count });
		expect([...errors.keys()]).toEqual(['unknown']);
	});

	test.each(['badRequest', 'notFound', 'tooLarge'] as const)(
		'a refusal as %s is bisected',
		async (refuses) => {
			const { errors } = await mark([...ids(5), 'unknown'], { refuses });
			expect([...errors.keys()]).toEqual(['unknown']);
			expect(errors.get('unknown')).toMatchObject({ kind: refuses });
		},
	);

	test('any other error is that of all, at once', async () => {
		const { errors, sizes } = await mark([...ids(3), 'unknown'], { refuses: 'token' });
		expect([errors.size, sizes]).toEqual([4, [4]]);
	});
});

describe('addLabelsTogether', () => {
	/** What a service is asked, and of which images it is sure then. */
	const add = async (images: string[], answer: (images: string[]) => unknown) => {
		const bodies: Array<{ images: string[] }> = [];
		const api = apiOf((body: { images: string[] }) => {
			bodies.push(body);
			return answer(body.images);
		});
		return { sure: [...(await addLabelsTogether(api, images, ['label']))], bodies };
	};

	test.each<[string, unknown, string[]]>([
		['all of them', { count: 2 }, ['a', 'b']],
		['none of them', { count: 0 }, []],
		// Labels that were not added would be missed by nobody: a call for each image says more.
		['no count', {}, []],
		['nothing', null, []],
	])('is sure only of what the answer tells: %s', async (_, answer, sure) => {
		const added = await add(['a', 'b'], () => answer);
		expect(added.sure).toEqual(sure);
		expect(added.bodies).toEqual([
			{ images: ['a', 'b'], labels: [], 'labels-add': ['label'], 'labels-remove': [] },
		]);
	});

	test('finds those that have them now, whichever the service passed over', async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }), async (known) => {
				const images = known.map((_, at) => String(at));
				const isKnown = (id: string) => known[Number(id)];
				const { sure } = await add(images, (some) => some.filter(isKnown).length);
				expect(sure).toEqual(images.filter(isKnown));
			}),
		);
	});

	test('is sure of none where the counts of the halves do not fit', async () => {
		const { sure } = await add([...'abcd'], (some) => (some.length > 2 ? 3 : some.length));
		expect(sure).toEqual([]);
	});

	test('is sure of none where it was refused', async () => {
		const refuse = () => {
			throw error('badRequest');
		};
		expect((await add(['a'], refuse)).sure).toEqual([]);
	});
});
