import fc from 'fast-check';
import type { INodeExecutionData } from 'n8n-workflow';
import nock from 'nock';
import { XimilarOcr } from '../../nodes/XimilarOcr/XimilarOcr.node';
import { API, runNode } from './workflow';

/**
 * Whatever the items, the images of each, the batch size, and which images the service refuses, in
 * whichever of its two ways: every image is asked for until it is answered, and every result and
 * error stands on its own item, in order.
 */

const RUNS = Number(process.env.PROPERTY_RUNS ?? 40);

interface SentRecord {
	_id: string;
	_url: string;
}

/** Images by item: true for one that the service refuses. */
const itemsArbitrary = fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }), {
	minLength: 1,
	maxLength: 30,
});

const addressOf = (item: number, image: number, bad: boolean) =>
	`https://example.com/${item}-${image}${bad ? '-bad' : ''}.png`;

const isBad = ({ _url }: SentRecord) => _url.includes('-bad');

const read = (record: SentRecord) =>
	isBad(record)
		? { _id: record._id, _status: { code: 400, text: 'Refused' } }
		: { _id: record._id, _status: { code: 200 }, _ocr: { full_text: record._url } };

const property = fc.asyncProperty(
	itemsArbitrary,
	fc.integer({ min: 1, max: 10 }),
	fc.integer({ min: 1, max: 5 }),
	fc.constantFrom('record', 'request'),
	async (items, batchSize, parallelRequests, refusedBy) => {
		const requests: SentRecord[][] = [];
		nock.cleanAll();
		nock(API)
			.persist()
			.post('/ocr/v2/read')
			.reply((_uri, body) => {
				const { records } = body as unknown as { records: SentRecord[] };
				requests.push(records);
				return refusedBy === 'request' && records.some(isBad)
					? [400, { detail: 'Refused' }]
					: [200, { records: records.map(read), status: { code: 200 } }];
			});

		const { items: out, error } = await runNode({
			node: new XimilarOcr(),
			parameters: {
				resource: 'image',
				operation: 'read',
				imageSource: 'url',
				imageUrls: '={{ $json.urls }}',
				options: { batchSize, parallelRequests },
			},
			items: items.map((images, item): INodeExecutionData => ({
				json: { urls: images.map((bad, image) => addressOf(item, image, bad)) },
			})),
			onError: 'continueRegularOutput',
		});

		expect(error).toBeUndefined();
		const got = out.map(({ json, pairedItem }) => [
			(pairedItem as { item: number }).item,
			json.error === undefined ? json.text : 'refused',
		]);
		const wanted = items.flatMap((images, item) => [
			...images.flatMap((bad, image) => (bad ? [] : [[item, addressOf(item, image, bad)]])),
			...(images.includes(true) ? [[item, 'refused']] : []),
		]);
		expect(got).toEqual(wanted);

		const images = items.flat().length;
		expect(Math.max(...requests.map(({ length }) => length))).toBeLessThanOrEqual(batchSize);
		if (refusedBy === 'record' || !items.flat().includes(true)) {
			expect(requests).toHaveLength(Math.ceil(images / batchSize));
		}
	},
);

test('every image once, every outcome on its own item', async () => {
	await fc.assert(property, { numRuns: RUNS });
	nock.cleanAll();
});
