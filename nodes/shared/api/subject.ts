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

/** Things of a kind that a call names. */
interface Named {
	thing: string;
	ids: string[];
	/** The field that holds them; undefined for those in the path. */
	field?: string;
}

/**
 * @param reason what the service says about them: those that it names, if it names any, are meant
 * @returns e.g. "the task 185c2019 in the default workspace"; undefined when the call names nothing
 */
export function subjectOf(call: Described, reason = ''): string | undefined {
	const things = meant(namedBy(call), reason).map(inWords);
	return things.length ? `${things.join(' or ')} ${placeOf(call.parameters ?? {})}` : undefined;
}

/** Whether a reason says of the things that a call names that they are not there, and nothing else. */
export function saysOnlyMissing(reason: string, call: Described): boolean {
	const named = namedBy(call);
	const { workspace } = call.parameters ?? {};
	const known = [
		...named.flatMap(({ thing, ids, field }) => [...thing.split(' '), ...ids, ...wordsOf(field)]),
		...(typeof workspace === 'string' ? [workspace] : []),
	].map((word) => word.toLowerCase());
	return (
		MISSING.test(reason) &&
		tokensOf(reason.toLowerCase()).every((word) => FILLING.has(word) || known.includes(word))
	);
}

const MISSING = /not found|does not exist|no such|no .* matches/i;

/** Words of a reason that say no more than {@link MISSING}. */
const FILLING: ReadonlySet<string> = new Set(
	'not found does exist no such matches the given query was is could be a an with id in of this object workspace'.split(
		' ',
	),
);

const tokensOf = (text: string) => text.split(/[^\w-]+/).filter((token) => /\w/.test(token));

const wordsOf = (field = '') => [field, ...field.split('_')];

/** Of the things that a call names those that a reason names, by an ID or by the field; all if it names none. */
function meant(named: Named[], reason: string): Named[] {
	const tokens = tokensOf(reason);
	const byId = named
		.map((one) => ({ ...one, ids: one.ids.filter((id) => tokens.includes(id)) }))
		.filter(({ ids }) => ids.length);
	const byField = named.filter(({ field }) => field && reason.startsWith(`${field}: `));
	return [byId, byField, named].find((some) => some.length) ?? [];
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

/** The things that a call names in its path, its query and its body. */
function namedBy({ path, parameters = {} }: Described): Named[] {
	const given = Object.entries(parameters).map(([field, value]) => ({
		thing: THING_IN[field] ?? '',
		ids: [value].flat().filter((id) => typeof id === 'string'),
		field,
	}));
	return [...thingAt(path), ...given.filter(({ thing, ids }) => thing && ids.length)];
}

function thingAt(path: string): Named[] {
	const entity = ENTITIES.find((one) => path.startsWith(one.path));
	const id = entity && path.slice(entity.path.length).split('/')[0];
	return id && !LIST_CALLS.includes(id)
		? [{ thing: entity.thing, ids: [decodeURIComponent(id)] }]
		: [];
}

function inWords({ thing, ids }: Named): string {
	const shown = ids.slice(0, MAX_NAMED).join(', ') + (ids.length > MAX_NAMED ? ', …' : '');
	return ids.length > 1 ? `one of the ${thing}s ${shown}` : `the ${thing} ${shown}`;
}
