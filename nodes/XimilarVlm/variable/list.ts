import { getList } from '../../shared/api/pages';
import type { Api } from '../../shared/api/client';
import { variableSchema, type Variable } from '../../shared/api/schemas';

export const VARIABLES = 'vlm/v2/variable/';

/** All variables of a dataset: GET variable/?dataset=ID (seed 003). */
export async function variablesOf(api: Api, dataset: string): Promise<Variable[]> {
	return await getList(api, VARIABLES, variableSchema, { dataset }, Infinity);
}
