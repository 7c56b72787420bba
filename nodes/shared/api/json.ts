import type { IDataObject } from 'n8n-workflow';

/** A JSON object: neither a list nor a plain value. */
export function isObject(value: unknown): value is IDataObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object that a value is; an empty one for any other value. */
export const asObject = (value: unknown): IDataObject => (isObject(value) ? value : {});

/** Whether an object has these entries already, whatever else it has. */
export function holds(present: unknown, entries: IDataObject): boolean {
	return Object.entries(entries).every(([key, value]) => isSame(asObject(present)[key], value));
}

/** Whether two JSON values are the same: a service may keep an object's entries in another order. */
export function isSame(a: unknown, b: unknown): boolean {
	if (Array.isArray(a) && Array.isArray(b)) {
		return a.length === b.length && a.every((entry, at) => isSame(entry, b[at]));
	}
	if (isObject(a) && isObject(b)) {
		return Object.keys({ ...a, ...b }).every((key) => isSame(a[key], b[key]));
	}
	return a === b;
}

/** Parsed JSON, or undefined when the text is none. */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** A text and its end, or a sign that opens, parts or closes. */
const TOKENS = /"(?:[^"\\]|\\.)*("?)|[{}[\],]/gs;
/** An escape that was cut. */
const HALF_ESCAPE = /(?<!\\)\\(u[\da-f]{0,3})?$/i;

/**
 * What is left of JSON that was cut off: an open text ends with "…", and what is open is closed.
 * @returns undefined when the text is not the beginning of JSON
 */
export function parseCutJson(text: string): unknown {
	let open = '';
	let rest = text;
	/** Up to the last sign, where what follows was cut within a name or behind it. */
	let before = '';
	for (const { 0: token, 1: end, index } of text.matchAll(TOKENS)) {
		if ('{['.includes(token)) open = (token === '{' ? '}' : ']') + open;
		else if ('}]'.includes(token)) open = open.slice(1);
		else if (token !== ',') {
			if (end === '') rest = `${text.replace(HALF_ESCAPE, '')}…"`;
			continue;
		}
		before = text.slice(0, token === ',' ? index : index + 1) + open;
	}
	return parseJson(rest + open) ?? parseJson(before);
}
