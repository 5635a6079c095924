import { describe, expect, test } from 'vitest';
import type { IncidentView } from '../../shared/pipeline/read.ts';
import { azureAlert } from '../shared/pipeline/kit.ts';
import { type Region, type Regions, until, withRegions } from './region.ts';

const TEST_MS = 120_000;

function fired(vault: string): unknown {
  return azureAlert({ firedAt: new Date(Date.now() - 60_000).toISOString(), vaults: [vault] });
}

/** What a region knows of a vault, once it is as asked for. */
function incidentOf(
  region: Region,
  vault: string,
  what: string,
  isReached: (incident: IncidentView) => boolean,
): Promise<IncidentView> {
  return until(`${vault}: ${what}`, async () => {
    const incidents = await region.incidents().catch(() => []);
    return incidents.find((incident) => incident.resource.name === vault && isReached(incident));
  });
}

const isPosted = ({ effects }: IncidentView): boolean =>
  effects.length > 0 && effects.every(({ state }) => state === 'sent');
const isMerged = ({ lifecycle }: IncidentView): boolean => lifecycle.state === 'resolved' && lifecycle.by === 'merge';

/** What stands about a vault in a region's channel. */
function messagesOf({ slack }: Region, vault: string): string[] {
  return slack.messages.map((message) => JSON.stringify(message)).filter((message) => message.includes(vault));
}

/** Both told of it: the second closes its own once it hears of the first's, and its message says so. */
async function expectMerged({ first, second }: Regions, vault: string, why: string): Promise<void> {
  const theirs = await incidentOf(first, vault, 'posted by the first', isPosted);
  const ours = await incidentOf(second, vault, 'merged', (one) => isMerged(one) && isPosted(one));
  expect(ours.secondRegion).toEqual({ why, mergedInto: theirs.id });
  expect(theirs.lifecycle.state).toBe('open');
  const standing = await until(`${vault}: the message that says so`, () => {
    const messages = messagesOf(second, vault);
    return messages.some((message) => message.includes('the first has it too')) ? messages : undefined;
  });
  expect(standing).toHaveLength(1);
  expect(messagesOf(first, vault)).toHaveLength(1);
}

describe('two processes of headroom serve, each with a store of its own', () => {
  test.concurrent(
    'the first is killed: the second is silent before, tells after, and is merged once the first is back',
    async () => {
      await withRegions(async (regions) => {
        const { first, second } = regions;
        const before = fired('kv-before');
        expect(await Promise.all([first.tell(before), second.tell(before)])).toEqual([true, true]);
        await incidentOf(first, 'kv-before', 'posted', isPosted);
        const joined = await incidentOf(second, 'kv-before', 'left to the first', ({ alerts }) =>
          alerts.some(({ outcome }) => outcome !== undefined),
        );
        expect(joined.alerts.map(({ outcome }) => outcome)).toEqual(['joined']);

        await first.kill();
        const during = fired('kv-during');
        expect(await Promise.all([first.tell(during), second.tell(during)])).toEqual([false, true]);
        await incidentOf(second, 'kv-during', 'posted by the second', isPosted);
        expect(messagesOf(second, 'kv-during')[0]).toContain('Second region: the first did not answer');
        expect(messagesOf(second, 'kv-before')).toEqual([]);

        await first.start();
        expect(await first.tell(during)).toBe(true);
        await expectMerged(regions, 'kv-during', 'no-answer');
        expect(messagesOf(first, 'kv-before')).toHaveLength(1);
      });
    },
    TEST_MS,
  );

  test.concurrent(
    'a partition has both tell, an alert that lags behind at the first too: each is merged',
    async () => {
      await withRegions(async (regions) => {
        const { first, second, network } = regions;
        network.up = false;
        const parted = fired('kv-parted');
        expect(await Promise.all([first.tell(parted), second.tell(parted)])).toEqual([true, true]);
        await incidentOf(second, 'kv-parted', 'posted by the second', isPosted);
        expect(messagesOf(second, 'kv-parted')[0]).toContain('Second region: the first did not answer');
        network.up = true;

        const late = fired('kv-late');
        expect(await second.tell(late)).toBe(true);
        await incidentOf(second, 'kv-late', 'posted by the second', isPosted);
        expect(messagesOf(second, 'kv-late')[0]).toContain('Second region: the first had not taken it up after 90 s');
        expect(await first.tell(late)).toBe(true);
        await expectMerged(regions, 'kv-parted', 'no-answer');
        await expectMerged(regions, 'kv-late', 'not-taken-up');
        expect(network.asked).toBeGreaterThan(2);
      });
    },
    TEST_MS,
  );
});
