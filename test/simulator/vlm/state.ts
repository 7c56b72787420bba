/** What the VLM part remembers, as plain data. Names are the service's where it has one. */
import type { RequestState } from './request/state';

export const PROMPT_TYPES = ['system', 'user', 'template'] as const;
export const FORMATS = ['json', 'yaml', 'xml', 'csv'] as const;
export const VARIABLE_TYPES = ['string', 'integer', 'float', 'boolean', 'array', 'object'] as const;
export const SAMPLE_TYPES = ['single', 'multi_random', 'multi_ordered'] as const;

export type Format = (typeof FORMATS)[number];
export type JsonObject = Record<string, unknown>;

export interface Prompt {
	id: string;
	name: string;
	description: string | null;
	content: string;
	type: (typeof PROMPT_TYPES)[number];
	format: Format | null;
	workspace: string;
}

export interface VlmTask {
	id: string;
	name: string;
	created: string;
	description: string | null;
	auto_deploy: boolean;
	/**
	 * -1 until the first training has finished, as in Recognition; seed 003 does not say. It prints a
	 * task with version 0, which has a model then.
	 */
	production_version: number;
	last_version: number;
	max_tokens: number;
	datasets: string[];
	training_params: JsonObject;
	training_time: number;
	system_prompt_id: string | null;
	user_prompt_id: string | null;
	workspace: string;
	/** When the trainings under way end, in milliseconds since 1970; no answer shows them. */
	trainings: number[];
}

export interface Dataset {
	id: string;
	name: string;
	description: string | null;
	version: string;
	created_date: string;
	/** Its own format, which that of its template prompt overrides. */
	format: Format | null;
	default_input_meta_data: JsonObject;
	meta_data: JsonObject;
	system_prompt_id: string | null;
	user_prompt_id: string | null;
	result_template_id: string | null;
	workspace: string;
}

export interface Variable {
	id: string;
	dataset: string;
	name: string;
	type: (typeof VARIABLE_TYPES)[number];
	required: boolean;
	description?: string;
	/** Comma-separated, as it was sent. */
	choices?: string;
	min_value?: number;
	max_value?: number;
	step_size?: number;
	min_length?: number;
	max_length?: number;
	default_value?: unknown;
	/** The dataset's; no answer shows it. */
	workspace: string;
}

/** An image or a detection object in a sample; its order is its place in the list. */
export interface SampleLink {
	id: string;
	/** The image or the detection object. */
	target: string;
}

export interface Sample {
	id: string;
	dataset: string;
	test: boolean;
	name: string | null;
	description: string | null;
	type: (typeof SAMPLE_TYPES)[number];
	created_date: string;
	input_meta_data: JsonObject;
	meta_data: JsonObject;
	images: SampleLink[];
	objects: SampleLink[];
	/** The annotated values, by the variable's ID. */
	values: Record<string, unknown>;
	workspace: string;
}

/** A region of an image that carries a detection label; made in Ximilar's app, by no call here. */
export interface DetectionObject {
	id: string;
	image_id: string;
	/** Which test image stands for the source image. */
	file: string;
	label_name: string;
	label_color: string;
	bbox: [number, number, number, number];
	workspace: string;
}

export interface VlmState extends RequestState {
	prompts: Prompt[];
	tasks: VlmTask[];
	datasets: Dataset[];
	variables: Variable[];
	samples: Sample[];
	objects: DetectionObject[];
}
