import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	IDataObject,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { sleep } from 'n8n-workflow';
import { createClient } from '../api/client';
import { authorize, parseCredentials } from '../api/credential';
import type { HttpResponse, Transport } from '../api/exchange';
import { createLimiter } from '../api/limiter';
import { ACCOUNT_PATH } from '../api/entities';
import { accountSchema } from '../api/schemas';
import { explain } from './errors';

/**
 * What the Test button of the credential does: GET account/v2/details/ (seed 000), through the
 * same client as every call, so that a bad token and a bad address are told in the same words.
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
		const { message, description } = explain(error);
		return { status: 'Error', message: `${message}. ${description}` };
	}
}
