import {
	NodeOperationError,
	type NodeError,
	type IBinaryKeyData,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
} from 'n8n-workflow';
import { createClient, type Api } from '../api/client';
import { XimilarError } from '../api/error';
import { explain, nodeError } from './errors';
import type { Fields, Values } from './field';

/** An item that an operation puts out; the session links it to the item it came from. */
export interface Row {
	json: IDataObject;
	binary?: IBinaryKeyData;
}

/** One run of one operation over all items that came in. */
export interface Session {
	context: IExecuteFunctions;
	api: Api;
	/** Ends waits: the execution was cancelled, or an item failed and nothing further shall begin. */
	signal: AbortSignal;
	/** What the items of this run share, by a key of the operation's own. */
	shared: Map<string, Promise<unknown>>;
	/** The positions of the items that came in. */
	indexes: number[];
	/** @throws XimilarError that names the field whose value cannot be used */
	values<F extends Fields>(fields: F, index: number): Values<F>;
	/** Does an item's work and takes its rows, or its failure. */
	settle(index: number, work: () => Promise<Row[]>): Promise<void>;
	/** Takes the rows of an item. */
	done(index: number, rows: Row[]): void;
	/**
	 * Takes the failure of an item: an error item under Continue On Fail.
	 * @throws the node's error otherwise, and stops the session
	 */
	failed(index: number, error: unknown): void;
	/** @throws XimilarError when an earlier one showed that every further call would be refused too */
	throwIfEnded(): void;
	/** Shows a hint beside the output, once for each text. */
	hint(text: string): void;
	/** Everything that was put out, in the order of the items that came in. */
	output(): INodeExecutionData[];
}

/** Begins a session for the execution at hand. */
export function createSession(context: IExecuteFunctions): Session {
	const items = context.getInputData();
	const outputs: INodeExecutionData[][] = items.map(() => []);
	const settled = new Set<number>();
	const hints = new Set<string>();
	const stop = new AbortController();
	const cancel = context.getExecutionCancelSignal();
	const signal = cancel ? AbortSignal.any([cancel, stop.signal]) : stop.signal;
	let stopReason: XimilarError | undefined;
	let fatalError: NodeError | undefined;

	const session: Session = {
		context,
		api: createClient(context, signal),
		signal,
		shared: new Map(),
		indexes: items.map((_, index) => index),

		values: (fields, index) => {
			const source = {
				parameter: (path: string) => context.getNodeParameter(path, index, null) as unknown,
				item: () => items[index]!.json,
			};
			const read = Object.entries(fields).map(([name, field]) => [
				name,
				field.read(source.parameter(name), source, name),
			]);
			return Object.fromEntries(read);
		},

		settle: async (index, work) => {
			let rows: Row[];
			try {
				session.throwIfEnded();
				rows = await work();
			} catch (error) {
				return session.failed(index, error);
			}
			session.done(index, rows);
		},

		done: (index, rows) => {
			settled.add(index);
			outputs[index]!.push(...rows.map((row) => ({ ...row, pairedItem: { item: index } })));
		},

		failed: (index, error) => {
			if (error instanceof XimilarError && error.isFatal) stopReason ??= error.brokenOffBy ?? error;
			if (context.continueOnFail() && !signal.aborted) {
				const { message, description } = explain(error);
				// Two keys and no more: that is what n8n routes to the error output.
				const json = { error: message, message: description };
				outputs[index]!.push({ json, pairedItem: { item: index } });
				return;
			}
			// With this word in it, n8n takes the execution for a cancelled one, as it should.
			if (cancel?.aborted) {
				throw new NodeOperationError(context.getNode(), 'The execution was canceled');
			}
			// n8n shows the first error only: what items under way leave unfinished is told in it.
			if (fatalError && error instanceof XimilarError && error.brokenOffBy) {
				fatalError.description = `${fatalError.description} Item ${index}: ${explain(error).message}.`;
			}
			stop.abort();
			const note = othersDone(settled.size, items.length);
			fatalError ??= nodeError(context.getNode(), error, index, note);
			throw fatalError;
		},

		throwIfEnded: () => {
			if (stopReason) throw stopReason;
		},

		hint: (message) => {
			if (hints.has(message)) return;
			hints.add(message);
			context.addExecutionHints?.({ message, location: 'outputPane' });
		},

		output: () => outputs.flat(),
	};
	return session;
}

function othersDone(done: number, all: number): string {
	if (all < 2) return '';
	return `${done} of ${all} items were done before. To keep the results of the others when one item cannot be done, set On Error to Continue in the node's settings.`;
}
