import fc from 'fast-check';
import { NodeApiError, NodeOperationError, type INode } from 'n8n-workflow';
import { combineErrors, XimilarError, type ErrorKind } from '../../../nodes/shared/api/error';
import { errorFromResponse } from '../../../nodes/shared/api/response';
import { tasks } from '../../../nodes/XimilarRecognition/entities';
import { collection } from '../../../nodes/shared/engine/collection';
import { explain, isTool, nodeError } from '../../../nodes/shared/engine/errors';
import { downloadOptions, imageFields } from '../../../nodes/shared/engine/imageFields';
import { callOptions } from '../../../nodes/shared/engine/callOptions';
import { workspaceOption } from '../../../nodes/shared/engine/operation';

const nodeOf = (type: string) =>
	({ id: '1', name: 'Ximilar', type, typeVersion: 1, position: [0, 0], parameters: {} }) as INode;

const NODE = nodeOf('n8n-nodes-ximilar.ximilarOcr');
const TOOL = nodeOf('n8n-nodes-ximilar.ximilarOcrTool');

/** What a server may say: a sentence with or without an end, more than one, or nothing. */
const reason = fc
	.tuple(
		fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { maxLength: 5 }),
		fc.constantFrom('', '.', '..', '...', '!', '?', ' .', '…'),
	)
	.map(([words, end]) => words.join(' ') + end);

const body = fc.oneof(
	reason,
	reason.map((detail) => ({ detail })),
	fc.record({ status: fc.record({ code: fc.constant(400), text: reason, request_id: fc.uuid() }) }),
	fc.record({ name: fc.array(reason, { maxLength: 3 }), non_field_errors: reason }),
	fc.constant(undefined),
);

const call = fc.record({
	path: fc.constantFrom(
		'account/v2/details/',
		'recognition/v2/classify/',
		'recognition/v2/task/t1/',
		'vlm/v2/request/',
		'ocr/v2/read_gpt',
	),
	parameters: fc.record(
		{ task_id: fc.constant('t1'), records: fc.constant([]), workspace: fc.constant('w1') },
		{ requiredKeys: [] },
	),
	isHtml: fc.boolean(),
	isRecord: fc.boolean(),
});

const refusal = fc
	.tuple(fc.constantFrom(400, 401, 402, 403, 404, 405, 413, 422, 429, 500, 503), body, call)
	.map(([status, answer, about]) => errorFromResponse(status, answer, about));

/** What the nodes make of refusals: with a name in front, with more advice, several as one. */
const told = fc.oneof(
	refusal,
	refusal.map((error) => error.about('Image "a.png"')),
	refusal.map((error) => error.with({ description: `Done: sample s1. ${error.description}` })),
	fc
		.array(refusal, { minLength: 1, maxLength: 3 })
		.map((errors) => combineErrors(errors) as XimilarError),
	fc.constant(new XimilarError('The file is empty', 'Use another one', { kind: 'imageAddress' })),
);

/** What the ledger adds. */
const note = fc.constantFrom('', '2 of 3 items were done.', 'Item 1: Busy');

test('no text ends in two full stops, and none is empty', () => {
	fc.assert(
		fc.property(told, note, (error, more) => {
			const fields = imageFields();
			const { message, description } = nodeError(NODE, error, { fields, note: more });
			const asTool = nodeError(TOOL, error, { fields, note: more });
			for (const text of [message, description!, asTool.message, asTool.description!]) {
				expect(text).not.toBe('');
				// Three are an ellipsis of the server's own.
				expect(text).not.toMatch(/(?<!\.)\.\.(?!\.)(\s|$)/);
				expect(text).not.toMatch(/undefined|\[object/);
			}
			expect(description).toMatch(/[.!?…]$/);
		}),
	);
});

test('of a tool, the message says what to do as well: the model is given nothing else', () => {
	const error = new XimilarError('Image URLs is empty', 'Enter an address.', { kind: 'input' });
	expect([isTool(NODE), isTool(TOOL)]).toEqual([false, true]);
	expect(nodeError(NODE, error).message).toBe('Image URLs is empty');
	expect(nodeError(TOOL, error).message).toBe('Image URLs is empty. Enter an address.');
});

test('advice names the fields that the operation has', () => {
	const error = new XimilarError('No', 'Do it.', { kind: 'notFound' });
	expect(explain(error, imageFields()).description).toBe('Do it. Check the ID.');
	const fields = { task: tasks.picker({}), options: collection(workspaceOption(true)) };
	expect(explain(error, fields).description).toBe(
		'Do it. Choose it from the list. If it is in another workspace, set Workspace in the options.',
	);
	const filters = collection({ ...callOptions(), ...workspaceOption(true) });
	expect(explain(error, { filters }).description).toBe(
		'Do it. Check the ID. If it is in another workspace, set Workspace in the filters.',
	);
});

test.each<[ErrorKind, string]>([
	['rateLimit', 'Do it. Or lower Maximum Parallel Requests in the options.'],
	['downloadSize', 'Do it. Or raise Maximum Download Size in the options.'],
	['imageAddress', 'Do it. For a file in the workflow, set Image Source to Binary.'],
	['input', 'Do it.'],
])('advice on %s names what the operation has, and nothing else', (kind, description) => {
	const error = new XimilarError('No', 'Do it.', { kind });
	const options = collection({ ...callOptions(), ...downloadOptions() });
	expect(explain(error, { ...imageFields(), options }).description).toBe(description);
	expect(explain(error, { options: collection(workspaceOption(true)) }).description).toBe('Do it.');
	expect(explain(error).description).toBe('Do it.');
});

const FIELDS = 'Check the fields of this item.';
const UNEXPECTED =
	'This is unexpected: report it to the maintainers of this package, with the steps that lead here.';

test.each<[string, unknown, string, string]>([
	['of n8n', new NodeOperationError(NODE, 'Bad', { description: null as never }), 'Bad', FIELDS],
	['of an expression', Object.assign(new Error('Bad'), { name: 'ExpressionError' }), 'Bad', FIELDS],
	['of the program', new TypeError('x is not a function'), 'x is not a function', UNEXPECTED],
	['that is none', 'Bad', 'Bad', UNEXPECTED],
	['with the word for a stop', new Error('Canceled, CANCELED'), 'Cancelled, CANCELlED', UNEXPECTED],
])('an error %s keeps its text, and says what to do', (_, error, message, description) => {
	expect(explain(error)).toEqual({ message, description });
});

test.each([
	[undefined, NodeOperationError],
	[404, NodeApiError],
])('an error of status %s is made one of n8n, with its item', (status, type) => {
	const error = new XimilarError('Lost ECONNRESET.png', 'Do it.', { kind: 'input', status });
	const made = nodeError(NODE, error, { itemIndex: 3 });
	expect(made).toBeInstanceOf(type);
	expect(made).toMatchObject({
		message: 'Lost ECONNRESET.png',
		description: 'Do it.',
		context: { itemIndex: 3 },
	});
	if (status) expect(made).toMatchObject({ httpCode: '404' });
});
