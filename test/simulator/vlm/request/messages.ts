/** `request`: the inference payload, "in OpenAI chat-completions format" (seed 003, Submit Request). */
import { refuse, refuseField } from '../../errors';
import { decodeBase64, isObject, type Json } from '../../fields';
import type { Message, Part, Payload } from './state';

/** "Provide between 1 and 10 images per request." */
const MAX_IMAGES = 10;
/** The seed speaks of these two; OpenAI's format knows more. */
const ROLES = ['system', 'user'];

const DATA_URL = /^data:([^;,]*);base64,/;

function fail(place: string, text: string): never {
	refuseField('request', `${place}: ${text}`);
}

/** An object at this place with these fields and no other. */
function objectAt(place: string, value: unknown, fields: readonly string[]): Json {
	if (!isObject(value)) fail(place, 'expected an object.');
	const unknown = Object.keys(value).find((name) => !fields.includes(name));
	return unknown === undefined ? value : fail(place, `unknown field "${unknown}".`);
}

/** An address: a public one, or a data URL in OpenAI's form. */
function checkAddress(place: string, url: unknown): void {
	if (typeof url !== 'string') fail(place, 'expected a string.');
	if (!url.startsWith('data:')) {
		if (!/^https?:\/\/\S+$/i.test(url)) fail(place, 'expected an address or a data URL.');
		return;
	}
	const start = DATA_URL.exec(url);
	if (!start) fail(place, 'expected data:image/...;base64,...');
	if (!decodeBase64(url.slice(start[0].length))?.length) fail(place, 'not valid base64.');
}

function checkPart(place: string, value: unknown, role: string): void {
	const part = objectAt(place, value, ['type', 'text', 'image_url']);
	if (part.type === 'text') {
		objectAt(place, part, ['type', 'text']);
		if (typeof part.text !== 'string') fail(`${place}.text`, 'expected a string.');
	} else if (part.type === 'image_url') {
		objectAt(place, part, ['type', 'image_url']);
		if (role !== 'user') fail(place, 'images belong into user messages.');
		// OpenAI's "detail" says how finely to look.
		const { url } = objectAt(`${place}.image_url`, part.image_url, ['url', 'detail']);
		checkAddress(`${place}.image_url.url`, url);
	} else {
		fail(place, `"${String(part.type)}" is no type of content.`);
	}
}

function checkMessage(place: string, value: unknown): void {
	const { role, content } = objectAt(place, value, ['role', 'content']);
	if (!ROLES.includes(role as string)) fail(place, `"${String(role)}" is no role.`);
	if (typeof content === 'string') return;
	if (!Array.isArray(content)) fail(place, 'expected a text or a list of parts as content.');
	content.forEach((part, index) => checkPart(`${place}.content[${index}]`, part, role as string));
}

function partsOf(payload: Payload, role: Message['role']): Part[] {
	return payload.messages
		.filter((message) => message.role === role)
		.flatMap(({ content }): Part[] =>
			typeof content === 'string' ? [{ type: 'text', text: content }] : content,
		);
}

/** The images of a payload by address, in order. */
export function imageUrls(payload: Payload): string[] {
	return partsOf(payload, 'user').flatMap((part) =>
		part.type === 'image_url' ? [part.image_url.url] : [],
	);
}

/** The text that a payload says in a role; null when it says none. */
export function inlineText(payload: Payload, role: Message['role']): string | null {
	const texts = partsOf(payload, role).flatMap((part) => (part.type === 'text' ? [part.text] : []));
	return texts.join('\n').trim() || null;
}

/** The payload that was sent; refuses what is not as it must be. The images' bytes come later. */
export function checkPayload(value: unknown): Payload {
	if (value === undefined) refuse(400, { request: ['This field is required.'] });
	const { messages } = objectAt('request', value, ['messages']);
	if (!Array.isArray(messages) || messages.length === 0) {
		fail('messages', 'expected a list with at least one message.');
	}
	messages.forEach((message, index) => checkMessage(`messages[${index}]`, message));
	const payload: Payload = { messages };
	const images = imageUrls(payload).length;
	if (images === 0) fail('messages', 'at least one image is needed.');
	if (images > MAX_IMAGES) fail('messages', `${images} images, at most ${MAX_IMAGES} are allowed.`);
	return payload;
}

/** Media type and bytes of a data URL; undefined for an address. */
export function dataUrl(url: string): { type: string; bytes: Buffer } | undefined {
	const start = DATA_URL.exec(url);
	if (!start) return undefined;
	return { type: start[1]!, bytes: Buffer.from(url.slice(start[0].length), 'base64') };
}
