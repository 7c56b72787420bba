import type { Api } from '../../shared/api/client';
import { at, REQUEST } from '../../shared/api/entities';
import { sentences, XimilarError } from '../../shared/api/error';
import { requestStatusSchema } from '../../shared/api/schemas';
import { operation } from '../../shared/engine/operation';
import { requestId } from './fields';

export const deleteRequest = operation({
	name: 'Delete',
	action: 'Delete request',
	description: 'Delete a request; not possible while it is processed, or done but not billed yet',
	fields: { requestId: requestId() },
	workspace: true,
	run: async ({ api }, { requestId: id }) =>
		await api.delete(at(REQUEST, id)).catch(async (error: unknown) => {
			throw await explained(api, id, error);
		}),
});

/** The status tells which of the two rules it is (seed 003, "Delete Request"); no text is printed. */
async function explained(api: Api, id: string, error: unknown): Promise<unknown> {
	if (!(error instanceof XimilarError)) return error;
	if (![400, 403, 405, 409, 422, 423].includes(error.status ?? 0)) return error;
	const { status } = await api
		.get(at(REQUEST, id, 'status/'), requestStatusSchema)
		.catch(() => ({ status: undefined }));
	if (status === 'PROCESSING') {
		return error.with({
			message: `Request ${id} is being processed, and Ximilar does not delete it meanwhile`,
			description: sentences(
				'Wait until it is finished, e.g. with the operation Wait, and delete it then',
				`Ximilar said: ${error.message}`,
			),
		});
	}
	if (status === 'DONE') {
		return error.with({
			message: `Request ${id} is done but not billed yet, and Ximilar does not delete it before`,
			description: sentences('Delete it later', `Ximilar said: ${error.message}`),
		});
	}
	return error;
}
