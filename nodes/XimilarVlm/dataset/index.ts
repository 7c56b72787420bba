import { byName } from '../../shared/engine/namedFields';
import type { Resource } from '../../shared/engine/operation';
import { datasets } from '../entities';

export const dataset: Resource = {
	name: 'Dataset',
	operations: {
		get: datasets.get(
			'Get a dataset: how many samples and variables it has, and which prompts it uses',
		),
		getAll: datasets.getAll({
			description: 'Get the datasets of a workspace, or find a dataset by its name',
			filters: { name: byName.exact('e.g. Graded cards') },
			query: () => ({}),
			keep: byName.keep,
		}),
	},
};
