import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { importCredentials, importWorkflows } from '../e2e/harness/cli';
import { createHome, removeHome, type Home } from '../e2e/harness/home';
import { installN8n, type N8n } from '../e2e/harness/install';
import { projectDirectory } from '../e2e/harness/pack';
import { TOKENS } from '../simulator/state';
import type { Options } from './options';
import { packed } from './packages';
import { photoStore, type PhotoStore } from './photos';
import type { ContenderName } from './run';
import type { Scene } from './scene';
import { startService, type Service } from './service';

export const scratch = path.join(projectDirectory, '.scratch/bench');

export const credential = { id: 'ximilar', name: 'Ximilar' };

/** The n8n homes: with this package, with the previous release, and with neither. */
type HomeName = 'package' | 'previous' | 'without';

/** Everything that stands ready while the runs go on. */
export interface Lab {
	n8n: N8n;
	service: Service;
	photos: PhotoStore;
	/** The home that a contender runs in. */
	homeOf: (contender: ContenderName) => Home;
	/** Whether CPU profiles of this package's node are taken. */
	isProfiled: boolean;
	close: () => Promise<void>;
}

/** Installs n8n, packs the packages, starts the server, and makes all that the scenes need. */
export async function openLab(options: Options, scenes: Scene[]): Promise<Lab> {
	await mkdir(scratch, { recursive: true });
	const n8n = await installN8n(options.line);
	const files = await mkdtemp(path.join(tmpdir(), 'bench-photos-'));
	const service = await startService(n8n.node, scratch);
	const homes = new Map<HomeName, Home>();
	const lab: Lab = {
		n8n,
		service,
		photos: photoStore(files),
		homeOf: (contender) => homes.get(homeNameOf(contender))!,
		isProfiled: options.profile,
		close: async () => {
			await service.stop();
			for (const home of homes.values()) await removeHome(home);
			await rm(files, { recursive: true, force: true });
		},
	};
	try {
		const names = new Set(scenes.flatMap((scene) => scene.contenders).map(homeNameOf));
		for (const name of names) homes.set(name, await makeHome(lab, name, options, files));
		await importScenes(lab, scenes);
		for (const { size, count } of scenes) if (size) await lab.photos.get(size, count);
	} catch (error) {
		await lab.close();
		throw error;
	}
	return lab;
}

function homeNameOf(contender: ContenderName): HomeName {
	return contender === 'previous' || contender === 'without' ? contender : 'package';
}

async function makeHome({ n8n }: Lab, name: HomeName, options: Options, files: string) {
	const source = name === 'package' ? options.package : options.against;
	return await createHome(n8n, {
		name: `bench-${name}`,
		tarball: name === 'without' ? undefined : await packed(source),
		env: { N8N_RESTRICT_FILE_ACCESS_TO: files },
	});
}

/** Puts the workflows of the scenes, and a credential, into the homes whose contenders need them. */
async function importScenes(lab: Lab, scenes: Scene[]): Promise<void> {
	const homes = new Map<Home, Scene[]>();
	for (const scene of scenes) {
		for (const home of new Set(scene.contenders.map(lab.homeOf))) {
			homes.set(home, [...(homes.get(home) ?? []), scene]);
		}
	}
	const data = { apiToken: TOKENS.business, baseUrl: lab.service.url };
	for (const [home, its] of homes) {
		const workflows = new Map(its.flatMap((one) => one.workflows(lab)).map((one) => [one.id, one]));
		await importCredentials(home, [{ ...credential, type: 'ximilarApi', data }]);
		if (workflows.size > 0) await importWorkflows(home, [...workflows.values()]);
	}
}
