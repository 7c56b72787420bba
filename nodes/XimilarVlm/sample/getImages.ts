import { operation } from '../../shared/engine/operation';
import { workspaceOption } from '../../shared/fields';
import { inWorkspace } from '../../shared/api/workspace';
import { sampleFields } from '../fields';
import { imagesOfSample } from './images';

export const getImages = operation({
	name: 'Get Images',
	action: 'Get images of sample',
	description: 'Get the images of a sample with their order, addresses and texts',
	fields: { ...sampleFields(), options: workspaceOption() },
	run: async ({ api }, { sample, options }) =>
		await imagesOfSample(inWorkspace(api, options.workspace), sample),
});
