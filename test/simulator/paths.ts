/** Paths with and without their last slash, and methods that a path does not know. */
import type { FastifyInstance, FastifyRequest } from 'fastify';

declare module 'fastify' {
	interface FastifyContextConfig {
		/** A document prints the path with its last slash and without. */
		printedBothWays?: boolean;
	}
}

export const PRINTED_BOTH_WAYS = { config: { printedBothWays: true } };

function endsWithSlash(path: string): boolean {
	return path.endsWith('/');
}

/** Whether the path is one of the API; a strict simulator wants the last slash as it is printed. */
export function isKnownPath({ is404, strict, url, routeOptions }: FastifyRequest): boolean {
	if (is404) return false;
	const asPrinted = endsWithSlash(url.split('?')[0]!) === endsWithSlash(routeOptions.url!);
	return !strict || asPrinted || Boolean(routeOptions.config.printedBothWays);
}

interface Route {
	method: string;
	/** Of the path without its last slash. */
	pattern: RegExp;
	slash: boolean;
}

function withoutSlash(path: string): string {
	return endsWithSlash(path) ? path.slice(0, -1) : path;
}

/** Collects the routes of the API as they are added; returns what finds the methods of a path. */
export function collectMethods(app: FastifyInstance): (request: FastifyRequest) => string[] {
	const routes: Route[] = [];
	app.addHook('onRoute', ({ method, url }) => {
		if (/^\/(admin|images)\//.test(url)) return;
		const pattern = new RegExp(`^${withoutSlash(url).replace(/:\w+/g, '[^/]+')}$`);
		for (const one of [method].flat())
			routes.push({ method: one, pattern, slash: endsWithSlash(url) });
	});
	return ({ url, strict }) => {
		const path = url.split('?')[0]!;
		return routes
			.filter(({ pattern }) => pattern.test(withoutSlash(path)))
			.filter(({ slash }) => !strict || slash === endsWithSlash(path))
			.map(({ method }) => method);
	};
}
