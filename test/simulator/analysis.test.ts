/** What holds for every call that analyses images: tokens, checks, credits, plans, records. */
import sharp from 'sharp';
import { testImage, testImages } from '../images/make';
import { call, runSimulator } from './caller';
import { IDS, TOKENS } from './state';

interface ReadRecord {
	_id: string;
	_status: { code: number; text: string };
}

const simulator = runSimulator();
const CLASSIFY = '/recognition/v2/classify/';
const READ = '/ocr/v2/read';
const READ_GPT = '/ocr/v2/read_gpt';
const imageUrl = (file: string) => `${simulator.url}/images/${file}`;
const used = (name = 'business') => simulator.control.account(name).creditsUsed;

async function base64(file: string): Promise<string> {
	return (await testImage(file)).data.toString('base64');
}

async function classify(records: unknown, rest: object = {}, as: keyof typeof TOKENS = 'business') {
	return await call(simulator, CLASSIFY, {
		as,
		body: { task_id: IDS.coloursTask, records, ...rest },
	});
}

describe('tokens and headers', () => {
	it.each(['/account/v2/details/', '/recognition/v2/task/', CLASSIFY, READ])(
		'%s needs a known token, given as Token',
		async (path) => {
			const method = path === CLASSIFY || path === READ ? 'POST' : 'GET';
			const none = await call(simulator, path, { method, as: null });
			expect([none.status, none.body]).toEqual([
				401,
				{ detail: 'Authentication credentials were not provided.' },
			]);
			for (const Authorization of [
				'Token nonsense',
				TOKENS.business,
				`Bearer ${TOKENS.business}`,
			]) {
				const answer = await call(simulator, path, { method, headers: { Authorization } });
				expect([answer.status, answer.body]).toEqual([401, { detail: 'Invalid token.' }]);
			}
		},
	);

	it('refuses a bad token before it looks at the body', async () => {
		const answer = await call(simulator, READ, { as: null, body: '{"broken' });
		expect(answer.status).toBe(401);
	});

	it('demands the JSON content type', async () => {
		const without = { headers: { 'Content-Type': null } };
		expect((await call(simulator, '/account/v2/details/', without)).status).toBe(415);
		expect((await call(simulator, READ, { ...without, body: { records: [] } })).status).toBe(415);
		simulator.control.changeSettings({ contentType: 'always' });
		expect((await call(simulator, '/recognition/v2/task/', without)).status).toBe(415);
		expect((await call(simulator, '/recognition/v2/task/')).status).toBe(200);
	});

	it('refuses a body that is no JSON object', async () => {
		expect((await call(simulator, READ, { body: '{"records": [' })).body.detail).toMatch(
			/^JSON parse error/,
		);
		expect((await call(simulator, READ, { body: [] })).status).toBe(400);
	});

	it('answers 404 in JSON for a path that does not exist', async () => {
		for (const path of ['/nonsense', '/ocr/v2/read/', '/recognition/v2/task']) {
			const answer = await call(simulator, path);
			expect([answer.status, answer.body]).toEqual([404, { detail: 'Not found.' }]);
		}
	});
});

