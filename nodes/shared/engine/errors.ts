import { NodeApiError, NodeError, NodeOperationError, type INode } from 'n8n-workflow';
import { sentences, XimilarError, type ErrorKind } from '../api/error';
import type { Fields } from './field';

/** What happened, and what to do about it. */
interface Explanation {
	message: string;
	description: string;
}

/** What to do in the user interface, by the kind of error, as far as the operation has the fields. */
const ADVICE: Partial<Record<ErrorKind, (fields: Fields) => string[]>> = {
	rateLimit: (fields) =>
		hasOption(fields, 'parallelRequests')
			? ['Or lower Maximum Parallel Requests in the options.']
			: [],
	downloadSize: (fields) =>
		hasOption(fields, 'maxDownloadSize') ? ['Or raise Maximum Download Size in the options.'] : [],
	imageAddress: ({ imageSource }) =>
		imageSource ? ['For a file in the workflow, set Image Source to Binary.'] : [],
	notFound: (fields) => [
		hasPicker(fields) ? 'Choose it from the list.' : 'Check the ID.',
		...['options', 'filters']
			.filter((group) => hasOption(fields, 'workspace', group))
			.map((group) => `If it is in another workspace, set Workspace in the ${group}.`),
	],
};

function hasPicker(fields: Fields): boolean {
	return Object.values(fields).some((field) => field.property().type === 'resourceLocator');
}

function hasOption(fields: Fields, name: string, group = 'options'): boolean {
	return fields[group]?.property().options?.some((option) => option.name === name) ?? false;
}

/**
 * Any error in the user's words. Only a {@link XimilarError} was thrown on purpose; n8n's own errors
 * (an expression that cannot be resolved, say) keep their text.
 * @param fields the fields of the operation: only these are named
 */
export function explain(error: unknown, fields: Fields = {}): Explanation {
	const { message, description } = error as { message?: string; description?: unknown };
	const todo = typeof description === 'string' ? description : adviceForForeign(error);
	const advice = error instanceof XimilarError && ADVICE[error.kind];
	return {
		message: escapeCancelKeyword(message ?? String(error)),
		description: escapeCancelKeyword(sentences(todo, ...(advice ? advice(fields) : []))),
	};
}

function adviceForForeign(error: unknown): string {
	return error instanceof NodeError || (error as Error).name === 'ExpressionError'
		? 'Check the fields of this item.'
		: 'This is unexpected: report it to the maintainers of this package, with the steps that lead here.';
}

/** Whether the node is a tool of an AI Agent: n8n gives it another type then, in all versions. */
export function isTool({ type }: INode): boolean {
	return type.endsWith('Tool');
}

/** n8n takes an execution for a cancelled one when an error's message holds this word. */
function escapeCancelKeyword(text: string): string {
	return text.replace(/cancel(?=ed)/gi, '$&l');
}

/**
 * The error that n8n shows.
 * @param about.fields the fields of the operation: advice names only these
 * @param about.itemIndex the position of the item it is about, from 0
 * @param about.note what else the user should know
 */
export function nodeError(
	node: INode,
	error: unknown,
	{ fields, itemIndex, note = '' }: { fields?: Fields; itemIndex?: number; note?: string } = {},
): NodeError {
	const { message: what, description: advice } = explain(error, fields);
	const description = sentences(advice, note);
	// Of a tool's error, the model is given the message only.
	const message = isTool(node) ? sentences(what, description) : what;
	const status = error instanceof XimilarError ? error.status : undefined;
	const made =
		status === undefined
			? new NodeOperationError(node, message, { description, itemIndex })
			: new NodeApiError(node, {}, { message, description, httpCode: String(status), itemIndex });
	// n8n replaces a message that contains a system code, even inside a file's name.
	made.message = message;
	made.description = description;
	return made;
}
