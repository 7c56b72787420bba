import { operation } from '../../shared/engine/operation';
import { workspaceOption } from '../../shared/fields';
import { inWorkspace } from '../../shared/api/workspace';
import { sampleFields } from '../fields';
import { testMark } from './fields';
import { markTest } from './marks';
import { sampleRow } from './row';

export const setTest = operation({
	name: 'Set Test',
	action: 'Set sample as test or training sample',
	description: 'Make a sample a test sample, or a training sample again',
	fields: { ...sampleFields(), test: testMark(), options: workspaceOption() },
	simplify: sampleRow,
	run: async ({ api }, { sample, test, options }) => {
		const answer = await markTest(inWorkspace(api, options.workspace), sample, test);
		return { id: sample, test, ...answer };
	},
});
