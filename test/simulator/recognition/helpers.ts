/** What the tests of Recognition's calls have in common. */
import sharp from 'sharp';
import { type Answer, call, type CallOptions } from '../caller';
import type { Simulator } from '../server';
import { TOKENS } from '../state';

export const TASKS = '/recognition/v2/task/';
export const LABELS = '/recognition/v2/label/';
export const IMAGES = '/recognition/v2/training-image/';

export const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
/** An ID that nothing has. */
export const UNKNOWN = '00000000-0000-4000-8000-000000000000';
export const NOT_FOUND = [404, { detail: 'Not found.' }];

/** Status and body, to be compared at once. */
export async function ask(simulator: Simulator, path: string, options?: CallOptions) {
	const { status, body } = await call(simulator, path, options);
	return [status, body];
}

/** A form as `curl -F` sends it: no header but the token and the form's own type. */
export async function sendForm(
	simulator: Simulator,
	path: string,
	form: FormData | URLSearchParams,
): Promise<Pick<Answer, 'status' | 'body'>> {
	const response = await fetch(new URL(path, simulator.url), {
		method: 'POST',
		headers: { Authorization: `Token ${TOKENS.business}` },
		body: form,
	});
	const text = await response.text();
	return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

export function formOf(fields: Record<string, string>): FormData {
	const form = new FormData();
	for (const [name, value] of Object.entries(fields)) form.append(name, value);
	return form;
}

/** A small image that differs from that of any other number. */
export async function imageOf(number: number): Promise<Buffer> {
	const background = { r: number % 256, g: Math.floor(number / 256), b: 77 };
	return await sharp({ create: { width: 4, height: 3, channels: 3, background } })
		.png()
		.toBuffer();
}

/** Uploads the image of a number, and resolves to its ID. */
export async function upload(simulator: Simulator, number: number, rest: object = {}) {
	const base64 = (await imageOf(number)).toString('base64');
	const { status, body } = await call(simulator, IMAGES, { body: { base64, ...rest } });
	expect([status, body]).toEqual([201, expect.objectContaining({ id: UUID })]);
	return body.id as string;
}

/** Creates a label or a task, and resolves to its ID. */
export async function create(simulator: Simulator, path: string, name: string, rest: object = {}) {
	const { status, body } = await call(simulator, path, { body: { name, ...rest } });
	expect([status, body]).toEqual([201, expect.objectContaining({ id: UUID, name })]);
	return body.id as string;
}

/** Adds a label to a task or an image. */
export async function addLabel(simulator: Simulator, path: string, label_id: string) {
	const { status } = await call(simulator, `${path}/add-label/`, { body: { label_id } });
	expect(status).toBe(200);
}

/** A label with so many images, the first with the image of number `from`. */
export async function labelWithImages(
	simulator: Simulator,
	name: string,
	from: number,
	count: number,
) {
	const label = await create(simulator, LABELS, name);
	for (let number = from; number < from + count; number++) {
		await addLabel(simulator, `${IMAGES}${await upload(simulator, number)}`, label);
	}
	return label;
}

/** The IDs of a list, from all its pages. */
export async function idsOf(simulator: Simulator, path: string): Promise<string[]> {
	const ids: string[] = [];
	let next: string | null = path;
	while (next) {
		const { status, body }: Answer = await call(simulator, next);
		expect(status).toBe(200);
		ids.push(...body.results.map(({ id }: { id: string }) => id));
		expect(body.next === null || body.next.startsWith(simulator.url)).toBe(true);
		next = body.next;
	}
	return ids;
}
