import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { chromium, selectors, type Locator, type Page } from 'playwright-core';
import { projectDirectory } from './pack';
import type { Server } from './server';

/** Where Debian keeps it; elsewhere set CHROMIUM. */
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

const PICTURES = path.join(projectDirectory, '.scratch/e2e-logs');

/** What n8n tells in the corner, e.g. that it has chosen credentials, hides what a picture is of. */
const WITHOUT_TOASTS = '.el-notification { visibility: hidden }';

/** n8n's editor in a browser, its owner signed in. */
export interface Editor {
	page: Page;
	/** Does something on the page, and leaves a picture behind when that does not come to its end. */
	withPicture: <T>(name: string, work: () => Promise<T>) => Promise<T>;
	/** With PICTURES, the path of a folder, keeps a picture there for the docs, of the newer n8n. */
	keepPicture: (name: string, of?: Locator) => Promise<void>;
	close: () => Promise<void>;
}

/** Opens a browser for the editor of a server. */
export async function openEditor(
	server: Server,
	viewport = { width: 1400, height: 1200 },
): Promise<Editor> {
	if (!existsSync(CHROMIUM)) {
		throw new Error(`There is no ${CHROMIUM}: install Chromium, or set CHROMIUM to where it is`);
	}
	selectors.setTestIdAttribute('data-test-id');
	const browser = await chromium.launch({
		executablePath: CHROMIUM,
		args: [
			'--no-sandbox',
			'--disable-gpu',
			'--disable-quic',
			'--no-first-run',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
		],
	});
	const context = await browser.newContext({ viewport });
	const [name, value] = server.session.split('=') as [string, string];
	await context.addCookies([{ name, value, url: server.url }]);
	const page = await context.newPage();
	page.setDefaultTimeout(20_000);
	return {
		page,
		withPicture: async (picture, work) => {
			try {
				return await work();
			} catch (error) {
				await mkdir(PICTURES, { recursive: true });
				const file = `${server.home.n8n.line}-${picture}.png`;
				await page.screenshot({ path: path.join(PICTURES, file) });
				throw error;
			}
		},
		keepPicture: async (picture, of) => {
			if (!process.env.PICTURES || server.home.n8n.line !== 'n8n-2') return;
			const file = path.resolve(process.env.PICTURES, `${picture}.png`);
			await (of ?? page).screenshot({ path: file, style: WITHOUT_TOASTS });
		},
		close: async () => await browser.close(),
	};
}
