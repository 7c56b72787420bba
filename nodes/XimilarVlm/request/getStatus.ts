import { operation } from '../../shared/engine/operation';
import { workspaceOption } from '../../shared/fields';
import { path } from '../../shared/api/address';
import { requestStatusSchema } from '../../shared/api/schemas';
import { inWorkspace } from '../../shared/api/workspace';
import { hasFailed, isFinal } from './answer';
import { requestId } from './fields';

export const getStatus = operation({
	name: 'Get Status',
	action: 'Get status of request',
	description: 'Get where a request stands, without its images and its answer',
	fields: { requestId: requestId(), options: workspaceOption() },
	run: async ({ api }, { requestId: id, options }) => {
		const here = inWorkspace(api, options.workspace);
		const { status } = await here.get(path`vlm/v2/request/${id}/status/`, requestStatusSchema);
		return { id, status, finished: isFinal(status), failed: hasFailed(status) };
	},
});
