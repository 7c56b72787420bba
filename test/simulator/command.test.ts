/** The simulator as a command of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import nock from 'nock';

const started: ChildProcess[] = [];

beforeAll(() => nock.restore());
afterEach(() => started.splice(0).forEach((child) => child.kill()));

function run(...flags: string[]) {
	const file = path.join(__dirname, 'index.ts');
	const child = spawn(process.execPath, ['--import', 'tsx', file, ...flags], { stdio: 'pipe' });
	started.push(child);
	return child;
}

async function settings(...flags: string[]) {
	const lines = createInterface(run(...flags).stdout);
	const [line] = (await once(lines, 'line')) as [string];
	const url = /http:\S+/.exec(line)![0];
	return await (await fetch(`${url}/admin/settings`)).json();
}

it('is as lenient as the service, and takes any image in no time', async () => {
	expect(await settings()).toMatchObject({
		strict: false,
		capacity: null,
		capacityRetryAfter: null,
		latencyMs: 0,
		recordMs: 0,
		decode: true,
	});
});

it('is what its flags say', async () => {
	const flags = '--strict --capacity 8 --retry-after 0 --latency 150 --record-ms 20 --no-decode';
	const more = ['--set', 'echoBase64=none', '--set', 'pageSize=50'];
	expect(await settings(...flags.split(' '), ...more)).toMatchObject({
		strict: true,
		capacity: 8,
		capacityRetryAfter: { seconds: 0 },
		latencyMs: 150,
		recordMs: 20,
		decode: false,
		echoBase64: 'none',
		pageSize: 50,
	});
	expect(await settings('--retry-after', 'date:30')).toMatchObject({
		capacityRetryAfter: { dateInSeconds: 30 },
	});
});

it.each([
	['--capacity', 'many'],
	['--set', 'pageSize=0'],
	['--set', 'nonsense=1'],
	['--set', 'x'],
])('refuses %s %s', async (...flags) => {
	const [code] = await once(run(...flags), 'exit');
	expect(code).toBe(1);
});
