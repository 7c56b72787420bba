/** Accounts: who calls, in which workspace, and what it costs. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { timestamp } from './clock';
import { refuse, refuseField } from './errors';
import { knownQuery, requiredUuid } from './fields';
import type { Account, State } from './state';

/** Credits for one record, by kind of call. No seed states prices; what matters is that they add up. */
export const PRICES = { classify: 1, read: 1, readGpt: 1 } as const;

/** The account that a request's token names; refuses a request without one (seed 000, Authentication). */
export function authenticate(state: State, authorization: string | undefined): Account {
	if (authorization === undefined) {
		refuse(401, { detail: 'Authentication credentials were not provided.' });
	}
	const token = /^Token (\S+)$/.exec(authorization)?.[1];
	const account = state.accounts.find((candidate) => candidate.token === token);
	return account ?? refuse(401, { detail: 'Invalid token.' });
}

/**
 * The workspace that a call is about: the one named, or the account's default (seed 003, Using
 * Different Workspace). One that the account is no member of does not exist for it.
 */
export function workspaceOf(account: Account, named: unknown): string {
	if (named === undefined || named === null) return account.workspaces[0]!;
	const id = requiredUuid(named, 'workspace');
	if (!account.workspaces.includes(id)) {
		refuseField('workspace', `Invalid pk "${id}" - object does not exist.`);
	}
	return id;
}

/** Refuses a request that the credits left do not pay for; nothing is analysed then. */
export function requireCredits(account: Account, credits: number): void {
	const left = account.creditsLimit - account.creditsUsed;
	if (credits > left) {
		refuse(402, {
			detail: `Not enough credits: ${credits} needed, ${left} left. Upgrade your plan or buy credits.`,
		});
	}
}

/** Books what an account pays; each record is billed individually (seed 000, Batch Processing). */
export function charge(
	state: State,
	request: FastifyRequest,
	records: number,
	price: number,
): void {
	const account = request.caller;
	const credits = records * price;
	account.creditsUsed += credits;
	state.report.credits += credits;
	state.report.records += records;
	state.charges.push({
		at: timestamp(state.clock),
		account: account.name,
		path: request.url.split('?')[0]!,
		records,
		credits,
	});
}

/** GET account/v2/details/ (seed 000) and GET account/v2/workspace/. */
export function accountRoutes(app: FastifyInstance, state: State): void {
	app.get('/account/v2/details/', (request) => {
		knownQuery(request, []);
		const account = request.caller;
		return {
			id: account.id,
			email: account.email,
			first_name: 'FIRST',
			last_name: 'NAME',
			phone: null,
			organization: account.organization,
			verified: true,
			credits_counter: account.creditsLimit - account.creditsUsed,
			credits_limit: account.creditsLimit,
			default_workspace: account.workspaces[0],
			plan: account.plan,
		};
	});

	app.get('/account/v2/workspace/', (request) => {
		knownQuery(request, []);
		return state.workspaces.filter((workspace) => request.caller.workspaces.includes(workspace.id));
	});
}
