import { describe, expect, test } from 'vitest';
import { moveOn } from '../pipeline/kit.ts';
import { chatWorld } from './kit.ts';

const TEST_RULE = '[Test] kv-throttled';

async function portalTest(): Promise<unknown> {
  const fixture = await import('../../fixtures/azure/testaction-metric-static.json', { with: { type: 'json' } });
  return fixture.default;
}

describe('why', () => {
  test('by id shows the message as it stands in chat, the id in any case', async () => {
    const { message, alert, world } = chatWorld();
    const id = await alert();
    const shown = await message(`why ${id}`);
    expect(shown).toMatchObject({ incidentId: id, state: 'open', resource: { name: 'kv-contoso' } });
    expect(await message(`why ${id.toUpperCase()}`)).toEqual(shown);
    expect(world.clock.now()).toBe(Date.parse('2026-11-20T14:00:00.000Z'));
  });

  test('by the name of a resource shows what is open there rather than what is over, however new', async () => {
    const { message, alert, world } = chatWorld();
    const open = await alert({ firedAt: '2026-11-20T13:40:00.000Z' });
    await moveOn(world.clock, 60_000);
    const other = '2026-11-20T13:58:00.000Z';
    const custom = { headroom_family: 'availability' };
    const resolved = await alert({ firedAt: other, rule: 'kv-down', custom });
    await alert({
      firedAt: other,
      condition: 'Resolved',
      resolvedAt: '2026-11-20T14:00:30.000Z',
      rule: 'kv-down',
      custom,
    });
    expect(resolved).not.toBe(open);
    expect((await message('why KV-Contoso')).incidentId).toBe(open);
    expect((await message(`why ${resolved}`)).state).toBe('resolved');
  });

  test('shows the newest of equals', async () => {
    const { message, alert, world } = chatWorld();
    await alert();
    await moveOn(world.clock, 60_000);
    const newer = await alert({ rule: 'kv-down', custom: { headroom_family: 'availability' } });
    expect((await message('why kv-contoso')).incidentId).toBe(newer);
  });

  test('shows a real incident rather than a test notification, also when the test is newer', async () => {
    const { message, alert, payload, world } = chatWorld();
    const real = await alert();
    await moveOn(world.clock, 60_000);
    const test = await payload(await portalTest());
    expect(test).not.toBe(real);
    expect((await message(`why ${test}`)).synthetic).toBe('test');
    expect((await message('why kv-contoso')).incidentId).toBe(real);
  });

  test('shows a test notification where there is nothing else', async () => {
    const { message, payload } = chatWorld();
    const id = await payload(await portalTest());
    expect((await message('why kv-contoso')).incidentId).toBe(id);
  });

  test.each(['aaaaaaaa', 'kv-unknown', '*', '../state', TEST_RULE.slice(0, 6), 'x'.repeat(10_000)])(
    'of what is not there (%.20s) says so and what to do',
    async (wanted) => {
      const { answer, alert } = chatWorld();
      await alert();
      const { title, lines } = await answer(`why ${wanted}`);
      expect(title).toMatch(/^No incident '.{1,60}'$/);
      expect(lines).toEqual(["'status' lists the open ones"]);
    },
  );

  test('shows people as the asking channel may see them', async () => {
    const { message, alert } = chatWorld();
    const id = await alert({ rule: 'called by dana@contoso.com' });
    const shown = async (privacy: 'full' | 'masked' | 'minimal') =>
      JSON.stringify(await message(`why ${id}`, { privacy }));
    expect(await shown('full')).toContain('dana@contoso.com');
    expect(await shown('masked')).not.toContain('dana@');
    expect(await shown('minimal')).not.toMatch(/dana|d…@/);
  });
});
