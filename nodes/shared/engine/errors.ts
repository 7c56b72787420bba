import { NodeApiError, NodeError, NodeOperationError, type INode } from 'n8n-workflow';
import { XimilarError, type ErrorKind } from '../api/error';
import type { Fields } from './field';

/** What happened, and what to do about it. */
interface Explanation {
	message: string;
	description: string;
}

/** What to do in the user interface, by the kind of error, where the operation has the field. */
const ADVICE: Partial<Record<ErrorKind, { has(fields: Fields): boolean; advice: string }>> = {
	rateLimit: {
		has: (fields) => hasOption(fields, 'parallelRequests'),
		advice: 'Or lower Maximum Parallel Requests in the options.',
	},
	downloadSize: {
		has: (fields) => hasOption(fields, 'maxDownloadSize'),
		advice: 'Or raise Maximum Download Size in the options.',
	},
	imageAddress: {
		has: ({ imageSource }) => imageSource !== undefined,
		advice: 'For a file in the workflow, set Image Source to Binary.',
	},
};

function hasOption({ options }: Fields, name: string): boolean {
	return options?.property().options?.some((option) => option.name === name) ?? false;
}

/**
 * Any error in the user's words. Only a {@link XimilarError} was thrown on purpose; n8n's own errors
 * (an expression that cannot be resolved, say) keep their text.
 * @param fields the fields of the operation: only these are named
 */
export function explain(error: unknown, fields: Fields = {}): Explanation {
	const { message, description } = error as { message?: string; description?: unknown };
	const todo = typeof description === 'string' ? description : adviceForForeign(error);
	const known = ADVICE[(error as XimilarError).kind];
	return {
		message: escapeCancelKeyword(message ?? String(error)),
		description: escapeCancelKeyword(known?.has(fields) ? `${todo} ${known.advice}` : todo),
	};
}

function adviceForForeign(error: unknown): string {
	return error instanceof NodeError || (error as Error)?.name === 'ExpressionError'
		? 'Check the fields of this item.'
		: 'This is unexpected: report it to the maintainers of this package, with the steps that lead here.';
}

/** n8n takes an execution for a cancelled one when an error's message holds this word. */
function escapeCancelKeyword(text: string): string {
	return text.replace(/cancel(ed)/gi, 'cancell$1');
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
	const { message, description: advice } = explain(error, fields);
	const description = note ? `${advice} ${note}` : advice;
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
