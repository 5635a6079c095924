import { createHash } from 'node:crypto';
import type { Alert } from '../model.ts';
import { familyOf } from './family.ts';

/**
 * What makes two alerts one incident: cloud, resource and signal family, never the rule's name. Tests and canaries are
 * kept apart from real incidents.
 *
 * @returns 32 hexadecimal characters, fit for a key in every store.
 */
export function fingerprintOf(alert: Alert, family = familyOf(alert)): string {
  const parts = [alert.resource.cloud, alert.resource.id, family, alert.synthetic ?? ''];
  return createHash('sha256').update(parts.join('\u0000')).digest('hex').slice(0, 32);
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** Eight base32 characters: short enough to type, from the fingerprint and the first alert that was accepted. */
export function incidentIdOf(fingerprint: string, firstAlertId: string): string {
  const digest = createHash('sha256').update(`${fingerprint}\u0000${firstAlertId}`).digest();
  let id = '';
  for (let i = 0; i < 8; i += 1) id += BASE32[(digest[i] ?? 0) & 31];
  return id;
}
