import fc from 'fast-check';
import {
	base64OfBytes,
	base64OfStream,
	base64OfText,
	jsonBody,
	JsonBlob,
} from '../../../nodes/shared/api/body';

/** JSON bodies whose base64 is made while they are sent. */

const noCheck = () => undefined;

/** What goes out: the texts, and all of them as bytes. */
async function sent(body: string | Blob): Promise<Buffer> {
	if (typeof body === 'string') return Buffer.from(body);
	const chunks: Buffer[] = [];
	for await (const chunk of body.stream() as unknown as AsyncIterable<Buffer>) {
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}

/** Bytes that come in parts, like those of a file. */
async function* partsOf(bytes: Buffer, lengths: number[]): AsyncGenerator<Buffer> {
	let at = 0;
	for (const length of lengths) {
		yield bytes.subarray(at, at + length);
		at += length;
	}
	yield bytes.subarray(at);
}

/** Fewer bytes than a slice, about one, or several. */
const bytesArbitrary = fc
	.tuple(
		fc.oneof(
			fc.nat(300),
			fc.integer({ min: 49_149, max: 49_155 }),
			fc.integer({ min: 98_300, max: 98_310 }),
		),
		fc.uint8Array({ minLength: 1, maxLength: 64 }),
	)
	.map(([length, pattern]) => Buffer.alloc(length, Buffer.from(pattern)));

const partsArbitrary = fc.array(fc.oneof(fc.nat(10), fc.nat(60_000)), { maxLength: 8 });

/** Any text, and such that look like what stands in place of the base64 for a while. */
const textArbitrary = fc.oneof(
	fc.string({ unit: 'binary' }),
	fc.tuple(fc.uuid(), fc.nat(3)).map(([id, at]) => `${id} ${at}`),
);

test('it is the JSON of the same with its base64, and as long as it says', async () => {
	const entry = fc.record({
		bytes: bytesArbitrary,
		parts: partsArbitrary,
		how: fc.constantFrom('bytes', 'text', 'stream'),
		mediaType: fc.constantFrom(undefined, 'image/png'),
		text: textArbitrary,
	});
	await fc.assert(
		fc.asyncProperty(fc.array(entry, { maxLength: 4 }), textArbitrary, async (entries, text) => {
			const made = entries.map(({ bytes, parts, how, mediaType, text: more }) => {
				const base64 = {
					bytes: () => base64OfBytes(bytes),
					text: () => base64OfText(bytes.toString('base64'), bytes.length),
					stream: () =>
						base64OfStream(async () => partsOf(Buffer.from(bytes), parts), bytes.length),
				}[how]();
				return { _base64: mediaType ? base64.asDataUrl(mediaType) : base64, [more]: more };
			});
			const plain = entries.map(({ bytes, mediaType, text: more }) => ({
				_base64: `${mediaType ? `data:${mediaType};base64,` : ''}${bytes.toString('base64')}`,
				[more]: more,
			}));
			const body = jsonBody({ text, records: made, [text]: null }, noCheck);
			const all = await sent(body);
			expect(all.toString()).toBe(JSON.stringify({ text, records: plain, [text]: null }));
			expect(typeof body === 'string' ? all.length : body.size).toBe(all.length);
		}),
		{ numRuns: 60 },
	);
});

test('a body without bytes is plain text', () => {
	expect(jsonBody({ a: 'é' }, noCheck)).toBe('{"a":"é"}');
});

test('it can be made anew for another try', async () => {
	const bytes = Buffer.from('some bytes');
	let opened = 0;
	const base64 = base64OfStream(async () => {
		opened++;
		return partsOf(bytes, [4]);
	}, bytes.length);
	const first = await sent(jsonBody({ base64 }, noCheck));
	const second = await sent(jsonBody({ base64 }, noCheck));
	expect(second).toEqual(first);
	expect(opened).toBe(2);
});

test('all of it is out only at its end', async () => {
	const body = jsonBody({ base64: base64OfBytes(Buffer.from('abc')) }, noCheck) as JsonBlob;
	expect([body.isSent, body.type]).toEqual([false, 'application/json']);
	await sent(body);
	expect([body.isSent, body.error]).toEqual([true, undefined]);
});

test.each([
	['shorter', 100],
	['longer', 200_000],
	['empty', 0],
])('a file that has become %s meanwhile ends the sending', async (_, length) => {
	const base64 = base64OfStream(async () => partsOf(Buffer.alloc(length), [7, 50_000]), 100_000);
	const body = jsonBody({ base64, more: 1 }, noCheck) as JsonBlob;
	await expect(sent(body)).rejects.toThrow('The file has changed while it was sent');
	expect(body.isSent).toBe(false);
	expect(body.error).toBeInstanceOf(Error);
});

test('no more is sent of a file that has grown than was announced', async () => {
	const base64 = base64OfStream(async () => partsOf(Buffer.alloc(500_000), [100_000]), 100_000);
	const body = jsonBody({ base64 }, noCheck) as JsonBlob;
	let bytes = 0;
	await expect(async () => {
		for await (const chunk of body.stream() as unknown as AsyncIterable<Buffer>) {
			bytes += chunk.length;
		}
	}).rejects.toThrow();
	expect(bytes).toBeLessThan(body.size);
});

test('a file that cannot be read ends the sending with why', async () => {
	const base64 = base64OfStream(async () => await Promise.reject(new Error('Gone')), 10);
	const body = jsonBody({ base64 }, noCheck) as JsonBlob;
	await expect(sent(body)).rejects.toThrow('Gone');
	expect(body.error).toMatchObject({ message: 'Gone' });
});

test('the check ends the sending between slices, and closes the file', async () => {
	let isClosed = false;
	async function* endless() {
		try {
			for (;;) yield Buffer.alloc(30_000);
		} finally {
			isClosed = true;
		}
	}
	let checks = 0;
	const body = jsonBody({ base64: base64OfStream(async () => endless(), 1e9) }, () => {
		if (++checks === 3) throw new Error('Stopped');
	}) as JsonBlob;
	await expect(sent(body)).rejects.toThrow('Stopped');
	await new Promise(setImmediate);
	expect([checks, isClosed, body.isSent]).toEqual([3, true, false]);
	expect(body.error).toMatchObject({ message: 'Stopped' });
});

test('the memory of a part is given back when it was read, if it is all its own', async () => {
	const own = Buffer.from(new ArrayBuffer(99_999));
	const shared = Buffer.from(new ArrayBuffer(100_000)).subarray(0, 49_998);
	const freed: Array<[name: string, length: number]> = [];
	for (const [name, { buffer }] of Object.entries({ own, shared })) {
		Object.assign(buffer, { transfer: (length: number) => void freed.push([name, length]) });
	}
	const expected = Buffer.concat([own, shared]).toString('base64');
	const base64 = base64OfStream(async () => [own, shared], 149_997);
	expect((await sent(jsonBody({ base64 }, noCheck))).toString()).toBe(
		JSON.stringify({ base64: expected }),
	);
	expect(freed).toEqual([['own', 0]]);
});

describe('a file', () => {
	/** Three files, with all that happens to them and to what is sent. */
	function threeFiles() {
		const events: string[] = [];
		const file = (name: string) =>
			base64OfStream(async () => {
				events.push(`${name} opened`);
				async function* parts() {
					try {
						yield Buffer.from(name);
					} finally {
						events.push(`${name} closed`);
					}
				}
				return parts();
			}, name.length);
		const body = jsonBody([file('one'), file('two'), file('six')], noCheck, async () => {
			events.push('turn');
			return () => events.push('turn over');
		}) as JsonBlob;
		return { events, chunks: body.stream() as unknown as AsyncGenerator<Buffer> };
	}

	test('is opened while the one before it is sent, and the first before anything is', async () => {
		const { events, chunks } = threeFiles();
		let text = '';
		for await (const chunk of chunks) {
			text += chunk.toString();
			events.push(text);
			await new Promise(setImmediate);
		}
		expect(text).toBe('["b25l","dHdv","c2l4"]');
		const before = (first: string, second: string) =>
			expect(events.indexOf(first)).toBeLessThan(events.indexOf(second));
		before('one opened', '["');
		before('turn', '["');
		before('two opened', '["b25l');
		before('["b25l', 'six opened');
		before('six opened', '["b25l","dHdv');
		before('six closed', 'turn over');
	});

	test('is closed, and the turn is over, when nobody wants the rest', async () => {
		const { events, chunks } = threeFiles();
		await chunks.next();
		await chunks.return(undefined);
		await new Promise(setImmediate);
		expect(events.filter((event) => /closed|over/.test(event)).sort()).toEqual([
			'one closed',
			'turn over',
			'two closed',
		]);
	});
});

test('a file that cannot be opened is told once, and none is left open', async () => {
	let isOpen = false;
	async function* parts() {
		isOpen = true;
		try {
			yield Buffer.from('abc');
		} finally {
			isOpen = false;
		}
	}
	const good = base64OfStream(async () => parts(), 3);
	const bad = base64OfStream(async () => {
		throw new Error('Gone');
	}, 3);
	const body = jsonBody([good, bad, good], noCheck) as JsonBlob;
	await expect(sent(body)).rejects.toThrow('Gone');
	await new Promise(setImmediate);
	expect([body.error, body.isSent, isOpen]).toEqual([new Error('Gone'), false, false]);
});
