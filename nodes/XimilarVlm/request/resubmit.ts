import { operation } from '../../shared/engine/operation';
import { workspaceOption } from '../../shared/fields';
import { path } from '../../shared/api/address';
import { inWorkspace } from '../../shared/api/workspace';
import { perhapsRequest, requestRow } from './answer';
import { requestId } from './fields';

export const resubmit = operation({
	name: 'Resubmit',
	action: 'Resubmit request',
	description:
		'Have a finished request processed again under the same ID; its former answer is cleared',
	fields: { requestId: requestId(), options: workspaceOption() },
	simplify: requestRow,
	run: async ({ api }, { requestId: id, options }) => {
		// Not sent again when its answer is lost: a fast request may have finished in between, and a
		// second call would clear the new answer and have it billed once more.
		const here = inWorkspace(api, options.workspace);
		const answer = await here.post(path`vlm/v2/request/${id}/resubmit/`, perhapsRequest);
		return { id, status: 'CREATED', ...answer };
	},
});
