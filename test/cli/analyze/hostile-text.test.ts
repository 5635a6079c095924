import { describe, expect, test } from 'vitest';
import { checkSlackPayload } from '../../shared/chat/check-slack.ts';
import { checkTeamsMessage } from '../../shared/chat/check-teams.ts';
import { checkString } from '../../shared/chat/check-text.ts';
import { openWorkplace } from './kit.ts';

const { writeLog, answered } = openWorkplace();

describe('text in a log', () => {
  const NASTY = '<!channel> *x* [a](http://b)';
  const nasty = (): string =>
    writeLog(
      'nasty.json',
      Array.from({ length: 60 }, (_, at) => ({
        at: at / 4,
        status: at < 30 ? 200 : 429,
        appId: `\u001b[31m${NASTY}\u001b[2J`,
        client: `${NASTY}\u202e${'y'.repeat(3000)}`,
        secret: NASTY,
        ...(at % 2 === 0 && { upn: 'dana@contoso.com', oid: '11111111-2222-3333-4444-555555555555' }),
      })),
    );

  test('cannot move the cursor of a terminal, which shows a person in full', async () => {
    const text = await answered(nasty());
    expect(text.split('\n').flatMap((each, index) => checkString(each, `line ${index}`))).toEqual([]);
    expect(text).toContain('dana@contoso.com');
  });

  test('is no markup in Markdown, Slack or Teams, which show a person masked', async () => {
    const markdown = await answered(nasty(), '--format', 'markdown');
    expect(markdown).not.toMatch(/\[a\]\(http/);
    const slack = await answered(nasty(), '--format', 'slack');
    expect(checkSlackPayload(JSON.parse(slack))).toEqual([]);
    const teams = await answered(nasty(), '--format', 'teams');
    expect(checkTeamsMessage(JSON.parse(teams))).toEqual([]);
    for (const text of [markdown, slack, teams]) expect(text).not.toContain('dana@contoso.com');
  });
});
