import { setTimeout as sleep } from 'node:timers/promises';
import { chain, type Link } from '../e2e/harness/chain';
import type { Execution, Item } from '../e2e/harness/execution';
import { until } from '../e2e/harness/process';
import {
	activateWorkflow,
	createWorkflow,
	deactivateWorkflow,
	getExecution,
	listExecutions,
	type ListedExecution,
	type Workflow,
} from '../e2e/harness/workflows';
import type { Cluster } from './cluster';
import { judge, type Cut, type Outcome } from './judge';

/** A piece of the work, which one execution does. */
export interface Part {
	name: string;
	/** What its items are known by: on the way in, at the service, and in the results. */
	keys: string[];
	/** What the webhook is called with, besides the part's name. */
	body: FormData | Record<string, unknown>;
}

/** Work for the queue, split over executions that a webhook starts. */
export interface Job {
	title: string;
	/** The nodes behind the webhook, which is called Start. */
	links: Link[];
	parts: Part[];
	/** The keys whose results an execution hands on. */
	results: (execution: Execution) => string[];
	/** How often each key was done by the service, where it does things that cost or create. */
	done?: () => Promise<Map<string, number>>;
	/** How far the work is. */
	progress: () => Promise<number>;
}

/** A job whose workflow is active. */
export interface Active {
	job: Job;
	workflow: string;
	url: string;
}

/** A workflow that a call of its webhook starts. */
function webhookWorkflow(path: string, links: Link[]): Workflow {
	const workflow = chain(path, ...links);
	Object.assign(workflow.nodes[0]!, {
		type: 'n8n-nodes-base.webhook',
		typeVersion: 2,
		webhookId: path,
		parameters: { httpMethod: 'POST', path, responseMode: 'onReceived', options: {} },
	});
	return workflow;
}

export async function activate({ main }: Cluster, job: Job): Promise<Active> {
	const path = job.title.replaceAll(/\W+/g, '-').toLowerCase();
	const workflow = await createWorkflow(main, webhookWorkflow(path, job.links));
	await activateWorkflow(main, workflow);
	return { job, workflow, url: `${main.url}/webhook/${path}` };
}

/** Starts an execution for each part. */
async function send({ url }: Active, parts: Part[]): Promise<void> {
	for (const { name, body } of parts) {
		if (body instanceof FormData) body.set('part', name);
		const answer = await fetch(url, {
			method: 'POST',
			...(body instanceof FormData
				? { body }
				: {
						headers: { 'content-type': 'application/json' },
						body: JSON.stringify({ ...body, part: name }),
					}),
		});
		if (!answer.ok) throw new Error(`The webhook answered ${answer.status}`);
		await answer.arrayBuffer();
	}
}

/** Waits until there are so many executions, and all are over. */
async function over({ main }: Cluster, workflow: string, count: number) {
	return await until(
		`${count} executions are over`,
		async () => {
			const all = await listExecutions(main, workflow);
			const open = all.some(({ status }) => ['new', 'running', 'waiting'].includes(status));
			return all.length >= count && !open ? all : undefined;
		},
		{ timeout: 600_000, interval: 300 },
	);
}

/** Does a job without disturbance, and gives the milliseconds from the first start to the last end. */
export async function timed(cluster: Cluster, active: Active): Promise<number> {
	const before = (await listExecutions(cluster.main, active.workflow)).length;
	const { parts } = active.job;
	await send(active, parts);
	const all = (await over(cluster, active.workflow, before + parts.length)).slice(before);
	const failed = all.filter(({ status }) => status !== 'success');
	if (failed.length) throw new Error(`${failed.length} executions failed`);
	const times = (which: 'startedAt' | 'stoppedAt') => all.map((one) => Date.parse(one[which]!));
	return Math.max(...times('stoppedAt')) - Math.min(...times('startedAt'));
}

/**
 * Does a job while a worker is killed in the middle of it, and sends again the parts of which n8n keeps
 * no success.
 * @param share of the work after which the worker is killed
 */
export async function withKill(cluster: Cluster, job: Job, share = 0.3): Promise<Outcome> {
	const active = await activate(cluster, job);
	const units = job.parts.flatMap(({ keys }) => keys).length;
	const sending = send(active, job.parts);
	const cut = killAt(cluster, async () => (await job.progress()) >= units * share);
	await sending;
	const executions = await gather(cluster, active.workflow, job.parts.length);
	const doneFirst = await job.done?.();
	const succeeded = new Set(executions.map(partOf));
	const again = job.parts.filter(({ name }) => !succeeded.has(name));
	await send(active, again);
	const all = await gather(cluster, active.workflow, job.parts.length + again.length);
	const outcome = judge({
		job,
		line: cluster.n8n.line,
		cut: await cut,
		first: executions,
		all,
		again,
		doneFirst,
		doneAll: await job.done?.(),
	});
	await deactivateWorkflow(cluster.main, active.workflow);
	return outcome;
}

/** Kills the first worker that is at an execution once the time has come. */
export async function killAt(cluster: Cluster, isTime: () => Promise<boolean>): Promise<Cut> {
	for (;;) {
		if (await isTime()) {
			for (const worker of cluster.workers) {
				if ((await cluster.executionsOf(worker)).length > 0) {
					return { worker: worker.name, executions: await cluster.kill(worker) };
				}
			}
		}
		await sleep(50);
	}
}

/** An execution, and what it did as far as n8n keeps it. */
export type Whole = ListedExecution & { execution: Execution };

async function gather(cluster: Cluster, workflow: string, count: number): Promise<Whole[]> {
	const whole: Whole[] = [];
	for (const one of await over(cluster, workflow, count)) {
		whole.push({ ...one, execution: await getExecution(cluster.main, one.id) });
	}
	return whole;
}

/** The part that a successful execution did. */
export function partOf({ status, execution }: Whole): string | undefined {
	if (status !== 'success') return undefined;
	const { body } = execution.nodes.Start!.items[0]!.json as { body: { part: string } };
	return body.part;
}

/** The items of a node; none where it was not reached. */
export function itemsOf({ nodes }: Execution, name: string): Item[] {
	return nodes[name]?.items ?? [];
}
