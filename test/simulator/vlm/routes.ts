/** vlm/v2/: who may call it, and what it holds (seed 003). */
import type { FastifyInstance } from 'fastify';
import { refuse } from '../errors';
import type { State } from '../state';
import { datasetRoutes } from './dataset';
import { promptRoutes } from './prompt';
import { requestRoutes } from './request/routes';
import type { Workers } from './request/workers';
import { sampleRoutes } from './sample';
import { sampleContentRoutes } from './sampleContent';
import { settleTrainings, taskRoutes } from './task';
import { variableRoutes } from './variable';

export function vlmRoutes(app: FastifyInstance, state: State, workers: Workers): void {
	// A scope of its own, so that the hook is for these calls alone.
	void app.register(async (scope) => {
		scope.addHook('preHandler', async (request) => {
			if (!request.caller.vlm) {
				// "This service is currently in beta and only available to selected users."
				refuse(403, { detail: 'The VLM platform is available to selected users only.' });
			}
			settleTrainings(state);
			await workers.settle();
		});
		promptRoutes(scope, state);
		taskRoutes(scope, state);
		datasetRoutes(scope, state);
		variableRoutes(scope, state);
		sampleRoutes(scope, state);
		sampleContentRoutes(scope, state);
		requestRoutes(scope, state, workers);
	});
}
