import { shorten, XimilarError } from './error';
import { isObject } from './json';

/** What the service's answers say: reasons, support numbers, and errors with a kind. */

/**
 * The service's own reason in an answer that is no success: `detail`, a `status.text`, or messages
 * by field. Shapes: `api.md` (Refusals) and the `status` objects of the OCR seed.
 * @returns one line, empty when the answer gives no reason
 */
export function reasonIn(body: unknown): string {
	return shorten(reasonOf(body));
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
function isAboutWhole(body: unknown, fields: string[]): boolean {
	if (!isObject(body) || 'records' in body) return false;
	return Object.keys(body).some((key) => key !== 'status' && fields.includes(key));
}

/** The numbers that Ximilar's support asks for, from a `status` or `_status` object (OCR seed). */
function supportIds(status: unknown): string {
	if (!isObject(status)) return '';
	const ids = ['request_id', 'proc_id']
		.filter((key) => typeof status[key] === 'string')
		.map((key) => `${key} ${status[key] as string}`);
	return ids.length ? ` Ximilar's support can look this up: ${ids.join(', ')}.` : '';
}

/** What a 403 means for one service, where the plain status does not tell (OCR and VLM seeds). */
function serviceAdvice(path: string): string {
	if (path.startsWith('vlm/')) {
		return 'Custom vision language models are in beta and open to selected accounts only: ask Ximilar for access.';
	}
	if (path.startsWith('ocr/v2/read_gpt')) {
		return 'OCR with GPT needs the Business or Professional plan, which can be activated in the Ximilar App.';
	}
	return "Check the account's plan and the workspace in the Ximilar App.";
}

const BY_STATUS: Record<number, Pick<XimilarError, 'kind' | 'message' | 'description'>> = {
	400: {
		kind: 'badRequest',
		message: 'Ximilar refused this',
		description:
			'Correct what is named above. If nothing is named, check the IDs and the images of this item.',
	},
	401: {
		kind: 'token',
		message: 'Ximilar did not accept the API token',
		description:
			'Open the Ximilar credential, paste the token from the Ximilar App (Settings » Token) and save it. Credits were not used.',
	},
	402: {
		kind: 'credits',
		message: 'The Ximilar account has too few credits',
		description:
			'Add credits or wait for the monthly supply, then run the items that are left. The Ximilar Account node shows the counter.',
	},
	403: { kind: 'forbidden', message: 'This Ximilar account may not use this', description: '' },
	404: {
		kind: 'notFound',
		message: 'Ximilar did not find it',
		description:
			'It may have been deleted, or belong to another workspace or account. Choose it from the list again.',
	},
	413: {
		kind: 'tooLarge',
		message: 'The images are too large for one request',
		description: 'Use smaller images.',
	},
	429: {
		kind: 'rateLimit',
		message: 'Ximilar is receiving too many requests from this account',
		description: 'Nothing was done for this item. Run it again later.',
	},
};

/**
 * An answer that is no success as a {@link XimilarError}.
 * @param status HTTP status, or the `status.code` of an HTTP 200 that failed all the same
 * @param body the parsed answer, or its text
 * @param call.path the call's path, for advice that depends on the service
 * @param call.fields the names of the fields that the request had in its body
 */
export function errorFromResponse(
	status: number,
	body: unknown,
	{ path, fields = [] }: { path: string; fields?: string[] },
): XimilarError {
	const { kind, message, description } = BY_STATUS[status === 422 ? 400 : status] ?? other(status);
	const reason = reasonIn(body);
	const ids = isObject(body) ? supportIds(body.status) || supportIds(body) : '';
	return new XimilarError(
		reason ? `${message}: ${reason}` : message,
		(kind === 'forbidden' ? serviceAdvice(path) : description) + ids,
		{
			kind,
			status,
			mayBeOneRecord:
				kind === 'tooLarge' ||
				status === 500 ||
				(kind === 'badRequest' && !isAboutWhole(body, fields)),
		},
	);
}

function other(status: number): Pick<XimilarError, 'kind' | 'message' | 'description'> {
	return status >= 500
		? {
				kind: 'server',
				message: `Ximilar could not answer (status ${status})`,
				description: 'Run this item again later. If it persists, ask Ximilar.',
			}
		: {
				kind: 'refused',
				message: `Ximilar refused the request (status ${status})`,
				description: 'Check the fields of this item and the API base URL of the credential.',
			};
}
