import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	IDataObject,
	IHttpRequestOptions,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { authorized } from '../api/authorization';
import { createClient, type Caller } from '../api/client';
import { accountSchema } from '../api/schemas';
import { explain } from './errors';

/**
 * What the Test button of the credential does: GET account/v2/details/ (seed 000), through the
 * same client as every call, so that a bad token and a bad address are told in the same words.
 */
export async function ximilarApiTest(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	// The only HTTP helper that n8n gives to a credential test; it names some options otherwise.
	const { request } = this.helpers;
	const caller = {
		getCredentials: async () => credential.data ?? {},
		helpers: {
			httpRequestWithAuthentication: async (_type: string, options: IHttpRequestOptions) => {
				const { url, method, headers, timeout } = authorized(credential.data ?? {}, options);
				return (await request({
					uri: url,
					method,
					headers: headers as IDataObject,
					timeout,
					encoding: null,
					followRedirect: false,
					resolveWithFullResponse: true,
					simple: false,
				})) as unknown;
			},
		},
	} as unknown as Caller;
	try {
		await createClient(caller, undefined, { maxTries: 1, timeout: 20_000 }).get(
			'account/v2/details/',
			accountSchema,
		);
		return { status: 'OK', message: 'Connection successful' };
	} catch (error) {
		const { message, description } = explain(error);
		return { status: 'Error', message: `${message}. ${description}` };
	}
}
