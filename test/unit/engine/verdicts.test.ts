import { XimilarError } from '../../../nodes/shared/api/error';
import { errorFromResponse } from '../../../nodes/shared/api/response';
import { createVerdicts } from '../../../nodes/shared/engine/verdicts';

/** What the refusals of requests say of those that are still to be sent. */

const PATH = 'recognition/v2/classify/';
const PARAMETERS = { task_id: 't', version: 1, records: [] };
const errorOf = (status: number, body: unknown = { detail: 'Refused' }) =>
	errorFromResponse(status, body, { path: PATH, parameters: PARAMETERS });

const nothing = async () => undefined;
const lostError = new XimilarError('Lost', '', { kind: 'connectionLost' });

/** Whether requests with the same body are refused without a call from now on. */
function isRefused(verdicts: ReturnType<typeof createVerdicts>, key = 'a'): boolean {
	try {
		verdicts.throwIfRefused(key);
		return false;
	} catch {
		return true;
	}
}

describe('a refused request', () => {
	test.each<[string, unknown, number, 'split' | 'told', boolean]>([
		['403', errorOf(403), 10, 'told', true],
		['404', errorOf(404), 10, 'told', true],
		['403 for one image', errorOf(403), 1, 'told', true],
		['400', errorOf(400), 10, 'split', false],
		['400 for one image', errorOf(400), 1, 'told', false],
		[
			'400 in an envelope',
			errorOf(400, { status: { code: 400 }, statistics: {} }),
			2,
			'split',
			false,
		],
		['400 that names its records', errorOf(400, { records: ['Bad'] }), 2, 'split', false],
		['400 that names another field', errorOf(400, { version: ['Bad'] }), 10, 'told', true],
		['413', errorOf(413), 10, 'split', false],
		['413 for one image', errorOf(413), 1, 'told', false],
		['500', errorOf(500), 10, 'split', false],
		['500 for one image', errorOf(500), 1, 'told', false],
		['503', errorOf(503), 10, 'told', false],
		['429', errorOf(429), 10, 'told', false],
		['a lost connection', lostError, 10, 'told', false],
		['a fault of the program', new TypeError('x'), 10, 'told', false],
	])('by %s', async (_, error, images, verdict, isForAll) => {
		const verdicts = createVerdicts();
		const judged = await verdicts.judge('a', error, images, nothing);
		if (verdict === 'split') expect(judged).toBe('split');
		else expect((judged as Error).message).toBe((error as Error).message);
		expect(isRefused(verdicts)).toBe(isForAll);
		expect(isRefused(verdicts, 'another body')).toBe(false);
	});

	test('by 413 says nothing of other images, however many are too large', async () => {
		const verdicts = createVerdicts();
		for (let image = 0; image < 20; image++) await verdicts.judge('a', errorOf(413), 1, nothing);
		expect(isRefused(verdicts)).toBe(false);
	});

	test('is looked into once, and what is found stands for all', async () => {
		const verdicts = createVerdicts();
		const reason = new XimilarError('Not trained', '');
		const diagnose = jest.fn(async () => reason);
		expect(
			await Promise.all([1, 2, 3].map(() => verdicts.judge('a', errorOf(400), 10, diagnose))),
		).toEqual([reason, reason, reason]);
		expect(diagnose).toHaveBeenCalledTimes(1);
		expect(() => verdicts.throwIfRefused('a')).toThrow(reason);
		// The refusal that was told without a call is no further one.
		expect(await verdicts.judge('a', reason, 10, diagnose)).toBe(reason);
	});

	test('keeps others of its body waiting while it is looked into, and no longer', async () => {
		const verdicts = createVerdicts();
		let found: (reason?: XimilarError) => void = () => undefined;
		const judged = verdicts.judge(
			'a',
			errorOf(400),
			10,
			async () => await new Promise((resolve) => (found = resolve)),
		);
		const pending = verdicts.check('a');
		expect(pending).toBeInstanceOf(Promise);
		expect(verdicts.check('another body')).toBeUndefined();
		found();
		await pending;
		expect(verdicts.check('a')).toBeUndefined();
		expect(await judged).toBe('split');
	});

	test.each([
		[
			'after one was accepted',
			(v: ReturnType<typeof createVerdicts>) => v.accepted('a'),
			errorOf(400),
		],
		['that is too large', () => undefined, errorOf(413)],
		['that the server could not answer', () => undefined, errorOf(500)],
	])('%s is not looked into', async (_, before, error) => {
		const verdicts = createVerdicts();
		before(verdicts);
		const diagnose = jest.fn(nothing);
		expect(await verdicts.judge('a', error, 10, diagnose)).toBe('split');
		expect(diagnose).not.toHaveBeenCalled();
	});
});

describe('images that are refused alone', () => {
	const refuse = async (
		verdicts: ReturnType<typeof createVerdicts>,
		times: number,
		text: string,
	) => {
		for (let image = 0; image < times; image++) {
			await verdicts.judge('a', errorOf(400, { detail: text }), 1, nothing);
		}
	};

	test('stand for all when they are ten with the same words', async () => {
		const verdicts = createVerdicts();
		await refuse(verdicts, 9, 'Bad');
		expect(isRefused(verdicts)).toBe(false);
		const last = errorOf(400, { detail: 'Bad' });
		await verdicts.judge('a', last, 1, nothing);
		expect(() => verdicts.throwIfRefused('a')).toThrow(last);
		// A request that is refused by it without a call is not tried with fewer images, whatever ends late.
		verdicts.accepted('a');
		expect(await verdicts.judge('a', last, 10, nothing)).toBe(last);
	});

	test('stand for themselves when their words differ', async () => {
		const verdicts = createVerdicts();
		for (let image = 0; image < 30; image++) await refuse(verdicts, 1, `Bad ${image % 4}`);
		expect(isRefused(verdicts)).toBe(false);
	});

	test('stand for themselves when one was accepted', async () => {
		const verdicts = createVerdicts();
		verdicts.accepted('a');
		await refuse(verdicts, 30, 'Bad');
		expect(isRefused(verdicts)).toBe(false);
	});
});

describe('requests that the server could not answer', () => {
	const judge = async (verdicts: ReturnType<typeof createVerdicts>, images: number) =>
		await verdicts.judge('a', errorOf(500), images, nothing);

	test('are split, however many go side by side with a bad image each', async () => {
		const verdicts = createVerdicts();
		for (const images of [10, 5, 3, 2]) {
			for (let request = 0; request < 16; request++) {
				expect(await judge(verdicts, images)).toBe('split');
			}
		}
	});

	test('are no longer split when six images in a row could not be done alone either', async () => {
		const verdicts = createVerdicts();
		for (let image = 0; image < 6; image++) {
			expect(await judge(verdicts, 10)).toBe('split');
			expect(await judge(verdicts, 1)).toBeInstanceOf(XimilarError);
		}
		expect(await judge(verdicts, 10)).toBeInstanceOf(XimilarError);
		verdicts.accepted('another body');
		expect(await judge(verdicts, 10)).toBe('split');
	});
});
