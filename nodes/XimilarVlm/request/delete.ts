import { operation } from '../../shared/engine/operation';
import { workspaceOption } from '../../shared/fields';
import { path } from '../../shared/api/address';
import type { Api } from '../../shared/api/client';
import { XimilarError, fail } from '../../shared/api/error';
import { requestStatusSchema } from '../../shared/api/schemas';
import { inWorkspace } from '../../shared/api/workspace';
import { requestId } from './fields';

export const deleteRequest = operation({
	name: 'Delete',
	action: 'Delete request',
	description: 'Delete a request that is not being processed and, when it is done, was billed',
	fields: { requestId: requestId(), options: workspaceOption() },
	run: async ({ api }, { requestId: id, options }) => {
		const here = inWorkspace(api, options.workspace);
		return await here
			.delete(path`vlm/v2/request/${id}/`)
			.catch(async (error: unknown) => await explained(here, id, error));
	},
});

/** The status tells which of the two refusals it is (seed 003, "Delete Request"); no text is printed. */
async function explained(api: Api, id: string, error: unknown): Promise<never> {
	if (
		!(error instanceof XimilarError) ||
		![400, 403, 405, 409, 422, 423].includes(error.status ?? 0)
	) {
		throw error;
	}
	const { status } = await api
		.get(path`vlm/v2/request/${id}/status/`, requestStatusSchema)
		.catch(() => ({ status: undefined }));
	if (status === 'PROCESSING') {
		fail(
			`Request ${id} is being processed, and Ximilar does not delete it meanwhile`,
			`Wait until it is finished, e.g. with the operation Wait, and delete it then. Ximilar said: ${error.message}.`,
			error,
		);
	}
	if (status === 'DONE') {
		fail(
			`Request ${id} is done but not billed yet, and Ximilar does not delete it before`,
			`Delete it later. Ximilar said: ${error.message}.`,
			error,
		);
	}
	throw error;
}
