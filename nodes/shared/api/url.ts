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

/** The last UUID of an address in the Ximilar App is the thing that the page shows. */
export const APP_LINK =
	/https:\/\/app\.ximilar\.com\/.*([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}).*/;

/** What an ID can be; the service judges the rest (`api.md`, Rules of every call). */
export const ID = /^[0-9A-Za-z-]+$/;
