import { describe, expect, test } from 'vitest';
import { buildMessage } from '../../../shared/chat/message.ts';
import { createMask } from '../../../shared/chat/privacy.ts';
import { renderSlack } from '../../../shared/chat/slack/message.ts';
import type { Caller, Privacy } from '../../../shared/model.ts';
import { application, finding, incident, refusedSignal } from './incidents.ts';

const DANA: Caller = { id: 'dana.smith@contoso.com', kind: 'user', displayName: 'Dana Smith', addresses: 1 };
const GUID = '3f2a9c1e-7b64-4d0a-9e1b-5c8d7e6f5a4b';
const PERSONAL = incident({
  signals: [
    refusedSignal({
      description: 'dana.smith@contoso.com read it from 10.20.30.40 and 2001:db8:85a3::8a2e at 14:03:22',
    }),
  ],
  diagnosedAt: '2026-11-20T14:10:00.000Z',
  findings: [
    finding({
      caller: DANA,
      victims: [application('checkout-api'), { ...DANA, id: GUID }],
      summary: 'Dana Smith reads secrets/orders-db-password and orders-db-password again and again.',
    }),
  ],
});

function shown(privacy: Privacy, inThread = false): string {
  return JSON.stringify(renderSlack(buildMessage(PERSONAL, { privacy, inThread })));
}

describe('a message', () => {
  test('in full shows people, addresses and secret names', () => {
    const text = shown('full');
    for (const part of [
      'Dana Smith',
      'dana.smith@contoso.com',
      '10.20.30.40',
      '2001:db8:85a3::8a2e',
      'orders-db-password',
    ])
      expect(text).toContain(part);
  });

  test('masked shortens people and addresses and hides secret names', () => {
    const text = shown('masked');
    for (const part of ['Dana', 'dana.smith', '10.20.30.40', '85a3::8a2e', 'orders-db-password'])
      expect(text).not.toContain(part);
    for (const part of [
      'D… S…',
      'd…@contoso.com',
      '10.20.30.0/24',
      '2001:db8:85a3::/48',
      'secrets/[hidden]',
      'checkout-api',
    ])
      expect(text).toContain(part);
  });

  test('is masked unless it is said otherwise', () => {
    expect(JSON.stringify(renderSlack(buildMessage(PERSONAL)))).toBe(shown('masked'));
  });

  test('masked in its own thread shows secret names, and people no more than elsewhere', () => {
    const text = shown('masked', true);
    expect(text).toContain('orders-db-password');
    expect(text).not.toContain('Dana');
  });

  test('minimal shows no person, address or secret name, in the thread neither', () => {
    const text = shown('minimal', true);
    for (const part of ['Dana', 'D…', 'dana', 'contoso', '10.20.30', '2001:db8', 'orders-db-password'])
      expect(text).not.toContain(part);
    expect(text).toContain('checkout-api');
  });

  test('does not take a time of day for an address', () => {
    expect(shown('minimal')).toContain('14:03:22');
  });

  test('does not take the caller of a fact about targets for a secret', () => {
    const facts = [
      {
        label: 'Most read',
        value: 'secrets/db-main, keys/sign',
        from: { kind: 'targets', column: 'target', row: 'orders-api', window: 'incident' as const },
      },
    ];
    const text = JSON.stringify(
      buildMessage(
        incident({
          diagnosedAt: '2026-11-20T14:10:00.000Z',
          findings: [finding({ facts, summary: 'orders-api reads db-main' })],
        }),
      ),
    );
    expect(text).toContain('orders-api reads [hidden]');
    expect(text).toContain('2 names, hidden here');
  });

  test('does not take a client library for a secret', () => {
    const mask = createMask(PERSONAL, 'masked', false);
    expect(mask.text('azsdk-python-keyvault-secrets/4.7.0')).toBe('azsdk-python-keyvault-secrets/4.7.0');
    const library = 'azsdk-net-Security.KeyVault.Secrets/4.7.0 (.NET 8.0.11)';
    expect(mask.text(library)).toBe(library);
    expect(mask.text('vault.Secrets/4dollars. secrets/4')).toBe('vault.Secrets/[hidden]. secrets/[hidden]');
  });
});

describe('a caller', () => {
  const mask = createMask(incident(), 'masked', false);
  test.each<[string, Partial<Caller>, string]>([
    ['its display name', { displayName: 'orders-api' }, 'orders-api'],
    ['its kind and the start of its id when the name is not known', { appId: GUID }, 'application 3f2a9c1e…'],
    ['no GUID that pretends to be a name', { displayName: GUID, appId: GUID }, 'application 3f2a9c1e…'],
    [
      'the role without the session, which may be a person',
      { kind: 'role', arn: 'arn:aws:sts::1:assumed-role/runner/dana@contoso.com' },
      'role runner',
    ],
    ['the name of an IAM role', { kind: 'role', arn: 'arn:aws:iam::1:role/ci/runner' }, 'role runner'],
    ['a masked user name', { kind: 'user', displayName: 'dana@contoso.com' }, 'd…@contoso.com'],
    ['what it is when nothing is known', { kind: 'unknown', id: '' }, 'unidentified caller'],
  ])('is called %s', (_what, more, expected) => {
    expect(mask.caller({ id: 'x', kind: 'application', addresses: 1, ...more })).toBe(expected);
  });

  test('has its whole id among the facts, where it can be copied', () => {
    const message = buildMessage(incident({ diagnosedAt: '2026-11-20T14:10:00.000Z', findings: [finding()] }));
    expect(message.facts.find((fact) => fact.label === 'Caller')?.value).toContain(GUID);
    expect(message.lead.join()).not.toContain(GUID);
  });
});
