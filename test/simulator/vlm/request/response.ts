/** What the model answers: made from the images alone, so that the same images say the same. */
import { createHash } from 'node:crypto';
import type { State } from '../../state';
import type { Sight } from './eyes';
import { responseForm } from './prompts';
import type { Usage, VlmRequest } from './state';

interface Verdict {
	/** From 0 to 10 in steps of a half. */
	grade: number;
	/** Of the first image. */
	colour: string;
	images: number;
	/** All images in their order. */
	explain: string;
}

const GRADES = 21;

function verdictOn(sights: Sight[]): Verdict {
	const hash = createHash('sha256');
	for (const { sha256 } of sights) hash.update(sha256);
	const list = sights.map(({ colour, size }) => `${colour} ${size}`).join(', ');
	return {
		grade: (hash.digest().readUInt32BE() % GRADES) / 2,
		colour: sights[0]!.colour,
		images: sights.length,
		explain: `Seen: ${list}`,
	};
}

function lines(verdict: Verdict, line: (name: string, value: string | number) => string): string {
	return Object.entries(verdict)
		.map(([name, value]) => line(name, value as string | number))
		.join('\n');
}

function csv(verdict: Verdict): string {
	const quoted = Object.values(verdict).map((value) =>
		typeof value === 'string' ? `"${value}"` : String(value),
	);
	return `${Object.keys(verdict).join(',')}\n${quoted.join(',')}`;
}

export function responseFor(state: State, request: VlmRequest, sights: Sight[]): unknown {
	const verdict = verdictOn(sights);
	switch (responseForm(state, request)) {
		case 'json':
			return verdict;
		case 'json_text':
			return JSON.stringify(verdict);
		case 'yaml':
			return lines(verdict, (name, value) => `${name}: ${JSON.stringify(value)}`);
		case 'xml':
			return `<result>\n${lines(verdict, (name, value) => `<${name}>${value}</${name}>`)}\n</result>`;
		case 'csv':
			return csv(verdict);
		default:
			return `${verdict.explain}. Graded ${verdict.grade} of 10.`;
	}
}

/** Characters that make a token, by OpenAI's rule of thumb. */
const TOKEN_CHARACTERS = 4;
/** What the printed usage of a request with one image leaves for the image: 359 - 27 - 92. */
const IMAGE_TOKENS = 240;

function tokens(text: string): number {
	return Math.ceil(text.length / TOKEN_CHARACTERS);
}

export function usageFor(request: VlmRequest, images: number, ms: number): Usage {
	const { system, user } = request.work.prompts;
	const { response } = request;
	const prompt_tokens = tokens(`${system ?? ''}${user ?? ''}`);
	const completion_tokens = tokens(
		typeof response === 'string' ? response : JSON.stringify(response),
	);
	return {
		prompt_tokens,
		completion_tokens,
		total_tokens: prompt_tokens + completion_tokens + images * IMAGE_TOKENS,
		processing_time: ms / 1000,
	};
}
