import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** What the model does next: call a tool, or say something to the user. */
export type Move = { call: string; with: object } | { say: string };

/** A language model on loopback, with OpenAI's interface, that does what a test wrote down for it. */
export interface ScriptedModel {
	/** With the version, as a credential of OpenAI has it. */
	url: string;
	/** Sets the moves of the next conversation; each sees what the last tool gave. */
	script: (...moves: Array<(lastResult: string) => Move>) => void;
	/** What went wrong within a move, e.g. an expectation. */
	failure?: unknown;
	stop: () => Promise<void>;
}

interface Call {
	model: string;
	messages: Array<{ role: string; content: unknown }>;
}

export async function startModel(): Promise<ScriptedModel> {
	let moves: Array<(lastResult: string) => Move> = [];
	const next = ({ messages }: Call): Move => {
		const results = messages.filter(({ role }) => role === 'tool');
		const move = moves[results.length];
		if (!move) throw new Error(`There is no move after ${results.length} results of tools`);
		const last = results.at(-1)?.content ?? '';
		return move(typeof last === 'string' ? last : JSON.stringify(last));
	};
	const server = createServer((request, response) => {
		const answer = async () => {
			try {
				const call = (await json(request)) as Call;
				const body = JSON.stringify(completion(call, next(call)));
				response.setHeader('content-type', 'application/json').end(body);
			} catch (error) {
				scripted.failure ??= error;
				response.writeHead(400).end(JSON.stringify({ error: { message: String(error) } }));
			}
		};
		void answer();
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const scripted: ScriptedModel = {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
		script: (...written) => {
			moves = written;
			scripted.failure = undefined;
		},
		stop: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
	return scripted;
}

/** A move as OpenAI's chat completions tell it. */
function completion({ model, messages }: Call, move: Move) {
	const message =
		'say' in move
			? { role: 'assistant', content: move.say }
			: {
					role: 'assistant',
					content: null,
					tool_calls: [
						{
							id: `call_${messages.length}`,
							type: 'function',
							function: { name: move.call, arguments: JSON.stringify(move.with) },
						},
					],
				};
	return {
		id: `completion_${messages.length}`,
		object: 'chat.completion',
		created: Math.floor(Date.now() / 1000),
		model,
		choices: [{ index: 0, message, finish_reason: 'say' in move ? 'stop' : 'tool_calls' }],
		usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
	};
}
