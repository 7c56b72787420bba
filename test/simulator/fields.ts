/** Checks of what a caller sent. A strict simulator is stricter than the service: a typo must show. */
import type { FastifyRequest } from 'fastify';
import { refuse, refuseField } from './errors';

export type Json = Record<string, unknown>;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function isObject(value: unknown): value is Json {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The query; one with a parameter given twice, or not listed where that counts, is refused. */
export function knownQuery(
	{ query, strict }: FastifyRequest,
	allowed: readonly string[],
): Record<string, string> {
	for (const [name, value] of Object.entries(query as Json)) {
		if (strict && !allowed.includes(name)) refuseField(name, 'Unknown query parameter.');
		if (typeof value !== 'string') refuseField(name, 'Given more than once.');
	}
	return query as Record<string, string>;
}

/** The body; one that is no JSON object, or has a field not listed where that counts, is refused. */
export function knownFields(
	{ body = {}, strict }: FastifyRequest,
	allowed: readonly string[],
): Json {
	if (!isObject(body)) refuse(400, { detail: 'The body must be a JSON object.' });
	for (const name of Object.keys(body)) {
		if (strict && !allowed.includes(name)) refuseField(name, 'Unknown field.');
	}
	return body;
}

export function requiredUuid(value: unknown, field: string): string {
	if (value === undefined || value === null || value === '') {
		refuseField(field, 'This field is required.');
	}
	if (typeof value !== 'string' || !UUID.test(value)) {
		refuseField(field, `"${String(value)}" is not a valid UUID.`);
	}
	return value.toLowerCase();
}

export function oneOf<T>(value: unknown, field: string, choices: readonly T[]): T {
	if (!choices.includes(value as T))
		refuseField(field, `"${String(value)}" is not a valid choice.`);
	return value as T;
}

/** The checked value of a field that may be left out, or be null, which Python callers send for that. */
export function optional<T>(
	value: unknown,
	field: string,
	check: (value: unknown, field: string) => T,
): T | undefined {
	return value === undefined || value === null ? undefined : check(value, field);
}

export function text(value: unknown, field: string): string {
	if (typeof value !== 'string') refuseField(field, 'Not a valid string.');
	return value;
}

export function requiredText(value: unknown, field: string): string {
	if (value === undefined) refuseField(field, 'This field is required.');
	if (value === null) refuseField(field, 'This field may not be null.');
	if (!text(value, field).trim()) refuseField(field, 'This field may not be blank.');
	return value as string;
}

export function flag(value: unknown, field: string): boolean {
	if (typeof value !== 'boolean') refuseField(field, 'Must be a valid boolean.');
	return value;
}

export function finiteNumber(value: unknown, field: string): number {
	if (typeof value !== 'number') refuseField(field, 'A valid number is required.');
	return value;
}

export function integer(value: unknown, field: string): number {
	if (!Number.isInteger(value)) refuseField(field, 'A valid integer is required.');
	return value as number;
}

export function jsonObject(value: unknown, field: string): Json {
	if (!isObject(value)) refuseField(field, 'Expected a JSON object.');
	return value;
}

export function uuidList(value: unknown, field: string): string[] {
	if (!Array.isArray(value)) refuseField(field, 'Expected a list of IDs.');
	return value.map((id) => requiredUuid(id, field));
}

/** True or false in a query; Python callers write them with a capital. */
export function queryFlag(value: unknown, field: string): boolean {
	return oneOf(String(value).toLowerCase(), field, ['true', 'false']) === 'true';
}

/**
 * The bytes of plain base64: no data URL, no line breaks, complete. Undefined for anything else. A
 * regular expression cannot tell: on the base64 of a photo it overflows the stack.
 */
export function decodeBase64(base64: string): Buffer | undefined {
	const padding = base64.endsWith('==') ? 2 : Number(base64.endsWith('='));
	const bytes = Buffer.from(base64, 'base64');
	// The decoder passes over what is no base64, which leaves fewer bytes, and knows that of URLs.
	const complete = base64.length % 4 === 0 && bytes.length === (base64.length / 4) * 3 - padding;
	return complete && !base64.includes('-') && !base64.includes('_') ? bytes : undefined;
}

/** The public Python client puts it in front of images that it has made smaller. */
const DATA_URL = /^data:image\/[\w.+-]{1,50};base64,/;

/** Base64 without the beginning of a data URL, which is taken where strictness does not count. */
export function plainBase64(base64: string, strict: boolean): string {
	return strict ? base64 : base64.slice(DATA_URL.exec(base64)?.[0].length ?? 0);
}

/** The bytes of base64 in a field. */
export function base64Bytes(value: unknown, field: string, strict: boolean): Buffer {
	const bytes = decodeBase64(plainBase64(requiredText(value, field), strict));
	return bytes ?? refuseField(field, 'Not valid base64.');
}
