import { operation } from '../../shared/engine/operation';
import { withLock } from '../../shared/api/concurrency';
import { workspaceOption } from '../../shared/fields';
import { inWorkspace } from '../../shared/api/workspace';
import { sampleFields } from '../fields';
import { trainingImageIds } from './fields';
import { addMissingImages } from './images';

export const addImages = operation({
	name: 'Add Images',
	action: 'Add images to sample',
	description: 'Add images that are in the workspace already to a sample, each once',
	fields: { ...sampleFields(), trainingImages: trainingImageIds(), options: workspaceOption() },
	run: async ({ api, shared }, { sample, trainingImages, options }) => {
		const added = await withLock(
			shared,
			`sample ${sample}`,
			async () =>
				await addMissingImages(inWorkspace(api, options.workspace), sample, trainingImages),
		);
		return { sample, added, alreadyThere: trainingImages.filter((id) => !added.includes(id)) };
	},
});
