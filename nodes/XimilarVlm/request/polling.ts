import type { IDataObject } from 'n8n-workflow';
import type { Query } from '../../shared/api/client';
import { isTransient, XimilarError } from '../../shared/api/error';
import type { Page } from '../../shared/api/pages';
import { errorOfRequest, isFinal, OPEN_STATUSES } from './answer';
import {
	advance,
	inHistory,
	isAnyHidden,
	PER_PAGE,
	unpolledOf,
	withHistory,
	withLists,
	withPoll,
	withTracked,
	type Outcome,
	type Poll,
	type State,
	type Tracked,
} from './pollState';

/**
 * Which calls a poll makes for requests that are waited for: `plan` gives the next calls, `apply`
 * takes their answers, and so on until `plan` gives none. All of it is data in, data out.
 *
 * Up to five requests are asked for their statuses. More are looked up in the lists of those
 * that are not finished: what is not there any more has finished, and answers come by the hundred
 * from the history. Only what is not in there, as it failed or was deleted, is asked for by itself.
 */

export const CALLS_AT_ONCE = 4;
const PAGE_SIZE = 100;
/** A poll asks for unlisted requests until it found so many of them open, and goes on at the next. */
const OPEN_PER_POLL = 20;

/** A call for one request: its status alone, or all of it, what was submitted included. */
interface RequestCall {
	kind: 'status' | 'whole';
	id: string;
}

/** A call for a page of the requests that are not finished, or of those that are done. */
interface PageCall {
	kind: 'open' | 'history';
	workspace?: string;
	query: Query;
}

export type Call = RequestCall | PageCall;

export function isPageCall(call: Call): call is PageCall {
	return call.kind === 'open' || call.kind === 'history';
}

export type Answer =
	| { call: RequestCall; request: IDataObject }
	| { call: RequestCall; error: unknown }
	/** Without a page that could not be read: that only makes a poll poorer. */
	| { call: PageCall; page?: Page<IDataObject> };

/** The calls to make next; none when the poll is over. */
export function plan(state: State): Call[] {
	const { poll, workspaces, task } = state;
	const first = { task_id: task, page_size: PAGE_SIZE };
	if (poll.probe) return [{ kind: 'whole', id: poll.probe }];
	if (poll.step === 'lists') {
		const status = OPEN_STATUSES[poll.list % OPEN_STATUSES.length];
		const workspace = workspaces[Math.floor(poll.list / OPEN_STATUSES.length)];
		return [{ kind: 'open', workspace, query: poll.next ?? { ...first, status } }];
	}
	if (poll.step === 'history') {
		return [{ kind: 'history', workspace: workspaces[poll.history], query: poll.next ?? first }];
	}
	return planRequests(state);
}

/** The calls for requests by themselves: those of which least is known come first. */
function planRequests(state: State): RequestCall[] {
	const { poll } = state;
	const due = unpolledOf(state)
		.filter(({ status }) => poll.open < OPEN_PER_POLL || isFinal(status))
		.sort((a, b) => a.asked - b.asked);
	const calls = due.slice(0, CALLS_AT_ONCE).map((one): RequestCall => {
		const whole = isFinal(one.status) || hasProbablyFinished(one, state);
		return { kind: whole ? 'whole' : 'status', id: one.id };
	});
	// The first answer tells whether the rest may be read whole.
	const isProven = poll.finished > 0 || isFinal(due[0]?.status);
	return calls[0]?.kind === 'whole' && !isProven ? calls.slice(0, 1) : calls;
}

/** Whole requests are large, so they are read only where they are probably the last call. */
function hasProbablyFinished({ listed }: Tracked, state: State): boolean {
	const { complete, finished: have, open: haveNot } = state.poll;
	if (!have && !haveNot) return complete && (listed || !isAnyHidden(state));
	// A request that goes from list to list may slip past whole lists.
	return have > 0 && haveNot <= (complete ? have : 0);
}

/** The state with the answers to the calls of {@link plan}. */
export function apply(state: State, answers: Answer[]): State {
	return answers.reduce((next, answer) => {
		if ('request' in answer) return advance(withRequest(next, answer.call, answer.request));
		if ('error' in answer) return advance(withError(next, answer.call, answer.error));
		const withPage = answer.call.kind === 'open' ? withOpenPage : withHistoryPage;
		return advance(withPage(next, answer.call, answer.page));
	}, state);
}

/**
 * Notes the statuses that a list shows. The lists are read in the order in which a request goes
 * through them, so that none slips past.
 */
