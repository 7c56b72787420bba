import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { toExecution, type Execution, type RawRun } from './execution';
import type { Home } from './home';
import { freePort } from './port';
import { mustRun, run, tail, type CommandResult } from './process';

/** A credential or workflow with an ID of its own choice, as n8n's import commands take it. */
export interface Importable {
	id: string;
	name: string;
	[key: string]: unknown;
}

const timeout = 180_000;

/** Puts credentials (`{ id, name, type, data }`) into a home. */
export async function importCredentials(home: Home, credentials: Importable[]): Promise<void> {
	await importFile(home, 'import:credentials', credentials);
}

/** Puts workflows into a home, not active; each needs an ID. */
export async function importWorkflows(home: Home, workflows: Importable[]): Promise<void> {
	await importFile(home, 'import:workflow', workflows);
}

/** Executes an imported workflow with the command `n8n execute`. A workflow that fails is a result too. */
export async function executeByCommand(home: Home, workflowId: string): Promise<Execution> {
	const result = await n8nCommand(home, run, ['execute', `--id=${workflowId}`, '--rawOutput']);
	// Log lines may stand around the JSON, which begins and ends with a line of its own.
	const json = /^\{$[\s\S]*^\}$/m.exec(result.stdout)?.[0];
	if (!json) {
		throw new Error(
			`n8n execute printed no execution (exit code ${result.code}; whole log: ${home.log})\n${tail(result.output)}`,
		);
	}
	return toExecution(JSON.parse(json) as RawRun);
}

async function importFile(home: Home, command: string, content: Importable[]): Promise<void> {
	const file = path.join(home.directory, `${command.replace(':', '-')}.json`);
	await writeFile(file, JSON.stringify(content));
	const { output } = await n8nCommand(home, mustRun, [command, `--input=${file}`]);
	// A failed import ends with exit code 0 in some versions.
	if (!output.includes(`Successfully imported ${content.length} `)) {
		throw new Error(`n8n ${command} (whole log: ${home.log})\n${tail(output)}`);
	}
}

async function n8nCommand(home: Home, runner: typeof run, args: string[]): Promise<CommandResult> {
	const { n8n, log, env, directory } = home;
	return await runner(n8n.node, [n8n.entry, ...args], {
		cwd: directory,
		// A port of its own, because a server may run in the same home.
		env: { ...env, N8N_RUNNERS_BROKER_PORT: String(await freePort()) },
		log,
		timeout,
	});
}
