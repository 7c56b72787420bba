import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { importCredentials, importWorkflows, type Importable } from '../e2e/harness/cli';
import { createHome, removeHome, type Home } from '../e2e/harness/home';
import { cacheFolder, installN8n, type N8n } from '../e2e/harness/install';
import { projectDirectory } from '../e2e/harness/pack';
import type { Workflow } from '../e2e/harness/workflows';
import { TOKENS } from '../simulator/state';
import type { Options } from './options';
import { packed } from './packages';
import { startService, type Service } from './service';

export const scratch = path.join(projectDirectory, '.scratch/bench');

/** Everything that stands ready while the runs go on. */
export interface Lab {
	n8n: N8n;
	service: Service;
	/** The n8n homes: with this package, and with the previous release where one was named. */
	homes: { package: Home; previous?: Home };
	/** Puts workflows into all homes. */
	importWorkflows: (workflows: Array<Workflow & Importable>) => Promise<void>;
	close: () => Promise<void>;
}

export const credential = { id: 'ximilar', name: 'Ximilar' };

/** Installs n8n, packs the packages, and starts the server. */
export async function openLab(options: Options): Promise<Lab> {
	await mkdir(scratch, { recursive: true });
	const n8n = await installN8n(options.line);
	const tarballs = {
		package: await packed(options.package),
		...(options.against === undefined ? {} : { previous: await packed(options.against) }),
	};
	const service = await startService(n8n.node);
	const data = { apiToken: TOKENS.business, baseUrl: service.url };
	const home = async (name: keyof typeof tarballs) => {
		const created = await createHome(n8n, {
			name: `bench-${name}`,
			tarball: tarballs[name]!,
			env: { N8N_RESTRICT_FILE_ACCESS_TO: cacheFolder() },
		});
		await importCredentials(created, [{ ...credential, type: 'ximilarApi', data }]);
		return created;
	};
	const homes: Lab['homes'] = { package: await home('package') };
	if (tarballs.previous) homes.previous = await home('previous');
	const all = Object.values(homes) as Home[];
	return {
		n8n,
		service,
		homes,
		importWorkflows: async (workflows) => {
			for (const one of all) await importWorkflows(one, workflows);
		},
		close: async () => {
			await service.stop();
			for (const one of all) await removeHome(one);
		},
	};
}
