import type {
	ICredentialDataDecryptedObject,
	ICredentialType,
	Icon,
	IHttpRequestOptions,
	INodeProperties,
} from 'n8n-workflow';
import { API_BASE_URL, authorize } from '../nodes/shared/api/credential';

export class XimilarApi implements ICredentialType {
	name = 'ximilarApi';

	displayName = 'Ximilar API';

	icon: Icon = { light: 'file:../icons/ximilar.svg', dark: 'file:../icons/ximilar.dark.svg' };

	documentationUrl = 'https://docs.ximilar.com/quickstart';

	properties: INodeProperties[] = [
		{
			displayName: 'API Token',
			name: 'apiToken',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			hint: 'Copy it from the <a href="https://app.ximilar.com" target="_blank">Ximilar App</a>, under Settings » Token',
		},
		{
			displayName: 'API Base URL',
			name: 'baseUrl',
			type: 'string',
			required: true,
			default: API_BASE_URL,
			description:
				'Leave it as it is, unless you reach Ximilar through an address of your own, e.g. a proxy. It must begin with https://.',
		},
	];

	// A function, so that the token goes to the host of this credential and to no other, also when
	// the credential is used in the HTTP Request node.
	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		request: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> {
		return authorize(credentials, request);
	}
}
