import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { awsBill, azureBill, CHOICES, money, PRICES, tableOf, USE } from '../../infra/prices.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const ESTATES = [10, 100, 1_000];

describe('what an installation costs', () => {
  test.each([
    ['azure', azureBill],
    ['aws', awsBill],
  ])('stands in docs/deploy-%s.md as it is computed', (cloud, billOf) => {
    const page = readFileSync(join(DOCS, `deploy-${cloud}.md`), 'utf8');
    const shown = new RegExp(`<!-- ${cloud}-prices -->\n([\\s\\S]*?)\n<!-- /${cloud}-prices -->`)
      .exec(page)?.[1]
      ?.trim();
    expect(shown).toBe(tableOf(ESTATES.map(billOf)));
  });

  test('by choice stands there too', () => {
    const page = readFileSync(join(DOCS, 'deploy-azure.md'), 'utf8');
    const [audit, network, levers] = CHOICES.map(({ usd }) => money(usd));
    expect(page).toContain(`private mode ${network}, the store of levers ${levers}`);
    expect(page).toMatch(new RegExp(`at 5 requests a second, ${audit}\\.`));
  });

  test.each([
    ['azure', azureBill],
    ['aws', awsBill],
  ])('on %s is the sum of its lines, and grows with the estate', (_cloud, billOf) => {
    const bills = ESTATES.map(billOf);
    for (const { lines, total } of bills)
      expect(total).toBeCloseTo(
        lines.reduce((sum, { usd }) => sum + usd, 0),
        9,
      );
    const totals = bills.map(({ total }) => total);
    expect(totals).toEqual(totals.toSorted((a, b) => a - b));
  });

  test('on Azure an estate pays for its metric rules above all: a series for each vault and rule', () => {
    const rules = (vaults: number) => azureBill(vaults).lines.find(({ what }) => what.startsWith('metric rules'))?.usd;
    expect(rules(1_000)).toBeCloseTo(1_000 * USE.rulesPerVault * PRICES.metricRuleSeries, 9);
    const [alwaysReady] = azureBill(10).lines;
    // Two instances of 2 GiB, every second of a month of 730 hours.
    expect(alwaysReady?.usd).toBeCloseTo(2 * 2 * 730 * 3_600 * 0.000_004, 9);
  });
});
