/** Webhooks: a real POST of the request as GET shows it, once it is DONE (seed 003, Submit Request). */
import { now, stamp } from '../../clock';
import type { State } from '../../state';
import { presentRequest } from './present';
import { schedule } from './schedule';
import type { Delivery, VlmEvent, VlmRequest } from './state';

const TIMEOUT_MS = 10_000;

/** The status of the answer, or why there was none. */
async function post(
	request: VlmRequest,
	signal: AbortSignal,
): Promise<Pick<Delivery, 'status' | 'error'>> {
	const { url, headers } = request.webhook!;
	try {
		const response = await fetch(url, {
			method: 'POST',
			headers: { 'Content-Type': 'application/json', ...headers },
			body: JSON.stringify(presentRequest(request)),
			redirect: 'manual',
			signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
		});
		await response.arrayBuffer();
		return { status: response.status, error: null };
	} catch (error) {
		const { message, cause } = error as Error & { cause?: Error };
		return { status: null, error: cause?.message ?? message };
	}
}

/** Worth another try: no answer, a receiver in trouble, or one that is not ready yet (409). */
function isPassing({ status }: Pick<Delivery, 'status'>): boolean {
	return status === null || status === 409 || status >= 500;
}

/** Delivers a webhook; plans another delivery when it failed and the settings say so. */
export async function deliver(
	state: State,
	request: VlmRequest,
	{ at, run, attempt }: VlmEvent,
	signal: AbortSignal,
): Promise<void> {
	const { vlmWebhookRetries, vlmWebhookRetryMs } = state.settings;
	const delivery: Delivery = {
		at: stamp(at),
		request: request.id,
		url: request.webhook!.url,
		attempt,
		status: null,
		error: null,
	};
	state.vlm.deliveries.push(delivery);
	Object.assign(delivery, await post(request, signal));
	// It may have been resubmitted meanwhile; one that is gone is passed over when its time comes.
	if (request.work.run === run && isPassing(delivery) && attempt <= vlmWebhookRetries) {
		schedule(state, request, 'webhook', now(state.clock) + vlmWebhookRetryMs, attempt + 1);
	}
}
