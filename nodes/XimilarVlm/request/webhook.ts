import type { IDataObject } from 'n8n-workflow';
import { fail, XimilarError } from '../../shared/api/error';
import { parseUrl } from '../../shared/api/url';
import { list } from '../../shared/engine/collection';
import { requiredText, text, type Values } from '../../shared/engine/field';

/** The address that Ximilar calls when a request is done (seed 003, "Submit Request"). */

export const webhookFields = () => ({
	webhookHeaders: list(
		{
			name: requiredText({
				displayName: 'Name',
				placeholder: 'e.g. X-Api-Key',
				description: 'The name of the header',
			}),
			value: text({
				displayName: 'Value',
				typeOptions: { password: true },
				description: 'The value of the header; it is never shown in outputs',
			}),
		},
		{
			displayName: 'Webhook Headers',
			placeholder: 'Add Header',
			description: 'What Ximilar sends along when it calls the webhook, e.g. a password',
		},
	),
	webhookUrl: requiredText({
		displayName: 'Webhook URL',
		placeholder: 'e.g. https://example.com/webhook',
		description:
			'The address that Ximilar posts the answer to when the request is done. It is not called for a request that fails.',
	}),
});

type WebhookValues = Partial<Values<ReturnType<typeof webhookFields>>>;

/**
 * The webhook of a request.
 * @throws XimilarError for an address that is none, and for headers that lack one or cannot be headers
 */
export function webhookOf({
	webhookUrl,
	webhookHeaders = [],
}: WebhookValues): IDataObject | undefined {
	if (webhookUrl === undefined) {
		return webhookHeaders.length
			? fail('Webhook Headers are given without an address', 'Add the option Webhook URL.')
			: undefined;
	}
	const protocol = parseUrl(webhookUrl)?.protocol ?? '';
	if (!['http:', 'https:'].includes(protocol)) {
		fail(
			'Webhook URL does not begin with http:// or https://',
			'Enter the whole address that Ximilar should call. It must be reachable from the internet.',
		);
	}
	for (const { name, value } of webhookHeaders) {
		if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[^\t\x20-\x7e\x80-\xff]/.test(value)) {
			fail(
				`Webhook Headers: "${name}" cannot be sent as a header`,
				'A name has no blanks or colons, and a value has no line breaks.',
			);
		}
	}
	const headers = Object.fromEntries(webhookHeaders.map(({ name, value }) => [name, value]));
	return { url: webhookUrl, ...(webhookHeaders.length ? { headers } : {}) };
}

/** Shorter ones would tear words apart, and are no secrets. */
const SHORTEST_SECRET = 4;

/** A refusal may quote what was sent: the values of headers and the address's query never show. */
export function withoutWebhookSecrets(error: unknown, values: WebhookValues): unknown {
	if (!(error instanceof XimilarError)) return error;
	const { webhookUrl = '', webhookHeaders = [] } = values;
	const secrets = [parseUrl(webhookUrl)?.search ?? '', ...webhookHeaders.map(({ value }) => value)]
		.flatMap((secret) => [secret, secret.trim(), JSON.stringify(secret).slice(1, -1)])
		.filter((secret) => secret.length >= SHORTEST_SECRET)
		.sort((a, b) => b.length - a.length);
	const hide = (shown: string) =>
		secrets.reduce((rest, secret) => rest.replaceAll(secret, '[hidden]'), shown);
	const { message, description, facts, cause } = error;
	return new XimilarError(hide(message), hide(description), { ...facts, cause });
}
