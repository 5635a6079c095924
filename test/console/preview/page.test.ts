import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { previewPage } from '../../../console/preview/page.ts';
import { showSlack } from '../../../console/preview/slack.ts';
import { showTeams } from '../../../console/preview/teams.ts';
import { buildMessage } from '../../../shared/chat/message.ts';
import { renderSlack } from '../../../shared/chat/slack/message.ts';
import { modalFor } from '../../../shared/chat/slack/modals.ts';
import { renderTeams } from '../../../shared/chat/teams/message.ts';
import { renderTeamsThread } from '../../../shared/chat/teams/thread.ts';
import { CASES } from '../../shared/chat/cases.ts';
import { isRecord, recordsIn } from '../../shared/chat/check-text.ts';
import { hostileIncident, hostileMessage } from '../../shared/chat/hostile.ts';
import { VAULT } from '../../shared/chat/incidents.ts';

const RUNS = { numRuns: 100 };
const message = fc.oneof(
  hostileIncident.map((incident) => buildMessage(incident, { privacy: 'full' })),
  hostileMessage,
);

const TAGS = new Set(
  'article aside p b small i s h2 div span br hr ul ol li pre code a figure footer blockquote svg path rect text'.split(
    ' ',
  ),
);

/** Tags and attributes that are not the preview's own, and angle brackets outside of tags. */
function strangeIn(html: string): string[] {
  const tags = html.match(/<[^<>]*>/g) ?? [];
  return [
    ...tags.filter((tag) => !/^<\/?[a-z0-9]+(?: [\w-]+="[^"<>]*")*\/?>$/i.test(tag)),
    ...tags.filter((tag) => !TAGS.has(/^<\/?([a-z0-9]+)/i.exec(tag)?.[1]?.toLowerCase() ?? '')),
    ...tags.filter((tag) => / on\w+=/i.test(tag) || /javascript:/i.test(tag)),
    ...(/[<>]/.test(html.replace(/<[^<>]*>/g, '')) ? ['a bare angle bracket'] : []),
  ];
}

function count(html: string, what: RegExp): number {
  return html.match(what)?.length ?? 0;
}

describe('a message as Slack shows it', () => {
  test.each(Object.entries(CASES))('%s has no block that is not known', (_name, incident) => {
    const built = buildMessage(incident, { actions: [{ id: 'ack', label: 'Acknowledge', style: 'primary' }] });
    for (const nativeChart of [true, false]) {
      const html = showSlack(renderSlack(built, { nativeChart }), 'light');
      expect(html).not.toContain('class="problem"');
      expect(strangeIn(html)).toEqual([]);
    }
  });

  test.each(['silence', 'assign'] as const)('has the modal %s', (action) => {
    const html = showSlack(modalFor(action, { id: 'inc-1', resource: VAULT }), 'dark');
    expect(html).toContain('<span class="button primary">');
    expect(html).not.toContain('class="problem"');
  });

  test('mentions and links what its elements mention and link, and nothing by itself, whatever text it holds', () => {
    fc.assert(
      fc.property(message, (any) => {
        const payload = renderSlack(any);
        const html = showSlack(payload, 'light');
        const types = recordsIn(payload.blocks).map(([, record]) => record['type']);
        expect(strangeIn(html)).toEqual([]);
        expect(html).not.toContain('class="problem"');
        expect(count(html, /class="mention"/g)).toBe(types.filter((type) => type === 'broadcast').length);
        expect(count(html, /<a /g)).toBe(types.filter((type) => type === 'link').length);
        expect(count(html, /<b>/g)).toBe(
          // The sender's own name is bold too.
          1 + recordsIn(payload.blocks).filter(([, { style }]) => isRecord(style) && style['bold'] === true).length,
        );
      }),
      RUNS,
    );
  });

  test.each([
    [{ blocks: [{ type: 'carousel' }] }, 'block carousel'],
    [{ blocks: [{ type: 'rich_text', elements: [{ type: 'rich_text_table' }] }] }, 'rich text part rich_text_table'],
    [{ blocks: [{ type: 'actions', elements: [{ type: 'datepicker' }] }] }, 'element datepicker'],
    [{ blocks: [{ type: 'data_visualization', chart: { type: 'pie' } }] }, 'no line chart'],
    ['text', 'no message'],
  ])('shows what it does not know as a problem', (payload, said) => {
    expect(showSlack(payload, 'light')).toContain(said);
  });
});

describe('a card as Teams shows it', () => {
  test('is given to the page so that no text of it ends the script or begins another', () => {
    fc.assert(
      fc.property(message, (any) => {
        const html = showTeams(renderTeams(any), 'light');
        expect(count(html, /<\/?script/gi)).toBe(2);
        expect(html.endsWith('</script>')).toBe(true);
      }),
      RUNS,
    );
  });

  test('has its charts drawn beside it, and its text in the colours of the theme', () => {
    const incident = CASES['retry-storm'];
    if (!incident) throw new Error('no such case');
    const html = showTeams(renderTeams(buildMessage(incident)), 'dark');
    expect(html).toContain('{"type":"Chart.Line","drawn":0}');
    expect(html).toContain('"#292929"');
  });

  test('shows whom it mentions by name', () => {
    const called = renderTeamsThread(
      { lines: ['It is severe'], mention: true },
      { id: 'dana@contoso.com', name: 'Dana' },
    );
    const html = showTeams(called, 'light');
    expect(html).toContain('"text":"Dana","wrap":true,"spacing":"Small","color":"Accent"');
    expect(html).not.toContain('"text":"\\u003cat>Dana\\u003c/at>","wrap"');
  });

  test('that is none is a problem', () => {
    expect(showTeams({ attachments: [] }, 'light')).toContain('class="problem"');
  });
});

test.each(['light', 'dark'] as const)('a whole page is of the theme %s', (theme) => {
  const page = previewPage({ blocks: [] }, { platform: 'slack', theme, cards: '' });
  expect(page).toContain(`<body class="${theme} slack-page">`);
});
