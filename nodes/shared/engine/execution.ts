import {
	NodeOperationError,
	type IBinaryKeyData,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
} from 'n8n-workflow';
import { createClient, type Api } from '../api/client';
import { createLocks, createMemoize, type Memoize, type WithLock } from '../api/concurrency';
import { combineErrors, isFatal, rootOf, XimilarError } from '../api/error';
import { throwIfAborted } from '../api/time';
import { connectionOf } from './connection';
import { callOptions } from './callOptions';
import { explain, nodeError } from './errors';
import type { Fields, Values } from './field';
import { imagesOf, type ImageInput, type ImageValues } from './imageInput';
import { createProgress, type Progress } from './progress';
import { withFieldsInFront } from './rows';

/** What an operation's function works with. */
export interface Run {
	/** Ximilar's API, within the workspace that the item names. */
	api: Api;
	/** Says stop when the execution was cancelled, or an item failed and nothing further shall begin. */
	signal: AbortSignal;
	/** Makes what several items of this run need once for each key. */
	memoize: Memoize;
	/** Lets the items of this run that share a key take turns. */
	withLock: WithLock;
	/** The images of the item, by the values of `imageFields`, not loaded yet. */
	images(values: ImageValues): ImageInput[];
	/** Shows a hint beside the output, once for each text. */
	hint(text: string): void;
	/** What is told of a long run. */
	progress: Progress;
}

/** An item at hand, its fields read. */
export interface Item<V> extends Run {
	values: V;
	/** Whether the run goes on after an error. */
	continueOnFail: boolean;
	/** @throws XimilarError when nothing further shall begin, or every further call would fail too */
	throwIfEnded(): void;
	/**
	 * Ends the item, once: with its rows, with the errors of what could not be done, or with both.
	 * Unless the node shall continue on errors, an error ends the run.
	 */
	end(outcome: { rows?: IDataObject[]; errors?: unknown[] }): void;
	/** Adds to the node's message, when the run ends early, what goes on or was left behind. */
	report(text: string): void;
}

/** One run of one operation over all items that came in. */
export interface Execution {
	/**
	 * The items that came in, their fields read. One whose fields cannot be read is ended.
	 * @param show the form in which a row of an item is put out
	 */
	items<F extends Fields>(
		fields: F,
		show: (row: IDataObject, values: Values<F>) => IDataObject,
	): Array<Item<Values<F>>>;
	/**
	 * Everything that was put out, in the order of the items that came in.
	 * @throws the node's error when the run ended early
	 */
	output(): INodeExecutionData[];
}

/** What the engine itself looks for among the values of any operation. */
interface CommonValues {
	options?: { workspace?: string; keepInput?: string };
	filters?: { workspace?: string };
}

/**
 * Begins a run for the execution at hand.
 * @param fields the fields of the operation, which advice on errors may name
 */
