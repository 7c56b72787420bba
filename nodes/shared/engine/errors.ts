import { NodeApiError, NodeError, NodeOperationError, type INode } from 'n8n-workflow';
import { XimilarError } from '../api/error';

/** What happened, and what to do about it. */
export interface Explanation {
	message: string;
	description: string;
}

/**
 * Any error in the user's words. Only a {@link XimilarError} was thrown on purpose; n8n's own errors
 * (an expression that cannot be resolved, say) keep their text.
 */
export function explain(error: unknown): Explanation {
	const { message, description } = error as { message?: string; description?: unknown };
	return {
		message: escapeCancelKeyword(message ?? String(error)),
		description: escapeCancelKeyword(
			typeof description === 'string' ? description : adviceFor(error),
		),
	};
}

function adviceFor(error: unknown): string {
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
 * @param itemIndex the position of the item it is about, from 0
 * @param note what else the user should know
 */
export function nodeError(node: INode, error: unknown, itemIndex?: number, note = ''): NodeError {
	const { message, description: advice } = explain(error);
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
