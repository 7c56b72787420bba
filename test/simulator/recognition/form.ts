/**
 * Form data: seed 002 prints the calls that create something, or connect it, with `-F name=...`,
 * though seed 000 demands JSON of every call.
 */
import type { FastifyRequest } from 'fastify';
import type { Json } from '../fields';

declare module 'fastify' {
	interface FastifyContextConfig {
		/** The call takes form data as well as JSON. */
		takesForm?: boolean;
	}
}

/** Options of the routes that are printed with form data. */
export const TAKES_FORM = { config: { takesForm: true } };

export function isForm(contentType: string | undefined): contentType is string {
	return /^(multipart\/form-data|application\/x-www-form-urlencoded)\s*(;|$)/i.test(
		contentType ?? '',
	);
}

/** The fields of a form, texts and files; one that is sent several times is a list. */
export async function parseForm(body: Buffer, contentType: string): Promise<Json> {
	const headers = { 'content-type': contentType };
	const form = await new Response(body, { headers }).formData();
	return Object.fromEntries(
		[...new Set(form.keys())].map((name) => {
			const values = form.getAll(name);
			return [name, values.length === 1 ? values[0] : values];
		}),
	);
}

/** The same with files as texts, for the log. */
export function withoutFiles(fields: Json): Json {
	return Object.fromEntries(
		Object.entries(fields).map(([name, value]) => [
			name,
			value instanceof File ? `file "${value.name}" (${value.size} bytes)` : value,
		]),
	);
}

function jsonOrText(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

/** Reads the named fields of a form, which knows but texts, as JSON: `true`, `2.5`, `{"a": 1}`. */
export function readAsJson(request: FastifyRequest, body: Json, names: readonly string[]): Json {
	if (!isForm(request.headers['content-type'])) return body;
	return Object.fromEntries(
		Object.entries(body).map(([name, value]) => [
			name,
			names.includes(name) && typeof value === 'string' ? jsonOrText(value) : value,
		]),
	);
}
