import { spawn, type ChildProcess } from 'node:child_process';
import { appendFile, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface CommandOptions {
	cwd?: string;
	env?: NodeJS.ProcessEnv;
	/** A file that the command line and all output are added to. */
	log?: string;
	/** The command is killed after so many milliseconds. */
	timeout?: number;
}

export interface CommandResult {
	/** None when the command was killed, by its time limit or otherwise. */
	code: number | null;
	stdout: string;
	output: string;
}

const running = new Set<ChildProcess>();

/** Ends everything that was started here and still runs. */
export function endAll(): void {
	running.forEach((child) => child.kill('SIGKILL'));
}

process.on('exit', endAll);

export interface StartOptions {
	cwd: string;
	env: NodeJS.ProcessEnv;
	log: string;
	/** Another user to run as, which only root can say. */
	uid?: number;
	gid?: number;
}

/** Starts a command that goes on in the background, its output added to a log file. */
export async function start(
	command: string,
	args: string[],
	{ log, ...options }: StartOptions,
): Promise<ChildProcess> {
	await appendFile(log, `$ ${[command, ...args].join(' ')}\n`);
	const output = await open(log, 'a');
	const child = launch(command, args, options, output.fd, output.fd);
	await output.close();
	child.once('close', (code, signal) => void appendFile(log, `[ended: ${signal ?? code}]\n`));
	return child;
}

/** Runs a command to its end and returns its exit code and output. */
export async function run(
	command: string,
	args: string[],
	{ log, timeout, ...options }: CommandOptions = {},
): Promise<CommandResult> {
	// Into files, not pipes: a process that ends itself may lose what a pipe has not taken yet.
	const folder = await mkdtemp(path.join(tmpdir(), 'command-'));
	try {
		const stdoutFile = path.join(folder, 'stdout');
		const stderrFile = path.join(folder, 'stderr');
		const [out, err] = [await open(stdoutFile, 'w'), await open(stderrFile, 'w')];
		const child = launch(command, args, { ...options, timeout }, out.fd, err.fd);
		// Heard from the start: a short command may be over before anything else is.
		const ended = new Promise<number | null>((resolve, reject) => {
			child.once('error', reject);
			child.once('close', resolve);
		});
		await Promise.all([ended, out.close(), err.close()]);
		const code = await ended;
		const stdout = await readFile(stdoutFile, 'utf8');
		const output = stdout + (await readFile(stderrFile, 'utf8'));
		if (log) {
			await appendFile(log, `$ ${[command, ...args].join(' ')}\n${output}[ended: ${code}]\n`);
		}
		return { code, stdout, output };
	} finally {
		await rm(folder, { recursive: true });
	}
}

function launch(
	command: string,
	args: string[],
	options: Pick<CommandOptions, 'cwd' | 'env' | 'timeout'> & { uid?: number; gid?: number },
	stdout: number,
	stderr: number,
): ChildProcess {
	const child = spawn(command, args, {
		...options,
		killSignal: 'SIGKILL',
		stdio: ['ignore', stdout, stderr],
	});
	running.add(child);
	child.once('close', () => running.delete(child));
	return child;
}

/** Like `run`, but a failure throws an error that shows the end of the output. */
export async function mustRun(
	command: string,
	args: string[],
	options: CommandOptions = {},
): Promise<CommandResult> {
	const result = await run(command, args, options);
	if (result.code !== 0) {
		throw new Error(
			`${command} ${args.join(' ')}: ${result.code === null ? 'killed' : `exit code ${result.code}`}\n${tail(result.output)}`,
		);
	}
	return result;
}

/** Whether a process is over, of itself or by a signal. */
export function hasEnded(child: ChildProcess): boolean {
	return child.exitCode !== null || child.signalCode !== null;
}

/** Ends a process by a signal, and waits until it is over. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
	if (hasEnded(child)) return;
	const ended = new Promise((resolve) => child.once('close', resolve));
	child.kill(signal);
	await ended;
}

/** The last lines of a text, none longer than is readable: files in base64 stand in one line. */
export function tail(text: string, lines = 60): string {
	const last = text.trimEnd().split('\n').slice(-lines);
	return last.map((line) => (line.length > 300 ? `${line.slice(0, 300)}…` : line)).join('\n');
}

/** Tries again and again until the attempt gives a value, or the time is over. */
export async function until<T>(
	what: string,
	attempt: () => Promise<T | undefined>,
	{ timeout = 60_000, interval = 100 } = {},
): Promise<T> {
	const end = Date.now() + timeout;
	for (;;) {
		const value = await attempt();
		if (value !== undefined) return value;
		if (Date.now() > end) throw new Error(`${what}: not within ${timeout} ms`);
		await sleep(interval);
	}
}
