import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../shared/commands/dispatch.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const guide = readFileSync(join(DOCS, 'chat.md'), 'utf8');
const manifest = readFileSync(join(DOCS, 'slack-app-manifest.yaml'), 'utf8');

test('the guide lists every command as it is used, in the order of help', () => {
  const rows = [...guide.matchAll(/^\| `([a-z].*?)` \|/gm)].map(([, usage = '']) => usage.replaceAll('\\|', '|'));
  expect(rows).toEqual(COMMANDS.map(({ usage }) => usage));
});

describe('the manifest of the Slack app', () => {
  const lines = manifest.split('\n').filter((line) => !line.trimStart().startsWith('#'));

  test('names the routes that are served', () => {
    const addresses = lines.flatMap((line) => /https:\/\/headroom\.example(\/\S+)/.exec(line)?.[1] ?? []);
    expect(addresses).toEqual(['/api/slack/commands', '/api/slack/interactions']);
  });

  test('asks for no more scopes than are used', () => {
    const scopes = lines.flatMap((line) => /^ {6}- ([a-z:]+)$/.exec(line)?.[1] ?? []);
    expect(scopes).toEqual(['chat:write', 'commands', 'channels:history']);
  });

  test('keeps within the limits of Slack', () => {
    const value = (key: string) => new RegExp(`${key}: "?(.*?)"?$`, 'm').exec(manifest)?.[1] ?? '';
    expect(value('usage_hint').length).toBeLessThanOrEqual(100);
    expect(lines.join('\n')).toMatch(/^ {2}description: .{1,140}$/m);
    expect(lines.filter((line) => line.includes('\t'))).toEqual([]);
  });
});
