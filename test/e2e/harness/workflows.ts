import { parseFlatted, toExecution, type Execution, type Item, type RawRun } from './execution';
import { until } from './process';
import { rest, withLog, type Server } from './server';

/** A workflow as the editor exports it. */
export interface Workflow {
	name: string;
	nodes: Array<{
		name: string;
		type: string;
		parameters?: object;
		[key: string]: unknown;
	}>;
	connections: object;
	settings?: object;
	[key: string]: unknown;
}

/** Saves a workflow and returns its ID. */
export async function createWorkflow(server: Server, workflow: Workflow): Promise<string> {
	const { id } = await rest<{ id: string }>(server, 'POST', '/rest/workflows', {
		...workflow,
		settings: workflow.settings ?? {},
		active: false,
	});
	return id;
}

/** Executes a saved workflow to its end, as the editor's button does. `from` names the trigger, by default the Manual Trigger. */
export async function runWorkflow(
	server: Server,
	workflowId: string,
	options: { from?: string; timeout?: number; item?: Item['json'] } = {},
): Promise<Execution> {
	const executionId = await startWorkflow(server, workflowId, options.from, options.item);
	return await waitForExecution(server, executionId, options);
}

/**
 * Begins to execute a saved workflow, as the editor's button does, and returns the execution's ID. With
 * `item`, the trigger gives this one, as it does with a message of the editor's chat.
 */
export async function startWorkflow(
	server: Server,
	workflowId: string,
	from?: string,
	item?: Item['json'],
): Promise<string> {
	const workflowData = await rest<Workflow>(server, 'GET', `/rest/workflows/${workflowId}`);
	const trigger =
		from ?? workflowData.nodes.find(({ type }) => type === 'n8n-nodes-base.manualTrigger')?.name;
	if (!trigger) {
		throw new Error(`${workflowData.name} has no Manual Trigger: name the trigger to start from`);
	}
	// n8n 1 takes the workflow from the request, n8n 2 from its database.
	const { executionId } = await rest<{ executionId?: string }>(
		server,
		'POST',
		`/rest/workflows/${workflowId}/run`,
		{ workflowData, triggerToStartFrom: { name: trigger, ...(item && { data: given(item) }) } },
	);
	if (!executionId) throw new Error(`${workflowData.name} waits for a call of its test webhook`);
	return executionId;
}

/** What a trigger has done that gave this item. */
function given(json: Item['json']) {
	const data = { main: [[{ json }]] };
	return { startTime: Date.now(), executionTime: 0, executionStatus: 'success', data, source: [] };
}

/** Milliseconds for which what an execution did stays the same, before it is taken for all of it. */
const SETTLED = 500;

/** Waits for an execution's end, or for another status if one is given. */
export async function waitForExecution(
	server: Server,
	executionId: string,
	{ status, timeout = 120_000 }: { status?: string; timeout?: number } = {},
): Promise<Execution> {
	const final = ['success', 'error', 'canceled', 'crashed'];
	// What n8n 1 shows beside a new status may be from before a Wait node: so it has to stay as it is.
	let seen = { text: '', since: 0 };
	const isSettled = (execution: Execution) => {
		const text = JSON.stringify(execution);
		if (text !== seen.text) seen = { text, since: Date.now() };
		return Date.now() - seen.since >= SETTLED;
	};
	try {
		return await until(
			`execution ${executionId} is over`,
			async () => {
				const execution = await getExecution(server, executionId);
				if (execution.status === status) return execution;
				const isOver = final.includes(execution.status) && isWhole(execution);
				return isOver && isSettled(execution) ? execution : undefined;
			},
			{ timeout },
		);
	} catch (error) {
		throw await withLog(server.home, error);
	}
}

/** n8n 1 stores the status of an execution first, and only then what its nodes did. */
function isWhole({ status, lastNode, error }: Execution): boolean {
	return !['success', 'error'].includes(status) || lastNode !== undefined || error !== undefined;
}

