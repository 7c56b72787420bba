import fc from 'fast-check';
import type { INode } from 'n8n-workflow';
import { combineErrors, XimilarError } from '../../../nodes/shared/api/error';
import { errorFromResponse } from '../../../nodes/shared/api/response';
import { tasks } from '../../../nodes/XimilarRecognition/entities';
import { collection } from '../../../nodes/shared/engine/collection';
import { explain, isTool, nodeError } from '../../../nodes/shared/engine/errors';
import { imageFields } from '../../../nodes/shared/engine/imageFields';
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
});
