import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createApp } from '../../../infra/aws/app.ts';
import { ENTRIES } from '../../../infra/entries.ts';
import { emptyBundles } from './synthesized.ts';

describe('what cdk.json says', () => {
  test.each([
    [{ email: 'nobody' }, 'context.headroom.email: must be an e-mail address'],
    [{ secrets: ['HEADROOM_SLACK_CHANNEL'] }, 'context.headroom.secrets.0: must be one of the names marked S'],
    [
      { environment: { HEADROOM_SLACK_BOT_TOKEN: 'xoxb' } },
      'must be a name of docs/configuration.md that is no secret',
    ],
    [{ environment: { HEADROOM_RECORDS: 'memory' } }, 'that the stack does not set'],
    [{ environment: { HEADROOM_ACTOR_ROLE: 'arn:aws:iam::123456789012:role/own' } }, 'that the stack does not set'],
    [{ watchedAccounts: ['prod'] }, 'context.headroom.watchedAccounts.0: must be an AWS account number'],
    [{ emial: 'ops@example.org' }, 'context.headroom.emial: is not known'],
  ])('%j is refused before anything is deployed', (headroom, problem) => {
    expect(() => createApp({ bundles: '', context: { headroom } })).toThrow(problem);
  });

  test('a wrong settings file is refused with its path, a right one shipped with every function', () => {
    const { folder, remove } = emptyBundles();
    const path = join(folder, 'headroom.json');
    const withSettings = () => createApp({ bundles: folder, context: { headroom: { settings: path } } });
    writeFileSync(path, JSON.stringify({ scopes: ['everything'] }));
    expect(withSettings).toThrow(/scopes\.0: must be a subscription/);
    writeFileSync(path, JSON.stringify({ scopes: ['123456789012'] }));
    withSettings();
    for (const entry of ENTRIES)
      expect(readFileSync(join(folder, entry, 'headroom.json'), 'utf8')).toBe('{"scopes":["123456789012"]}');
    remove();
  });
});
