import {
	combineErrors,
	duration,
	fail,
	isFatal,
	isTransient,
	rootOf,
	sentences,
	shorten,
	XimilarError,
	type ErrorKind,
} from '../../../nodes/shared/api/error';

const error = (message: string, kind?: ErrorKind, status?: number) =>
	new XimilarError(message, `Advice on ${message}`, { kind, status });

/** What each kind of error means for the same call a little later, and for all others of the run. */
const KINDS: Record<ErrorKind, 'transient' | 'fatal' | 'neither'> = {
	input: 'neither',
	image: 'neither',
	imageAddress: 'neither',
	downloadSize: 'neither',
	credential: 'fatal',
	token: 'fatal',
	credits: 'fatal',
	forbidden: 'neither',
	notFound: 'neither',
	badRequest: 'neither',
	tooLarge: 'neither',
	rateLimit: 'transient',
	server: 'transient',
	refused: 'neither',
	unreachable: 'transient',
	certificate: 'neither',
	connectionLost: 'transient',
	timeout: 'transient',
	badAnswer: 'transient',
	aborted: 'neither',
};

test.each(Object.entries(KINDS))('an error of kind %s is %s', (kind, meaning) => {
	const one = error('x', kind as ErrorKind);
	expect(isTransient(one)).toBe(meaning === 'transient');
	expect(isFatal(one)).toBe(meaning === 'fatal');
});

test('status 408 is transient, whatever its kind', () => {
	expect(isTransient(error('x', 'refused', 408))).toBe(true);
});

test("what is no XimilarError is neither: it is a fault of the program, not of the service's", () => {
	for (const other of [new Error('x'), 'x', undefined]) {
		expect([isTransient(other), isFatal(other)]).toEqual([false, false]);
	}
});

describe('a copy that says more', () => {
	const original = new XimilarError('Busy', 'Wait.', {
		kind: 'server',
		status: 500,
		mayBeOneRecord: true,
	});

	test.each([
		['message', { message: 'Very busy' }, 'Very busy', 'Wait.'],
		['description', { description: 'Wait longer.' }, 'Busy', 'Wait longer.'],
	])('in its %s keeps everything else', (_, more, message, description) => {
		const copy = original.with(more);
		expect(copy).toBeInstanceOf(XimilarError);
		expect(copy).toMatchObject({
			message,
			description,
			kind: 'server',
			status: 500,
			mayBeOneRecord: true,
		});
		expect(copy.cause).toBe(original);
		expect(original.message).toBe('Busy');
	});

	test('names what it is about', () => {
		expect(original.about('Image "a.png"').message).toBe('Image "a.png": Busy');
	});

	test('tells of one image or item when it says what was done with it', () => {
		const refused = error('No', 'token', 401);
		const unknown = error('No', 'notFound', 404);
		expect([refused.concernsOne, unknown.concernsOne]).toEqual([false, true]);
		expect(unknown.aboutAll()).toMatchObject({ kind: 'notFound', concernsOne: false });
		expect(refused.with({ message: 'Uploaded, but' }).concernsOne).toBe(true);
	});

	test('has the original as its root, however often it was copied', () => {
		expect(rootOf(original.about('a').about('b'))).toBe(original);
		expect(rootOf(original)).toBe(original);
		const lost = new Error('ECONNRESET');
		const told = new XimilarError('Lost', 'Again.', { cause: lost });
		expect(rootOf(told.about('a'))).toBe(told);
	});
});

test('fail throws, and an error without a kind is one of input', () => {
	expect(() => fail('Name is empty', 'Enter it.')).toThrow(
		expect.objectContaining({ message: 'Name is empty', description: 'Enter it.', kind: 'input' }),
	);
});

test('what is not said of an error is not so', () => {
	const plain = error('x');
	expect([plain.mayBeOneRecord, 'cause' in plain]).toEqual([false, false]);
});

describe('combineErrors', () => {
	const [first, second] = [error('a', 'notFound', 404), error('b', 'server', 500)];
	const fatal = error('c', 'token', 401);
	const unknown = new Error('bug');

	test.each([
		['one as it is', [first], first],
		['one of another kind as it is', [unknown], unknown],
		['the first, where one is no XimilarError', [first, unknown], first],
		['the first, where none is a XimilarError', [unknown, new Error('x')], unknown],
	])('gives %s', (_, errors, wanted) => {
		expect(combineErrors(errors)).toBe(wanted);
	});

	test('says what is alike once, and what was done in any case', () => {
		const done = second.with({ message: 'c' });
		const all = combineErrors([first, error('a'), done]) as XimilarError;
		expect(all).toMatchObject({ message: 'a | c', saysMore: true });
	});

	test('is about all items when each of them is', () => {
		expect(combineErrors([fatal, error('d', 'forbidden')])).toMatchObject({ concernsAll: true });
		expect(combineErrors([fatal, first])).toMatchObject({ concernsAll: false });
	});

	test('says all, with the advice of the first', () => {
		const both = combineErrors([first, second]) as XimilarError;
		expect(both).toMatchObject({
			message: 'a | b',
			description: 'Advice on a',
			kind: 'notFound',
			status: 404,
		});
		expect(both.cause).toBe(first);
	});

	test('is fatal when one of them is', () => {
		const all = combineErrors([first, fatal, second]) as XimilarError;
		expect(all.message).toBe('a | c | b');
		expect(isFatal(all)).toBe(true);
		expect(rootOf(all)).toBe(fatal);
	});
});

test.each([
	[['No', 'Do it.'], 'No. Do it.'],
	[['No.', '', ' Do it!'], 'No. Do it!'],
	[['Wait…', 'Why?', 'x'], 'Wait… Why? x.'],
	[['Version 1.2'], 'Version 1.2.'],
	[[''], ''],
])('%j become sentences', (texts, joined) => {
	expect(sentences(...texts)).toBe(joined);
});

test.each([
	[300, '1 second'],
	[1000, '1 second'],
	[90_000, '90 seconds'],
	[120_000, '2 minutes'],
	[150_000, '3 minutes'],
])('%i ms are %s', (milliseconds, words) => {
	expect(duration(milliseconds)).toBe(words);
});

test.each([
	['  a\n\n b\t', 'a b'],
	['x'.repeat(600), 'x'.repeat(600)],
	['x'.repeat(601), `${'x'.repeat(600)}…`],
])('a text is kept readable in one line', (text, line) => {
	expect(shorten(text)).toBe(line);
});
