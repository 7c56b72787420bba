/** POST ocr/v2/read and ocr/v2/read_gpt (seed 004). */
import type { FastifyInstance } from 'fastify';
import { PRICES } from './account';
import { refuse, refuseField } from './errors';
import { type Json, knownFields, oneOf } from './fields';
import type { Image } from './images';
import { analyseBatch, checkRecords, type ImageRecord } from './records';
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

function ocrOf(image: Image, lang: keyof typeof LANGUAGES) {
	const read = readText(image);
	const lines = read.length > 0 ? read : [phraseOf(image)];
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

/**
 * The answer of the language model, made from the prompt and the text that was read. A prompt that
 * asks for JSON gets the keys that it shows in quotes, in the seed's form: `result` as the model
 * wrote it, `json_result` parsed.
 */
function gptOf(prompt: string, ocr: Ocr): Json {
	const fullPrompt = `Instruction: ${prompt} \nInput: ${ocr.full_text} \nResult:`;
	if (/json/i.test(prompt)) {
		const keys = [...prompt.matchAll(/['"]([^'"]+)['"]\s*:/g)].map((match) => match[1]!);
		const words = ocr.full_text.split(/\s+/);
		const answer = Object.fromEntries(
			(keys.length > 0 ? keys : ['text']).map((key, index): [string, string] => [
				key,
				keys.length === 0 ? ocr.full_text : (saidAbout(key, ocr) ?? words[index % words.length]!),
			]),
		);
		return { full_prompt: fullPrompt, result: pythonText(answer), json_result: answer };
	}
	const asked = prompt.split(/[^\p{L}\p{N}]+/u).find((word) => saidAbout(word, ocr) !== undefined);
	const result = asked === undefined ? `The text reads: ${ocr.full_text}` : saidAbout(asked, ocr);
	return { full_prompt: fullPrompt, result };
}

function checkPrompt({ sent }: ImageRecord, index: number): void {
	const prompt = sent.prompt as string | undefined;
	if (!prompt?.trim()) refuseField('records', `Record ${index}: "prompt" is required.`);
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
		const body = knownFields(request.body, ['records', 'lang']);
		const lang = languageOf(body);
		const records = checkRecords(body.records, []);
		return await analyseBatch(state, request, records, {
			price: PRICES.read,
			echoBase64: echo(),
			analyse: (image) => ({ _ocr: ocrOf(image, lang) }),
		});
	});

	app.post('/ocr/v2/read_gpt', async (request) => {
		if (request.caller.plan === 'free') {
			refuse(403, {
				detail: 'GPT analysis is available under the Business and Professional plans only.',
			});
		}
		const body = knownFields(request.body, ['records', 'lang']);
		const lang = languageOf(body);
		const records = checkRecords(body.records, ['prompt']);
		records.forEach(checkPrompt);
		return await analyseBatch(state, request, records, {
			price: PRICES.readGpt,
			echoBase64: echo(),
			analyse: (image, { prompt }) => {
				const _ocr = ocrOf(image, lang);
				return { _ocr, _gpt: gptOf(prompt as string, _ocr) };
			},
		});
	});
}
