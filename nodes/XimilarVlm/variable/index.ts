import { byName } from '../../shared/engine/namedFields';
import type { Resource } from '../../shared/engine/operation';
import { datasets, variables } from '../entities';
import { create } from './create';

export const variable: Resource = {
	name: 'Variable',
	operations: {
		create,
		get: variables.get('Get a variable of a dataset with its type and its rules'),
		getAll: variables.getAll({
			description:
				'Get the variables of a dataset or of a workspace, or find a variable by its name',
			filters: {
				dataset: datasets.optionalPicker({
					description: 'The dataset whose variables are returned',
				}),
				name: byName.exact('e.g. condition'),
			},
			query: ({ dataset }) => ({ dataset }),
			keep: byName.keep,
		}),
	},
};
