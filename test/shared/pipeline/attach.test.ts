import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../shared/model.ts';
import resourceHealth from '../../fixtures/azure/activity-resourcehealth-fired.json' with { type: 'json' };
import serviceHealth from '../../fixtures/azure/activity-servicehealth-fired.json' with { type: 'json' };
import serviceHealthTest from '../../fixtures/azure/activity-servicehealth-numeric-test.json' with { type: 'json' };
import refusals from '../../fixtures/azure/metric-static-kv429-fired.json' with { type: 'json' };
import refusalsOver from '../../fixtures/azure/metric-static-kv429-resolved.json' with { type: 'json' };
import { fakeChat } from './chat.ts';
import { createWorld, incidentsOf, receive, type World, workOff } from './kit.ts';

async function play(...bodies: unknown[]): Promise<World> {
  const world = createWorld([fakeChat()]);
  for (const body of bodies) {
    await receive(world, body);
    await workOff(world);
  }
  return world;
}

async function told(world: World): Promise<Record<string, [(Outcome | undefined)[], string[]]>> {
  const incidents = await incidentsOf(world);
  return Object.fromEntries(
    incidents.map(({ family, accepted, related }) => [
      family,
      [accepted.map(({ outcome }) => outcome), (related ?? []).map(({ text }) => text)],
    ]),
  );
}

describe("a provider's event", () => {
  test('joins the open incident of a vault in its subscription, and is named there', async () => {
    expect(await told(await play(refusals, serviceHealth))).toEqual({
      throttle: [['posted'], ['Example incident (Key Vault, East US, Active, ABCD-123)']],
      platform: [['joined'], []],
    });
  });

  test('on the vault itself joins as well, and both are named once however often they come', async () => {
    const world = await play(refusals, serviceHealth, resourceHealth, serviceHealth);
    const { throttle } = await told(world);
    expect(throttle?.[1]).toEqual([
      'Example incident (Key Vault, East US, Active, ABCD-123)',
      expect.stringMatching(/^Example \(Unavailable/),
    ]);
  });

  test('is posted by itself when nothing is open', async () => {
    expect(await told(await play(serviceHealth))).toEqual({ platform: [['posted'], []] });
  });

  test('is posted by itself when what was open is over', async () => {
    const { platform } = await told(await play(refusals, refusalsOver, serviceHealth));
    expect(platform).toEqual([['posted'], []]);
  });

  test('on another vault is posted by itself', async () => {
    const elsewhere = JSON.parse(JSON.stringify(resourceHealth).replaceAll('kv-contoso', 'kv-contoso-2'));
    expect(await told(await play(refusals, elsewhere))).toMatchObject({
      throttle: [['posted'], []],
      platform: [['posted'], []],
    });
  });

  test("that the portal's test button plays is posted at once, even where it plays the end, and joins nothing real", async () => {
    expect(await told(await play(refusals, serviceHealthTest))).toEqual({
      throttle: [['posted'], []],
      platform: [['posted'], []],
    });
  });
});
