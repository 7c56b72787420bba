import type { Page } from 'playwright-core';
import { openEditor, type Editor } from './harness/browser';
import { createHome, removeHome, type Home } from './harness/home';
import { installN8n, n8nLines } from './harness/install';
import { startServer, stopServer, type Server } from './harness/server';

/** How a user who does not know the package finds its nodes: by typing into the node panel. */

/** How far down a user looks. */
const FIRST = 2;

/**
 * n8n adds the popularity of its own nodes to how well a word fits. Two of them are called "document"
 * as well, so that no node of a package can come before them.
 */
const BEHIND: Record<string, string[]> = { document: ['Google Gemini', 'Anthropic'] };

/** What users type, and the node that serves it. */
const WORDS: Record<string, RegExp> = {
	OCR: /^Ximilar OCR$/,
	'extract text': /^Ximilar OCR$/,
	'read text from image': /^Ximilar OCR$/,
	'text recognition': /^Ximilar OCR$/,
	scan: /^Ximilar OCR$/,
	invoice: /^Ximilar OCR$/,
	receipt: /^Ximilar OCR$/,
	document: /^Ximilar OCR$/,
	'image classification': /^Ximilar Recognition$/,
	classify: /^Ximilar Recognition$/,
	'image recognition': /^Ximilar Recognition$/,
	'image tagging': /^Ximilar Recognition$/,
	'label images': /^Ximilar Recognition$/,
	categorize: /^Ximilar Recognition$/,
	'train model': /^Ximilar Recognition$/,
	vlm: /^Ximilar VLM$/,
	'vision language model': /^Ximilar VLM$/,
	'describe image': /^Ximilar VLM$/,
	'image to text': /^Ximilar VLM$/,
	'annotate images': /^Ximilar VLM$/,
	vision: /^Ximilar /,
	ximilar: /^Ximilar /,
};

describe.each(n8nLines)('%s', (line) => {
	let home: Home;
	let server: Server;
	let editor: Editor;
	let page: Page;

	beforeAll(async () => {
		home = await createHome(await installN8n(line), {
			name: 'panel',
			tarball: process.env.E2E_TARBALL!,
		});
		server = await startServer(home);
		editor = await openEditor(server);
		page = editor.page;
	});

	afterAll(async () => {
		await editor?.close();
		await stopServer(server);
		await removeHome(home);
	});

	const panel = () => page.getByTestId('node-creator');

	const names = () => panel().getByTestId('node-creator-item-name');

	const search = async (words: string) => {
		const bar = panel().getByTestId('node-creator-search-bar');
		// What was found before goes first, so that it is not taken for what is found now.
		await bar.fill('qqqqqqqq');
		await names().first().waitFor({ state: 'detached' });
		await bar.fill(words);
		await names().first().waitFor();
	};

	/** The node panel over a new workflow that has only its first step. */
	const openPanel = async () => {
		await page.goto(`${server.url}/workflow/new`);
		await page
			.getByTestId('canvas-add-button')
			.getByRole('button')
			.or(page.getByTestId('canvas-plus-button'))
			.first()
			.click();
		await panel().getByText('Trigger manually').click();
		await page.getByTestId('canvas-node').waitFor();
		await page.getByTestId('node-creator-plus-button').click();
		await panel().waitFor();
	};

	/** The actions that the panel lists for a node. */
	const actionsOf = async (node: string) => {
		await openPanel();
		await search(node);
		await panel().getByText(node, { exact: true }).click();
		await panel().getByText('Actions').first().waitFor();
		return await names().allInnerTexts();
	};

	it('finds the right node by the words that users type', async () => {
		await editor.withPicture('panel-words', async () => {
			await openPanel();
			const found: Record<string, string[]> = {};
			for (const words of Object.keys(WORDS)) {
				await search(words);
				const others = (await names().allInnerTexts()).filter(
					(name) => !BEHIND[words]?.includes(name),
				);
				found[words] = others.slice(0, FIRST);
			}
			const missed = Object.entries(found).filter(
				([words, first]) => !first.some((name) => WORDS[words]!.test(name)),
			);
			expect(missed).toEqual([]);
		});
	});

	it('says of Ximilar VLM what it does, although the trigger shares its entry', async () => {
		await editor.withPicture('panel-description', async () => {
			await openPanel();
			await search('Ximilar VLM');
			const entry = panel().getByTestId('item-iterator-item').first();
			const [name, description] = (await entry.innerText()).split(/\n+/);
			expect(name).toBe('Ximilar VLM');
			// n8n 1 shows no descriptions of nodes that are found.
			if (line === 'n8n-2') expect(description).toMatch(/^Ask custom vision language models/);
		});
	});

	it.each([
		['Ximilar OCR', ['Read text in image', 'Read text in image with GPT']],
		['Ximilar Account', ['Get account', 'Get workspaces of account']],
	])('lists the actions of %s', async (node, actions) => {
		await editor.withPicture('panel-actions', async () => {
			expect(await actionsOf(node)).toEqual(expect.arrayContaining(actions));
			await panel().getByText(actions[0]!, { exact: true }).click();
			await page.getByTestId('parameter-input-operation').first().waitFor();
		});
	});
});
