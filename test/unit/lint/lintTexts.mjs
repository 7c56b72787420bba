/**
 * Lints texts as if they were files of the project: reads `[path, text]` pairs as JSON from stdin, and
 * prints for each the rules that it breaks. A process of its own, because jest cannot load ESLint's
 * configuration, which is an ES module.
 */
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const eslint = new ESLint({ cwd: root });
const broken = [];
for (const [file, code] of JSON.parse(await text(process.stdin))) {
	const [{ messages }] = await eslint.lintText(code, { filePath: path.join(root, file) });
	broken.push(messages.map(({ ruleId, message }) => ruleId ?? message));
}
console.log(JSON.stringify(broken));