export function createExecution(context: IExecuteFunctions, fields: Fields): Execution {
	const incoming = context.getInputData();
	const outputs: INodeExecutionData[][] = incoming.map(() => []);
	const hints = new Set<string>();
	const reports: string[] = [];
	const stop = new AbortController();
	const cancel = context.getExecutionCancelSignal();
	const signal = cancel ? AbortSignal.any([cancel, stop.signal]) : stop.signal;
	const { parallelRequests, rateLimitWait } = context.getNodeParameter('options', 0, {}) as Partial<
		Values<ReturnType<typeof callOptions>>
	>;
	const progress = createProgress(context, signal);
	const api = createClient(connectionOf(context, { signal, maxParallel: parallelRequests }), {
		patience: rateLimitWait === undefined ? undefined : rateLimitWait * 60_000,
		...progress.ofCalls,
	});
	const [memoize, withLock] = [createMemoize(), createLocks()];
	let done = 0;
	/** Why every further call would fail. */
	let stopReason: XimilarError | undefined;
	/** What ended the run, and the position of the item it is about. */
	let fatal: { error: unknown; index: number } | undefined;

	function throwIfEnded(): void {
		throwIfAborted(signal);
		if (stopReason) throw stopReason;
	}

	const hint = (message: string) => {
		if (hints.has(message)) return;
		hints.add(message);
		context.addExecutionHints?.({ message, location: 'outputPane' });
	};

	function endWithError(index: number, error: unknown): void {
		if (isFatal(error)) stopReason ??= rootOf(error);
		if (signal.aborted) {
			// n8n shows the first error only: what this item leaves unfinished is told in it.
			if (error instanceof XimilarError && error.saysMore) {
				reports.push(`Item ${index}: ${error.message}.`);
			}
			return;
		}
		if (context.continueOnFail()) {
			const { message, description } = explain(error, fields);
			// Two keys and no more: that is what n8n routes to the error output.
			const json = { error: message, message: description };
			outputs[index]!.push({ json, pairedItem: { item: index } });
			return;
		}
		fatal = { error, index };
		stop.abort();
	}

	function end(
		index: number,
		{ rows = [], errors = [] }: { rows?: Row[]; errors?: unknown[] },
	): void {
		outputs[index]!.push(...rows.map((row) => ({ ...row, pairedItem: { item: index } })));
		if (errors.length) endWithError(index, combineErrors(errors));
		else done++;
	}

	function valuesOf(wanted: Fields, index: number) {
		const source = {
			parameter: (path: string, asStored?: boolean) =>
				context.getNodeParameter(path, index, null, { rawExpressions: asStored }) as unknown,
			item: () => incoming[index]!.json,
		};
		const read = Object.entries(wanted).map(([name, field]) => [
			name,
			field.read(source.parameter(name), source, name),
		]);
		return Object.fromEntries(read) as Record<string, unknown>;
	}

	return {
		items: (wanted, show) => {
			const items = [];
			for (const index of incoming.keys()) {
				if (fatal) break;
				try {
					const values = valuesOf(wanted, index) as Values<typeof wanted>;
					const { options, filters } = values as CommonValues;
					items.push({
						values,
						continueOnFail: context.continueOnFail(),
						api: api.inWorkspace(options?.workspace ?? filters?.workspace),
						signal,
						memoize,
						withLock,
						hint,
						progress,
						images: (where: ImageValues) => imagesOf({ context, signal, hint }, index, where),
						throwIfEnded,
						end: ({ rows = [], errors }: { rows?: IDataObject[]; errors?: unknown[] }) => {
							const shown = rows.map((row) => ({ json: show(row, values) }));
							const kept = shown.map((row) => withInput(row, incoming[index]!, options?.keepInput));
							end(index, { rows: kept, errors });
						},
						report: (text: string) => void reports.push(text),
					});
				} catch (error) {
					end(index, { errors: [error] });
				}
			}
			return fatal ? [] : items;
		},

		output: () => {
			progress.end(hint);
			// With this word in it, n8n takes the execution for a cancelled one, as it should.
			if (cancel?.aborted) {
				throw new NodeOperationError(context.getNode(), 'The execution was canceled');
			}
			if (!fatal) return outputs.flat();
			const others = othersDone(done, incoming.length);
			const note = [others, ...reports].filter(Boolean).join(' ');
			throw nodeError(context.getNode(), fatal.error, { fields, itemIndex: fatal.index, note });
		},
	};
}

interface Row {
	json: IDataObject;
	binary?: IBinaryKeyData;
}

/** A row with what the user wants to keep of the item that came in. */
function withInput(row: Row, { json, binary }: INodeExecutionData, keepInput?: string): Row {
	if (keepInput !== 'json' && keepInput !== 'all') return row;
	return {
		json: withFieldsInFront(json, row.json, 'input'),
		...(keepInput === 'all' && binary ? { binary } : {}),
	};
}

function othersDone(done: number, all: number): string {
	if (all < 2) return '';
	return `${done} of ${all} items were done before. To keep the results of the others when one item cannot be done, set On Error to Continue in the node's settings.`;
}