/** What an execution did so far. */
export async function getExecution(server: Server, executionId: string): Promise<Execution> {
	const raw = await rest<Omit<RawRun, 'data'> & { data: string }>(
		server,
		'GET',
		`/rest/executions/${executionId}`,
	);
	return toExecution({ ...raw, data: parseFlatted(raw.data) as RawRun['data'] });
}

/**
 * The items that a trigger started an execution with. They are there from the moment at which the
 * execution is created, whatever becomes of it.
 */
export async function getTriggerItems(server: Server, executionId: string): Promise<Item[]> {
	const { data } = await rest<{ data: string }>(server, 'GET', `/rest/executions/${executionId}`);
	const { executionData, resultData } = parseFlatted(data) as {
		executionData?: { nodeExecutionStack: Array<{ data: { main: Array<Item[] | null> } }> };
		resultData: { runData: Record<string, Array<{ data?: { main: Array<Item[] | null> } }>> };
	};
	const [firstRun] = Object.values(resultData?.runData ?? {});
	const { main } = firstRun?.[0]?.data ?? executionData?.nodeExecutionStack[0]?.data ?? {};
	return main?.[0] ?? [];
}

/** An execution as n8n's list tells it. */
export interface ListedExecution {
	id: string;
	status: string;
	mode: string;
	startedAt: string | null;
	stoppedAt: string | null;
}

/** All executions of a workflow, oldest first. */
export async function listExecutions(
	server: Server,
	workflowId: string,
): Promise<ListedExecution[]> {
	const page = 100;
	const filter = encodeURIComponent(JSON.stringify({ workflowId }));
	const all: ListedExecution[] = [];
	for (let lastId = ''; ;) {
		const { results } = await rest<{ results: typeof all }>(
			server,
			'GET',
			`/rest/executions?filter=${filter}&limit=${page}${lastId && `&lastId=${lastId}`}`,
		);
		all.push(...results);
		if (results.length < page) break;
		lastId = results.at(-1)!.id;
	}
	return all.reverse();
}

/** Cancels a running execution, as the editor's stop button does. */
export async function cancelExecution(server: Server, executionId: string): Promise<void> {
	await rest(server, 'POST', `/rest/executions/${executionId}/stop`);
}

/** Activates a workflow (n8n 2 says: publishes it) and waits until its triggers work. */
export async function activateWorkflow(server: Server, workflowId: string): Promise<void> {
	const { versionId } = await rest<{ versionId: string }>(
		server,
		'GET',
		`/rest/workflows/${workflowId}`,
	);
	await rest(server, 'POST', `/rest/workflows/${workflowId}/activate`, { versionId });
	await waitForPublication(server, workflowId, 'published');
}

/** Takes an active workflow out of service. */
export async function deactivateWorkflow(server: Server, workflowId: string): Promise<void> {
	await rest(server, 'POST', `/rest/workflows/${workflowId}/deactivate`, {});
	await waitForPublication(server, workflowId, 'not_published');
}

/** n8n 1 answers when the triggers are set; n8n 2 answers at once, sets them afterwards and tells how that went. */
async function waitForPublication(
	server: Server,
	workflowId: string,
	wanted: string,
): Promise<void> {
	if (server.home.n8n.line === 'n8n-1') return;
	const path = `/rest/workflows/${workflowId}/publication-status`;
	await until(`workflow ${workflowId} is ${wanted}`, async () => {
		const { status, triggers } = await rest<{
			status: string;
			triggers: Array<{ errorMessage: string | null }>;
		}>(server, 'GET', path);
		if (status === 'failed' || status === 'partial') {
			const reasons = triggers.map(({ errorMessage }) => errorMessage).filter(Boolean);
			throw new Error(`n8n could not activate workflow ${workflowId}: ${reasons.join('; ')}`);
		}
		return status === wanted || undefined;
	});
}
