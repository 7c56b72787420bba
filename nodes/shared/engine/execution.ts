import { type IDataObject, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';
import { createClient, type Api } from '../api/client';
import {
	createLocks,
	createMemoize,
	mapLimit,
	type Memoize,
	type WithLock,
} from '../api/concurrency';
import { connectionOf } from './connection';
import { callOptions } from './callOptions';
import { collection } from './collection';
import { valuesOf, type Fields, type Source, type Values } from './field';
import { imagesOf, type ImageInput, type ImageValues } from './imageInput';
import { createLedger, type Row } from './ledger';
import { withIds } from './naming';
import { createParameters } from './parameters';
import { createProgress, type Progress } from './progress';
import { told, withFieldsInFront } from './rows';

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

/** How many items are under way at once. How many of their calls are is the limiter's business. */
export const ITEMS_AT_ONCE = 16;

/** One run of one operation over all items that came in. */
export interface Execution {
	/**
	 * The items that came in, their fields read, and what these name found. One whose fields cannot be
	 * read, or that names what is not there, is ended.
	 * @param show the form in which a row of an item is put out
	 */
	items<F extends Fields>(
		fields: F,
		show: (row: IDataObject, values: Values<F>) => IDataObject,
	): Promise<Array<Item<Values<F>>>>;
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
	const ledger = createLedger(context, fields);
	const { signal, throwIfEnded, report } = ledger;
	const hint = createHint(context);
	const progress = createProgress(context, signal);
	const sourceOf = createParameters(context);
	const api = createClient(...clientOf(context, sourceOf(0), signal, progress));
	const shared = { signal, hint, progress, memoize: createMemoize(), withLock: createLocks() };
	const continueOnFail = context.continueOnFail();

	function itemOf<F extends Fields>(
		index: number,
		values: Values<F>,
		show: (row: IDataObject, values: Values<F>) => IDataObject,
	): Item<Values<F>> {
		const { options, filters } = values as CommonValues;
		return {
			...shared,
			values,
			continueOnFail,
			throwIfEnded,
			report,
			api: api.inWorkspace(options?.workspace ?? filters?.workspace),
			images: (where) => imagesOf({ context, signal, hint }, index, where),
			end: ({ rows = [], errors }) => {
				const shown = rows.map((row) => ({ json: told(show(row, values)) }));
				const withKept = shown.map((row) => withInput(row, incoming[index]!, options?.keepInput));
				ledger.end(index, { rows: withKept, errors });
			},
		};
	}

	return {
		items: async (wanted, show) => {
			const items: Array<Item<Values<typeof wanted>> | undefined> = [];
			await mapLimit(incoming.keys(), ITEMS_AT_ONCE, async (index) => {
				if (ledger.hasFailed()) return;
				try {
					const values = valuesOf(wanted, sourceOf(index));
					throwIfEnded();
					const found = await withIds(values, api, shared.memoize);
					items[index] = itemOf(index, found, show);
				} catch (error) {
					ledger.end(index, { errors: [error] });
				}
			});
			return ledger.hasFailed() ? [] : items.filter((item) => item !== undefined);
		},
		output: () => {
			progress.end(hint);
			return ledger.output();
		},
	};
}

/** What the client of a run is made of: the user's options say how hard it may try. */
function clientOf(
	context: IExecuteFunctions,
	firstItem: Source,
	signal: AbortSignal,
	progress: Progress,
): Parameters<typeof createClient> {
	const { parallelRequests, rateLimitWait } = callOptionsOf(firstItem);
	const patience = rateLimitWait === undefined ? undefined : rateLimitWait * 60_000;
	const connection = connectionOf(context, { signal, maxParallel: parallelRequests });
	return [connection, { patience, ...progress.ofCalls }];
}

/** Those of the first item hold for all; if they are none, it is this item that says so. */
function callOptionsOf(firstItem: Source) {
	try {
		return valuesOf({ options: collection(callOptions()) }, firstItem).options;
	} catch {
		return {};
	}
}

/** Shows hints beside the output, each text once. */
function createHint(context: IExecuteFunctions): (text: string) => void {
	const shown = new Set<string>();
	return (message) => {
		if (shown.has(message)) return;
		shown.add(message);
		context.addExecutionHints?.({ message, location: 'outputPane' });
	};
}

/** A row with what the user wants to keep of the item that came in. */
function withInput(row: Row, { json, binary }: INodeExecutionData, keepInput?: string): Row {
	if (keepInput !== 'json' && keepInput !== 'all') return row;
	return {
		json: withFieldsInFront(json, row.json, 'input'),
		...(keepInput === 'all' && binary ? { binary } : {}),
	};
}
