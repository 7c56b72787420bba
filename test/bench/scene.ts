import type { Importable } from '../e2e/harness/cli';
import type { N8nLine } from '../e2e/harness/install';
import type { Workflow } from '../e2e/harness/workflows';
import type { Lab } from './lab';
import type { PhotoSize } from './photos';
import type { ContenderName, Result } from './run';

/** What can be measured. */
export const caseNames = [
	'classify',
	'http',
	'parallel',
	'sizes',
	'wait',
	'list',
	'mark',
	'upload',
	'samples',
	'trigger',
	'start',
] as const;
/** `reading` is what n8n takes without the node. */
export type CaseName = (typeof caseNames)[number] | 'reading';

/** The conditions of a scene, as they are kept with its figures. */
export interface Conditions {
	/** Tells the scene from all others. */
	name: string;
	case: CaseName;
	n8n: N8nLine;
	/** Images, requests, rows or finishes that each execution has to do with. */
	count: number;
	size?: PhotoSize;
	/** Requests that the server takes at once; any number where left out. */
	capacity?: number;
	/** Side by side, on one account. */
	executions: number;
	/** The fewest requests that can do it, where this package must need exactly so many. */
	requests?: number;
	/** The scene that shows what n8n takes without the node. */
	base?: string;
}

/** Contenders under equal conditions. */
export interface Scene extends Conditions {
	contenders: ContenderName[];
	/** What is imported into each n8n before anything is measured; their IDs tell them apart. */
	workflows: (lab: Lab) => Array<Workflow & Importable>;
	/** One run of a contender, and what the server saw of it. */
	run: (lab: Lab, contender: ContenderName) => Promise<Result>;
}

/** How long the simulated service takes, in milliseconds. */
export interface Pace {
	latency: number;
	/** More for each record. */
	recordMs: number;
}
