import { operation } from '../../shared/engine/operation';
import { workspaceOption } from '../../shared/fields';
import { inWorkspace } from '../../shared/api/workspace';
import { sampleFields } from '../fields';
import { sampleType } from './fields';
import { changeSample } from './marks';
import { sampleRow } from './row';

export const setType = operation({
	name: 'Set Type',
	action: 'Set type of sample',
	description: 'Set how the images of a sample are used in training: one, all, or all in order',
	fields: { ...sampleFields(), sampleType: sampleType(), options: workspaceOption() },
	simplify: sampleRow,
	run: async ({ api }, { sample, sampleType: type, options }) => {
		const answer = await changeSample(inWorkspace(api, options.workspace), sample, { type });
		return { id: sample, type, ...answer };
	},
});
