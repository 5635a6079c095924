import { describe, expect, test } from 'vitest';
import { proposeFixes, reliefOf } from '../../../shared/fixes/propose.ts';
import type { Prediction, WhatIf } from '../../../shared/fixes/what-if.ts';
import type { Cause } from '../../../shared/model.ts';
import { FIXES } from '../../../shared/registry.ts';
import { VAULT } from '../evidence/kit.ts';

function cause(client?: string): Cause {
  return {
    kind: 'any',
    verdict: 'likely',
    role: 'trigger',
    confidence: 0.7,
    explains: 0,
    caller: { id: 'app-a', kind: 'application', addresses: 3, ...(client !== undefined && { client }) },
    victims: [],
    facts: [],
    summary: 's',
  };
}

function whatIf(after: number, faithful = true): WhatIf {
  const prediction: Prediction = {
    throttledBefore: 1000,
    throttledAfter: after,
    peakUtilisationBefore: 2,
    peakUtilisationAfter: 0.5,
    requestsBefore: 5000,
    requestsAfter: 4000,
  };
  return {
    class: 'secret',
    limit: {
      service: 'key-vault',
      class: 'secret',
      windowSeconds: 10,
      max: 4000,
      weight: 1,
      countsRefused: false,
      scope: 'resource',
      source: 'https://example.org',
      readOn: '2026-01-01',
    },
    model: { max: 4000, windowMs: 10_000, countsRefused: false, shape: 'sliding' },
    rows: [],
    peak: 8000,
    faithful,
    predict: () => prediction,
    habitsOf: () => null,
  };
}

/** What is changed at an App Configuration store is offered for none but those. */
const FIXES_OF_VAULTS = FIXES.filter(({ id }) => !id.startsWith('configuration-'));

/** One that changes the load, so that there is something to measure. */
const BACKOFF = FIXES.find(({ id }) => id === 'backoff') ?? fail();

describe('fixes of a cause', () => {
  test('come least invasive first, each with its predicted effect', () => {
    const fixes = proposeFixes(cause(), FIXES, { resource: VAULT, whatIf: whatIf(10) });
    const order = fixes.map(({ invasiveness }) => invasiveness);
    expect(order).toEqual([...order].sort());
    const predicted = {
      throttledBefore: 1000,
      throttledAfter: 10,
      peakUtilisationBefore: 2,
      peakUtilisationAfter: 0.5,
    };
    const untold = fixes.filter((fix) => fix.predicted === undefined);
    expect(untold.map(({ id }) => id)).toEqual(['follow-event', 'alert-rule', 'singleton-client']);
    for (const fix of fixes) if (!untold.includes(fix)) expect(fix.predicted).toEqual(predicted);
  });

  test('promise nothing where the replay is not faithful or there is none', () => {
    for (const replayed of [null, whatIf(10, false)]) {
      const fixes = proposeFixes(cause(), FIXES, { resource: VAULT, whatIf: replayed });
      expect(fixes).toHaveLength(FIXES_OF_VAULTS.length);
      expect(fixes.filter(({ predicted }) => predicted !== undefined)).toEqual([]);
      expect(reliefOf(cause(), BACKOFF, { resource: VAULT, whatIf: replayed })).toBeNull();
    }
  });

  test('are offered even where none of them helps, rather than none', () => {
    expect(proposeFixes(cause(), FIXES, { resource: VAULT, whatIf: whatIf(1000) })).toHaveLength(
      FIXES_OF_VAULTS.length,
    );
  });

  test('are not led by one that leaves the peak as high as it was', () => {
    const steep = whatIf(10);
    const known = steep.predict((fleet) => fleet);
    let asked = 0;
    // The first that is measured leaves the peak where it was.
    const predict: WhatIf['predict'] = () => ({ ...known, peakUtilisationAfter: asked++ === 0 ? 2 : 0.5 });
    const rules = FIXES.filter(({ id }) => ['grant-or-rename', 'backoff', 'bundle-secrets'].includes(id));
    const fixes = proposeFixes(cause(), rules, { resource: VAULT, whatIf: { ...steep, predict } });
    expect(fixes.map(({ id }) => id)).toEqual(['backoff', 'grant-or-rename', 'bundle-secrets']);
  });

  test('are offered without an effect where more would be refused, as of whoever waits instead of giving up', () => {
    const fixes = proposeFixes(cause(), FIXES, { resource: VAULT, whatIf: whatIf(1500) });
    expect(fixes.length).toBeGreaterThan(0);
    expect(fixes.filter(({ predicted }) => predicted !== undefined)).toEqual([]);
  });

  test('measure how much of the refusals they take away', () => {
    const relief = (after: number) => reliefOf(cause(), BACKOFF, { resource: VAULT, whatIf: whatIf(after) });
    expect([relief(0), relief(250), relief(1000), relief(1500)]).toEqual([1, 0.75, 0, 0]);
  });
});

function fail(): never {
  throw new Error('the registry lists no fix');
}
