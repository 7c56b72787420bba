/** Control of the VLM part over HTTP; it needs no token. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { datasetSchema, finishedSchema, taskSchema, type VlmControl } from './control';
import { ruleSchema } from './request/rules';

/** One of these, or a list of them. */
function many<T extends z.ZodTypeAny>(schema: T, body: unknown): Array<z.infer<T>> {
	return z.array(schema).parse(Array.isArray(body) ? body : [body]);
}

export function vlmAdminRoutes(app: FastifyInstance, control: VlmControl, rules: () => unknown) {
	app.get('/admin/vlm/rules', rules);
	app.post('/admin/vlm/rules', ({ body }) => control.addRules(...many(ruleSchema, body)));
	app.delete('/admin/vlm/rules', () => {
		control.clearRules();
		return rules();
	});

	app.post('/admin/vlm/requests', ({ body }) => control.addRequests(...many(finishedSchema, body)));
	app.get<{ Params: { id: string } }>('/admin/vlm/requests/:id', ({ params }) =>
		control.request(params.id),
	);

	app.post('/admin/vlm/tasks', ({ body }) => control.addTask(taskSchema.parse(body)));
	app.post('/admin/vlm/datasets', ({ body }) => control.addDataset(datasetSchema.parse(body)));
	app.get<{ Querystring: { dataset?: string } }>('/admin/vlm/samples', ({ query }) =>
		control.samples(query.dataset),
	);

	app.get('/admin/vlm/deliveries', () => control.deliveries());
	app.post('/admin/vlm/settle', async () => {
		await control.settle();
		return { settled: true };
	});
}
