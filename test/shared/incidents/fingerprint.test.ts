import { describe, expect, test } from 'vitest';
import { fingerprintOf, incidentIdOf } from '../../../shared/incidents/fingerprint.ts';
import { type AlertSketch, alertOf, HITS, VAULT } from './alerts.ts';

describe('the fingerprint of an alert', () => {
  const base = fingerprintOf(alertOf());

  test.each<[string, AlertSketch]>([
    ['another rule', { rule: 'kv-429-strict' }],
    ['another signal of the family', { signals: [HITS] }],
    ['another severity', { severity: 0 }],
    ['a Resolved', { state: 'resolved', seconds: 60 }],
    ['no data', { state: 'no-data' }],
    ['another time', { seconds: 86_400 }],
    ['another spelling of its family', { custom: { headroom_family: 'Throttle' } }],
  ])('is the same for %s', (_what, sketch) => {
    expect(fingerprintOf(alertOf(sketch))).toBe(base);
  });

  test.each<[string, AlertSketch]>([
    ['another vault on the same rule', { resource: { ...VAULT, id: `${VAULT.id}2` } }],
    ['another cloud', { resource: { ...VAULT, cloud: 'other' } }],
    ['another family', { signals: [{ metric: 'Availability', dimensions: {} }] }],
    ['a family of its own', { custom: { headroom_family: 'checkout' } }],
    ['a test notification', { synthetic: 'test' }],
    ['a canary', { synthetic: 'canary' }],
  ])('differs for %s', (_what, sketch) => {
    expect(fingerprintOf(alertOf(sketch))).not.toBe(base);
  });

  test('a test is not merged with a canary', () => {
    expect(fingerprintOf(alertOf({ synthetic: 'test' }))).not.toBe(fingerprintOf(alertOf({ synthetic: 'canary' })));
  });

  test('is fit for a key', () => {
    expect(base).toMatch(/^[0-9a-f]{32}$/);
  });

  test('parts do not run into each other', () => {
    const one = alertOf({ resource: { ...VAULT, id: 'a' }, custom: { headroom_family: 'bc' } });
    const other = alertOf({ resource: { ...VAULT, id: 'ab' }, custom: { headroom_family: 'c' } });
    expect(fingerprintOf(one)).not.toBe(fingerprintOf(other));
  });
});

describe('the incident’s id', () => {
  test('is eight base32 characters, the same for the same first alert', () => {
    expect(incidentIdOf('f', 'a')).toMatch(/^[a-z2-7]{8}$/);
    expect(incidentIdOf('f', 'a')).toBe(incidentIdOf('f', 'a'));
  });

  test('differs for another fingerprint and for another first alert', () => {
    const ids = [incidentIdOf('f', 'a'), incidentIdOf('f', 'b'), incidentIdOf('g', 'a'), incidentIdOf('fa', '')];
    expect(new Set(ids).size).toBe(4);
  });
});
