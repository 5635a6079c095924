import { describe, expect, test } from 'vitest';
import { type AccessToken, guardCredential, type TokenOptions } from '../../../shared/secrets/token.ts';
import { seededRandom } from '../../../simulation/random.ts';
import { createFakeClock, play, settle } from './kit.ts';

const SCOPE = 'https://vault.azure.net/.default';
const MINUTE = 60_000;

/** A credential whose calls are answered one by one, by hand. */
function createHandledCredential() {
  const clock = createFakeClock();
  const calls: { options: TokenOptions; give(token: AccessToken | null): void; fail(): void }[] = [];
  const guarded = guardCredential(
    {
      getToken: (_scopes, options = {}) =>
        new Promise((resolve, reject) => calls.push({ options, give: resolve, fail: () => reject(new Error('down')) })),
    },
    { ...clock, idle: clock.sleep },
    seededRandom(3),
  );
  const tokenFor = (minutes: number, token = `good for ${minutes}`): AccessToken => ({
    token,
    expiresOnTimestamp: clock.now() + minutes * MINUTE,
  });
  return { clock, calls, guarded, tokenFor };
}

describe('a guarded credential', () => {
  test('asks once for all who want the same scope, and again five minutes before the end', async () => {
    const { clock, calls, guarded, tokenFor } = createHandledCredential();
    const both = Promise.all([guarded.getToken(SCOPE), guarded.getToken([SCOPE])]);
    calls[0]?.give(tokenFor(60));
    expect((await both).map(({ token }) => token)).toEqual(['good for 60', 'good for 60']);
    await play(clock, 54 * MINUTE);
    await guarded.getToken(SCOPE);
    expect(calls).toHaveLength(1);
    await play(clock, 2 * MINUTE);
    await guarded.getToken(SCOPE);
    expect(calls).toHaveLength(2);
  });

  test.each([
    ['good for minutes: it is used at once while the next is fetched', 4, true],
    ['good for seconds: the next is waited for', 0.5, false],
  ])('a token %s', async (_what, minutes, atOnce) => {
    const { clock, calls, guarded, tokenFor } = createHandledCredential();
    const first = guarded.getToken(SCOPE);
    calls[0]?.give(tokenFor(60));
    await first;
    await play(clock, (60 - minutes) * MINUTE);
    let got: string | undefined;
    const asked = guarded.getToken(SCOPE).then(({ token }) => {
      got = token;
    });
    await settle();
    expect(got).toBe(atOnce ? 'good for 60' : undefined);
    calls[1]?.give(tokenFor(90));
    await asked;
    await settle();
    expect((await guarded.getToken(SCOPE)).token).toBe('good for 90');
    expect(calls).toHaveLength(2);
  });

  test('a last-minute token is fallen back upon when the endpoint fails', async () => {
    const { clock, calls, guarded, tokenFor } = createHandledCredential();
    const first = guarded.getToken(SCOPE);
    calls[0]?.give(tokenFor(60));
    await first;
    await play(clock, 59.5 * MINUTE);
    const asked = guarded.getToken(SCOPE);
    calls[1]?.fail();
    expect((await asked).token).toBe('good for 60');
  });

  test('what comes after its time is taken all the same, and closes the breaker', async () => {
    const { clock, calls, guarded, tokenFor } = createHandledCredential();
    for (let call = 0; call < 3; call++) {
      const asked = guarded.getToken(SCOPE);
      asked.catch(() => {});
      await play(clock, 31_000);
      await expect(asked).rejects.toMatchObject({ kind: 'unavailable' });
    }
    expect(guarded.breaker.state(clock.now())).toBe('open');
    expect(calls.map(({ options }) => options.abortSignal?.aborted)).toEqual([true, true, true]);
    calls[2]?.give(tokenFor(90));
    await settle();
    expect(guarded.breaker.state(clock.now())).toBe('closed');
    calls[0]?.give(tokenFor(30)); // an older one that comes later still
    await settle();
    expect((await guarded.getToken(SCOPE)).token).toBe('good for 90');
    expect(calls).toHaveLength(3);
  });

  test('a claims challenge is answered with a new token, never with the one that was refused', async () => {
    const { calls, guarded, tokenFor } = createHandledCredential();
    const first = guarded.getToken(SCOPE);
    calls[0]?.give(tokenFor(60, 'refused'));
    await first;
    const asked = guarded.getToken(SCOPE, { claims: '{"access_token":{}}' });
    calls[1]?.give(tokenFor(60, 'new'));
    expect((await asked).token).toBe('new');
    expect((await guarded.getToken(SCOPE)).token).toBe('new');
  });

  test('a credential that gives nothing is unavailable', async () => {
    const { calls, guarded } = createHandledCredential();
    const asked = guarded.getToken(SCOPE);
    calls[0]?.give(null);
    await expect(asked).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
