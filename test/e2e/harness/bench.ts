import { createSimulator, type Simulator } from '../../simulator/server';
import { TOKENS } from '../../simulator/state';
import { importCredentials } from './cli';
import type { Execution } from './execution';
import { createHome, removeHome, type Home } from './home';
import { installN8n, type N8nLine } from './install';
import { startServer, stopServer, type Server } from './server';
import { createWorkflow, runWorkflow, type Workflow } from './workflows';

/** Credentials by their types, for nodes and examples: that of the simulator's business account. */
export const CREDENTIALS = { ximilarApi: { id: 'ximilar-business', name: 'Ximilar' } };

/** A simulated Ximilar, and a real n8n with this package and a credential for it. */
export interface Bench {
	/** Starts anew before each test. */
	simulator: Simulator;
	/** Home and server are there when the tests begin. */
	home: Home;
	server: Server;
	/** Saves a workflow, and runs it to its end. */
	run(workflow: Workflow): Promise<Execution>;
}

/**
 * Sets up a bench before the tests of a `describe`, and clears it away after them.
 * @param name tells its log file from others
 * @param env more environment variables for n8n
 */
export function setUpBench(line: N8nLine, name: string, env?: NodeJS.ProcessEnv): Bench {
	const simulator = createSimulator();
	const bench = {
		simulator,
		run: async (workflow) =>
			await runWorkflow(bench.server, await createWorkflow(bench.server, workflow)),
	} as Bench;

	beforeAll(async () => {
		await simulator.start();
		bench.home = await createHome(await installN8n(line), {
			name,
			tarball: process.env.E2E_TARBALL!,
			env,
		});
		const data = { apiToken: TOKENS.business, baseUrl: simulator.url };
		await importCredentials(bench.home, [{ ...CREDENTIALS.ximilarApi, type: 'ximilarApi', data }]);
		bench.server = await startServer(bench.home);
	});

	beforeEach(() => simulator.control.reset());

	afterAll(async () => {
		await stopServer(bench.server);
		await simulator.stop();
		await removeHome(bench.home);
	});

	return bench;
}
