import type {
	ILoadOptionsFunctions,
	INodeListSearchResult,
	ResourceMapperFields,
} from 'n8n-workflow';

/** What the editor asks a node for while a user fills it in: the fields bring it along. */

export type ListSearch = (
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
) => Promise<INodeListSearchResult>;

export type ResourceMapping = (this: ILoadOptionsFunctions) => Promise<ResourceMapperFields>;

export interface Methods {
	listSearch?: Record<string, ListSearch>;
	resourceMapping?: Record<string, ResourceMapping>;
}

/** The methods of several fields together, in n8n's form. */
export function methodsOf(fields: Array<{ methods?: Methods }>): Required<Methods> {
	const all = fields.map(({ methods = {} }) => methods);
	return {
		listSearch: Object.assign({}, ...all.map(({ listSearch }) => listSearch)),
		resourceMapping: Object.assign({}, ...all.map(({ resourceMapping }) => resourceMapping)),
	};
}
