import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { missingOptional } from '../../infra/complete-lock.ts';

const LOCK = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'));

describe('package-lock.json', () => {
  test('names the optional packages of all platforms, without which npm ci refuses it (npm run lock)', () => {
    expect(missingOptional(LOCK)).toEqual([]);
  });

  test('tells which one is missing', () => {
    const packages = { '': {}, 'node_modules/a': { dev: true, optionalDependencies: { '@a/darwin-arm64': '1.0.0' } } };
    expect(missingOptional({ packages })).toEqual([{ name: '@a/darwin-arm64', version: '1.0.0', dev: true }]);
  });

  test('names no address that a package was downloaded from', () => {
    expect(JSON.stringify(LOCK)).not.toContain('"resolved":"http');
  });
});
