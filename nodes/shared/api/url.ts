/** A parsed address, or undefined when the text is none. */
export function parseUrl(text: string): URL | undefined {
	return URL.canParse(text) ? new URL(text) : undefined;
}

/**
 * A path with its values encoded, so that no ID can lead to another call:
 * path`recognition/v2/task/${id}/`
 */
export function path(parts: TemplateStringsArray, ...values: string[]): string {
	return parts.reduce(
		(whole, part, index) => whole + encodeURIComponent(values[index - 1]!) + part,
	);
}

/** Where people see what the API keeps. */
export const APP_HOST = 'app.ximilar.com';

/**
 * Where the app lists the tasks of vision language models, each of which leads to its own page (the
 * README of Ximilar's public VLM scripts). No document prints the address of another page.
 */
export const VLM_TASKS_PAGE = `https://${APP_HOST}/platform/vlm/tasks/`;

/** The last UUID of an address in the Ximilar App is the thing that the page shows. */
export const APP_LINK =
	/https:\/\/app\.ximilar\.com\/.*([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}).*/;

/** What an ID looks like; those that documents print have other letters too. */
export const UUID = /^[0-9A-Za-z]{8}(-[0-9A-Za-z]{4}){3}-[0-9A-Za-z]{12}$/;

/** What an ID can be; the service judges the rest (`api.md`, Rules of every call). */
export const ID = /^[0-9A-Za-z-]+$/;
