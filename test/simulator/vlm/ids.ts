/** IDs of what the VLM part holds from the start; where a seed prints one, it is the seed's. */
export const VLM_IDS = {
	/** Prompts of the default workspace, one of each type. */
	systemPrompt: 'a1b2c3d4-e5f6-7890-abcd-ef1234567890',
	userPrompt: 'b2c3d4e5-f6a7-8901-bcde-f12345678901',
	templatePrompt: '05dea907-3a59-4f77-93f0-07a922422bbf',
	/** Version 2, or 0 as printed unless the simulator is strict; both prompts, the dataset `dataset`; answers in JSON. */
	task: 'dbb498ba-cf24-4400-9897-d5196444a880',
	/** Version 1; no prompts and no dataset; answers in plain text. */
	captionTask: '5f0f8a52-3a0e-4c3d-8a0b-2f5a7c1d9e01',
	/** Never trained; the dataset `inspectionDataset`. */
	untrainedTask: '5f0f8a52-3a0e-4c3d-8a0b-2f5a7c1d9e02',
	/** Version 1, in the second workspace. */
	warehouseTask: '5f0f8a52-3a0e-4c3d-8a0b-2f5a7c1d9e03',
	/** Variables grade and explain, and one sample. */
	dataset: '8797c273-b1d3-4e6f-82bb-adfb719415fe',
	grade: 'f82b01ed-e65d-4730-a458-2966cbf86994',
	explain: '7b661f0e-7c00-4b59-b334-aca2a0249e2f',
	sample: 'c3d4e5f6-a7b8-9012-cdef-345678901234',
	/** A variable of every type, each with limits; no samples. */
	inspectionDataset: '6a1c7b04-52d3-4f6b-9e2e-9b8f0d4c7a01',
	title: '6a1c7b04-52d3-4f6b-9e2e-000000000001',
	condition: '6a1c7b04-52d3-4f6b-9e2e-000000000002',
	pieces: '6a1c7b04-52d3-4f6b-9e2e-000000000003',
	price: '6a1c7b04-52d3-4f6b-9e2e-000000000004',
	damaged: '6a1c7b04-52d3-4f6b-9e2e-000000000005',
	tags: '6a1c7b04-52d3-4f6b-9e2e-000000000006',
	size: '6a1c7b04-52d3-4f6b-9e2e-000000000007',
	/** In the second workspace, with nothing in it. */
	warehouseDataset: '6a1c7b04-52d3-4f6b-9e2e-9b8f0d4c7a02',
	/** The first of the detection objects of the default workspace; see `OBJECT_IDS`. */
	object: 'f6a7b8c9-d0e1-2345-f678-901234567890',
} as const;

/** The detection objects of the default workspace: more than a sample may have. */
export const OBJECT_IDS: string[] = Array.from({ length: 12 }, (_, index) =>
	index === 0 ? VLM_IDS.object : `f6a7b8c9-d0e1-2345-f678-${String(index).padStart(12, '0')}`,
);