function withOpenPage(state: State, call: PageCall, page?: Page<IDataObject>): State {
	if (!page) return withPoll(state, { pagesLeft: 0 });
	const { poll } = state;
	const changed = page.results.flatMap((entry): Tracked[] => {
		const one = state.requests.get(String(entry.id));
		if (!one || one.outcome || isFinal(entry.status)) return [];
		const status = String(entry.status ?? OPEN_STATUSES[poll.list % OPEN_STATUSES.length]);
		return [{ ...one, status, asked: 0, listed: true, fault: undefined, polled: true }];
	});
	const named = call.workspace === undefined ? page.results[0]?.workspace : undefined;
	const defaultWorkspace = typeof named === 'string' ? named : state.defaultWorkspace;
	return withPoll(withTracked({ ...state, defaultWorkspace }, changed), {
		pagesLeft: poll.pagesLeft - 1,
		next: page.next,
		list: page.next ? poll.list : poll.list + 1,
	});
}

/** Takes the answers that a page of the history holds. */
function withHistoryPage(state: State, _: PageCall, page?: Page<IDataObject>): State {
	const wanted = new Set(inHistory(state).map(({ id }) => id));
	const found = (page?.results ?? []).filter(({ id }) => wanted.has(String(id)));
	const after = withTracked(
		state,
		found.map((entry) => finished(state.requests.get(String(entry.id))!, entry)),
	);
	const { poll } = state;
	const mayProbe = poll.complete && !poll.probed && poll.history === state.workspaces.length - 1;
	const never = inHistory(after).find(({ listed }) => !listed);
	const probe = !found.length && mayProbe && !isAnyHidden(state) ? never?.id : undefined;
	if (!page?.next) return withPoll(withHistory(after, poll.history + 1), { probe });
	const vainPagesLeft = poll.vainPagesLeft - (found.length ? 0 : 1);
	return withPoll(after, { next: page.next, vainPagesLeft, probe });
}

function finished(one: Tracked, request: IDataObject): Tracked {
	const { id } = one;
	const outcome: Outcome =
		request.status === 'DONE' ? { request } : { error: errorOfRequest({ ...request, id }) };
	return { ...one, status: String(request.status), fault: undefined, outcome };
}

/** Takes what a request says of itself. */
function withRequest(state: State, { kind, id }: RequestCall, request: IDataObject): State {
	const one = state.requests.get(id);
	if (!one || one.outcome) return state;
	const { poll } = state;
	const status = String(request.status);
	if (!isFinal(status)) return withOpen(state, { ...one, status }, request.workspace);
	const after = kind === 'whole' ? finished(one, request) : { ...one, status, fault: undefined };
	// Both calls for it count once.
	const isNew = kind === 'status' || !isFinal(one.status);
	return withPoll(withTracked(state, [after]), {
		finished: poll.finished + (isNew ? 1 : 0),
		...afterProbe(poll),
		// Others like it have finished as well, then.
		...(poll.probe
			? { vainPagesLeft: poll.vainPagesLeft + inHistory(state).length / PER_PAGE }
			: {}),
	});
}

/** A request that is open, though no list shows it: it may be in another workspace. */
function withOpen(state: State, one: Tracked, workspace: unknown): State {
	const { poll, workspaces, defaultWorkspace } = state;
	const asked = { ...one, fault: undefined, asked: one.asked + 1, polled: true };
	const after = withPoll(withTracked(state, [asked]), { open: poll.open + 1, ...afterProbe(poll) });
	if (!poll.complete) return after;
	const isKnown = workspaces.includes(workspace as string) || workspace === defaultWorkspace;
	if (typeof workspace !== 'string' || isKnown) return after;
	// What was asked in vain says nothing of the lists that are read now.
	const more = withPoll({ ...after, workspaces: [...workspaces, workspace] }, { open: 0 });
	const nextHistory = poll.history + (poll.next ? 1 : 0);
	return withLists(more, workspaces.length * OPEN_STATUSES.length, nextHistory);
}

/** A fault that passes is left to the next poll. */
function withError(state: State, { id }: RequestCall, error: unknown): State {
	const one = state.requests.get(id);
	if (!one || one.outcome) return state;
	const { poll } = state;
	if (isTransient(error)) {
		const faulty = { ...one, fault: error, polled: true };
		return withPoll(withTracked(state, [faulty]), { open: poll.open + 1, ...afterProbe(poll) });
	}
	const outcome: Outcome = { error: isMissing(error) ? missing(one, error) : error };
	const after = withTracked(state, [{ ...one, outcome }]);
	return withPoll(after, { finished: poll.finished + 1, ...afterProbe(poll) });
}

const afterProbe = ({ probe, probed }: Poll) => ({ probe: undefined, probed: probed || !!probe });

function isMissing(error: unknown): error is XimilarError {
	return error instanceof XimilarError && error.status === 404;
}

/** A request that was there before was deleted; of another one, nobody knows. */
function missing({ id, status }: Tracked, error: XimilarError): XimilarError {
	return status
		? new XimilarError(
				`Request ${id} was deleted while it was waited for`,
				`Its status was ${status} before. Submit it anew if its answer is still wanted.`,
				{ cause: error },
			)
		: error.with({
				description: 'A finished request is deleted two weeks after it finished.',
			});
}
