/** How a request ends: its last fields, what it costs, who is told, and when it is forgotten. */
import { now, stamp } from '../../clock';
import type { State } from '../../state';
import { imageUrls } from './messages';
import { schedule } from './schedule';
import { FINAL, type FinalStatus, NEVER, type VlmRequest } from './state';

/** Credits for one image; no seed states prices. */
export const IMAGE_PRICE = 1;

export function isFinal(status: VlmRequest['status']): status is FinalStatus {
	return (FINAL as readonly string[]).includes(status);
}

function accountOf(state: State, { work }: VlmRequest) {
	return state.accounts.find(({ name }) => name === work.account)!;
}

export function priceOf(request: VlmRequest): number {
	return imageUrls(request.request).length * IMAGE_PRICE;
}

/** Sets the credits of a request aside, so that those beside it cannot spend them; false without any. */
export function reserve(state: State, request: VlmRequest): boolean {
	if (request.work.reserved > 0) return true;
	const { name, creditsLimit, creditsUsed } = accountOf(state, request);
	const { reserved } = state.vlm;
	const price = priceOf(request);
	if (price > creditsLimit - creditsUsed - (reserved[name] ?? 0)) return false;
	reserved[name] = (reserved[name] ?? 0) + price;
	request.work.reserved = price;
	return true;
}

export function release(state: State, { work }: VlmRequest): void {
	if (work.reserved > 0) state.vlm.reserved[work.account]! -= work.reserved;
	work.reserved = 0;
}

/** Bills a request that is DONE, once. */
export function bill(state: State, request: VlmRequest, at: number): void {
	if (request.work.billed) return;
	request.work.billed = true;
	release(state, request);
	const credits = priceOf(request);
	accountOf(state, request).creditsUsed += credits;
	state.report.credits += credits;
	state.charges.push({
		at: stamp(at),
		account: request.work.account,
		path: '/vlm/v2/request/',
		records: imageUrls(request.request).length,
		credits,
	});
}

/** Ends a request. "the response is POSTed to this URL once the request is DONE", and only then. */
export function finish(
	state: State,
	request: VlmRequest,
	at: number,
	status: FinalStatus,
	response: unknown,
): void {
	const { plan } = request.work;
	const completed_at = stamp(at);
	Object.assign(request, { status, response, completed_at });
	noteFinish(state, completed_at);
	request.work.visibleAt = at + (plan.visibleAfterMs ?? state.settings.vlmVisibleAfterMs);
	if (status === 'DONE') {
		schedule(state, request, 'bill', at + state.settings.vlmBillingMs);
		if (request.webhook) schedule(state, request, 'webhook', at);
	} else {
		release(state, request);
	}
}

/** To be called whenever a request has got its `completed_at`. */
export function noteFinish({ vlm }: State, completed_at: string): void {
	if (completed_at < vlm.earliestFinish) vlm.earliestFinish = completed_at;
}

/** "retained for a limited time [...] and then automatically cleaned up" (seed 003). */
export function forgetOld(state: State): void {
	const { requests } = state.vlm;
	const oldest = stamp(now(state.clock) - state.settings.vlmRetentionMs);
	if (state.vlm.earliestFinish > oldest) return;
	state.vlm.earliestFinish = NEVER;
	for (const request of Object.values(requests)) {
		if (request.completed_at === null) continue;
		if (request.completed_at > oldest) {
			noteFinish(state, request.completed_at);
			continue;
		}
		if (request.status === 'DONE') bill(state, request, now(state.clock));
		delete requests[request.id];
	}
}
