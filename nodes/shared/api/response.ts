import { API_BASE_URL } from './credential';
import { sentences, shorten, XimilarError } from './error';
import { isObject } from './json';
import { listOf, saysOnlyMissing, subjectOf, type Described } from './subject';

/** What the service's answers say: reasons, support numbers, and errors with a kind. */

/**
 * The service's own reason in an answer that is no success: `detail`, a `status.text`, or messages
 * by field. Shapes: `api.md` (Refusals) and the `status` objects of the OCR seed.
 * @returns one line, empty when the answer gives no reason
 */
export function reasonIn(body: unknown): string {
	// A full stop that the service, or joining its texts, has doubled.
	return shorten(reasonOf(body)).replace(/(?<!\.)\.\.(?=\s|$)/g, '.');
}

function reasonOf(body: unknown): string {
	if (typeof body === 'string') return body;
	if (Array.isArray(body)) return body.map(reasonOf).filter(Boolean).join(' ');
	if (!isObject(body)) return '';
	for (const key of ['detail', 'message', 'error']) {
		const reason = reasonOf(body[key]);
		if (reason) return reason;
	}
	for (const key of ['status', '_status']) {
		const status = body[key];
		if (isObject(status)) return reasonOf(status.text);
	}
	return Object.entries(body)
		.map(([field, value]) => {
			const reason = reasonOf(value);
			if (!reason) return '';
			return field === 'non_field_errors' || field === 'text' ? reason : `${field}: ${reason}`;
		})
		.filter(Boolean)
		.join('; ');
}

/** An answer that names a field of the request, other than its records, is not about one of them. */
function isAboutWhole(body: unknown, parameters: object): boolean {
	if (!isObject(body) || 'records' in body) return false;
	return Object.keys(body).some((key) => key !== 'status' && key in parameters);
}

/** How a reason may begin that says again what the words for its kind say. */
const SAYS_AGAIN: Partial<Record<XimilarError['kind'], RegExp>> = {
	token: /^(invalid token|authentication credentials were not provided)[.:]?\s*/i,
	credits: /^((not|you do not have) enough credits|insufficient credits)[.:]?\s*/i,
	forbidden: /^(you do not have permission to perform this action|permission denied)[.:]?\s*/i,
	rateLimit: /^(too many requests|request was throttled|rate limit exceeded)[.:]?\s*/i,
};

/** What a reason says beyond the words for its kind; empty when it says nothing more. */
function newsIn(reason: string, kind: XimilarError['kind'], call: Described): string {
	if (kind === 'notFound' && saysOnlyMissing(reason, call)) return '';
	return reason.replace(SAYS_AGAIN[kind] ?? '', '');
}

/** The numbers that Ximilar's support asks for, from a `status` or `_status` object (OCR seed). */
function supportIds(status: unknown): string {
	if (!isObject(status)) return '';
	const ids = ['request_id', 'proc_id']
		.filter((key) => typeof status[key] === 'string')
		.map((key) => `${key} ${status[key] as string}`);
	return ids.length ? `Ximilar's support can look this up: ${ids.join(', ')}` : '';
}

/** What a 403 means for one service, where the plain status does not tell (OCR and VLM seeds). */
function serviceAdvice(path: string): string {
	if (path.startsWith('vlm/')) {
		return 'Custom vision language models are in beta and open to selected accounts only: ask Ximilar for access.';
	}
	if (path === 'ocr/v2/read_gpt') {
		return 'OCR with GPT needs the Business or Professional plan, which can be activated in the Ximilar App.';
	}
	return "Check the account's plan and the workspace in the Ximilar App.";
}

/** Fields of a request that hold images, or name them. */
const IMAGE_FIELDS = ['records', 'base64', 'request', 'image_ids', 'images'];

const hasImages = ({ parameters = {} }: Described) =>
	IMAGE_FIELDS.some((field) => field in parameters);

/** The words for a status. */
interface Words {
	kind: XimilarError['kind'];
	message: string;
	description: string;
	concernsAll?: boolean;
}

