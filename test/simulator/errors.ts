/** Refusals: how the service says no to a whole request. */

export interface Refusal {
	status: number;
	body: unknown;
}

/** Ends the handling of a request with this status and body. */
export function refuse(status: number, body: unknown): never {
	const refusal: Refusal = { status, body };
	throw Object.assign(new Error(`Refused with ${status}`), { refusal });
}

/** A 400 that names the field, in the form `{"field": ["..."]}`. */
export function refuseField(field: string, text: string): never {
	refuse(400, { [field]: [text] });
}

/** The refusal that an error carries, if it is one. */
export function refusalOf(error: unknown): Refusal | undefined {
	return (error as { refusal?: Refusal }).refusal;
}
