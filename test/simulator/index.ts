/** The simulator as a command: `tsx test/simulator/index.ts --port 8123`. */
import { parseArgs } from 'node:util';
import { createSimulator } from './server';
import { TOKENS } from './state';

const HELP = `Simulates Ximilar's API on this machine.

  --port N     the port to listen on (a free one by default)
  --host HOST  the address to listen on (127.0.0.1 by default)
  --help       this text

Test images are at /images/, faults and other controls at /admin/.`;

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			port: { type: 'string', default: '0' },
			host: { type: 'string', default: '127.0.0.1' },
			help: { type: 'boolean', short: 'h' },
		},
	});
	if (values.help) {
		console.log(HELP);
		return;
	}
	const simulator = createSimulator();
	const stop = () => void simulator.stop().then(() => process.exit(0));
	process.on('SIGINT', stop);
	process.on('SIGTERM', stop);
	console.log(`Ximilar simulator: ${await simulator.start(Number(values.port), values.host)}`);
	for (const [name, token] of Object.entries(TOKENS)) console.log(`Token ${name}: ${token}`);
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
