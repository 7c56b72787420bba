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
		['a status that is none, beside fields', { status: 'No.', text: 'So.' }, 'status: No.; So.'],
		['fields of which one says nothing', { name: [], type: 'Unknown.' }, 'type: Unknown.'],
		['full stops that were doubled', ['No..', 'Never.. Ever...'], 'No. Never. Ever...'],
		['a full stop that was doubled at the end', 'No..', 'No.'],
		['a field with texts that say nothing', { name: ['', ''], type: 'Unknown.' }, 'type: Unknown.'],
		['dots within a name', 'a..b is none', 'a..b is none'],
	])('finds it in %s', (_, body, reason) => {
		expect(reasonIn(body)).toBe(reason);
	});

	test('cuts a long one', () => {
		expect(reasonIn({ detail: 'x'.repeat(2000) })).toHaveLength(601);
	});
});

describe('errorFromResponse', () => {
	const CORRECT = 'Correct what is named above.';
	const FIELDS = 'Check the fields of this item, and API Base URL in the credential.';
	const LATER = 'Run this item again later. If it persists, ask Ximilar.';
	const TOKEN =
		'Open the Ximilar credential, paste the token from the Ximilar App (Settings » Token) and save it. Credits were not used.';
	const CREDITS =
		'Add credits or wait for the monthly supply, then run the items that are left. The Ximilar Account node shows the counter.';
	const PLAN = "Check the account's plan and the workspace in the Ximilar App.";
	const ELSEWHERE = 'It may have been deleted, or belong to another workspace or account.';

	test.each<[number, ErrorKind, string, string]>([
		[400, 'badRequest', 'Ximilar refused this', CORRECT],
		[422, 'badRequest', 'Ximilar refused this', CORRECT],
		[401, 'token', 'Ximilar did not accept the API token', TOKEN],
		[402, 'credits', 'The Ximilar account has too few credits', CREDITS],
		[403, 'forbidden', 'This Ximilar account may not use this', PLAN],
		[
			...([404, 'notFound'] as const),
			'Ximilar did not find the list of tasks in the default workspace',
			ELSEWHERE,
		],
		[413, 'tooLarge', 'The request is too large', 'Send less data in one item.'],
		[
			...([429, 'rateLimit'] as const),
			'Ximilar is receiving too many requests from this account',
			'Nothing was done for this item. Run it again later.',
		],
		[405, 'refused', 'Ximilar refused the request (status 405)', FIELDS],
		[499, 'refused', 'Ximilar refused the request (status 499)', FIELDS],
		[500, 'server', 'Ximilar could not answer (status 500)', LATER],
		[503, 'server', 'Ximilar could not answer (status 503)', LATER],
	])('status %i is of kind %s', (status, kind, message, description) => {
		const call = { path: 'recognition/v2/task/' };
		const error = errorFromResponse(status, { detail: 'No.' }, call);
		expect(error).toMatchObject({ kind, status, message: `${message}: No.`, description });
	});

	test.each(['not found', 'Not found.'])('"%s" is said once', (detail) => {
		expect(errorFromResponse(404, { detail }, { path: 'x/' }).message).toBe(
			'Ximilar did not find x/',
		);
		expect(errorFromResponse(400, { detail }, { path: 'x/' }).message).toBe(
			`Ximilar refused this: ${detail}`,
		);
	});

	test.each(['Not found here', 'The task was not found'])('"%s" says more', (detail) => {
		expect(errorFromResponse(404, { detail }, { path: 'x/' }).message).toBe(
			`Ximilar did not find x/: ${detail}`,
		);
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
		['no OCR', { path: 'ocr/v2/read' }],
	])('404 with %s is that of a wrong address', (_, call) => {
		expect(errorFromResponse(404, undefined, call)).toMatchObject({
			kind: 'refused',
			message: "API Base URL does not lead to Ximilar's API",
			description: `There is no ${call.path} at that address. In the Ximilar credential, API Base URL should be https://api.ximilar.com.`,
			concernsAll: true,
		});
		expect(errorFromResponse(404, {}, { path: `x/${call.path}` }).kind).toBe('notFound');
	});

	test('a record is not told to be chosen again, or to be of another workspace', () => {
		const call = {
			path: 'recognition/v2/classify/',
			parameters: { task_id: 't1' },
			isRecord: true,
		};
		const error = errorFromResponse(404, { status: { code: 404, text: 'No image.' } }, call);
		expect(error).toMatchObject({
			kind: 'notFound',
			message: 'Ximilar did not find it: No image.',
			concernsAll: false,
		});
	});

	const IMAGES = ['The images are too large for one request', ', and its images'] as const;
	test.each([
		...['records', 'base64', 'request', 'image_ids', 'images'].map(
			(field) => [field, ...IMAGES] as const,
		),
		['name', 'The request is too large', ''] as const,
	])('advice on a request with %s', (field, message, images) => {
		const call = { path: 'x/', parameters: { [field]: 'y' } };
		expect(errorFromResponse(413, {}, call).message).toBe(message);
		expect(errorFromResponse(400, {}, call).description).toBe(
			`It gave no reason. Check the fields of this item${images}.`,
		);
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
		[
			'vlm/v2/task/',
			'Custom vision language models are in beta and open to selected accounts only: ask Ximilar for access.',
		],
		[
			'ocr/v2/read_gpt',
			'OCR with GPT needs the Business or Professional plan, which can be activated in the Ximilar App.',
		],
		['ocr/v2/read', PLAN],
		['recognition/v2/task/', PLAN],
	])('403 of %s says what the service needs', (path, advice) => {
		expect(errorFromResponse(403, {}, { path }).description).toBe(advice);
	});

	test('403 of one thing names it', () => {
		expect(errorFromResponse(403, {}, { path: 'recognition/v2/label/l1/' }).message).toBe(
			'This Ximilar account may not use the label l1 in the default workspace',
		);
	});

	test.each([
		['in its status', { status: { text: 'No.', request_id: 'r-1', proc_id: 'p-1' } }],
		['beside the reason', { detail: 'No.', request_id: 'r-1', proc_id: 'p-1' }],
	])('the numbers for the support are told, %s', (_, body) => {
		expect(errorFromResponse(500, body, { path: 'ocr/v2/read' }).description).toBe(
			`${LATER} Ximilar's support can look this up: request_id r-1, proc_id p-1.`,
		);
	});

	test.each([[{ request_id: 7 }], [{ status: 'request_id' }], ['request_id']])(
		'where %j has none, none are told',
		(body) => expect(errorFromResponse(500, body, { path: 'x/' }).description).toBe(LATER),
	);

	test.each([
		[400, { detail: 'Cannot decode image' }, true],
		[400, 'Cannot decode image', true],
		[400, undefined, true],
		[400, { records: ['Bad.'] }, true],
		[400, { records: ['Bad.'], version: ['Unknown.'] }, true],
		[400, { version: ['Unknown.'] }, false],
		[400, { version: ['Unknown.'], other: ['Unknown.'] }, false],
		[400, { other: ['Unknown.'] }, true],
		[422, { task: ['Unknown.'] }, false],
		[413, { version: ['Unknown.'] }, true],
		[404, { detail: 'Not found.' }, false],
		[500, { detail: 'Busy' }, true],
		[502, { detail: 'Busy' }, false],
		[400, { status: { code: 400, text: 'Cannot decode image' } }, true],
	])('whether one record can be the reason of status %i and %j: %s', (status, body, maybe) => {
		const call = { path: 'x/', parameters: { records: [], task: 't', version: 1, status: 's' } };
		expect(errorFromResponse(status, body, call).mayBeOneRecord).toBe(maybe);
	});
});
