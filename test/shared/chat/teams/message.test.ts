import { describe, expect, test } from 'vitest';
import { buildMessage } from '../../../../shared/chat/message.ts';
import { renderTeams } from '../../../../shared/chat/teams/message.ts';
import type { Mention } from '../../../../shared/model.ts';
import { CASES } from '../cases.ts';
import { checkTeamsMessage } from '../check-teams.ts';
import { recordsIn, stringsIn } from '../check-text.ts';
import { incident, refusedSignal } from '../incidents.ts';

const NASTY = '<!channel> *x* [a](http://b)';

test('an alert rule named like markup stands only in runs, which hold no markup', () => {
  const payload = renderTeams(buildMessage(incident({ signals: [refusedSignal({ rule: NASTY })] })));
  const holders = recordsIn(payload).filter(
    ([, record]) => typeof record['text'] === 'string' && record['text'].includes('*x*'),
  );
  expect(holders.length).toBeGreaterThan(0);
  expect(holders.every(([, record]) => record['type'] === 'TextRun')).toBe(true);
});

test('a date macro in outside text is not replaced by a date', () => {
  const payload = renderTeams(
    buildMessage(incident({ signals: [refusedSignal({ rule: '{{DATE(2026-11-20T14:03:00Z,SHORT)}}' })] })),
  );
  const text = stringsIn(payload)
    .map(([, value]) => value)
    .join('\n');
  expect(text).not.toContain('{{DATE');
  expect(text.replaceAll('\u2060', '')).toContain('{{DATE(2026-11-20T14:03:00Z,SHORT)}}');
});

test('the chart has the same chart in text for hosts that do not know it', () => {
  const payload = renderTeams(buildMessage(CASES['retry-storm'] ?? incident()));
  const chart = recordsIn(payload).find(([, record]) => record['type'] === 'Chart.Line')?.[1];
  const fallback = stringsIn(chart?.['fallback'])
    .map(([, value]) => value)
    .join('\n');
  expect(fallback).toContain('6,071 ┤');
  expect(fallback).toContain('╌ limit 4,000');
});

describe('a webhook’s card', () => {
  test('unfolds and opens links, and offers no action that needs a bot', () => {
    const message = buildMessage(CASES['retry-storm'] ?? incident(), {
      actions: [{ id: 'ack', label: 'Acknowledge' }],
    });
    const actions = renderTeams(message).attachments[0].content.actions ?? [];
    expect(actions.map(({ type }) => type)).toEqual(['Action.ToggleVisibility', 'Action.OpenUrl', 'Action.OpenUrl']);
  });

  test('has no link button when the incident is unverified, but the address in text', () => {
    const payload = renderTeams(buildMessage(incident({ verified: false })));
    const types = (payload.attachments[0].content.actions ?? []).map(({ type }) => type);
    expect(types).toEqual(['Action.ToggleVisibility']);
    expect(JSON.stringify(payload)).toContain('https://wiki.example.com/runbooks/key-vault');
  });

  test('says so when something was left out to fit', () => {
    const signals = Array.from({ length: 5 }, (_, index) =>
      refusedSignal({ rule: `${index} ${'漢'.repeat(110)}`, description: '字'.repeat(190) + index }),
    );
    const notes = Array.from({ length: 12 }, (_, index) => ({ text: `${index} ${'語'.repeat(390)}` }));
    const payload = renderTeams(buildMessage(incident({ signals, notes })));
    expect(checkTeamsMessage(payload)).toEqual([]);
    expect(JSON.stringify(payload)).toContain('shortened to fit');
  });
});

describe('a mention', () => {
  const dana = { id: '6f1b3c6e-0d3c-4d0e-9a53-2f1f5f0e8a11', name: 'Dana' };
  const message = { ...buildMessage(CASES['retry-storm'] ?? incident()), mention: true };

  test('calls the person whom the route names, in text that Teams reads as that', () => {
    const payload = renderTeams(message, { mention: dana });
    const { body, msteams } = payload.attachments[0].content;
    expect(body).toContainEqual({ type: 'TextBlock', text: '<at>Dana</at>', wrap: true, spacing: 'Small' });
    expect(msteams.entities).toEqual([{ type: 'mention', text: '<at>Dana</at>', mentioned: dana }]);
    expect(checkTeamsMessage(payload, 'webhook', dana)).toEqual([]);
  });

  test.each<[string, Mention | undefined, boolean]>([
    ['nothing is said', undefined, true],
    ['the route says nobody', 'none', true],
    ['the route names people of Slack', { user: 'U1' }, true],
    ['the message deserves none', dana, false],
  ])('calls nobody where %s', (_what, mention, deserved) => {
    expect(checkTeamsMessage(renderTeams({ ...message, mention: deserved }, { mention }))).toEqual([]);
  });
});
