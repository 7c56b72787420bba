import { fail } from '../api/error';
import { isObject } from '../api/json';
import { APP_HOST, APP_LINK, ID, UUID } from '../api/url';
import { asText, text, type Field, type Property } from './field';
import type { ListSearch } from './methods';
import { Named, type Listing } from './naming';

/** A picker's ways to name one thing: from a list, by its name, by its address in the app, by its ID. */
export function picker({
	listing,
	name,
	search,
	dependsOn,
	...property
}: {
	/** The list that it picks from. */
	listing: Listing;
	/** What the node calls the search. */
	name: string;
	search: ListSearch;
	/** Parameters that narrow the list; their change empties the choice. */
	dependsOn?: string[];
	displayName: string;
	description: string;
	required?: boolean;
}): Field<string> {
	const { displayName } = property;
	const { thing } = listing;
	return {
		methods: { listSearch: { [name]: search } },
		property: () => ({
			...property,
			type: 'resourceLocator',
			default: { mode: 'list', value: '' },
			...(dependsOn ? { typeOptions: { loadOptionsDependsOn: [...dependsOn] } } : {}),
			modes: [
				{
					displayName: 'From List',
					name: 'list',
					type: 'list',
					placeholder: `Select a ${thing}...`,
					typeOptions: { searchListMethod: name, searchable: true },
				},
				{
					displayName: 'By Name',
					name: 'name',
					type: 'string',
					placeholder: `e.g. My ${inTitleCase(thing)}`,
					hint: `The whole name of the ${thing}; upper and lower case matter`,
				},
				{
					displayName: 'By URL',
					name: 'url',
					type: 'string',
					placeholder: `e.g. https://${APP_HOST}/.../185c2019-1182-439c-900b-9f29c3f35926`,
					extractValue: { type: 'regex', regex: APP_LINK.source },
					validation: [
						{
							type: 'regex',
							properties: {
								regex: APP_LINK.source,
								errorMessage: `Not a link to a ${thing} in the Ximilar App`,
							},
						},
					],
				},
				{
					displayName: 'By ID',
					name: 'id',
					type: 'string',
					placeholder: 'e.g. 185c2019-1182-439c-900b-9f29c3f35926',
				},
			],
		}),
		// What is named is found before the operation begins: see `withIds`.
		read: (raw) => idOrName(raw, displayName, listing) as string,
	};
}

export const inTitleCase = (thing: string) =>
	thing.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());

interface Locator {
	__rl?: boolean;
	mode?: string;
	value?: unknown;
}

/**
 * What a resource locator chooses, or plain text as an expression may give it: an ID, or a name that
 * is still to be found. AI agents send names where IDs are expected, so what does not look like an
 * ID there is taken for a name.
 * @throws XimilarError when it is empty, or a foreign address
 */
export function idOrName(raw: unknown, label: string, listing: Listing): string | Named {
	const locator = raw as Locator | null;
	const { mode, value: given }: Locator = locator?.__rl ? locator : { value: raw };
	const value = asText(given, label).trim();
	if (mode === 'name' && value) return new Named(value, listing, false);
	const isName = !/^https?:/i.test(value) && !(mode === 'list' ? ID : UUID).test(value);
	return value && mode !== 'url' && isName
		? new Named(value, listing, true)
		: idIn(value, label, listing.thing);
}

/**
 * An ID out of text, or out of the thing's link in the Ximilar App.
 * @throws XimilarError when it is empty, a foreign address, or cannot be an ID: only letters, digits
 * and dashes can (`api.md`, Rules of every call)
 */
function idIn(raw: unknown, label: string, thing: string): string {
	const value = asText(raw, label).trim();
	if (!value) fail(`${label} is empty`, `Choose a ${thing} from the list, or enter its ID.`);
	if (value.includes('/')) {
		return (
			APP_LINK.exec(value)?.[1] ??
			fail(
				`${label} is not a link to a ${thing} in the Ximilar App`,
				`Copy the address from the browser while the ${thing} is open in ${APP_HOST}, or choose it from the list.`,
			)
		);
	}
	if (!ID.test(value)) {
		fail(
			`${label} is not an ID: "${value.slice(0, 80)}"`,
			'An ID has letters, digits and dashes only. Choose from the list, or copy the ID from the Ximilar App.',
		);
	}
	return value;
}

/** The ID of a thing that has no list to pick from; its link in the Ximilar App is taken as well. */
export function id(thing: string, property: Property): Field<string> {
	const inner = text({ ...property, required: true });
	return { ...inner, read: (raw) => idIn(raw, property.displayName, thing) };
}

/**
 * Several IDs or links, each once: text with commas or lines between them, or a list, of IDs or of
 * objects with an `id`.
 */
export function ids(thing: string, property: Property): Field<string[]> {
	const label = property.displayName;
	const read = (raw: unknown): string[] => {
		const texts = [raw ?? []].flat().flatMap((one) =>
			// The signs around a list's entries go too: an AI tool writes lists as JSON text.
			asText(isObject(one) ? (one.id ?? one) : one, label).split(/[\s,;"'[\]]/),
		);
		const found = [...new Set(texts.filter(Boolean).map((text) => idIn(text, label, thing)))];
		return property.required && !found.length ? [idIn('', label, thing)] : found;
	};
	return { ...text(property), read };
}
