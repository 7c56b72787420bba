import { operation } from '../../shared/engine/operation';
import { workspaceOption } from '../../shared/fields';
import { inWorkspace } from '../../shared/api/workspace';
import { sampleFields } from '../fields';
import { objectRow, objectsOfSample } from './objects';

export const getObjects = operation({
	name: 'Get Objects',
	action: 'Get detection objects of sample',
	description: 'Get the detection objects of a sample with their labels and bounding boxes',
	fields: { ...sampleFields(), options: workspaceOption() },
	simplify: objectRow,
	run: async ({ api }, { sample, options }) =>
		await objectsOfSample(inWorkspace(api, options.workspace), sample),
});
