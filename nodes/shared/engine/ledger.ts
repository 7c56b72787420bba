import {
	NodeOperationError,
	type IBinaryKeyData,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
} from 'n8n-workflow';
import { combineErrors, isFatal, rootOf, sentences, XimilarError } from '../api/error';
import { throwIfAborted } from '../api/time';
import { explain, nodeError } from './errors';
import type { Fields } from './field';

/** An item that is put out; the ledger links it to the item it came from. */
export interface Row {
	json: IDataObject;
	binary?: IBinaryKeyData;
}

/** What has become of the items of a run. */
interface Ledger {
	/** Says stop when the execution was cancelled, or an item failed and nothing further shall begin. */
	signal: AbortSignal;
	/** @throws XimilarError when nothing further shall begin, or every further call would fail too */
	throwIfEnded(): void;
	/** Whether an error has ended the run. */
	hasFailed(): boolean;
	/** Ends an item, once: with its rows, its errors, or both. */
	end(index: number, outcome: { rows?: Row[]; errors?: unknown[] }): void;
	/** Adds to the node's message, when the run ends early, what goes on or was left behind. */
	report(text: string): void;
	/**
	 * Everything that was put out, in the order of the items that came in.
	 * @throws the node's error when the run ended early
	 */
	output(): INodeExecutionData[];
}

/** @param fields the fields of the operation, which advice on errors may name */
export function createLedger(context: IExecuteFunctions, fields: Fields): Ledger {
	const outputs: INodeExecutionData[][] = context.getInputData().map(() => []);
	const reports: string[] = [];
	const stop = new AbortController();
	const cancel = context.getExecutionCancelSignal();
	const signal = cancel ? AbortSignal.any([cancel, stop.signal]) : stop.signal;
	let done = 0;
	/** Why every further call would fail. */
	let stopReason: XimilarError | undefined;
	/** What ended the run, and the position of the item it is about. */
	let failure: { error: unknown; index: number } | undefined;

	function endWithError(index: number, error: unknown): void {
		if (isFatal(error)) stopReason ??= rootOf(error);
		if (signal.aborted) {
			// n8n shows the first error only: what this item leaves unfinished is told in it.
			const isNews = error instanceof XimilarError && error.saysMore;
			if (isNews) reports.push(sentences(`Item ${index}: ${error.message}`));
		} else if (context.continueOnFail()) {
			const { message, description } = explain(error, fields);
			// Two keys and no more: that is what n8n routes to the error output.
			const json = { error: message, message: description };
			outputs[index]!.push({ json, pairedItem: { item: index } });
		} else {
			failure = { error, index };
			stop.abort();
		}
	}

	return {
		signal,
		throwIfEnded: () => {
			throwIfAborted(signal);
			if (stopReason) throw stopReason;
		},
		hasFailed: () => failure !== undefined,
		end: (index, { rows = [], errors = [] }) => {
			outputs[index]!.push(...rows.map((row) => ({ ...row, pairedItem: { item: index } })));
			if (errors.length) endWithError(index, combineErrors(errors));
			else done++;
		},
		report: (text) => void reports.push(text),
		output: () => {
			// With this word in it, n8n takes the execution for a cancelled one, as it should.
			if (cancel?.aborted) {
				throw new NodeOperationError(context.getNode(), 'The execution was canceled');
			}
			if (!failure) return outputs.flat();
			const { error, index } = failure;
			const { concernsAll, concernsOne } =
				error instanceof XimilarError ? error : { concernsAll: false, concernsOne: true };
			const note = sentences(othersDone(done, outputs.length, concernsAll), ...reports);
			const itemIndex = concernsOne ? index : undefined;
			throw nodeError(context.getNode(), error, { fields, itemIndex, note });
		},
	};
}

/** What has become of the other items, and how to keep it where the error is about one item. */
function othersDone(done: number, all: number, concernsAll: boolean): string {
	if (all < 2) return '';
	const count = done
		? `${done} of ${all} items ${done === 1 ? 'was' : 'were'} done`
		: `None of the ${all} items was done`;
	const advice =
		"To keep the results of the others when one item cannot be done, set On Error to Continue in the node's settings";
	return concernsAll ? sentences(count) : sentences(count, advice);
}
