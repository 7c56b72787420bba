/**
 * Runs n8n's scanner of packages on a folder, as n8n runs it.
 *
 *     node scan.mjs TOOLS FOLDER sources|packed     exit code 1, and why, when it does not pass
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [tools, folder, kind] = process.argv.slice(2);
const scanner = path.join(tools, 'node_modules/@n8n/scan-community-package/scanner/scanner.mjs');
const { analyzePackage, SOURCE_FILE_PATTERNS } = await import(pathToFileURL(scanner));
// The same two that it takes of a published package, and of the sources that its provenance names.
const patterns = kind === 'sources' ? SOURCE_FILE_PATTERNS : ['**/*.js', 'package.json'];
const { passed, message, details } = await analyzePackage(folder, patterns);
if (!passed) {
	console.log(message, details ?? '');
	process.exit(1);
}
