import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { previewPage } from '../../../console/preview/page.ts';
import { buildMessage } from '../../../shared/chat/message.ts';
import { renderSlack } from '../../../shared/chat/slack/message.ts';
import { renderTeams } from '../../../shared/chat/teams/message.ts';
import { CASES } from '../../shared/chat/cases.ts';
import { finding, incident, refusedSignal } from '../../shared/chat/incidents.ts';
import { findChromium, startChromium } from '../browser.ts';

const executable = findChromium();
const NASTY = '<img src=x onerror=alert(1)> <!channel> **b** [a](http://b.example) </script>';
const HOSTILE = incident({
  diagnosedAt: '2026-11-20T14:06:00.000Z',
  signals: [refusedSignal({ rule: NASTY, description: NASTY, custom: { [NASTY]: NASTY } })],
  findings: [finding({ summary: NASTY })],
});
const cards = readFileSync(createRequire(import.meta.url).resolve('adaptivecards/dist/adaptivecards.min.js'), 'utf8');

/** Elements that stick out of the page to the right: text that is cut off. */
const CUT_OFF = `[...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > document.body.getBoundingClientRect().right + 1).map((element) => element.outerHTML.slice(0, 80))`;

describe.skipIf(executable === undefined)('in Chromium (skipped where none is installed)', () => {
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];
  beforeAll(async () => {
    browser = await startChromium(executable ?? '');
    page = await browser.newPage({ viewport: { width: 680, height: 600 } });
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('dialog', (dialog) => {
      faults.push(dialog.message());
      void dialog.dismiss();
    });
  });
  afterAll(() => browser?.close());

  test.each(Object.entries({ ...CASES, hostile: HOSTILE }))(
    '%s is whole on both platforms, light and dark',
    async (_name, shown) => {
      const message = buildMessage(shown, { privacy: 'full', actions: [{ id: 'ack', label: 'Acknowledge' }] });
      for (const theme of ['light', 'dark'] as const)
        for (const [platform, payload] of [
          ['slack', renderSlack(message)],
          ['teams', renderTeams(message)],
        ] as const) {
          await page.setContent(previewPage(payload, { platform, theme, cards }));
          expect(await page.locator('.problem').allTextContents()).toEqual([]);
          expect(await page.evaluate(CUT_OFF)).toEqual([]);
          expect(await page.locator('img, article script, article iframe').count()).toBe(0);
          expect(await page.locator('article').textContent()).toContain(message.title);
        }
      expect(faults).toEqual([]);
    },
  );

  test('the card of a hostile alert holds its text as it came, and no link or format of it', async () => {
    const payload = renderTeams(buildMessage(HOSTILE, { privacy: 'full' }));
    await page.setContent(previewPage(payload, { platform: 'teams', theme: 'light', cards }));
    await page.getByText('Details').click();
    expect(await page.locator('article').textContent()).toContain(
      '<img src=x onerror=alert(1)> <!channel> **b** [a](http://b.example)',
    );
    expect(await page.locator('article a, article strong, article em').count()).toBe(0);
  });
});
