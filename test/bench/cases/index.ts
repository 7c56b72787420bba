import type { Options } from '../options';
import type { Scene } from '../scene';
import { classifyScenes, readingScene } from './classify';
import { idleScene, operationScenes } from './operations';
import { startScene } from './start';
import { triggerScene } from './trigger';

/**
 * The scenes that the options ask for, in their order. What n8n takes without the node comes first,
 * once for each number of photographs.
 */
export function scenesOf(options: Options): Scene[] {
	const all = [
		...classifyScenes(options),
		...operationScenes(options),
		triggerScene(options),
		startScene(options),
	];
	const chosen = all
		.filter((scene) => options.cases.includes(scene.case))
		.map((scene) => ({ ...scene, contenders: scene.contenders.filter(isWanted(options)) }))
		.filter(({ contenders }) => contenders.length > 0);
	if (!options.only.includes('reading')) return chosen;
	const bases = new Map<string, Scene>();
	for (const { base, size, count, ...scene } of chosen) {
		if (options.short && scene.case !== 'classify') continue;
		if (base) bases.set(base, size ? readingScene(size, count, options) : idleScene(options));
	}
	return [...bases.values(), ...chosen];
}

const isWanted =
	({ only, against }: Options) =>
	(name: Scene['contenders'][number]): boolean =>
		only.includes(name) && (name !== 'previous' || against !== undefined);