describe('requests that are refused whole', () => {
	const good = { _base64: 'AAAA' };

	it.each<[string, unknown, RegExp]>([
		['no records', undefined, /required/],
		['an empty batch', [], /empty/],
		['eleven records', new Array(11).fill(good), /At most 10/],
		['an object for a list', { ...good }, /list/],
		['a text for a record', ['AAAA'], /object/],
		['a record without an image', [{ _id: '1' }], /exactly one/],
		['a record with two images', [{ ...good, _url: 'http://127.0.0.1/a.png' }], /exactly one/],
		['what is not base64', [{ _base64: 'not base64!' }], /base64/],
		['a data URL for base64', [{ _base64: 'data:image/png;base64,AAAA' }], /base64/],
		['cut base64', [{ _base64: 'AAAAA' }], /base64/],
		['another scheme', [{ _url: 'ftp://example.com/a.png' }], /http/],
		['a misspelt field', [good, { ...good, _ID: '1' }], /Record 1: unknown field "_ID"/],
	])('%s', async (_, records, text) => {
		const answer = await call(simulator, READ, { body: { records } });
		expect(answer.status).toBe(400);
		expect(answer.body).toEqual({ records: [expect.stringMatching(text)] });
		expect(used()).toBe(0);
	});

	it('names an unknown field of the request', async () => {
		const answer = await call(simulator, READ, { body: { records: [good], language: 'en' } });
		expect([answer.status, answer.body]).toEqual([400, { language: ['Unknown field.'] }]);
	});

	it('takes the five languages and no other', async () => {
		for (const lang of ['en', 'zh', 'ko', 'ja', 'ru']) {
			const answer = await call(simulator, READ, {
				body: { lang, records: [{ _url: imageUrl('badge.gif') }] },
			});
			expect([answer.status, answer.body.records[0]._ocr.lang]).toEqual([200, lang]);
		}
		const answer = await call(simulator, READ, { body: { lang: 'cs', records: [good] } });
		expect([answer.status, answer.body]).toEqual([400, { lang: ['"cs" is not a valid choice.'] }]);
	});

	it('wants a prompt of at most 1000 tokens in each record of read_gpt', async () => {
		const read = async (prompt?: string) =>
			await call(simulator, READ_GPT, {
				body: { records: [{ _url: imageUrl('badge.gif'), prompt }] },
			});
		expect((await read()).status).toBe(400);
		expect((await read('  ')).status).toBe(400);
		expect((await read('x'.repeat(4001))).body.records[0]).toMatch(/1001 tokens/);
		expect((await read('x'.repeat(4000))).status).toBe(200);
		const inRead = await call(simulator, READ, { body: { records: [{ ...good, prompt: 'x' }] } });
		expect(inRead.status).toBe(400);
	});

	it('wants a task that exists, is trained and has the version', async () => {
		const unknown = '00000000-0000-4000-8000-000000000000';
		expect((await classify([good], { task_id: undefined })).status).toBe(400);
		expect((await classify([good], { task_id: 'nonsense' })).status).toBe(400);
		expect((await classify([good], { task_id: unknown })).status).toBe(404);
		expect((await classify([good], {}, 'empty')).status).toBe(404);
		const untrained = await classify([good], { task_id: IDS.untrainedTask });
		expect([untrained.status, untrained.body.detail]).toEqual([
			400,
			expect.stringContaining('not trained'),
		]);
		for (const version of [0, 4, '2', 1.5]) {
			expect((await classify([good], { version })).status).toBe(400);
		}
		expect((await classify([good], { descriptor: 2 })).status).toBe(400);
		expect((await classify([good], { store_images: 'yes' })).status).toBe(400);
		expect(used()).toBe(0);
	});

	it('refuses the batch for one bad image when it is told to', async () => {
		simulator.control.changeSettings({ refusal: 'request' });
		const records = [{ _url: imageUrl('badge.gif') }, { _url: imageUrl('document.pdf') }];
		const answer = await classify(records);
		expect([answer.status, answer.body]).toEqual([
			400,
			{ detail: 'Images of format PDF are not supported.' },
		]);
		expect(used()).toBe(0);
		expect((await classify(records.slice(0, 1))).status).toBe(200);
	});
});

