/**
 * Why something was not done, in the user's words. The engine turns it into n8n's own error types;
 * every floor below the engine throws nothing else on purpose.
 */
export class XimilarError extends Error {
	/** What to do about it. */
	readonly description: string;

	/** HTTP status, or the status that an answer named in its body. Absent when no server answered. */
	readonly status?: number;

	/** The request as a whole may be right: one of its records made the service refuse all of them. */
	readonly splittable: boolean;

	/** Every further call of this run would be refused for the same reason, so none is made. */
	readonly isFatal: boolean;

	/**
	 * The plain reason, where the message also names what this item had made before: that has to
	 * reach the user, and is of no concern to other items.
	 */
	readonly brokenOffBy?: XimilarError;

	constructor(
		message: string,
		description: string,
		facts: {
			status?: number;
			splittable?: boolean;
			isFatal?: boolean;
			brokenOffBy?: XimilarError;
		} = {},
	) {
		super(message);
		this.description = description;
		this.status = facts.status;
		this.splittable = facts.splittable ?? false;
		this.isFatal = facts.isFatal ?? false;
		this.brokenOffBy = facts.brokenOffBy;
	}

	/** The same refusal with the thing it is about in front, e.g. an image's name. */
	about(subject: string): XimilarError {
		return new XimilarError(`${subject}: ${this.message}`, this.description, this);
	}
}

/** Throws a {@link XimilarError}; as an expression, so that it fits behind `??` and in a catch clause. */
export function fail(...args: ConstructorParameters<typeof XimilarError>): never {
	throw new XimilarError(...args);
}

/** Whether the same call may succeed a little later: no answer came, or one that says so. */
export function isTransient(error: unknown): error is XimilarError {
	if (!(error instanceof XimilarError)) return false;
	const { status } = error;
	return status === undefined || status === 408 || status === 429 || status >= 500;
}

const MAX_REASON_LENGTH = 600;

/** Keeps a server's text readable in one line of n8n's error box. */
export function shorten(text: string): string {
	const line = text.replace(/\s+/g, ' ').trim();
	return line.length > MAX_REASON_LENGTH ? `${line.slice(0, MAX_REASON_LENGTH)}…` : line;
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The service's own reason in a refused answer: `detail`, a `status.text`, or messages by field.
 * Shapes: `api.md` (Refusals) and the `status` objects of the OCR seed.
 * @returns one line, empty when the answer gives no reason
 */
export function reasonIn(body: unknown): string {
	return shorten(reasonOf(body));
}

function reasonOf(body: unknown): string {
	if (typeof body === 'string') return body;
	if (Array.isArray(body)) return body.map(reasonOf).filter(Boolean).join(' ');
	if (!isRecord(body)) return '';
	for (const key of ['detail', 'message', 'error']) {
		const reason = reasonOf(body[key]);
		if (reason) return reason;
	}
	for (const key of ['status', '_status']) {
		if (isRecord(body[key])) return reasonOf(body[key].text);
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

/** A refusal that names fields, none of which is `records`, is not about a single record. */
function namesOtherFields(body: unknown): boolean {
	if (!isRecord(body)) return false;
	const fields = Object.keys(body).filter(
		(key) => !['detail', 'status', 'message', 'error', 'records', 'non_field_errors'].includes(key),
	);
	return fields.length > 0 && !('records' in body);
}

/** The numbers that Ximilar's support asks for, from a `status` or `_status` object (OCR seed). */
export function supportIds(status: unknown): string {
	if (!isRecord(status)) return '';
	const ids = ['request_id', 'proc_id']
		.filter((key) => typeof status[key] === 'string')
		.map((key) => `${key} ${status[key] as string}`);
	return ids.length ? ` Ximilar's support can look this up: ${ids.join(', ')}.` : '';
}

/** What a refusal means for one service, where the plain status does not tell (OCR and VLM seeds). */
function serviceAdvice(path: string): string {
	if (path.startsWith('vlm/')) {
		return 'Custom vision language models are in beta and open to selected accounts only: ask Ximilar for access.';
	}
	if (path.startsWith('ocr/v2/read_gpt')) {
		return 'OCR with GPT needs the Business or Professional plan, which can be activated in the Ximilar App.';
	}
	return "Check the account's plan and the workspace in the Ximilar App.";
}

/**
 * A refused answer as a {@link XimilarError}.
 * @param status HTTP status, or the `status.code` of an HTTP 200 that failed all the same
 * @param body the parsed answer, or its text
 * @param path the call's path, for advice that depends on the service
 */
export function errorFromResponse(status: number, body: unknown, path: string): XimilarError {
	const reason = reasonIn(body);
	const because = reason ? `: ${reason}` : '';
	const ids = isRecord(body) ? supportIds(body.status) || supportIds(body) : '';
	const say = (
		what: string,
		todo: string,
		facts: { splittable?: boolean; isFatal?: boolean } = {},
	) => new XimilarError(`${what}${because}`, `${todo}${ids}`, { status, ...facts });

	switch (status) {
		case 400:
		case 422:
			return say(
				'Ximilar refused this',
				'Correct what is named above. If nothing is named, check the IDs and the images of this item.',
				{ splittable: !namesOtherFields(body) },
			);
		case 401:
			return say(
				'Ximilar did not accept the API token',
				'Open the Ximilar credential, paste the token from the Ximilar App (Settings » Token) and save it. Credits were not used.',
				{ isFatal: true },
			);
		case 402:
			return say(
				'The Ximilar account has too few credits',
				'Add credits or wait for the monthly supply, then run the items that are left. The Ximilar Account node shows the counter.',
				{ isFatal: true },
			);
		case 403:
			return say('This Ximilar account may not use this', serviceAdvice(path));
		case 404:
			return say(
				'Ximilar did not find it',
				'It may have been deleted, or belong to another workspace or account. Choose it from the list again.',
			);
		case 413:
			return say('The images are too large for one request', 'Use smaller images.', {
				splittable: true,
			});
		case 429:
			return say(
				'Ximilar is receiving too many requests from this account',
				'Nothing was done for this item. Lower Parallel Requests in the options, or run it again later.',
			);
		default:
			return status >= 500
				? say(
						`Ximilar could not answer (status ${status})`,
						'Run this item again later. If it persists, ask Ximilar.',
					)
				: say(
						`Ximilar refused the request (status ${status})`,
						'Check the fields of this item and the API base URL of the credential.',
					);
	}
}
