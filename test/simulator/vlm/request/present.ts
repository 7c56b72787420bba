/** How answers show a request: whole, in the history, in the list, and right after submission. */
import { now } from '../../clock';
import type { State } from '../../state';
import type { Status, VlmRequest } from './state';

/** "the full detail of a request, including the original request payload" (seed 003, Get Request). */
export function presentRequest({ work, ...request }: VlmRequest) {
	return work.plan.hidesCompletion ? { ...request, completed_at: null } : request;
}

/** What Submit Request is printed with. */
export function presentSubmitted({ id, status, task_id, version, created, workspace }: VlmRequest) {
	return { id, status, task_id, version, created, workspace };
}

/** "completed (DONE) requests, including their response and usage"; the payload is not spoken of. */
export function presentInHistory(request: VlmRequest) {
	const { request: _, ...rest } = presentRequest(request);
	return rest;
}

/** The status as the list and the history know it: they may learn of a finish late. */
export function listedStatus(state: State, { status, completed_at, work }: VlmRequest): Status {
	return completed_at !== null && work.visibleAt > now(state.clock) ? 'PROCESSING' : status;
}

/** "with large payload fields omitted for performance" (seed 003, List Requests). */
export function presentInList(state: State, request: VlmRequest) {
	const { id, task_id, version, system_prompt_id, user_prompt_id } = request;
	const { retry_count, created, started_at, completed_at, workspace } = presentRequest(request);
	const status = listedStatus(state, request);
	return {
		id,
		status,
		task_id,
		version,
		system_prompt_id,
		user_prompt_id,
		retry_count,
		created,
		started_at,
		completed_at: status === request.status ? completed_at : null,
		workspace,
	};
}
