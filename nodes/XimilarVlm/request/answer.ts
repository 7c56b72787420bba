import type { IDataObject } from 'n8n-workflow';
import { REQUEST } from '../../shared/api/entities';
import { XimilarError } from '../../shared/api/error';
import { withoutBytes } from '../../shared/api/images';
import { asObject, isObject, parseJson } from '../../shared/api/json';
import { reasonIn } from '../../shared/api/response';
import { entitySchema, objectOrEmpty, requestSchema } from '../../shared/api/schemas';
import { parseUrl } from '../../shared/api/url';
import { describePart, imagesIn } from './messages';

/** What becomes of a request, and how it is shown. */

export const HISTORY = `${REQUEST.path}history/`;

/** Statuses that a request leaves again by itself (seed 003, "Request Lifecycle"). */
export const OPEN_STATUSES = ['CREATED', 'PROCESSING', 'RETRY'] as const;
/** Final statuses without an answer. */
export const FAILED_STATUSES = ['API_LIMIT_EXCEEDED', 'FAILED', 'NOT_SUPPORTED'] as const;

export function isFinal(status: unknown): boolean {
	return status === 'DONE' || hasFailed(status);
}

export function hasFailed(status: unknown): boolean {
	return (FAILED_STATUSES as readonly unknown[]).includes(status);
}

/**
 * A request as it may be handed on: an answer that is JSON text becomes JSON, image bytes are
 * replaced by their type and size, and the webhook's secrets are masked. No operation takes a
 * request from the API otherwise than by the schemas below, which do that.
 */
function readable(request: IDataObject): IDataObject {
	const { response, webhook } = request;
	return withoutBytes({
		...request,
		...(response === undefined ? {} : { response: parsedAnswer(response) }),
		...(isObject(webhook) ? { webhook: withoutSecrets(webhook) } : {}),
	}) as IDataObject;
}

/** GET request/ID/ and POST request/. */
export const wholeRequest = requestSchema.transform(readable);
/** An entry of a list: what it omits is not said. */
export const listedRequest = entitySchema.transform(readable);
/** An entry of request/history/, which has nothing but requests that are DONE. */
export const doneRequest = entitySchema.transform((entry) =>
	readable({ status: 'DONE', ...entry }),
);
/** The answer to a call that no document prints. */
export const perhapsRequest = objectOrEmpty.transform(readable);

/**
 * A request as a spreadsheet row: its images, the fields of the answer, then what it cost. An answer
 * that is no object stands in `answer`. What is not known yet, or not told, is left out.
 */
export function requestRow(request: IDataObject): IDataObject {
	const { response, status, usage } = request;
	const { total_tokens: tokens, processing_time: seconds } = asObject(usage);
	const failed = hasFailed(status);
	const image_names = request.image_names ?? imagesSent(request);
	return {
		...known({ image_names }),
		...(failed ? {} : answerFields(response)),
		...known({
			id: request.id,
			status,
			...(failed ? { reason: reasonIn(response), retry_count: request.retry_count } : {}),
			task_id: request.task_id,
			version: request.version,
			tokens,
			seconds,
			created: request.created,
			completed_at: request.completed_at,
			workspace: request.workspace,
		}),
	};
}

/** The images of a request that tells of them: their addresses, or their types and sizes. */
function imagesSent({ request: payload }: IDataObject): string[] | undefined {
	const images = isObject(payload) ? imagesIn(payload.messages).map(describePart) : [];
	return images.length ? images : undefined;
}

/** Without fields that say nothing. */
function known(fields: Record<string, unknown>): IDataObject {
	const entries = Object.entries(fields);
	const isKnown = ([, value]: [string, unknown]) =>
		value !== undefined && value !== null && value !== '';
	return Object.fromEntries(entries.filter(isKnown)) as IDataObject;
}

function answerFields(response: unknown): IDataObject {
	if (response === undefined || response === null) return {};
	return isObject(response) ? renamed(response) : { answer: response as IDataObject[string] };
}

const OF_THE_ROW =
	/^(answer_)*(image_names|id|status|task_id|version|tokens|seconds|created|completed_at|workspace)$/;

/**
 * An answer whose fields are named unlike those of the row, whatever the values are: the columns of
 * a table do not depend on them. What has such a new name already gets another one.
 */
function renamed(answer: IDataObject): IDataObject {
	const entries = Object.entries(answer).map(([name, value]) => [
		OF_THE_ROW.test(name) ? `answer_${name}` : name,
		value,
	]);
	return Object.fromEntries(entries) as IDataObject;
}

/** Why there is no answer, for a request that ended in another status than DONE. */
export function errorOfRequest(request: IDataObject): XimilarError {
	const { id, status, response, retry_count: retries } = request;
	const reason = reasonIn(response);
	const because = reason ? `: ${reason}` : '';
	const [what, todo] = endings[String(status)] ?? [`ended as ${String(status)}`, 'Resubmit it.'];
	const tried = typeof retries === 'number' ? ` Ximilar's retry_count is ${retries}.` : '';
	return new XimilarError(`Request ${String(id)} ${what}${because}`, `${todo}${tried}`);
}

/** What the seed's table of statuses says of each. */
const endings: Record<string, [string, string]> = {
	FAILED: [
		'ended as FAILED, after all retries of Ximilar',
		'Check its images and its instruction, then use the operation Resubmit, or submit it anew.',
	],
	API_LIMIT_EXCEEDED: [
		'ended as API_LIMIT_EXCEEDED: a rate limit was hit, or there are too few credits',
		'Check the credits with the Ximilar Account node, then use the operation Resubmit.',
	],
	NOT_SUPPORTED: [
		'ended as NOT_SUPPORTED: Ximilar does not support the request or the model',
		'Check that the task is trained, its Model Version, and the images, then submit it anew.',
	],
};

/** JSON text, alone or as the one fenced block of the text, becomes JSON. Anything else stays. */
function parsedAnswer(response: unknown): unknown {
	if (typeof response !== 'string') return response;
	const fenced = /^\s*```(?:json)?[ \t]*\r?\n([\s\S]*?)\r?\n?[ \t]*```\s*$/i.exec(response);
	const text = (fenced?.[1] ?? response).trim();
	// A bare number or word may as well be plain text.
	if (!/^[[{]/.test(text)) return response;
	return parseJson(text) ?? response;
}

const MASK = '[hidden]';

/** Headers often carry a password, and so can the query of an address: n8n's resumeUrl does. */
function withoutSecrets(webhook: IDataObject): IDataObject {
	const { url, headers } = webhook;
	return {
		...webhook,
		...(typeof url === 'string' ? { url: withoutQuery(url) } : {}),
		...(isObject(headers)
			? { headers: Object.fromEntries(Object.keys(headers).map((name) => [name, MASK])) }
			: headers
				? { headers: MASK }
				: {}),
	};
}

function withoutQuery(address: string): string {
	const url = parseUrl(address);
	if (!url) return MASK;
	const { origin, pathname, search, hash } = url;
	return `${origin}${pathname}${search || hash ? `?${MASK}` : ''}`;
}
