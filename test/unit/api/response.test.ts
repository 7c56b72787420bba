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
		[404, 'notFound', 'Ximilar did not find the list of tasks in the default workspace: No.'],
		[413, 'tooLarge', 'The request is too large: No.'],
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
			'Ximilar did not find x/',
		);
	});

	test.each<[string, string, Record<string, unknown>, string]>([
		['a thing', 'recognition/v2/task/t1/', {}, 'the task t1 in the default workspace'],
		[
			'its workspace',
			'vlm/v2/prompt/p1/',
			{ workspace: 'w1' },
			'the prompt p1 in the workspace w1',
		],
		[
			'two things',
			'recognition/v2/task/t1/add-label/',
			{ label_id: 'l1' },
			'the task t1 or the label l1 in the default workspace',
		],
		[
			'what an analysis is about',
			'recognition/v2/classify/',
			{ task_id: 't1', records: [{}] },
			'the task t1 in the default workspace',
		],
		[
			'a few of many',
			'vlm/v2/sample/s1/add-images/',
			{ image_ids: [...'abcdefg'] },
			'the sample s1 or one of the images a, b, c, d, e, … in the default workspace',
		],
		['a list', 'vlm/v2/request/history/', {}, 'the list of requests in the default workspace'],
		[
			'a bulk change',
			'recognition/v2/training-image/update',
			{ images: ['i1'] },
			'the training image i1 in the default workspace',
		],
	])('404 names %s', (_, path, parameters, subject) => {
		const error = errorFromResponse(404, { detail: 'Not found.' }, { path, parameters });
		expect(error.message).toBe(`Ximilar did not find ${subject}`);
		expect(error.description).not.toMatch(/image/);
	});

	const ADD_LABEL = {
		path: 'recognition/v2/task/t1/add-label/',
		parameters: { label_id: 'l1', workspace: 'w1' },
	};

	test.each<[object, string]>([
		[{ detail: 'Not found.' }, 'the task t1 or the label l1 in the workspace w1'],
		[{ label_id: ['Label l1 was not found.'] }, 'the label l1 in the workspace w1'],
		[{ label_id: 'No such label.' }, 'the label l1 in the workspace w1'],
		[
			{ detail: 'No Task matches the given query.' },
			'the task t1 or the label l1 in the workspace w1',
		],
		[{ detail: 'The task t1 does not exist in workspace w1.' }, 'the task t1 in the workspace w1'],
		[
			{ detail: 'Task t1 has no version 7.' },
			'the task t1 in the workspace w1: Task t1 has no version 7.',
		],
		[
			{ detail: 'Version 7 does not exist.' },
			'the task t1 or the label l1 in the workspace w1: Version 7 does not exist.',
		],
	])('404 with %j says everything once', (body, subject) => {
		expect(errorFromResponse(404, body, ADD_LABEL).message).toBe(`Ximilar did not find ${subject}`);
	});

	test('404 names those of a list that are not there', () => {
		const call = {
			path: 'recognition/v2/training-image/update',
			parameters: { images: ['i1', 'i2', 'i3'] },
		};
		const { message } = errorFromResponse(404, { images: ['i2 was not found.'] }, call);
		expect(message).toBe('Ximilar did not find the training image i2 in the default workspace');
	});

	test.each([
		[401, 'Invalid token.', 'Ximilar did not accept the API token'],
		[401, 'Token expired.', 'Ximilar did not accept the API token: Token expired.'],
		[402, 'Not enough credits', 'The Ximilar account has too few credits'],
		[
			402,
			'Not enough credits: 1 needed, 0 left.',
			'The Ximilar account has too few credits: 1 needed, 0 left.',
		],
		[
			403,
			'You do not have permission to perform this action.',
			'This Ximilar account may not use this',
		],
		[
			429,
			'Request was throttled. Expected available in 9 seconds.',
			'Ximilar is receiving too many requests from this account: Expected available in 9 seconds.',
		],
	])('status %i with "%s" says everything once', (status, detail, message) => {
		expect(errorFromResponse(status, { detail }, { path: 'x/' }).message).toBe(message);
	});

	test.each([
		['a web page', { path: 'recognition/v2/task/t1/', isHtml: true }],
		['no account', { path: 'account/v2/details/' }],
	])('404 with %s is that of a wrong address', (_, call) => {
		expect(errorFromResponse(404, undefined, call)).toMatchObject({
			message: "API Base URL does not lead to Ximilar's API",
			description: expect.stringContaining('set API Base URL to https://api.ximilar.com.'),
			concernsAll: true,
		});
	});

	test('a record is not told to be chosen again, or to be of another workspace', () => {
		const call = {
			path: 'recognition/v2/classify/',
			parameters: { task_id: 't1' },
			isRecord: true,
		};
		const error = errorFromResponse(404, { status: { code: 404, text: 'No image.' } }, call);
		expect([error.message, error.concernsAll]).toEqual([
			'Ximilar did not find it: No image.',
			false,
		]);
	});

	test.each([
		['records', 'The images are too large for one request', /its images/],
		['name', 'The request is too large', /^((?!image).)*$/],
	])('advice on a request with %s', (field, message, advice) => {
		const call = { path: 'x/', parameters: { [field]: 'y' } };
		expect(errorFromResponse(413, {}, call).message).toBe(message);
		expect(errorFromResponse(400, {}, call).description).toMatch(advice);
	});

	test.each([
		[413, { parameters: { records: [] } }, 'Use smaller images.'],
		[413, {}, 'Send less data in one item.'],
		[404, { isRecord: true }, 'Check that its address is right and public.'],
	])('status %i of %j advises', (status, call, advice) => {
		expect(errorFromResponse(status, {}, { path: 'x/', ...call }).description).toBe(advice);
	});

	test.each([
		[401, {}, true],
		[403, { path: 'vlm/v2/task/t1/' }, true],
		[403, { path: 'recognition/v2/label/l1/', isRecord: true }, true],
		[402, {}, true],
		[403, { path: 'ocr/v2/read', parameters: { records: [] } }, true],
		[403, { path: 'recognition/v2/label/l1/' }, false],
		[404, { path: 'recognition/v2/label/l1/' }, false],
		[400, {}, false],
	])('status %i of %j is about all items: %s', (status, call, aboutAll) => {
		expect(errorFromResponse(status, {}, { path: 'x/', ...call }).concernsAll).toBe(aboutAll);
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
		[400, { other: ['Unknown.'] }, true],
		[422, { task: ['Unknown.'] }, false],
		[413, { version: ['Unknown.'] }, true],
		[404, { detail: 'Not found.' }, false],
		[500, { detail: 'Busy' }, true],
		[502, { detail: 'Busy' }, false],
	])('whether one record can be the reason of status %i and %j: %s', (status, body, maybe) => {
		const call = { path: 'x/', parameters: { records: [], task: 't', version: 1 } };
		expect(errorFromResponse(status, body, call).mayBeOneRecord).toBe(maybe);
	});
});
