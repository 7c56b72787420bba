import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type { INodeExecutionData } from 'n8n-workflow';
import nock from 'nock';
import { XimilarOcr } from '../../nodes/XimilarOcr/XimilarOcr.node';
import { API, runNode } from './workflow';

/**
 * Whatever the items, the images of each, the batch size, which images the service refuses, in
 * whichever of its two ways, how many requests it bears, when it has too many, and which answers
 * are lost: every image is asked for until it is answered and never again, by no other requests
 * than the rules want, and every result and error stands on its own item, in order.
 */

const RUNS = Number(process.env.PROPERTY_RUNS ?? 40);

/** Pauses between tries are what they are, only shorter; those between reports of progress stay. */
const FASTER = 1000;
const REPORTS = 10_000;
jest.mock('n8n-workflow', () => {
	const actual = jest.requireActual<typeof import('n8n-workflow')>('n8n-workflow');
	const shortSleep = async (ms: number) => await actual.sleep(ms < REPORTS ? ms / FASTER : ms);
	return { ...actual, sleep: shortSleep };
});

interface SentRecord {
	_id: string;
	_url: string;
}

/** Images by item: true for one that the service refuses. */
const itemsArbitrary = fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }), {
	minLength: 1,
	maxLength: 30,
});

const troubleArbitrary = fc.record({
	/** How many requests the service takes at once. */
	capacity: fc.integer({ min: 1, max: 8 }),
	/** The requests, by their number, that it refuses as too many, whatever is under way. */
	storm: fc.tuple(fc.nat(20), fc.nat(12)),
	retryAfter: fc.constantFrom(undefined, '0', '1'),
	/** Each request of this many loses its connection: before the work is done, or its answer. */
	lostEvery: fc.constantFrom(Infinity, 3, 7),
	isDoneBefore: fc.boolean(),
});

const addressOf = (item: number, image: number, bad: boolean) =>
	`https://example.com/${item}-${image}${bad ? '-bad' : ''}.png`;

const isBad = (address: string) => address.includes('-bad');

const read = ({ _id, _url }: SentRecord) =>
	isBad(_url)
		? { _id, _status: { code: 400, text: 'Refused' } }
		: { _id, _status: { code: 200 }, _ocr: { full_text: _url } };

type Trouble = typeof troubleArbitrary extends fc.Arbitrary<infer T> ? T : never;

/** A service in trouble, and what it was sent. */
function serviceIn(
	{ capacity, storm: [from, length], retryAfter, lostEvery, isDoneBefore }: Trouble,
	refusedBy: string,
) {
	let [calls, underWay] = [0, 0];
	const losses = new Map<string, number>();
	/** The images of each request that was answered, one way or the other. */
	const answered: string[][] = [];
	const settled = new Set<string>();
	const repeated: string[] = [];

	const react = async (records: SentRecord[]): Promise<[number, unknown, object?]> => {
		const call = calls++;
		const images = records.map(({ _url }) => _url);
		repeated.push(...images.filter((image) => settled.has(image)));
		if (underWay >= capacity || (call >= from && call < from + length)) {
			return [429, {}, retryAfter === undefined ? {} : { 'Retry-After': retryAfter }];
		}
		underWay++;
		try {
			const key = images.join();
			const isLost = call % lostEvery === lostEvery - 1 && (losses.get(key) ?? 0) < 2;
			if (isLost) losses.set(key, (losses.get(key) ?? 0) + 1);
			if (!isLost || isDoneBefore) await sleep(2);
			if (isLost) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
			answered.push(images);
			const isRefused = refusedBy === 'request' && images.some(isBad);
			if (!isRefused || images.length === 1) for (const image of images) settled.add(image);
			// In other words for each image: the same words for many would stand for all.
			if (isRefused) return [400, { detail: `Refused because of ${images.join(' ')}` }];
			return [200, { records: records.map(read), status: { code: 200 } }];
		} finally {
			underWay--;
		}
	};
	return { react, answered, repeated };
}

/** The requests that the rules want: refused ones are halved until the bad image is found. */
function wantedRequests(images: string[], refusedBy: string): string[][] {
	if (refusedBy === 'record' || images.length < 2 || !images.some(isBad)) return [images];
	const middle = Math.ceil(images.length / 2);
	const halves = [images.slice(0, middle), images.slice(middle)];
	return [images, ...halves.flatMap((half) => wantedRequests(half, refusedBy))];
}

function batchesOf(images: string[], size: number): string[][] {
	return Array.from({ length: Math.ceil(images.length / size) }, (_, at) =>
		images.slice(at * size, (at + 1) * size),
	);
}

const property = fc.asyncProperty(
	itemsArbitrary,
	fc.integer({ min: 1, max: 10 }),
	fc.constantFrom({}, { parallelRequests: 1 }, { parallelRequests: 3 }),
	fc.constantFrom('record', 'request'),
	troubleArbitrary,
	async (items, batchSize, parallel, refusedBy, trouble) => {
		const { react, answered, repeated } = serviceIn(trouble, refusedBy);
		nock.cleanAll();
		nock(API)
			.persist()
			.post('/ocr/v2/read')
			.reply(
				async (_uri, body) =>
					(await react((body as unknown as { records: SentRecord[] }).records)) as [
						number,
						nock.Body,
					],
			);

		const { items: out, error } = await runNode({
			node: new XimilarOcr(),
			parameters: {
				resource: 'image',
				operation: 'read',
				imageSource: 'url',
				imageUrls: '={{ $json.urls }}',
				options: { batchSize, ...parallel },
			},
			items: items.map((images, item): INodeExecutionData => ({
				json: { urls: images.map((bad, image) => addressOf(item, image, bad)) },
			})),
			onError: 'continueRegularOutput',
		});

		expect(error).toBeUndefined();
		const got = out.map(({ json, pairedItem }) => [
			(pairedItem as { item: number }).item,
			json.error === undefined ? json.text : /Refused/.test(String(json.error)) && 'refused',
		]);
		const wanted = items.flatMap((images, item) => [
			...images.flatMap((bad, image) => (bad ? [] : [[item, addressOf(item, image, bad)]])),
			...(images.includes(true) ? [[item, 'refused']] : []),
		]);
		expect(got).toEqual(wanted);

		expect(repeated).toEqual([]);
		const addresses = items.flatMap((images, item) =>
			images.map((bad, image) => addressOf(item, image, bad)),
		);
		const requests = batchesOf(addresses, batchSize).flatMap((batch) =>
			wantedRequests(batch, refusedBy),
		);
		expect(answered.map(String).sort()).toEqual(requests.map(String).sort());
	},
);

test('every image once, every outcome on its own item', async () => {
	await fc.assert(property, { numRuns: RUNS });
	nock.cleanAll();
});
