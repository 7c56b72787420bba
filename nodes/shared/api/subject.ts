import { ENTITIES } from './entities';

/** What a call is about, as the user knows it: kinds and IDs. */

/** What follows a list's path without being an ID (`api.md`). */
const LIST_CALLS = ['history', 'update'];

/** The fields of queries and bodies that hold the ID of a thing, or a list of IDs. */
const THING_IN: Record<string, string> = {
	dataset: 'dataset',
	dataset_id: 'dataset',
	dataset_variable: 'variable',
	detection_object_ids: 'detection object',
	image_ids: 'image',
	images: 'training image',
	label_id: 'label',
	system_prompt_id: 'prompt',
	task_id: 'task',
	user_prompt_id: 'prompt',
};

/** How many IDs of a list are named. */
const MAX_NAMED = 5;

/** A call, as far as it says what it is about. */
export interface Described {
	path: string;
	/** Its query and the fields of its body. */
	parameters?: Readonly<Record<string, unknown>>;
}

/**
 * @returns e.g. "the task 185c2019 in the default workspace"; undefined when the call names nothing
 */
export function subjectOf({ path, parameters = {} }: Described): string | undefined {
	const given = Object.entries(parameters).flatMap(([field, value]) =>
		namedBy(THING_IN[field], value),
	);
	const things = [...thingAt(path), ...given];
	return things.length ? `${things.join(' or ')} ${placeOf(parameters)}` : undefined;
}

/** @returns e.g. "the list of tasks in the default workspace"; undefined when it is no call of a list */
export function listOf({ path, parameters = {} }: Described): string | undefined {
	const entity = ENTITIES.find(
		(one) => one.path === path || LIST_CALLS.some((call) => path === `${one.path}${call}/`),
	);
	return entity && `the list of ${entity.thing}s ${placeOf(parameters)}`;
}

function placeOf({ workspace }: NonNullable<Described['parameters']>): string {
	return typeof workspace === 'string'
		? `in the workspace ${workspace}`
		: 'in the default workspace';
}

function thingAt(path: string): string[] {
	const entity = ENTITIES.find((one) => path.startsWith(one.path));
	const id = entity && path.slice(entity.path.length).split('/')[0];
	return id && !LIST_CALLS.includes(id) ? [`the ${entity.thing} ${decodeURIComponent(id)}`] : [];
}

function namedBy(thing: string | undefined, value: unknown): string[] {
	if (!thing) return [];
	if (typeof value === 'string') return [`the ${thing} ${value}`];
	if (!Array.isArray(value) || !value.length) return [];
	const shown = value.slice(0, MAX_NAMED).join(', ') + (value.length > MAX_NAMED ? ', …' : '');
	return value.length > 1 ? [`one of the ${thing}s ${shown}`] : [`the ${thing} ${shown}`];
}
