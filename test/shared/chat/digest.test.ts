import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildMessage } from '../../../shared/chat/message.ts';
import { renderSlack } from '../../../shared/chat/slack/message.ts';
import { renderTeams } from '../../../shared/chat/teams/message.ts';
import { renderText } from '../../../shared/chat/text/message.ts';
import { openDigest } from '../../../shared/incidents/digest.ts';
import type { DigestSummary } from '../../../shared/model.ts';
import { checkSlackPayload } from './check-slack.ts';
import { checkTeamsMessage } from './check-teams.ts';
import { text as hostileText } from './hostile.ts';

const KV = { id: '/vaults/kv-busy', name: 'kv-busy', type: 'microsoft.keyvault/vaults' };
const DIGEST: DigestSummary = {
  from: '2026-11-16T09:00:00.000Z',
  to: '2026-11-23T09:00:00.000Z',
  counts: { told: 2, storm: 0, busy: 3, silenced: 1, nowhere: 0, lone: 0 },
  busy: [
    {
      resource: KV,
      since: '2026-11-18T10:00:00.000Z',
      open: true,
      alerts: 412,
      peak: { value: 9_120, windowSeconds: 60 },
    },
  ],
  told: [{ incidentId: 'k3f7q2ab', resource: { ...KV, name: 'kv-orders' }, severity: 1, cause: 'retry-storm' }],
  unread: 7,
};

test('a week is told with what was only counted first, and how to go on', () => {
  const said = renderText(buildMessage(openDigest(DIGEST)));
  const [first, second, third] = said.split('\n');
  expect([first, second, third]).toEqual([
    'Week to 2026-11-23 09:00 UTC: 2 incidents told, 3 only counted',
    'Busiest: kv-busy, 412 alerts, 9,120 in 1 min at most, since 2026-11-18 10:00 UTC',
    "Busy refuses nobody: 'limits kv-busy' tells how near it is",
  ]);
  for (const words of ['2 more', 'retry storm, severity 1: why k3f7q2ab', '7 further incidents', 'Silenced'])
    expect(said).toContain(words);
});

test('a week calls nobody and offers nothing', () => {
  expect(buildMessage(openDigest(DIGEST), { actions: [{ id: 'ack', label: 'Acknowledge' }] })).toMatchObject({
    mention: false,
    actions: [],
  });
});

test('whatever its resources are called, every platform shows it as it is', () => {
  fc.assert(
    fc.property(fc.array(hostileText, { minLength: 1, maxLength: 25 }), (names) => {
      const resources = names.map((name, index) => ({ ...KV, id: `/vaults/${index}`, name }));
      const busy = resources.map((resource) => ({
        ...DIGEST.busy[0],
        resource,
        since: DIGEST.from,
        open: false,
        alerts: 1,
        peak: null,
      }));
      const told = resources.map((resource) => ({
        incidentId: 'k3f7q2ab',
        resource,
        severity: 1,
        cause: resource.name,
      }));
      const message = buildMessage(openDigest({ ...DIGEST, busy, told }));
      expect(checkSlackPayload(renderSlack(message))).toEqual([]);
      expect(checkTeamsMessage(renderTeams(message))).toEqual([]);
      expect(message.lead.filter((line) => line.length > 80)).toEqual([]);
    }),
    { numRuns: 50 },
  );
});
