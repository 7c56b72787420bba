import { installN8n, n8nLines } from './install';
import { packProject } from './pack';

/** Before all tests: both versions of n8n are there, and the package is built and packed. */
export default async function setup(): Promise<void> {
	const { tarball } = await packProject();
	process.env.E2E_TARBALL = tarball;
	for (const line of n8nLines) await installN8n(line);
}
