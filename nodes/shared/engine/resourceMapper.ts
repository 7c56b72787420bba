import type { IDataObject } from 'n8n-workflow';
import { isObject } from '../api/json';
import type { Field } from './field';
import type { ResourceMapping } from './methods';

/** What a resource mapper gives: values by name, as the user or the incoming item has them. */
export interface MappedValues {
	values: IDataObject;
	/** They are the whole incoming item, which may have other fields than those mapped. */
	automatic: boolean;
}

/**
 * A form whose fields the service knows. Its values are read as they stand: n8n's own conversion
 * (an empty number becomes 0, true becomes 1) would hide what is to be refused (`n8n.md`).
 * @param name what the node calls the method
 * @param load gives the fields of the form
 * @param dependsOn parameters whose change reloads the form
 */
export function resourceMapper({
	name,
	load,
	dependsOn,
	words: { singular, plural },
	...property
}: {
	name: string;
	load: ResourceMapping;
	dependsOn: string[];
	words: { singular: string; plural: string };
	displayName: string;
	description: string;
}): Field<MappedValues> {
	return {
		methods: { resourceMapping: { [name]: load } },
		property: () => ({
			...property,
			type: 'resourceMapper',
			noDataExpression: true,
			default: { mappingMode: 'defineBelow', value: null },
			typeOptions: {
				loadOptionsDependsOn: [...dependsOn],
				resourceMapper: {
					resourceMapperMethod: name,
					mode: 'add',
					fieldWords: { singular, plural },
					addAllFields: true,
					supportAutoMap: true,
				},
			},
		}),
		read: (raw, source) => {
			const { mappingMode, value } = (raw ?? {}) as { mappingMode?: string; value?: unknown };
			const automatic = mappingMode === 'autoMapInputData';
			return { values: automatic ? source.item() : isObject(value) ? value : {}, automatic };
		},
	};
}
