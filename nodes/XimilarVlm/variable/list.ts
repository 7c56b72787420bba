import { getList } from '../../shared/ximilar/lists';
import type { Api } from '../../shared/ximilar/client';
import { variableSchema, type Variable } from '../../shared/ximilar/schemas';

export const VARIABLES = 'vlm/v2/variable/';

/** All variables of a dataset: GET variable/?dataset=ID (seed 003). */
export async function variablesOf(api: Api, dataset: string): Promise<Variable[]> {
	return await getList(api, VARIABLES, variableSchema, { dataset }, Infinity);
}
