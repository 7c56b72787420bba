/** The simulator as a command: `tsx test/simulator/index.ts --port 8123`. */
import { parseArgs } from 'node:util';
import { createSimulator } from './server';
import { type Settings, settingsSchema } from './settings';
import { TOKENS } from './state';

const HELP = `Simulates Ximilar's API on this machine.

  --port N         the port to listen on (a free one by default)
  --host HOST      the address to listen on (127.0.0.1 by default)

  --capacity N     refuses an account's calls beyond so many at once, with a 429
  --retry-after S  what that 429 says: seconds, or date:SECONDS for a date so far ahead
  --latency MS     milliseconds that a call takes
  --record-ms MS   milliseconds that each analysed record adds
  --no-decode      looks at the heads of images only, which costs hardly any CPU
  --strict         refuses what nobody but the tests of this package would mind, such as a
                   parameter that no document names or a path without its last slash
  --set NAME=JSON  any other setting; may be given more than once
  --help           this text

Test images are at /images/, faults, settings and other controls at /admin/, what was borne at
/admin/report.`;

const OPTIONS = {
	port: { type: 'string', default: '0' },
	host: { type: 'string', default: '127.0.0.1' },
	capacity: { type: 'string' },
	'retry-after': { type: 'string' },
	latency: { type: 'string' },
	'record-ms': { type: 'string' },
	'no-decode': { type: 'boolean' },
	strict: { type: 'boolean' },
	set: { type: 'string', multiple: true, default: [] as string[] },
	help: { type: 'boolean', short: 'h' },
} as const;

type Flags = ReturnType<typeof parse>;

function parse() {
	return parseArgs({ options: OPTIONS }).values;
}

function retryAfterIn(text: string): object {
	const [, date, seconds] = /^(date:)?(.*)$/.exec(text)!;
	return { [date ? 'dateInSeconds' : 'seconds']: Number(seconds) };
}

/** A setting as it is named and written in JSON; what is no JSON is a text. */
function settingIn(text: string): [name: string, value: unknown] {
	const [, name, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
	if (name === undefined) throw new Error(`--set takes NAME=JSON, got "${text}".`);
	try {
		return [name, JSON.parse(value!)];
	} catch {
		return [name, value];
	}
}

function settingsIn(flags: Flags): Partial<Settings> {
	const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));
	const retryAfter = flags['retry-after'];
	const given = {
		strict: Boolean(flags.strict),
		capacity: number(flags.capacity),
		capacityRetryAfter: retryAfter === undefined ? undefined : retryAfterIn(retryAfter),
		latencyMs: number(flags.latency),
		recordMs: number(flags['record-ms']),
		decode: flags['no-decode'] ? false : undefined,
	};
	const named = Object.entries(given).filter(([, value]) => value !== undefined);
	return settingsSchema
		.partial()
		.parse(Object.fromEntries([...named, ...flags.set!.map(settingIn)]));
}

async function main(): Promise<void> {
	const flags = parse();
	if (flags.help) {
		console.log(HELP);
		return;
	}
	const simulator = createSimulator(settingsIn(flags));
	const stop = () => void simulator.stop().then(() => process.exit(0));
	process.on('SIGINT', stop);
	process.on('SIGTERM', stop);
	console.log(`Ximilar simulator: ${await simulator.start(Number(flags.port), flags.host)}`);
	for (const [name, token] of Object.entries(TOKENS)) console.log(`Token ${name}: ${token}`);
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
