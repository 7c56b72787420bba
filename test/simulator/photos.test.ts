/** Photos as large as phones and cameras make them, wherever an image is taken. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import sharp from 'sharp';
import { photo, type PhotoKind, PHOTOS } from '../images/photo';
import { call, runSimulator } from './caller';
import { decodeBase64 } from './fields';
import { IDS } from './state';
import { VLM_IDS } from './vlm/ids';

const simulator = runSimulator();
const KINDS = Object.keys(PHOTOS) as PhotoKind[];
const LARGE = KINDS.filter((kind) => kind !== 'shop');

async function base64(kind: PhotoKind): Promise<string> {
	return (await photo(kind)).toString('base64');
}

it('are as large as real ones', async () => {
	const megabytes = await Promise.all(KINDS.map(async (kind) => (await photo(kind)).length / 1e6));
	expect(megabytes[0]).toBeLessThan(0.4);
	expect(megabytes[1]).toBeGreaterThan(3.3);
	expect(megabytes.at(-1)).toBeGreaterThan(10);
});

it.each(LARGE)('are classified and read: %s', async (kind) => {
	const { width, height } = PHOTOS[kind];
	const records = [{ _base64: await base64(kind) }];
	const expected = { _status: { code: 200 }, _width: width, _height: height };
	const classified = await call(simulator, '/recognition/v2/classify/', {
		body: { task_id: IDS.coloursTask, records },
	});
	expect(classified.body.records[0]).toMatchObject(expected);
	const read = await call(simulator, '/ocr/v2/read', { body: { records } });
	expect(read.body.records[0]).toMatchObject(expected);
});

it.each(LARGE)('are uploaded, and submitted as data URLs: %s', async (kind) => {
	const { width, height } = PHOTOS[kind];
	const data = await base64(kind);
	const uploaded = await call(simulator, '/recognition/v2/training-image/', {
		body: { base64: data, noresize: true },
	});
	expect(uploaded.body).toMatchObject({ img_width: width, img_height: height });
	const image = { type: 'image_url', image_url: { url: `data:image/jpeg;base64,${data}` } };
	const submitted = await call(simulator, '/vlm/v2/request/', {
		body: {
			task_id: VLM_IDS.task,
			request: { messages: [{ role: 'user', content: [image] }] },
		},
	});
	expect(submitted.status).toBe(201);
	await simulator.control.vlm.settle();
});

it('are decoded once each: ten of a web shop in one request', async () => {
	// Bytes behind the end of a JPEG make it another file.
	const photos = await Promise.all(
		[...'0123456789'].map(async (mark) => Buffer.concat([await photo('shop'), Buffer.from(mark)])),
	);
	const records = photos.map((bytes) => ({ _base64: bytes.toString('base64') }));
	let changes = 0;
	const count = () => {
		changes++;
	};
	sharp.queue.on('change', count);
	const body = { task_id: IDS.coloursTask, records };
	const { status } = await call(simulator, '/recognition/v2/classify/', { body });
	sharp.queue.off('change', count);
	expect(status).toBe(200);
	// Its queue grows and shrinks once for each image that is decoded.
	expect(changes).toBe(2 * photos.length);
});

it('do not stay in memory with the log', async () => {
	setFlagsFromString('--expose-gc');
	const collectGarbage = runInNewContext('gc') as () => void;
	const records = [{ _base64: Buffer.alloc(900_000).toString('base64') }];
	const heapUsed = async () => {
		await call(simulator, '/ocr/v2/read', { body: { records } });
		collectGarbage();
		return process.memoryUsage().heapUsed;
	};
	const before = await heapUsed();
	for (let round = 0; round < 30; round++) await heapUsed();
	// What was sent is 36 MB.
	expect((await heapUsed()) - before).toBeLessThan(18_000_000);
	expect(simulator.control.requests().requests).toHaveLength(32);
});

describe('base64', () => {
	it.each([0, 1, 2, 3, 4, 299])('is decoded: %i bytes', (length) => {
		const bytes = Buffer.alloc(length, 7);
		expect(decodeBase64(bytes.toString('base64'))).toEqual(bytes);
	});

	it.each([
		'A',
		'AAA',
		'AAAAA',
		'AA=A',
		'A===',
		'AA==AAAA',
		'AAA A',
		'AA\n=',
		'A-A_',
		'AAAé',
		'====',
	])('is refused: %j', (text) => expect(decodeBase64(text)).toBeUndefined());

	it('is judged however long it is', () => {
		const good = Buffer.alloc(30_000_000, 1).toString('base64');
		expect(decodeBase64(good)).toHaveLength(30_000_000);
		for (const bad of ['!', '-', ' ']) {
			expect(decodeBase64(`${good.slice(0, 20_000_000)}${bad}${good.slice(20_000_001)}`)).toBe(
				undefined,
			);
		}
	});
});

describe('the log', () => {
	it('holds the last calls, and counts all', async () => {
		simulator.control.changeSettings({ logSize: 3 });
		for (let round = 0; round < 5; round++) await call(simulator, '/account/v2/details/');
		await call(simulator, `/recognition/v2/task/${IDS.coloursTask}/`);
		await call(simulator, `/recognition/v2/task/${IDS.tagsTask}/`);
		const { requests, counts } = simulator.control.requests();
		expect(requests.map(({ number }) => number)).toEqual([5, 6, 7]);
		expect(counts).toEqual({
			'GET /account/v2/details/': 5,
			'GET /recognition/v2/task/:id/': 2,
		});
		expect(simulator.control.requests('details').counts).toEqual({ 'GET /account/v2/details/': 5 });
	});
});
