/**
 * Takes pictures of messages as both platforms show them, light and dark:
 * `node test/console/shoot.ts FOLDER [PART-OF-A-NAME [PIXELS]]`, the last to show no more than so much of the height.
 * Needs Debian's `chromium`, or another named by `HEADROOM_CHROMIUM`; `fonts-noto-color-emoji` for the icons.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { previewPage } from '../../console/preview/page.ts';
import { findChromium, startChromium } from './browser.ts';
import { shownMessages } from './shown.ts';

const [folder, part = '', pixels = '10000'] = process.argv.slice(2);
const executable = findChromium();
if (folder === undefined) throw new Error('name the folder that the pictures go to');
if (executable === undefined) throw new Error('no Chromium: apt-get install chromium, or set HEADROOM_CHROMIUM');
mkdirSync(folder, { recursive: true });
const cards = readFileSync(createRequire(import.meta.url).resolve('adaptivecards/dist/adaptivecards.min.js'), 'utf8');
const browser = await startChromium(executable);
try {
  const page = await browser.newPage({ viewport: { width: 680, height: 600 } });
  page.on('pageerror', (error) => process.stderr.write(`${String(error)}\n`));
  for (const { name, platform, payload } of await shownMessages(part))
    for (const theme of ['light', 'dark'] as const) {
      const file = `${name}.${platform}.${theme}.png`;
      await page.setContent(previewPage(payload, { platform, theme, cards }));
      const problems = await page.locator('.problem').allTextContents();
      const { width = 0, height = 0 } = (await page.locator('body').boundingBox()) ?? {};
      const clip = { x: 0, y: 0, width, height: Math.min(height, Number(pixels)) };
      await page.screenshot({ path: join(folder, file), clip, fullPage: true });
      process.stdout.write(`${[file, ...problems].join('  ')}\n`);
    }
} finally {
  await browser.close();
}
