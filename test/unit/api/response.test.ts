import type { ErrorKind } from '../../../nodes/shared/api/error';
import { errorFromResponse, reasonIn } from '../../../nodes/shared/api/response';

describe('reasonIn', () => {
	test.each([
		['text', 'No.', 'No.'],
		['nothing', undefined, ''],
		['null', null, ''],
		['a number', 7, ''],
		['detail', { detail: 'No.' }, 'No.'],
		['message', { message: 'No.' }, 'No.'],
		['error', { error: { detail: 'No.' } }, 'No.'],
		['a list', ['No.', '', 'Never.'], 'No. Never.'],
		['a status', { status: { code: 400, text: 'No.' } }, 'No.'],
		['the status of a record', { _status: { code: 400, text: 'No.' } }, 'No.'],
		['fields', { name: ['Taken.', 'Odd.'], type: 'Unknown.' }, 'name: Taken. Odd.; type: Unknown.'],
		['fields without a name', { non_field_errors: ['Too many.'] }, 'Too many.'],
		['fields within fields', { a: { b: ['No.'] } }, 'a: b: No.'],
		['a list of fields', [{ name: ['Taken.'] }, {}], 'name: Taken.'],
		['lines', { detail: 'No.\n  Never.' }, 'No. Never.'],
		['an empty detail, and a message', { detail: '', message: 'No.' }, 'No.'],
	])('finds it in %s', (_, body, reason) => {
		expect(reasonIn(body)).toBe(reason);
	});

	test('cuts a long one', () => {
		expect(reasonIn({ detail: 'x'.repeat(2000) })).toHaveLength(601);
	});
});

describe('errorFromResponse', () => {
	test.each<[number, ErrorKind, string]>([
		[400, 'badRequest', 'Ximilar refused this: No.'],
		[422, 'badRequest', 'Ximilar refused this: No.'],
		[401, 'token', 'Ximilar did not accept the API token: No.'],
		[402, 'credits', 'The Ximilar account has too few credits: No.'],
		[403, 'forbidden', 'This Ximilar account may not use this: No.'],
		[404, 'notFound', 'Ximilar did not find it: No.'],
		[413, 'tooLarge', 'The images are too large for one request: No.'],
		[429, 'rateLimit', 'Ximilar is receiving too many requests from this account: No.'],
		[405, 'refused', 'Ximilar refused the request (status 405): No.'],
		[499, 'refused', 'Ximilar refused the request (status 499): No.'],
		[500, 'server', 'Ximilar could not answer (status 500): No.'],
		[503, 'server', 'Ximilar could not answer (status 503): No.'],
	])('status %i is of kind %s', (status, kind, message) => {
		const error = errorFromResponse(status, { detail: 'No.' }, { path: 'recognition/v2/task/' });
		expect(error).toMatchObject({ kind, status, message });
		expect(error.description).not.toBe('');
	});

	test('an answer without a reason has the message alone', () => {
		expect(errorFromResponse(404, undefined, { path: 'x/' }).message).toBe(
			'Ximilar did not find it',
		);
	});

	test.each([
		['vlm/v2/task/', 'Custom vision language models are in beta'],
		['ocr/v2/read_gpt', 'OCR with GPT needs the Business or Professional plan'],
		['ocr/v2/read', "Check the account's plan"],
		['recognition/v2/task/', "Check the account's plan"],
	])('403 of %s says what the service needs', (path, advice) => {
		expect(errorFromResponse(403, {}, { path }).description).toContain(advice);
	});

	test.each([
		['in its status', { status: { text: 'No.', request_id: 'r-1', proc_id: 'p-1' } }],
		['beside the reason', { detail: 'No.', request_id: 'r-1', proc_id: 'p-1' }],
	])('the numbers for the support are told, %s', (_, body) => {
		expect(errorFromResponse(500, body, { path: 'ocr/v2/read' }).description).toContain(
			"Ximilar's support can look this up: request_id r-1, proc_id p-1.",
		);
	});

	test.each([
		[400, { detail: 'Cannot decode image' }, true],
		[400, 'Cannot decode image', true],
		[400, undefined, true],
		[400, { records: ['Bad.'] }, true],
		[400, { records: ['Bad.'], version: ['Unknown.'] }, true],
		[400, { version: ['Unknown.'] }, false],
		[422, { task_id: ['Unknown.'] }, false],
		[400, { status: { code: 400 }, statistics: {} }, true],
		[400, { detail: 'Bad.', code: 'invalid' }, true],
		[413, { version: ['Unknown.'] }, true],
		[404, { detail: 'Not found.' }, false],
		[500, { detail: 'Busy' }, true],
		[502, { detail: 'Busy' }, false],
	])('whether one record can be the reason of status %i and %j: %s', (status, body, maybe) => {
		expect(
			errorFromResponse(status, body, { path: 'x/', fields: ['task_id', 'version', 'records'] })
				.mayBeOneRecord,
		).toBe(maybe);
	});
});
