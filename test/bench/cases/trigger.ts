import { writeFile } from 'node:fs/promises';
import { chain } from '../../e2e/harness/chain';
import { until } from '../../e2e/harness/process';
import { startServer, stopServer, type Server } from '../../e2e/harness/server';
import {
	activateWorkflow,
	createWorkflow,
	deactivateWorkflow,
	getTriggerItems,
	listExecutions,
} from '../../e2e/harness/workflows';
import { credential, type Lab } from '../lab';
import { watch } from '../meter';
import type { Options } from '../options';
import type { ContenderName, Result } from '../run';
import type { Scene } from '../scene';

const COUNT = 5000;
const HISTORY = '/vlm/v2/request/history/';

/** The trigger's first poll after a night in which much has finished. */
export function triggerScene({ line }: Options): Scene {
	return {
		name: `trigger, ${COUNT}`,
		case: 'trigger',
		n8n: line,
		count: COUNT,
		executions: 1,
		contenders: ['package', 'previous'],
		workflows: () => [],
		run: runOnce,
	};
}

async function runOnce({ homeOf, service }: Lab, contender: ContenderName): Promise<Result> {
	await service.reset({ latencyMs: 50 });
	const now = Date.now();
	const finishes = Array.from({ length: COUNT }, (_, at) => ({
		created: now - 3_600_000 + at * 500,
		completed_at: now - 3_000_000 + at * 500,
	}));
	await service.control('POST', 'vlm/requests', finishes);
	const server = await startServer(homeOf(contender));
	try {
		const workflow = await createWorkflow(server, catchUp());
		// n8n's own start held more memory than it does now: the peak is counted anew.
		await writeFile(`/proc/${server.child.pid}/clear_refs`, '5');
		const meter = watch(server.child.pid!);
		await service.begin();
		const startedAt = Date.now();
		await activateWorkflow(server, workflow);
		await until('the finishes came', async () => await haveCome(server, workflow), {
			timeout: 180_000,
			interval: 50,
		}).catch(() => undefined);
		const endedAt = Date.now();
		const { peakBytes, cpuMilliseconds: processCpuMilliseconds } = meter.stop();
		const { images: _, ...seen } = await service.counts(HISTORY);
		await deactivateWorkflow(server, workflow);
		const come = await itemsOf(server, workflow);
		const different = new Set(come).size;
		return {
			milliseconds: endedAt - startedAt,
			cpuMilliseconds: meter.cpuBetween(startedAt, endedAt),
			peakBytes,
			processCpuMilliseconds,
			done: different,
			errorRows: 0,
			...seen,
			missed: COUNT - different,
			doubled: come.length - different,
		};
	} finally {
		await stopServer(server);
	}
}

function catchUp() {
	const workflow = chain('Catch up', { name: 'Next', type: 'n8n-nodes-base.noOp' });
	Object.assign(workflow.nodes[0]!, {
		type: 'n8n-nodes-ximilar.ximilarVlmTrigger',
		parameters: {
			pollTimes: { item: [{ mode: 'everyMinute' }] },
			options: { hoursBefore: 2 },
		},
		credentials: { ximilarApi: credential },
	});
	return workflow;
}

async function haveCome(server: Server, workflow: string): Promise<true | undefined> {
	const executions = await listExecutions(server, workflow);
	if (!executions.length || executions.some(({ status }) => status !== 'success')) return undefined;
	// Reading the items keeps n8n busy: they are looked at only when all is over.
	return (await itemsOf(server, workflow)).length >= COUNT || undefined;
}

/** The finishes that the executions were given. */
async function itemsOf(server: Server, workflow: string): Promise<string[]> {
	const executions = await listExecutions(server, workflow);
	const all = executions.map(async ({ id }) => await getTriggerItems(server, id));
	return (await Promise.all(all)).flat().map(({ json }) => String(json.request_id ?? json.id));
}