describe('records', () => {
	it('fails a bad record alone, and bills it', async () => {
		const answer = await classify([
			{ _id: 'a', _url: imageUrl('badge.gif') },
			{ _id: 'b', _base64: await base64('modern.avif') },
			{ _id: 'c', _url: imageUrl('missing.jpg') },
			{ _id: 'd', _url: imageUrl('page.jpg') },
			{ _id: 'e', _url: 'http://127.0.0.1:1/closed.jpg' },
		]);
		expect(answer.status).toBe(200);
		const records = answer.body.records;
		expect(records.map((record: ReadRecord) => [record._id, record._status.code])).toEqual([
			['a', 200],
			['b', 400],
			['c', 400],
			['d', 400],
			['e', 400],
		]);
		expect(records.slice(1).map((record: ReadRecord) => record._status.text)).toEqual([
			'Images of format AVIF are not supported.',
			'The image could not be downloaded (HTTP 404).',
			'The address leads to a web page, it is not an image.',
			'The image could not be downloaded.',
		]);
		expect(records[1]).not.toHaveProperty('best_label');
		expect(used()).toBe(5);
	});

	it('hands back what was sent, base64 as the setting says', async () => {
		const _base64 = await base64('badge.gif');
		const echoed = async (path: string, extra: object) =>
			(await call(simulator, path, { body: { records: [{ _base64 }], ...extra } })).body.records[0]
				._base64;
		const task = { task_id: IDS.coloursTask };
		expect(await echoed(CLASSIFY, task)).toBe(_base64);
		expect(await echoed(READ, {})).toBeUndefined();
		simulator.control.changeSettings({ echoBase64: 'all' });
		expect(await echoed(READ, {})).toBe(_base64);
		simulator.control.changeSettings({ echoBase64: 'none' });
		expect(await echoed(CLASSIFY, task)).toBeUndefined();
	});

	it('classifies every test image by its colour, probabilities adding up to 1', async () => {
		const images = (await testImages()).filter(({ kind }) => kind === 'taken');
		for (let first = 0; first < images.length; first += 10) {
			const batch = images.slice(first, first + 10);
			const answer = await classify(
				batch.map(({ data }) => ({ _base64: data.toString('base64') })),
			);
			batch.forEach(({ file, colour }, index) => {
				const { best_label, labels } = answer.body.records[index];
				expect([file, best_label.name]).toEqual([file, colour]);
				const probs: number[] = labels.map((label: { prob: number }) => label.prob);
				expect(probs.reduce((sum, prob) => sum + prob, 0)).toBeCloseTo(1);
				expect(probs).toEqual([...probs].sort((a, b) => b - a));
			});
		}
	});

	it('gives tags of their own probability, the same for the same image', async () => {
		const ask = async (file: string) =>
			(await classify([{ _url: imageUrl(file) }], { task_id: IDS.tagsTask, descriptor: 1 })).body
				.records[0];
		const first = await ask('badge.gif');
		expect(await ask('badge.gif')).toMatchObject({ labels: first.labels });
		expect((await ask('scanner.bmp')).labels).not.toEqual(first.labels);
		expect(first.labels).toHaveLength(4);
		expect(first.descriptor).toHaveLength(48);
	});

	it('reads a phrase, always the same, where there is no text', async () => {
		const { data } = await testImage('shop-lossy.webp');
		const blank = await sharp(data)
			.extract({ left: 300, top: 300, width: 200, height: 200 })
			.png()
			.toBuffer();
		const read = async () =>
			(await call(simulator, READ, { body: { records: [{ _base64: blank.toString('base64') }] } }))
				.body.records[0]._ocr.full_text;
		const phrase = await read();
		expect(phrase).toMatch(/^[A-Z]+ [A-Z]+ [A-Z]+$/);
		expect(await read()).toBe(phrase);
	});
});

describe('credits and plans', () => {
	it('counts the credits down for every record', async () => {
		const details = async () =>
			(await call(simulator, '/account/v2/details/')).body.credits_counter;
		const before = await details();
		await classify(new Array(3).fill({ _url: imageUrl('badge.gif') }));
		expect(await details()).toBe(before - 3);
		expect(simulator.state.charges).toMatchObject([
			{ account: 'business', path: CLASSIFY, records: 3, credits: 3 },
		]);
	});

	it('analyses nothing when the credits do not suffice', async () => {
		const record = { _url: imageUrl('badge.gif') };
		const six = await classify(new Array(6).fill(record), {}, 'exhausted');
		expect([six.status, six.body.detail]).toEqual([402, expect.stringContaining('credits')]);
		expect(simulator.control.account('exhausted').creditsUsed).toBe(995);
		expect((await classify(new Array(5).fill(record), {}, 'exhausted')).status).toBe(200);
		expect((await classify([record], {}, 'exhausted')).status).toBe(402);
	});

	it('cannot be outrun by requests side by side', async () => {
		const record = { _url: imageUrl('badge.gif') };
		const answers = await Promise.all(
			[1, 2, 3].map(async () => await classify([record, record], {}, 'exhausted')),
		);
		expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 402]);
		expect(simulator.control.account('exhausted').creditsUsed).toBe(999);
	});

	it('keeps GPT for the Business and Professional plans', async () => {
		const body = { records: [{ _url: imageUrl('badge.gif'), prompt: 'What is it?' }] };
		const refused = await call(simulator, READ_GPT, { as: 'free', body });
		expect([refused.status, refused.body.detail]).toEqual([403, expect.stringContaining('plan')]);
		simulator.control.changeAccount('free', { plan: 'professional' });
		expect((await call(simulator, READ_GPT, { as: 'free', body })).status).toBe(200);
	});
});
