import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '../bench/service';
import { chain } from '../e2e/harness/chain';
import type { Item } from '../e2e/harness/execution';
import { until } from '../e2e/harness/process';
import {
	activateWorkflow,
	createWorkflow,
	deactivateWorkflow,
	getTriggerItems,
	listExecutions,
} from '../e2e/harness/workflows';
import type { Cluster } from './cluster';
import { killAt } from './job';
import type { Outcome } from './judge';

const POLL_SECONDS = 5;

/** Finishes that come with each second. */
const AT_ONCE = 10;

/**
 * Requests finish for some seconds; main polls and the workers do the executions, one of which is killed.
 * The trigger has to hand on each finish exactly once.
 */
export async function triggerWithKill(
	cluster: Cluster,
	service: Service,
	seconds: number,
): Promise<Outcome> {
	const { main, n8n } = cluster;
	const workflow = await createWorkflow(main, triggerWorkflow(cluster));
	await activateWorkflow(main, workflow);
	// The starting point is a whole second of Ximilar's clock.
	await sleep(1500);
	const expected: string[] = [];
	const handed = new Map<string, string[]>();
	// While it runs: of an execution that is cut off, n8n 2 keeps no items.
	const look = async () => {
		for (const { id, mode } of await listExecutions(main, workflow)) {
			if (mode !== 'trigger' || handed.get(id)?.length) continue;
			handed.set(id, (await getTriggerItems(main, id)).map(keyOf));
		}
	};
	// On a busy machine n8n may think for a moment that its database is away.
	const lookOrPass = async () => await look().catch(() => undefined);
	const begun = Date.now();
	const cut = killAt(cluster, async () => Date.now() - begun > seconds * 400);
	for (let second = 0; second < seconds; second++) {
		const finishes = Array.from({ length: AT_ONCE }, () => ({ completed_at: Date.now() }));
		const added = await service.control<Array<Item['json']>>('POST', 'vlm/requests', finishes);
		expected.push(...added.map((json) => keyOf({ json })));
		await lookOrPass();
		await sleep(1000);
	}
	const { executions } = await cut;
	await until(
		'all is handed on and over',
		async () => {
			await lookOrPass();
			const all = await listExecutions(main, workflow).catch(() => []);
			const open = all.some(({ status }) => ['new', 'running'].includes(status));
			return (
				(all.length > 0 && !open && [...handed.values()].flat().length >= expected.length) ||
				undefined
			);
		},
		{ timeout: 180_000, interval: 500 },
	).catch(() => undefined);
	// Anything that is too many would come with the next poll.
	await sleep(1.2 * POLL_SECONDS * 1000);
	await look();
	const all = await listExecutions(main, workflow);
	await deactivateWorkflow(main, workflow);

	const come = [...handed.values()].flat();
	const failed = all.filter(({ status }) => status !== 'success');
	const kept = await Promise.all(failed.map(async ({ id }) => await getTriggerItems(main, id)));
	const missing = expected.filter((key) => !come.includes(key));
	const twice = come.filter((key, at) => come.indexOf(key) !== at);
	const strange = failed.filter(({ id }) => !executions.includes(id));
	return {
		title: 'Trigger',
		executions: all.length,
		units: expected.length,
		cut: executions.length,
		failed: failed.length,
		...(failed.length && {
			failure: `${kept.flat().filter(({ json }) => json.id).length} of its items kept`,
		}),
		repeated: n8n.line === 'n8n-1' ? executions.length - failed.length : 0,
		doneAgain: 0,
		results: new Set(come).size,
		problems: [
			...(missing.length ? [`${missing.length} finishes were not handed on`] : []),
			...(twice.length ? [`${twice.length} finishes were handed on again`] : []),
			...strange.map(({ id, status }) => `execution ${id} was not cut off: ${status}`),
		],
	};
}

function triggerWorkflow({ credentials }: Cluster) {
	const workflow = chain('Trigger', {
		name: 'Work',
		type: 'n8n-nodes-base.wait',
		typeVersion: 1.1,
		parameters: { resume: 'timeInterval', amount: 3, unit: 'seconds' },
	});
	Object.assign(workflow.nodes[0]!, {
		type: 'n8n-nodes-ximilar.ximilarVlmTrigger',
		parameters: { event: 'finished', output: 'outcome', pollTimes: { item: pollTimes() } },
		credentials,
	});
	return workflow;
}

/** How n8n polls more often than once a minute. */
function pollTimes() {
	return Array.from({ length: 60 / POLL_SECONDS }, (_, at) => ({
		mode: 'custom',
		cronExpression: `${at * POLL_SECONDS} * * * * *`,
	}));
}

function keyOf({ json }: Pick<Item, 'json'>): string {
	return `${String(json.id)} ${String(json.completed_at)}`;
}
