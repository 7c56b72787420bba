import type { IDataObject } from 'n8n-workflow';
import type { Query } from '../../shared/api/client';
import type { XimilarError } from '../../shared/api/error';
import { OPEN_STATUSES } from './answer';

/** What is known of requests that are waited for, and how far a poll has come, as plain data. */

const FEW = 5;
/** A page that may hold none of ours is worth a call for so many requests. */
export const PER_PAGE = 10;

/** What has become of a request. */
export type Outcome = { request: IDataObject } | { error: unknown };

export interface Tracked {
	id: string;
	/** The user wants its raw data, of which the history may leave out a part. */
	raw: boolean;
	/** Where it stands, when that is known. */
	status?: string;
	/** A list has shown it: when no list does any more, it has probably finished. */
	listed?: boolean;
	/** How often it was asked for by itself and found open, since a list has last shown it. */
	asked: number;
	/** Why the last call for it brought nothing. */
	fault?: XimilarError;
	/** This poll needs nothing more of it. */
	polled?: boolean;
	outcome?: Outcome;
}

export interface State {
	requests: ReadonlyMap<string, Tracked>;
	task?: string;
	/** Those whose lists are read: the one that was named, and those that answers have named. */
	workspaces: ReadonlyArray<string | undefined>;
	/** The one that is meant where none is named, once an answer tells. */
	defaultWorkspace?: string;
	poll: Poll;
}

/** How far a poll has come. */
export interface Poll {
	step: 'lists' | 'history' | 'requests';
	/** The list at hand, counted through the statuses of each workspace. */
	list: number;
	/** The workspace whose history is at hand. */
	history: number;
	/** The page at hand; the first when left out. */
	next?: Query;
	/** Where others have many requests under way, asking for ours one by one is less. */
	pagesLeft: number;
	/** How many pages of the history may still hold nothing of ours. */
	vainPagesLeft: number;
	/** The lists were read as far as needed: what they do not show is not in them. */
	complete: boolean;
	/** A request to ask for between two pages: it tells whether those like it have finished. */
	probe?: string;
	probed: boolean;
	/** How many of those asked for by themselves have finished, and how many have not. */
	finished: number;
	open: number;
}

const NEW_POLL: Poll = {
	step: 'requests',
	list: 0,
	history: 0,
	pagesLeft: 0,
	vainPagesLeft: 0,
	complete: false,
	probed: false,
	finished: 0,
	open: 0,
};

/** @param scope what narrows the lists that show the requests */
export function stateOf(
	requests: Array<Pick<Tracked, 'id' | 'raw' | 'status'>>,
	{ task, workspace }: { task?: string; workspace?: string },
): State {
	const tracked = new Map<string, Tracked>();
	for (const one of requests) {
		tracked.set(one.id, { ...one, raw: one.raw || !!tracked.get(one.id)?.raw, asked: 0 });
	}
	return {
		requests: tracked,
		task,
		workspaces: [workspace],
		poll: NEW_POLL,
	};
}

/** The requests that have no outcome yet. */
function openOf({ requests }: State): Tracked[] {
	return [...requests.values()].filter(({ outcome }) => !outcome);
}

/** Those of which this poll needs to know more. */
export const unpolledOf = (state: State) => openOf(state).filter(({ polled }) => !polled);

/** Those of them whose answers are taken from the history. */
export const inHistory = (state: State) => unpolledOf(state).filter(({ raw }) => !raw);

/** Whether a request is known to be open that no list has ever shown. */
export function isAnyHidden(state: State): boolean {
	return openOf(state).some(({ listed, asked }) => !listed && asked > 0);
}

/** The state at the beginning of another poll. */
export function beginPoll(state: State): State {
	const requests = new Map<string, Tracked>();
	for (const one of state.requests.values()) requests.set(one.id, { ...one, polled: false });
	const begun = { ...state, requests, poll: NEW_POLL };
	return openOf(begun).length > FEW ? withLists(begun) : begun;
}

/** The state without requests that nobody waits for any more. */
export function keepOnly(state: State, ids: ReadonlySet<string>): State {
	const kept = new Map([...state.requests].filter(([id]) => ids.has(id)));
	const probe = kept.has(state.poll.probe ?? '') ? state.poll.probe : undefined;
	return advance(withPoll({ ...state, requests: kept }, { probe }));
}

/** Goes to the poll's next step where the one at hand has nothing more to do. */
export function advance(state: State): State {
	const { poll, workspaces } = state;
	if (poll.step === 'lists') {
		const areRead =
			poll.list >= workspaces.length * OPEN_STATUSES.length || !unpolledOf(state).length;
		if (!areRead && poll.pagesLeft >= 1) return state;
		return advance(withHistory(withPoll(state, { complete: areRead }), poll.history));
	}
	if (poll.step !== 'history' || poll.probe) return state;
	if (poll.history >= workspaces.length) return withPoll(state, { step: 'requests' });
	const wanted = inHistory(state).length;
	const goesOn = poll.next ? wanted > 0 && poll.vainPagesLeft >= 1 : wanted > FEW;
	return goesOn ? state : advance(withHistory(state, poll.history + 1));
}

export const withPoll = (state: State, change: Partial<Poll>): State => ({
	...state,
	poll: { ...state.poll, ...change },
});

/** Begins, or resumes, with the lists of requests that are not finished. */
export function withLists(state: State, list = 0, history = 0): State {
	const lists = state.workspaces.length * OPEN_STATUSES.length;
	const pagesLeft = unpolledOf(state).length / PER_PAGE + lists - list;
	const step = 'lists';
	const change = { step, list, history, pagesLeft, next: undefined } as const;
	return advance(withPoll(state, { ...change, complete: false, probed: false }));
}

/** Begins with the history of a workspace. */
export function withHistory(state: State, history: number): State {
	// A page without ours is worth it for those that have probably finished.
	const vainPagesLeft = 1 + inHistory(state).filter(({ listed }) => listed).length / PER_PAGE;
	return withPoll(state, { step: 'history', history, next: undefined, vainPagesLeft });
}

export function withTracked(state: State, changed: Tracked[]): State {
	const requests = new Map(state.requests);
	for (const one of changed) requests.set(one.id, one);
	return { ...state, requests };
}
