import type { IDataObject } from 'n8n-workflow';
import { MAX_RECORDS } from '../api/records';
import {
	analyseAll,
	TIMEOUT,
	type AnalysisCalls,
	type AnalysisItem,
	type AnalysisValues,
} from './analysisRun';
import { callOptions } from './callOptions';
import type { Execution } from './execution';
import { choice, number, type Fields } from './field';
import { imageFields } from './imageFields';
import { declared, simplifyField, type DeclaredValues, type Operation } from './operation';

const analysisOptions = {
	batchSize: number(
		{
			displayName: 'Batch Size',
			default: MAX_RECORDS,
			description:
				'How many images go into one request. Each image costs the same either way; more in one request is faster.',
		},
		{ min: 1, max: MAX_RECORDS, integer: true },
	),
	keepInput: choice(
		{
			displayName: 'Keep Input Data',
			default: 'nothing',
			description:
				'What to keep of the incoming item. A field that has the same name as a field of the result gets input_ in front of its name.',
		},
		[
			{ name: 'Nothing', value: 'nothing' },
			{ name: 'JSON Fields', value: 'json', description: 'A spreadsheet row keeps its columns' },
			{ name: 'JSON Fields and Files', value: 'all' },
		],
	),
	...callOptions(),
	timeout: number(
		{
			displayName: 'Timeout',
			default: TIMEOUT,
			description:
				'How many seconds to wait for the answer to one request. A request that was given up may be paid for again when it is repeated.',
		},
		{ min: 1, max: 3600 },
	),
};

type AnalysisFields<F extends Fields> = F & { simplify: ReturnType<typeof simplifyField> };
type AnalysisOptions<O extends Fields> = O & typeof analysisOptions;
type ValuesOf<F extends Fields, O extends Fields> = DeclaredValues<
	AnalysisFields<F>,
	AnalysisOptions<O>
>;

interface Analysis<F extends Fields, O extends Fields, R> extends AnalysisCalls<ValuesOf<F, O>, R> {
	name: string;
	action: string;
	description: string;
	fields: F;
	/** Options of the operation, beside those that every analysis has. */
	options: O;
	workspace?: string;
}

/**
 * An operation that analyses images: packs those of many items into requests, keeps several under
 * way within a bound of bytes, bisects a refused request until the bad record is found, and gives
 * each item the rows of its own images.
 */
export function analysis<F extends Fields, O extends Fields, R extends IDataObject>(
	declaration: Analysis<F, O, R>,
): Operation {
	const { fields, options, name, action, description, workspace, ...calls } = declaration;
	const { texts, itemsOf } = declared({
		name,
		action,
		description,
		workspace,
		fields: { ...fields, ...imageFields(), simplify: simplifyField() },
		options: { ...analysisOptions, ...options },
	});
	return {
		...texts,
		perform: async (execution: Execution) =>
			await analyseAll(
				calls as unknown as AnalysisCalls<AnalysisValues, IDataObject>,
				(await itemsOf(execution)) as unknown as AnalysisItem[],
			),
	};
}
