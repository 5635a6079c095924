import { describe, expect, test } from 'vitest';
import { checkSlackPayload } from '../../shared/chat/check-slack.ts';
import { checkTeamsMessage } from '../../shared/chat/check-teams.ts';
import { VAULT } from '../../shared/evidence/kit.ts';
import { openWorkplace } from './kit.ts';

const { writeLog, analyze, answered, documentOf } = openWorkplace();

describe('several vaults', () => {
  const two = (): string =>
    writeLog('two.json', [
      ...Array.from({ length: 40 }, (_, at) => ({ at })),
      ...Array.from({ length: 30 }, (_, at) => ({
        at,
        status: 429,
        resourceId: VAULT.id.replace('kv-contoso', 'kv-fabrikam'),
      })),
    ]);

  test('are told one after the other, most throttled first, those at rest in their first lines', async () => {
    const lines = (await answered(two())).split('\n');
    const rule = lines.indexOf('─'.repeat(80));
    expect(lines[0]).toMatch(/^kv-fabrikam: /);
    expect(lines.slice(rule + 1)).toEqual([
      'kv-contoso: nothing was refused; at most 1 % of the secret limit used',
      expect.stringMatching(/^Busiest caller: /),
      'Nothing to mend',
      expect.stringMatching(/ · 40 requests, 0 refused$/),
      '',
    ]);
  });

  test('are narrowed to one by name, in any case, or by id', async () => {
    for (const name of ['kv-contoso', 'KV-Contoso', VAULT.id])
      expect((await documentOf(two(), '--vault', name)).resources.map(({ resource }) => resource.name)).toEqual([
        'kv-contoso',
      ]);
  });

  test('of which none has the name that was asked for: the nearest is named', async () => {
    const { code, out, err } = await analyze(two(), '--vault', 'kv-contso');
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/no file holds a vault 'kv-contso'; did you mean kv-contoso\?/);
  });

  test('without a record in the time that was asked for: it is said what time the files hold', async () => {
    const text = await answered(two(), '--from', '2027-01-01T00:00:00Z');
    expect(text).toMatch(/^No request of that vault and time/);
    expect(text).toContain('kv-contoso: 40 requests, 2026-01-05 10:00 UTC to 2026-01-05 10:00 UTC');
    expect((await documentOf(two(), '--from', '2027-01-01T00:00:00Z')).resources).toEqual([]);
  });

  test('are several payloads in a list for chat', async () => {
    const slack: unknown = JSON.parse(await answered(two(), '--format', 'slack'));
    expect(Array.isArray(slack) ? slack.flatMap((each) => checkSlackPayload(each)) : 'one').toEqual([]);
    const teams: unknown = JSON.parse(await answered(two(), '--format', 'teams'));
    expect(Array.isArray(teams) ? teams.flatMap((each) => checkTeamsMessage(each)) : 'one').toEqual([]);
  });
});
