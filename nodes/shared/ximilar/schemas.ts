import type { IDataObject } from 'n8n-workflow';
import { z } from 'zod';
import type { Schema } from './client';

/**
 * Schemas of answers name only what an operation cannot do without. Everything else passes as the
 * service sends it, so that a new field reaches the user and a lost one names itself.
 */
function answer(vital: z.ZodRawShape): Schema<IDataObject> {
	return z.object(vital).passthrough() as unknown as Schema<IDataObject>;
}

/** Anything that has an ID: a task, a label, a workspace. */
export const entitySchema = answer({ id: z.string() });

/** GET account/v2/details/ (seed 000). */
export const accountSchema = answer({ credits_counter: z.number(), credits_limit: z.number() });

export interface LabelResult extends IDataObject {
	name: string;
	prob: number;
	id: string;
}

const labelSchema = z.object({ name: z.string(), prob: z.number() }).passthrough();

export interface ClassifyRecord extends IDataObject {
	labels: LabelResult[];
}

/** A record of recognition/v2/classify/ (seed 002). */
export const classifyRecordSchema = answer({
	labels: z.array(labelSchema),
}) as unknown as Schema<ClassifyRecord>;

export interface OcrRecord extends IDataObject {
	_ocr: IDataObject & { full_text: string; texts?: IDataObject[] };
}

/** A record of ocr/v2/read (seed 004). */
export const ocrRecordSchema = answer({
	_ocr: z.object({ full_text: z.string() }).passthrough(),
}) as unknown as Schema<OcrRecord>;

export interface OcrGptRecord extends OcrRecord {
	_gpt: IDataObject & { result: string; json_result?: IDataObject };
}

/** A record of ocr/v2/read_gpt (seed 004). */
export const ocrGptRecordSchema = answer({
	_ocr: z.object({ full_text: z.string() }).passthrough(),
	_gpt: z.object({ result: z.string() }).passthrough(),
}) as unknown as Schema<OcrGptRecord>;
