import type { IDataObject } from 'n8n-workflow';
import { z } from 'zod';
import type { Schema } from './client';
import { asObject } from './json';

/**
 * Schemas of answers name only what an operation cannot do without. Everything else passes as the
 * service sends it, so that a new field reaches the user and a lost one names itself.
 */
function answer(vital: z.ZodRawShape): Schema<IDataObject> {
	return z.object(vital).passthrough() as unknown as Schema<IDataObject>;
}

/** An answer that nothing is taken from: it may have any form, or be empty. */
export const anySchema: Schema<unknown> = z.unknown();

/** An answer that no document prints: an object as it is, anything else, nothing included, as {}. */
export const objectOrEmpty: Schema<IDataObject> = z.unknown().transform(asObject);

/** Anything that has an ID: a task, a label, a workspace. */
export const entitySchema = answer({ id: z.string() });

/** GET account/v2/details/ (seed 000). Not every account has a limit. */
export const accountSchema = answer({ credits_counter: z.number() });

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

/** Of an image without text, the text is empty, null or left out. */
export interface OcrRecord extends IDataObject {
	_ocr: IDataObject & { full_text?: string | null; texts?: IDataObject[] | null };
}

const ocrSchema = z.object({ full_text: z.string().nullish() }).passthrough();

/** A record of ocr/v2/read (seed 004). */
export const ocrRecordSchema = answer({ _ocr: ocrSchema }) as unknown as Schema<OcrRecord>;

/** Where GPT had nothing to say, its result is empty, null or left out. */
interface OcrGptRecord extends OcrRecord {
	_gpt: IDataObject & { result?: string | null; json_result?: IDataObject | unknown[] | null };
}

/** A record of ocr/v2/read_gpt (seed 004). */
export const ocrGptRecordSchema = answer({
	_ocr: ocrSchema,
	_gpt: z.object({ result: z.string().nullish() }).passthrough(),
}) as unknown as Schema<OcrGptRecord>;

/**
 * What a variable asks of its values (seed 003, "Supported Variable Types" and "Create Variable").
 * A rule that is null or left out asks nothing.
 */
export interface Rules extends IDataObject {
	name: string;
	type: string;
	required?: boolean | null;
	/** Comma-separated, for strings. */
	choices?: string | null;
	min_value?: number | null;
	max_value?: number | null;
	step_size?: number | null;
	min_length?: number | null;
	max_length?: number | null;
}

/** A variable of a VLM dataset (seed 003, "List Variables"). */
export interface Variable extends Rules {
	id: string;
}

export const variableSchema = answer({
	id: z.string(),
	name: z.string(),
	type: z.string(),
}) as unknown as Schema<Variable>;

export interface SampleImage extends IDataObject {
	image_id: string;
	order?: number | null;
}

/** An image of a VLM sample (seed 003, "List Sample Images"). */
export const sampleImageSchema = answer({
	image_id: z.string(),
}) as unknown as Schema<SampleImage>;

/** A detection object of a VLM sample (seed 003, "List Sample Detection Objects"). */
export const sampleObjectSchema = answer({
	detection_object_id: z.string(),
}) as unknown as Schema<IDataObject & { detection_object_id: string; order?: number | null }>;

/** A VLM request (seed 003, "Submit Request", "Get Request"). */
export const requestSchema = answer({ id: z.string(), status: z.string() });

/** GET request/ID/status/ (seed 003, "Get Request Status"). */
export const requestStatusSchema = answer({ status: z.string() });
