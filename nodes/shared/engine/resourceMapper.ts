import type { IDataObject, ResourceMapperField, ResourceMapperValue } from 'n8n-workflow';
import { asObject } from '../api/json';
import type { Field } from './field';
import type { ResourceMapping } from './methods';

/** What a resource mapper gives: values by name, as the user or the incoming item has them. */
export interface MappedValues {
	values: IDataObject;
	/** They are the whole incoming item, which may have other fields than those mapped. */
	automatic: boolean;
	/** Names of values that are left out, because an earlier form filled them in by itself. */
	prefilled: string[];
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
					// What is missing is said by the method's notice, which is no error.
					hideNoDataError: true,
				},
			},
		}),
		read: (raw, source, path) => {
			const { mappingMode, value, schema } = (raw ?? {}) as Partial<ResourceMapperValue>;
			if (mappingMode === 'autoMapInputData') {
				return { values: source.item(), automatic: true, prefilled: [] };
			}
			const given = Object.entries(asObject(value));
			const stored = (source.parameter(`${path}.value`, true) ?? {}) as IDataObject;
			const isPrefilled = ([id]: [string, unknown]) =>
				maybeUntouched(
					stored[id],
					schema?.find((one) => one.id === id),
				);
			return {
				values: Object.fromEntries(given.filter((entry) => !isPrefilled(entry))),
				automatic: false,
				prefilled: given.filter(isPrefilled).map(([id]) => id),
			};
		},
	};
}

/**
 * Whether a stored value may be one that nobody entered. The editor fills in a field's default value,
 * and an untouched switch with false (`n8n.md`); this package's forms had both once. The schema that
 * was stored with the values tells such a field, and no field of today gives a plain false. What an
 * expression gives was meant.
 */
function maybeUntouched(stored: unknown, field: ResourceMapperField | undefined): boolean {
	if (!field) return false;
	const { defaultValue: filledIn = false } = field;
	return stored === filledIn;
}
