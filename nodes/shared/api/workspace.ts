import type { Api } from './client';

/**
 * The API within one workspace: named in the query of reads and deletes, in the JSON of writes
 * (seeds, "Using Different Workspace").
 * @param workspace the account's default one when it is left out
 */
export function inWorkspace(api: Api, workspace: string | undefined): Api {
	if (!workspace) return api;
	return {
		get: async (path, schema, query) => await api.get(path, schema, { workspace, ...query }),
		post: async (path, schema, body, options) =>
			await api.post(path, schema, { ...body, workspace }, options),
		patch: async (path, schema, body) => await api.patch(path, schema, { ...body, workspace }),
		put: async (path, schema, body) => await api.put(path, schema, { ...body, workspace }),
		delete: async (path, query) => await api.delete(path, { workspace, ...query }),
	};
}
