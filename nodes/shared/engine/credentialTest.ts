import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	IDataObject,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { sleep } from 'n8n-workflow';
import { createClient } from '../api/client';
import { API_BASE_URL, authorize, parseCredentials } from '../api/credential';
import { sentences, XimilarError, type ErrorKind } from '../api/error';
import type { HttpResponse, Transport } from '../api/exchange';
import { createLimiter } from '../api/limiter';
import { ACCOUNT_PATH } from '../api/entities';
import { accountSchema } from '../api/schemas';
import { explain } from './errors';

/** Answers that Ximilar's API would not give here: something else answers at the address. */
const NOT_THE_API: readonly ErrorKind[] = ['badAnswer', 'notFound', 'refused'];

/**
 * What n8n does when the credential is saved or retried: GET account/v2/details/ (seed 000), through
 * the same client as every call, so that a bad token and a bad address are told in the same words.
 */
export async function ximilarApiTest(
	this: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const { request } = this.helpers;
	const transport: Transport = async (wanted) => {
		const { url, method, headers } = authorize(data, { ...wanted, body: undefined });
		// The only HTTP helper that n8n gives to a credential test; it names some options otherwise.
		const { statusCode, ...response } = (await request({
			uri: url,
			method,
			headers: headers as IDataObject,
			timeout: wanted.timeout,
			encoding: null,
			followRedirect: false,
			resolveWithFullResponse: true,
			simple: false,
		})) as HttpResponse & { statusCode: number };
		return { ...response, status: statusCode };
	};
	try {
		const account = async () => parseCredentials(data);
		const limiter = createLimiter(1);
		const limits = { maxTries: 1, patience: 0, timeout: 20_000 };
		const api = createClient({ account, transport, sleep, limiter }, limits);
		await api.get(ACCOUNT_PATH, accountSchema);
		return { status: 'OK', message: 'Connection successful' };
	} catch (error) {
		return { status: 'Error', message: sentences(...messageOf(error, String(data.baseUrl ?? ''))) };
	}
}

/** What happened and what to do; an address other than Ximilar's own is named as a possible cause. */
function messageOf(error: unknown, address: string): string[] {
	const { message, description } = explain(error);
	const { kind } = error as Partial<XimilarError>;
	if (kind === 'credential' || address.trim().replace(/\/+$/, '') === API_BASE_URL) {
		return [message, description];
	}
	return kind && NOT_THE_API.includes(kind)
		? [
				"API Base URL does not lead to Ximilar's API",
				`What answered at ${address} is something else: set it to ${API_BASE_URL}`,
				// The API of another service says no more than that by its "not found".
				kind === 'badAnswer' ? message : '',
			]
		: [message, description, `API Base URL is ${address}, and Ximilar's own is ${API_BASE_URL}`];
}
