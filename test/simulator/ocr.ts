/** POST ocr/v2/read and ocr/v2/read_gpt (seed 004). */
import type { FastifyInstance } from 'fastify';
import { PRICES } from './account';
import { refuse, refuseField } from './errors';
import { type Json, oneOf } from './fields';
import type { Image } from './images';
import { analyseBatch, analysingCall, checkRecords, type ImageRecord } from './records';
import type { State } from './state';
import { readText, type TextLine } from './text';

const LANGUAGES = {
	en: 'english',
	zh: 'chinese',
	ko: 'korean',
	ja: 'japanese',
	ru: 'russian',
} as const;

/** "Maximum limit: 1000 tokens per record". */
const MAX_TOKENS = 1000;
/** Characters that make a token, by OpenAI's rule of thumb; the seed does not say how it counts. */
const TOKEN_CHARACTERS = 4;

const WORDS = ['amber', 'basil', 'cedar', 'delta', 'ember', 'fjord', 'grove', 'heron'];

/** For an image without the test font: a phrase that is always the same for the same file. */
function phraseOf(image: Image): TextLine {
	const words = [0, 1, 2].map((index) => WORDS[parseInt(image.sha256[index]!, 16) % WORDS.length]);
	const [right, bottom] = [image.width, image.height];
	return {
		text: words.join(' ').toUpperCase(),
		prob: 0.5,
		polygon: [
			[0, 0],
			[right, 0],
			[right, bottom],
			[0, bottom],
		],
	};
}

function ocrOf(state: State, image: Image, lang: keyof typeof LANGUAGES) {
	const read = readText(image);
	const made = state.settings.noText === 'phrase' ? [phraseOf(image)] : [];
	const lines = read.length > 0 ? read : made;
	return {
		texts: lines.map(({ polygon, text, prob }) => ({ polygon, text, prob })),
		full_text: lines.map((line) => line.text).join(' '),
		lang,
		lang_name: LANGUAGES[lang],
	};
}

type Ocr = ReturnType<typeof ocrOf>;

/** What a line says about a word it begins with: "TOTAL 84.50 EUR" says "84.50 EUR" about "total". */
function saidAbout(word: string, ocr: Ocr): string | undefined {
	for (const { text } of ocr.texts) {
		const match = /^([^\s:]+):?\s+(.+)$/.exec(text);
		if (match && match[1]!.toLowerCase() === word.toLowerCase()) return match[2];
	}
	return undefined;
}

function pythonText(value: Record<string, string>): string {
	const pairs = Object.entries(value).map(
		([key, text]) => `'${key}': '${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
	);
	return `{${pairs.join(', ')}}`;
}

/** The keys that a prompt wants: shown in quotes, or named after the word. */
function keysIn(prompt: string): string[] {
	const quoted = [...prompt.matchAll(/['"]([^'"]+)['"]\s*:/g)].map((match) => match[1]!);
	const named = /\b(?:keys?|fields?)\b:?\s+((?:\w+(?:,\s*|\s+and\s+))*\w+)/i.exec(prompt)?.[1];
	if (quoted.length > 0 || named === undefined) return quoted;
	return named.split(/,\s*|\s+and\s+/);
}

function objectWith(keys: string[], ocr: Ocr): Record<string, string> {
	const words = ocr.full_text.split(/\s+/);
	return Object.fromEntries(
		keys.map((key, index) => [key, saidAbout(key, ocr) ?? words[index % words.length]!]),
	);
}

/**
 * The answer of the language model, made from the prompt and the text that was read. A prompt that
 * asks for JSON gets the keys that it wants, in the seed's form: `result` as the model wrote it,
 * `json_result` parsed. One that asks for a list gets the lines.
 */
function gptOf(state: State, prompt: string, ocr: Ocr): Json {
	const fullPrompt = `Instruction: ${prompt} \nInput: ${ocr.full_text} \nResult:`;
	if (ocr.texts.length === 0) {
		return {
			full_prompt: fullPrompt,
			...(state.settings.noText === 'empty' ? { result: '' } : {}),
		};
	}
	if (/json/i.test(prompt)) {
		const keys = keysIn(prompt);
		if (keys.length === 0 && /\b(list|array)\b/i.test(prompt)) {
			const list = ocr.texts.map(({ text }) => text);
			return { full_prompt: fullPrompt, result: JSON.stringify(list), json_result: list };
		}
		const answer = keys.length > 0 ? objectWith(keys, ocr) : { text: ocr.full_text };
		return { full_prompt: fullPrompt, result: pythonText(answer), json_result: answer };
	}
	const asked = prompt.split(/[^\p{L}\p{N}]+/u).find((word) => saidAbout(word, ocr) !== undefined);
	const result = asked === undefined ? `The text reads: ${ocr.full_text}` : saidAbout(asked, ocr);
	return { full_prompt: fullPrompt, result };
}

/**
 * "The record must also contain a prompt field to trigger the GPT analysis": a strict simulator
 * demands it, as whoever forgets it pays for nothing.
 */
function checkPrompt({ sent }: ImageRecord, index: number, strict: boolean): void {
	const { prompt = null } = sent;
	if (strict && !String(prompt ?? '').trim()) {
		refuseField('records', `Record ${index}: "prompt" is required.`);
	}
	if (prompt === null) return;
	if (typeof prompt !== 'string') refuseField('records', `Record ${index}: "prompt" is no text.`);
	const tokens = Math.ceil(prompt.length / TOKEN_CHARACTERS);
	if (tokens > MAX_TOKENS) {
		refuseField('records', `Record ${index}: ${tokens} tokens, at most ${MAX_TOKENS} are allowed.`);
	}
}

export function ocrRoutes(app: FastifyInstance, state: State): void {
	const languageOf = (body: Json) =>
		oneOf(body.lang ?? 'en', 'lang', Object.keys(LANGUAGES) as Array<keyof typeof LANGUAGES>);
	const echo = () => state.settings.echoBase64 === 'all';

	app.post('/ocr/v2/read', async (request) => {
		const { body } = analysingCall(request, ['records', 'lang']);
		const lang = languageOf(body);
		const records = checkRecords(body.records, [], request.strict);
		return await analyseBatch(state, request, records, {
			price: PRICES.read,
			echoBase64: echo(),
			analyse: (image) => ({ _ocr: ocrOf(state, image, lang) }),
		});
	});

	app.post('/ocr/v2/read_gpt', async (request) => {
		if (request.caller.plan === 'free') {
			refuse(403, {
				detail: 'GPT analysis is available under the Business and Professional plans only.',
			});
		}
		const { body } = analysingCall(request, ['records', 'lang']);
		const lang = languageOf(body);
		const records = checkRecords(body.records, ['prompt'], request.strict);
		records.forEach((record, index) => checkPrompt(record, index, request.strict));
		return await analyseBatch(state, request, records, {
			price: PRICES.readGpt,
			echoBase64: echo(),
			analyse: (image, { prompt }) => {
				const _ocr = ocrOf(state, image, lang);
				// "if a prompt is provided"
				const asked = typeof prompt === 'string' && prompt.trim() !== '';
				return asked ? { _ocr, _gpt: gptOf(state, prompt, _ocr) } : { _ocr };
			},
		});
	});
}
