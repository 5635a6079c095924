import { describe, expect, test } from 'vitest';
import { proposeFixes, reliefOf } from '../../../shared/fixes/propose.ts';
import type { Prediction, WhatIf } from '../../../shared/fixes/what-if.ts';
import type { Cause, Resource } from '../../../shared/model.ts';
import { DIAGNOSES, FIXES } from '../../../shared/registry.ts';
import { VAULT } from '../evidence/kit.ts';

const CLIENTS = {
  csharp: 'azsdk-net-Security.KeyVault.Secrets/4.7.0 (.NET 8.0.11)',
  java: 'azsdk-java-azure-security-keyvault-secrets/4.9.1',
  python: 'azsdk-python-keyvault-secrets/4.9.0 Python/3.12.7',
  typescript: 'azsdk-js-keyvault-secrets/4.11.2 Node/24.11.0',
  go: 'azsdk-go-azsecrets/v1.3.0 (go1.23.3; linux)',
};

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
  };
}

describe('fixes of a cause', () => {
  test('come least invasive first, each with its predicted effect', () => {
    const fixes = proposeFixes(cause(), FIXES, { resource: VAULT, whatIf: whatIf(10) });
    const order = fixes.map(({ invasiveness }) => invasiveness);
    expect(order).toEqual([...order].sort());
    expect(fixes.map(({ predicted }) => predicted)).toEqual(
      fixes.map(() => ({
        throttledBefore: 1000,
        throttledAfter: 10,
        peakUtilisationBefore: 2,
        peakUtilisationAfter: 0.5,
      })),
    );
  });

  test('promise nothing where the replay is not faithful or there is none', () => {
    for (const replayed of [null, whatIf(10, false)]) {
      const fixes = proposeFixes(cause(), FIXES, { resource: VAULT, whatIf: replayed });
      expect(fixes).toHaveLength(FIXES.length);
      expect(fixes.filter(({ predicted }) => predicted !== undefined)).toEqual([]);
      expect(reliefOf(cause(), FIXES[0] ?? fail(), { resource: VAULT, whatIf: replayed })).toBeNull();
    }
  });

  test('are offered even where none of them helps, rather than none', () => {
    expect(proposeFixes(cause(), FIXES, { resource: VAULT, whatIf: whatIf(1000) })).toHaveLength(FIXES.length);
  });

  test('measure how much of the refusals they take away', () => {
    const [rule = fail()] = FIXES;
    const relief = (after: number) => reliefOf(cause(), rule, { resource: VAULT, whatIf: whatIf(after) });
    expect([relief(0), relief(250), relief(1000), relief(1500)]).toEqual([1, 0.75, 0, 0]);
  });
});

describe.each(Object.entries(CLIENTS))('snippets for %s', (language, client) => {
  test.each(FIXES.map((rule) => [rule.id, rule] as const))(
    'of %s fit its client, a message and a terminal',
    (_id, rule) => {
      const [fix] = proposeFixes(cause(client), [rule], { resource: VAULT, whatIf: null });
      const snippet = fix?.snippet;
      expect(snippet?.text.trim()).toBe(snippet?.text);
      expect(snippet?.text.split('\n').length).toBeLessThanOrEqual(24);
      expect(snippet?.text).not.toMatch(/undefined|\[object/);
      expect(fix?.title.length).toBeLessThanOrEqual(36);
      if (!['bash', 'bicep', 'yaml'].includes(snippet?.language ?? '')) expect(snippet?.language).toBe(language);
    },
  );
});

test('a client that does not say what it is gets no snippet in a language', () => {
  const fixes = proposeFixes(cause('curl/8.5.0'), FIXES, { resource: VAULT, whatIf: null });
  expect(fixes.flatMap(({ snippet }) => snippet?.language ?? [])).toEqual(['bash', 'bicep']);
});

test.each(['kv"; rm -rf /; "', "kv'#{x}", 'kv\nrun', '-kv', 'k', 'x'.repeat(40)])(
  'a resource named %j leaves no trace in a snippet',
  (name) => {
    const resource: Resource = { ...VAULT, name };
    const texts = Object.values(CLIENTS).flatMap((client) =>
      proposeFixes(cause(client), FIXES, { resource, whatIf: null }).map(({ snippet }) => snippet?.text ?? ''),
    );
    expect(texts.join('\n')).toContain('https://<vault>.vault.azure.net');
    if (name.length > 1) expect(texts.filter((text) => text.includes(name))).toEqual([]);
  },
);

test('every diagnosis has a fix for every client', () => {
  for (const { fixes } of DIAGNOSES)
    for (const client of Object.values(CLIENTS)) {
      const rules = FIXES.filter(({ id }) => fixes.includes(id));
      const offered = proposeFixes(cause(client), rules, { resource: VAULT, whatIf: null });
      expect(offered[0]?.snippet?.text.length).toBeGreaterThan(40);
    }
});

function fail(): never {
  throw new Error('the registry lists no fix');
}
