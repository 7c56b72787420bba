/** What a submission must be, and what it becomes (seed 003, Submit Request). */
import { randomUUID } from 'node:crypto';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { now, timestamp } from '../../clock';
import { refuse, refuseField } from '../../errors';
import { integer, isObject, type Json, optional } from '../../fields';
import { inField } from '../../recognition/call';
import type { State } from '../../state';
import { promptReference } from '../prompt';
import type { VlmTask } from '../state';
import type { Eyes } from './eyes';
import { checkPayload, dataUrl, imageUrls, inlineText } from './messages';
import { resolvePrompts } from './prompts';
import { planFor } from './rules';
import { schedule } from './schedule';
import type { Payload, VlmRequest, Webhook, Work } from './state';

export const FIELDS = [
	'task_id',
	'request',
	'version',
	'system_prompt_id',
	'user_prompt_id',
	'webhook',
	'priority',
];

/** "The task must have a trained model." */
function versionToUse(task: VlmTask, asked: unknown): number {
	if (task.production_version === -1) {
		refuse(400, { detail: `Task ${task.id} has no trained model.` });
	}
	const version = optional(asked, 'version', integer) ?? task.production_version;
	if (version < 0 || version > task.last_version) {
		refuseField('version', `Task ${task.id} has no version ${version}.`);
	}
	return version;
}

function checkHeaders(headers: unknown): asserts headers is Record<string, string> {
	if (!isObject(headers)) refuseField('webhook', '"headers" must be an object.');
	for (const [name, value] of Object.entries(headers)) {
		if (typeof value !== 'string') refuseField('webhook', `Header "${name}" must be a string.`);
		try {
			validateHeaderName(name);
			validateHeaderValue(name, value);
		} catch {
			refuseField('webhook', `"${name}" cannot be sent as a header.`);
		}
	}
}

/** "Callback target for the result, e.g. {"url": "https://...", "headers": {...}}." */
function webhookField(value: unknown): Webhook {
	if (!isObject(value))
		refuseField('webhook', 'Expected {"url": "https://...", "headers": {...}}.');
	const { url, headers, ...rest } = value;
	if (Object.keys(rest).length > 0) refuseField('webhook', 'Unknown field.');
	if (typeof url !== 'string' || !/^https?:\/\//i.test(url) || !URL.canParse(url)) {
		refuseField('webhook', '"url" must be a http or https address.');
	}
	if (headers === undefined) return { url };
	checkHeaders(headers);
	return { url, headers };
}

/** Looks into data URLs at once: they need no download. Strictly, their type must be the bytes' own. */
export async function checkInlineImages(
	payload: Payload,
	eyes: Eyes,
	strict: boolean,
): Promise<void> {
	for (const [index, url] of imageUrls(payload).entries()) {
		const inline = dataUrl(url);
		if (!inline) continue;
		const look = await eyes(url, false);
		if ('refused' in look) refuseField('request', `Image ${index}: ${look.refused}`);
		const type = `image/${look.sight.format.toLowerCase()}`;
		if (strict && inline.type !== type) {
			refuseField(
				'request',
				`Image ${index}: it says ${inline.type || 'nothing'}, and is ${type}.`,
			);
		}
	}
}

/** Puts a request into the queue: with its prompts resolved, and its fate decided. */
export function enqueue(state: State, request: VlmRequest): void {
	const { id, task_id, request: payload, work } = request;
	const task = state.vlm.tasks.find((one) => one.id === task_id)!;
	work.prompts = resolvePrompts(state, task, request, payload);
	const texts = [
		...Object.values(work.prompts),
		inlineText(payload, 'system'),
		inlineText(payload, 'user'),
	].filter((text) => text !== null);
	work.plan = planFor(state, id, { task_id, texts, images: imageUrls(payload) });
	schedule(state, request, 'ready', now(state.clock) + state.settings.vlmQueueMs);
}

/** What no answer shows of a request that is not in the queue yet. */
export function newWork(account: string, priority: number): Work {
	return {
		account,
		priority,
		run: 1,
		prompts: { system: null, user: null },
		plan: {
			status: 'DONE',
			processMs: 0,
			retries: 0,
			response: null,
			visibleAfterMs: null,
			hidesCompletion: false,
		},
		billed: false,
		reserved: 0,
		visibleAt: 0,
	};
}

/** The new request that a body describes; its images' bytes are checked apart. */
export function requestIn(
	state: State,
	call: FastifyRequest,
	body: Json,
	workspace: string,
): VlmRequest {
	const task = inField(state.vlm.tasks, body.task_id, 'task_id', workspace);
	const prompt = promptReference.bind(null, state, workspace);
	return {
		id: randomUUID(),
		status: 'CREATED',
		task_id: task.id,
		version: versionToUse(task, body.version),
		request: checkPayload(body.request),
		response: null,
		usage: null,
		system_prompt_id: prompt(body.system_prompt_id, 'system_prompt_id', 'system'),
		user_prompt_id: prompt(body.user_prompt_id, 'user_prompt_id', 'user'),
		webhook: optional(body.webhook, 'webhook', webhookField) ?? null,
		retry_count: 0,
		created: timestamp(state.clock),
		started_at: null,
		completed_at: null,
		workspace,
		work: newWork(
			call.caller.name,
			// "Defaults to your account priority."
			optional(body.priority, 'priority', integer) ?? 0,
		),
	};
}
