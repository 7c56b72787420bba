import { operation } from '../../shared/engine/operation';
import { workspaceOption } from '../../shared/fields';
import { path } from '../../shared/api/address';
import { inWorkspace } from '../../shared/api/workspace';
import { requestRow, wholeRequest } from './answer';
import { requestId } from './fields';

export const get = operation({
	name: 'Get',
	action: 'Get request',
	description: 'Get a request with its status and, when it is done, its answer',
	fields: { requestId: requestId(), options: workspaceOption() },
	simplify: requestRow,
	run: async ({ api }, { requestId: id, options }) => {
		const here = inWorkspace(api, options.workspace);
		return await here.get(path`vlm/v2/request/${id}/`, wholeRequest);
	},
});
