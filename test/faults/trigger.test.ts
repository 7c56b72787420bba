import { sleep, type INodeExecutionData } from 'n8n-workflow';
import { activate } from '../workflow/activation';
import { FAULTS } from './faults';
import { MADE } from './recipes';
import { faultsOfTexts } from './texts';
import { createWorld, everythingIn, TOKEN } from './world';

jest.mock('n8n-workflow', () =>
	jest
		.requireActual<typeof import('./clock')>('./clock')
		.withVirtualSleep(jest.requireActual('n8n-workflow')),
);

/** The trigger's polls against every fault of every call, for as long as a poll takes. */

const world = createWorld();

const FEW = ['401', '500', 'no answer', '200, HTML'];
/** All of them take minutes. */
const TRIED = FAULTS.filter(({ name }) => process.env.FAULTS_LONG || FEW.includes(name)).map(
	(one) => [one.name, one] as const,
);

const MINUTE = 60_000;
const HISTORY = '/vlm/v2/request/history/';
const LIST = '/vlm/v2/request/';
const ONE = '/vlm/v2/request/:id/';

const triggerOf = () =>
	activate(
		{ event: 'finished' },
		{
			// Each of its own: what was told of one is remembered.
			id: `test ${Math.floor(performance.now() * 1000)}`,
			credential: world.credential,
		},
	);

interface Story {
	error?: Error & { description?: string };
	/** Milliseconds that the faulty poll took. */
	time: number;
	/** The requests that started the workflow, by all polls. */
	ids: string[];
	staticData: string;
}

/** Activates, lets a request be done and one fail, polls while the fault lasts, and then on. */
async function story(
	fault?: Parameters<typeof world.simulator.control.addFaults>[0],
): Promise<Story> {
	const { control } = world.simulator;
	const trigger = triggerOf();
	const out: INodeExecutionData[] = [];
	const take = (items: INodeExecutionData[][] | null) => out.push(...(items?.[0] ?? []));
	take(await trigger.poll());
	await sleep(MINUTE);
	const [done, failed] = MADE.images;
	control.vlm.addRequests({ id: done }, { id: failed, status: 'FAILED' });
	await sleep(MINUTE);
	if (fault) control.addFaults({ times: 'always', ...fault });
	const start = Date.now();
	let error: Story['error'];
	try {
		take(await trigger.poll());
	} catch (thrown) {
		error = thrown as Error;
	}
	const time = Date.now() - start;
	control.clearFaults();
	world.simulator.app.server.closeAllConnections();
	for (let minute = 0; minute < 4; minute++) {
		await sleep(MINUTE);
		take(await trigger.poll());
	}
	return {
		error,
		time,
		ids: out.map(({ json }) => String(json.id)),
		staticData: everythingIn(trigger.workflow.staticData),
	};
}

test('without a fault each finish comes once', async () => {
	const { result, calls } = await world.watch(async () => await story());
	expect(result.error).toBeUndefined();
	expect(result.ids).toEqual([MADE.images[0], MADE.images[1]]);
	const routes = new Set(calls.map(({ route }) => route));
	expect([...routes].sort()).toEqual([LIST, ONE, HISTORY].sort());
});

describe.each([HISTORY, LIST, ONE])('a fault of %s', (route) => {
	test.each(TRIED)('%s', async (_, fault) => {
		const { result, leaks } = await world.watch(
			async () => await story({ ...fault.fault(world.elsewhere), match: { route } }),
		);
		const { error, time, ids, staticData } = result;
		expect(leaks).toEqual([]);
		expect(staticData).not.toContain(TOKEN);
		expect([...ids].sort()).toEqual([MADE.images[0], MADE.images[1]]);
		expect(time).toBeLessThanOrEqual(31_000);
		if (!error) return;
		const { message, description = '' } = error;
		expect(faultsOfTexts({ message, description }, { others: [] })).toEqual([]);
	});
});

test.each(TRIED)('an activation meets it: %s', async (name, fault) => {
	const { result, leaks } = await world.watch(async () => {
		const trigger = triggerOf();
		try {
			await trigger.poll();
			return undefined;
		} catch (error) {
			return error as Error & { description?: string };
		}
	}, [fault.fault(world.elsewhere)]);
	expect(leaks).toEqual([]);
	expect(result).toBeDefined();
	const { message, description = '' } = result!;
	expect([
		name,
		message,
		description,
		faultsOfTexts({ message, description }, { others: [] }),
	]).toEqual([name, message, description, []]);
});