/** What is refused: a call, or one record of a call that was accepted. */
export interface Refused extends Described {
	/** The answer was a web page. */
	isHtml?: boolean;
	isRecord?: boolean;
}

const BY_STATUS: Record<number, (call: Refused, reason: string) => Words> = {
	400: (call, reason) => ({
		kind: 'badRequest',
		message: 'Ximilar refused this',
		description: reason
			? 'Correct what is named above.'
			: `It gave no reason. Check the fields of this item${hasImages(call) ? ', and its images' : ''}.`,
	}),
	401: () => ({
		kind: 'token',
		message: 'Ximilar did not accept the API token',
		description:
			'Open the Ximilar credential, paste the token from the Ximilar App (Settings » Token) and save it. Credits were not used.',
	}),
	402: () => ({
		kind: 'credits',
		message: 'The Ximilar account has too few credits',
		description:
			'Add credits or wait for the monthly supply, then run the items that are left. The Ximilar Account node shows the counter.',
	}),
	403: (call) => {
		const thing = deniedThing(call);
		return {
			kind: 'forbidden',
			message: `This Ximilar account may not use ${thing ?? 'this'}`,
			description: serviceAdvice(call.path),
			concernsAll: !thing,
		};
	},
	404: notFound,
	413: (call) => ({
		kind: 'tooLarge',
		message: hasImages(call)
			? 'The images are too large for one request'
			: 'The request is too large',
		description: hasImages(call) ? 'Use smaller images.' : 'Send less data in one item.',
	}),
	429: () => ({
		kind: 'rateLimit',
		message: 'Ximilar is receiving too many requests from this account',
		description: 'Nothing was done for this item. Run it again later.',
	}),
};

/** What an account may not use, where it is one thing and not a service as a whole. */
function deniedThing(call: Refused): string | undefined {
	const isOfService = call.isRecord || hasImages(call) || call.path.startsWith('vlm/');
	return isOfService ? undefined : subjectOf(call);
}

function notFound(call: Refused, reason: string): Words {
	if (call.isRecord) {
		return {
			kind: 'notFound',
			message: 'Ximilar did not find it',
			description: 'Check that its address is right and public.',
		};
	}
	// The API answers in JSON, and these calls name nothing that may be missing.
	if (call.isHtml || /^(account|ocr)\//.test(call.path)) {
		return {
			kind: 'refused',
			message: "API Base URL does not lead to Ximilar's API",
			description: `There is no ${call.path} at that address. In the Ximilar credential, API Base URL should be ${API_BASE_URL}.`,
			concernsAll: true,
		};
	}
	return {
		kind: 'notFound',
		message: `Ximilar did not find ${subjectOf(call, reason) ?? listOf(call) ?? call.path}`,
		description: 'It may have been deleted, or belong to another workspace or account.',
	};
}

/**
 * An answer that is no success as a {@link XimilarError}.
 * @param status HTTP status, or the `status.code` of an HTTP 200 that failed all the same
 * @param body the parsed answer, or its text
 * @param call what was refused: its path and parameters tell what it was about
 */
export function errorFromResponse(status: number, body: unknown, call: Refused): XimilarError {
	const reason = reasonIn(body);
	const wordsFor = BY_STATUS[status === 422 ? 400 : status] ?? (() => other(status));
	const { kind, message, description, concernsAll } = wordsFor(call, reason);
	const ids = isObject(body) ? supportIds(body.status) || supportIds(body) : '';
	const news = newsIn(reason, kind, call);
	return new XimilarError(news ? `${message}: ${news}` : message, sentences(description, ids), {
		kind,
		status,
		concernsAll,
		mayBeOneRecord:
			kind === 'tooLarge' ||
			status === 500 ||
			(kind === 'badRequest' && !isAboutWhole(body, call.parameters ?? {})),
	});
}

function other(status: number): Words {
	return status >= 500
		? {
				kind: 'server',
				message: `Ximilar could not answer (status ${status})`,
				description: 'Run this item again later. If it persists, ask Ximilar.',
			}
		: {
				kind: 'refused',
				message: `Ximilar refused the request (status ${status})`,
				description: 'Check the fields of this item, and API Base URL in the credential.',
			};
}
