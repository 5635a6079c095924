import { describe, expect, test } from 'vitest';
import { buildMessage } from '../../../../shared/chat/message.ts';
import { RENDERERS } from '../../../../shared/chat/render.ts';
import { renderSlack, type SlackOptions } from '../../../../shared/chat/slack/message.ts';
import { CASES } from '../cases.ts';
import { checkSlackPayload } from '../check-slack.ts';
import { recordsIn } from '../check-text.ts';
import { burstChart, finding, IMPACT, incident, refusedSignal } from '../incidents.ts';

const NASTY = '<!channel> *x* [a](http://b)';
const MENTIONED = buildMessage(
  incident({ severity: 1, diagnosedAt: '2026-11-20T14:10:00.000Z', findings: [finding()], impact: IMPACT }),
);

test('an alert rule named like markup shows as those characters', () => {
  const payload = renderSlack(buildMessage(incident({ signals: [refusedSignal({ rule: NASTY })] })));
  const kinds = recordsIn(payload.blocks).filter(
    ([, record]) => record['text'] === NASTY || String(record['text']).includes(NASTY),
  );
  expect(kinds.length).toBeGreaterThan(0);
  expect(kinds.every(([, record]) => record['type'] === 'plain_text' || record['type'] === 'text')).toBe(true);
  expect(payload.text).toContain('&lt;!channel&gt; *x*');
  expect(payload.mrkdwn).toBe(false);
});

describe('a mention', () => {
  test.each<[string, SlackOptions, unknown]>([
    ['calls those who are there', {}, { type: 'broadcast', range: 'here' }],
    ['calls the channel', { mention: 'channel' }, { type: 'broadcast', range: 'channel' }],
    ['calls a group', { mention: { userGroup: 'S1' } }, { type: 'usergroup', usergroup_id: 'S1' }],
    ['calls a person', { mention: { user: 'U1' } }, { type: 'user', user_id: 'U1' }],
  ])('%s', (_what, options, expected) => {
    const payload = renderSlack(MENTIONED, options);
    expect(recordsIn(payload.blocks).map(([, record]) => record)).toContainEqual(expected);
    expect(checkSlackPayload(payload)).toEqual([]);
  });

  test('is left out on demand, and where the message deserves none', () => {
    expect(JSON.stringify(renderSlack(MENTIONED, { mention: 'none' }))).not.toContain('broadcast');
    const onTeams = { mention: { id: 'dana@contoso.com', name: 'Dana' } };
    expect(JSON.stringify(renderSlack(MENTIONED, onTeams))).toBe(
      JSON.stringify(renderSlack(MENTIONED, { mention: 'none' })),
    );
    expect(JSON.stringify(renderSlack({ ...MENTIONED, mention: false }))).not.toContain('broadcast');
  });
});

test('buttons carry an action id and the incident', () => {
  const message = buildMessage(incident(), { actions: [{ id: 'ack', label: 'Acknowledge', style: 'primary' }] });
  const button = recordsIn(renderSlack(message).blocks).find(([, record]) => record['type'] === 'button')?.[1];
  expect(button).toMatchObject({ action_id: 'headroom:ack', value: 'inc-20261120-7f3a', style: 'primary' });
});

describe('the chart', () => {
  const withChart = buildMessage(CASES['retry-storm'] ?? incident());
  const drawn = renderSlack(withChart).blocks.find((block) => block.type === 'data_visualization');

  test('shows the peak and the limit in at most 20 points', () => {
    const series = drawn && 'chart' in drawn ? drawn.chart.series : [];
    const total = series[0]?.data.map(({ value }) => value) ?? [];
    expect(series.map(({ name }) => name)).toEqual(['requests', 'refused', 'published limit']);
    expect(total.length).toBeLessThanOrEqual(20);
    expect(Math.max(...total)).toBe(6071);
    expect(series[2]?.data.every(({ value }) => value === 4000)).toBe(true);
  });

  test('tells apart series and times of one name', () => {
    const chart = { ...burstChart(), stepSeconds: 0 };
    chart.series = chart.series.map((series) => ({ ...series, name: 'a series with a very long name' }));
    expect(checkSlackPayload(renderSlack({ ...withChart, chart }))).toEqual([]);
  });

  test('leaves out times at which nothing was measured, and an empty chart', () => {
    const chart = { ...burstChart(), series: [{ name: 'total', role: 'total' as const, values: [null, 5, null] }] };
    const block = renderSlack({ ...withChart, chart }).blocks.find(({ type }) => type === 'data_visualization');
    expect(block && 'chart' in block ? block.chart.axis_config.categories : []).toEqual(['14:00:10']);
    expect(JSON.stringify(renderSlack({ ...withChart, chart: { ...chart, series: [] } }))).not.toContain(
      'data_visualization',
    );
  });
});

describe('the body of a sender', () => {
  const message = buildMessage(CASES['retry-storm'] ?? incident());
  test('has the plainer blocks beside it for a bot', () => {
    const body = RENDERERS.slack(message, { canEdit: true });
    expect(body).toMatchObject(renderSlack(message));
    expect(body).toHaveProperty('fallbackBlocks', renderSlack(message, { nativeChart: false }).blocks);
  });

  test('is the plainer one at once for a webhook', () => {
    expect(RENDERERS.slack(message, { canEdit: false })).toEqual(renderSlack(message, { nativeChart: false }));
  });
});
