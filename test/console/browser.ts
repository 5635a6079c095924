import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where a Chromium is installed: `HEADROOM_CHROMIUM`, else where packages put it; undefined without one. */
export function findChromium(): string | undefined {
  return [process.env['HEADROOM_CHROMIUM'] ?? '', ...PLACES].find((path) => path !== '' && existsSync(path));
}

/** What is looked at comes from this process alone: the browser runs without its sandbox, which containers often forbid. */
export function startChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-lcd-text'] });
}
