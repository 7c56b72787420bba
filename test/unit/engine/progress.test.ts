import type { IExecuteFunctions } from 'n8n-workflow';
import { XimilarError } from '../../../nodes/shared/api/error';
import { createProgress } from '../../../nodes/shared/engine/progress';

/** What a long run tells while it goes on, and at its end. */

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

function setUp() {
	const [logged, shown, hints]: [string[], string[], string[]] = [[], [], []];
	const context = {
		logger: { info: (text: string) => void logged.push(text) },
		getNode: () => ({ name: 'Classify' }),
		sendMessageToUI: (text: string) => void shown.push(text),
	} as unknown as IExecuteFunctions;
	const stop = new AbortController();
	const progress = createProgress(context, stop.signal);
	const end = () => progress.end((text) => void hints.push(text));
	const pass = async (seconds: number) => await jest.advanceTimersByTimeAsync(seconds * 1000);
	return { progress, logged, shown, hints, stop, end, pass };
}

test('every ten seconds it says how far it is, in the log and in the editor', async () => {
	const { progress, logged, shown, pass, end } = setUp();
	progress.expect(30);
	progress.ofCalls.onRequest();
	progress.ofCalls.onRequest();
	await pass(9);
	expect(shown).toEqual([]);
	await pass(1);
	expect(shown).toEqual(['0 of 30 images done, 2 requests under way']);
	progress.done();
	progress.ofCalls.onEnd();
	progress.ofCalls.onRetry(new XimilarError('Too many requests', ''), 4000);
	await pass(10);
	expect(shown[1]).toBe(
		'1 of 30 images done, 1 request under way, waiting: Too many requests; next try in 4 seconds',
	);
	expect(logged).toEqual(shown.map((text) => `Classify: ${text}`));
	progress.ofCalls.onEnd();
	await pass(10);
	expect(shown[2]).toBe('1 of 30 images done, 0 requests under way');
	end();
	await pass(60);
	expect(shown).toHaveLength(3);
});

test('images that come later are counted by the same reports', async () => {
	const { progress, shown, pass, end } = setUp();
	progress.expect(1);
	progress.expect(2);
	await pass(10);
	end();
	expect(shown).toEqual(['0 of 3 images done, 0 requests under way']);
});

test('at the end of a long run a hint counts what it took', async () => {
	const { progress, hints, pass, end } = setUp();
	progress.expect(2);
	for (let image = 0; image < 2; image++) progress.done();
	for (let request = 0; request < 3; request++) progress.ofCalls.onRequest();
	progress.ofCalls.onRetry(new XimilarError('Too many requests', ''), 1000);
	await pass(12);
	end();
	expect(hints).toEqual(['2 images in 3 requests, 1 of them repeated, in 12 seconds.']);
});

test('one image is one', async () => {
	const { progress, hints, pass, end } = setUp();
	progress.expect(1);
	progress.done();
	progress.ofCalls.onRequest();
	await pass(10);
	end();
	expect(hints).toEqual(['1 image in 1 request, 0 of them repeated, in 10 seconds.']);
});

test('a short run, and one without images, says nothing', async () => {
	const short = setUp();
	short.progress.expect(5);
	await short.pass(9);
	short.end();
	const none = setUp();
	await none.pass(60);
	none.end();
	expect([short.shown, short.hints, none.shown, none.hints]).toEqual([[], [], [], []]);
});

test('a run that was stopped says nothing more', async () => {
	const { progress, shown, stop, pass } = setUp();
	progress.expect(5);
	stop.abort();
	await pass(60);
	expect(shown).toEqual([]);
});
