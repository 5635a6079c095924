import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readLocalConfig } from '../../local/config.ts';
import { makeFolder, removeFolder } from '../shared/adapters/folder.ts';

let folder: string;
let before: string;
beforeEach(() => {
  before = process.cwd();
  folder = makeFolder();
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(before);
  removeFolder(folder);
});

function problem(environment: Record<string, string>): string {
  try {
    readLocalConfig(environment);
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : 'no error';
  }
  throw new Error('the configuration was taken');
}

describe('the .env file of the working folder', () => {
  test('gives what the environment does not', () => {
    writeFileSync('.env', 'HEADROOM_HOME=/var/kept\nHEADROOM_BODY_BYTES="2048"\n');
    const config = readLocalConfig({ HEADROOM_BODY_BYTES: '4096' });
    expect([config.home, config.bodyBytes]).toEqual(['/var/kept', 4096]);
  });

  test("may be another program's as well: only this product's names are taken", () => {
    writeFileSync('.env', 'DATABASE_URL=postgres://u:p@h/d\nheadroom_home=/elsewhere\nXHEADROOM_HOME=/elsewhere\n');
    expect(readLocalConfig({}).home).toBe('.headroom');
  });

  test('is held to the same rules as the environment', () => {
    writeFileSync('.env', 'HEADROOM_HOEM=/var/kept\n');
    expect(problem({})).toMatch(/a problem:\n.*HEADROOM_HOEM.*HEADROOM_HOME/);
  });

  test('may be missing, empty, marked, or a folder', () => {
    expect(readLocalConfig({}).home).toBe('.headroom');
    writeFileSync('.env', '');
    expect(readLocalConfig({}).home).toBe('.headroom');
    writeFileSync('.env', '\ufeffHEADROOM_HOME=/var/marked\n');
    expect(readLocalConfig({}).home).toBe('/var/marked');
    removeFolder(join(folder, '.env'));
    mkdirSync('.env');
    expect(readLocalConfig({}).home).toBe('.headroom');
  });
});

describe('the settings file', () => {
  test('is read where the environment or .env says', () => {
    writeFileSync('mine.json', JSON.stringify({ timeZone: 'Europe/Berlin', scopes: ['/subscriptions/x'] }));
    writeFileSync('.env', 'HEADROOM_SETTINGS=mine.json\n');
    expect(problem({})).toContain('HEADROOM_SETTINGS');
    writeFileSync('mine.json', JSON.stringify({ timeZone: 'Europe/Berlin' }));
    expect(readLocalConfig({}).settings.timeZone).toBe('Europe/Berlin');
  });

  test.each([
    ['is not there', 'missing.json'],
    ['is a folder', '.'],
  ])('that %s is a problem that names it', (_what, path) => {
    expect(problem({ HEADROOM_SETTINGS: path })).toMatch(/HeadroomError: the configuration has a problem:\n.*SETTINGS/);
  });
});

test('all problems are told at once, each with the nearest name, and no secret among them', () => {
  const told = problem({
    HEADROOM_SLACK_BOT_TOKN: 'xoxb-very-secret',
    HEADROOM_BODY_BYTES: 'ten',
    HEADROOM_ALERT_TOKEN: 'has a space secret',
    HEADROOM_RECORDS: 'sqlight',
  });
  expect(told).toContain('the configuration has 4 problems:');
  expect(told).toMatch(/HEADROOM_SLACK_BOT_TOKN.*HEADROOM_SLACK_BOT_TOKEN/);
  expect(told).toMatch(/HEADROOM_RECORDS.*sqlite/);
  expect(told.trim().split('\n')).toHaveLength(5);
  expect(told).not.toMatch(/very-secret|has a space/);
});
