/** An item as n8n stores it. */
export interface Item {
	json: Record<string, unknown>;
	binary?: Record<string, BinaryField>;
	pairedItem?: unknown;
	error?: unknown;
}

export interface BinaryField {
	/** The bytes in base64, or the name of the place that holds them where `id` is set. */
	data: string;
	id?: string;
	mimeType: string;
	fileName?: string;
	fileSize?: string;
}

export interface Failure {
	name?: string;
	message: string;
	description?: string | null;
	httpCode?: string | null;
	context?: Record<string, unknown>;
	node?: { name: string };
}

/** What one node did, all its runs taken together. */
export interface NodeOutcome {
	runs: number;
	/** The items of the first output; where a node has an error output too, that is `outputs[1]`. */
	items: Item[];
	outputs: Item[][];
	error?: Failure;
	milliseconds: number;
}

/** One execution of a workflow, easy to check. */
export interface Execution {
	id?: string;
	status: string;
	mode: string;
	nodes: Record<string, NodeOutcome>;
	lastNode?: string;
	/** Why the execution as a whole failed. */
	error?: Failure;
}

/** An execution as n8n itself holds and prints it, as far as it is read here. */
export interface RawRun {
	id?: string;
	status: string;
	mode: string;
	/** Missing until the execution has begun. */
	data?: {
		resultData?: {
			error?: Failure;
			lastNodeExecuted?: string;
			runData?: Record<
				string,
				Array<{
					error?: Failure;
					executionTime: number;
					data?: Record<string, Array<Item[] | null>>;
				}>
			>;
		};
	};
}

/** Turns n8n's own record of an execution into one that tests can read. */
export function toExecution({ id, status, mode, data }: RawRun): Execution {
	const { runData = {}, lastNodeExecuted, error } = data?.resultData ?? {};
	const nodes: Record<string, NodeOutcome> = {};
	for (const [name, runs] of Object.entries(runData)) {
		const outputs: Item[][] = [];
		for (const run of runs) {
			// The connection is `main`, or for a tool of an agent `ai_tool`.
			Object.values(run.data ?? {}).forEach((connection) =>
				connection.forEach((items, i) => (outputs[i] ??= []).push(...(items ?? []))),
			);
		}
		nodes[name] = {
			runs: runs.length,
			items: outputs[0] ?? [],
			outputs,
			error: runs.find((run) => run.error)?.error,
			milliseconds: runs.reduce((sum, run) => sum + run.executionTime, 0),
		};
	}
	return { id, status, mode, nodes, lastNode: lastNodeExecuted, error };
}

/**
 * Reads n8n's stored form of an execution, the format of the package `flatted`: a list of values
 * in which every string inside an object or array is the index of the value that belongs there.
 */
export function parseFlatted(text: string): unknown {
	const values = JSON.parse(text) as unknown[];
	const done = new Set<unknown>();
	const resolve = (value: unknown): unknown => {
		if (typeof value !== 'object' || value === null || done.has(value)) return value;
		done.add(value);
		const fields = value as Record<string, unknown>;
		for (const [key, index] of Object.entries(fields)) {
			if (typeof index === 'string') fields[key] = resolve(values[Number(index)]);
		}
		return value;
	};
	return resolve(values[0]);
}
