import { describe, expect, test } from 'vitest';
import { observePorts } from '../../../shared/adapters/telemetry/observe.ts';
import { HeadroomError } from '../../../shared/errors.ts';
import { tellWrite } from '../../../shared/pipeline/tell.ts';
import type { ChatSender, Measurement } from '../../../shared/ports.ts';
import { fakeChat } from './chat.ts';
import { azureAlert, createWorld, receive, workOff } from './kit.ts';

const FIRED = { firedAt: '2026-11-20T13:59:00.000Z' };

function measuredWorld(chat: ChatSender) {
  const world = createWorld([chat]);
  const noted: Measurement[] = [];
  const deps = observePorts(world.deps, {
    telemetry: { note: (measurement) => void noted.push(measurement) },
    now: () => world.clock.now(),
    tell: tellWrite,
  });
  const figures = (): Record<string, number> => {
    const sums: Record<string, number> = {};
    for (const measurement of noted) {
      if (measurement.kind !== 'count') continue;
      const name = [measurement.name.replace('headroom.', ''), ...Object.values(measurement.attributes ?? {})].join(
        ' ',
      );
      sums[name] = (sums[name] ?? 0) + measurement.by;
    }
    return sums;
  };
  return { world: { ...world, deps }, noted, figures };
}

describe('what writes say about the flow', () => {
  test('an alert is received once, settled once, and its message sent once', async () => {
    const { world, figures } = measuredWorld(fakeChat());
    await receive(world, azureAlert(FIRED));
    await workOff(world);
    await workOff(world);
    expect(figures()).toMatchObject({
      'alerts.received azure': 1,
      'alerts.settled posted': 1,
      'posts.sent slack-bot post': 1,
    });
  });

  test('a second alert joins, whichever way its incident was found', async () => {
    const { world, figures } = measuredWorld(fakeChat());
    await receive(world, azureAlert(FIRED));
    await workOff(world);
    await receive(world, azureAlert({ firedAt: FIRED.firedAt, rule: 'kv-second' }));
    await workOff(world);
    expect(figures()).toMatchObject({
      'alerts.received azure': 2,
      'alerts.settled posted': 1,
      'alerts.settled joined': 1,
    });
  });

  test('a payload that is not understood is refused, once however often it comes', async () => {
    const { world, figures } = measuredWorld(fakeChat());
    await receive(world, { schemaId: 'azureMonitorCommonAlertSchema' });
    await receive(world, { schemaId: 'azureMonitorCommonAlertSchema' });
    expect(figures()).toEqual({ 'payloads.refused azure': 1 });
  });

  test('the time from receipt to message is noted once', async () => {
    const { world, noted } = measuredWorld(fakeChat());
    await receive(world, azureAlert(FIRED));
    world.clock.advance(4_000);
    await workOff(world);
    await workOff(world);
    expect(noted.filter(({ name }) => name === 'headroom.alert.to_post')).toEqual([
      { kind: 'spread', name: 'headroom.alert.to_post', value: 4, unit: 's' },
    ]);
  });

  test('a message that is refused for good has failed, by the kind of its error', async () => {
    const refusing = { ...fakeChat(), post: () => Promise.reject(new HeadroomError('denied', 'the token is revoked')) };
    const { world, figures } = measuredWorld(refusing);
    await receive(world, azureAlert(FIRED));
    await workOff(world);
    expect(Object.keys(figures())).toContain('posts.failed slack-bot denied');
    expect(figures()).not.toHaveProperty('posts.sent slack-bot post');
  });

  test('a message whose send was cut off is unsure until the platform has been asked', async () => {
    const cut = { ...fakeChat(), post: () => Promise.reject(new HeadroomError('timed-out', 'no answer')) };
    const { world, figures } = measuredWorld(cut);
    await receive(world, azureAlert(FIRED));
    await workOff(world);
    expect(figures()).toMatchObject({ 'posts.unsure slack-bot timed-out': 1 });
  });
});
