/** vlm/v2/dataset/ (seed 003, Dataset Endpoints). No call creates one. */
import type { FastifyInstance } from 'fastify';
import { PAGE_QUERY, paginate } from '../paging';
import { inPath, readCall } from '../recognition/call';
import type { State } from '../state';
import { contentOf } from './prompt';
import type { Dataset, Format } from './state';

const DATASETS = '/vlm/v2/dataset/';

/** "Resolved result format from the referenced template prompt, or the dataset's own format." */
export function resultFormat(
	state: State,
	{ result_template_id: id, format }: Pick<Dataset, 'result_template_id' | 'format'>,
): Format | null {
	const template = state.vlm.prompts.find((prompt) => prompt.id === id);
	return template?.format ?? format;
}

function present(state: State, { format, ...dataset }: Dataset) {
	const inDataset = (one: { dataset: string }) => one.dataset === dataset.id;
	return {
		...dataset,
		result_format: resultFormat(state, { ...dataset, format }),
		samples_count: state.vlm.samples.filter(inDataset).length,
		variables_count: state.vlm.variables.filter(inDataset).length,
		system_prompt: contentOf(state, dataset.system_prompt_id),
		user_prompt: contentOf(state, dataset.user_prompt_id),
		result_template: contentOf(state, dataset.result_template_id),
	};
}

export function datasetRoutes(app: FastifyInstance, state: State): void {
	app.get(DATASETS, (request) => {
		const { workspace } = readCall(request, PAGE_QUERY);
		const datasets = state.vlm.datasets.filter((dataset) => dataset.workspace === workspace);
		return paginate(state, request, datasets, (dataset) => present(state, dataset));
	});

	app.get(`${DATASETS}:id/`, (request) => {
		const { workspace } = readCall(request);
		return present(state, inPath(state.vlm.datasets, request, workspace));
	});
}
