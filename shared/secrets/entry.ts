import type { Setting } from './configuration-source.ts';
import { clean, SecretsError } from './errors.ts';
import { parseReference, type SecretId } from './reference.ts';
import type { Slot } from './slot.ts';

/** What one App Configuration key answers with. */
export type Entry =
  | { kind: 'plain'; label: string | undefined; promise: Promise<string> }
  | { kind: 'reference'; label: string | undefined; slot: Slot }
  | { kind: 'broken'; label: string | undefined; error: SecretsError };

/** A reference that names no secret becomes a broken entry, whose error says which key and why, never the value. */
export function toEntry(setting: Setting, slotOf: (id: SecretId) => Slot): Entry {
  const { key, label, value } = setting;
  if (setting.kind === 'plain') return { kind: 'plain', label, promise: Promise.resolve(value) };
  const reference = parseReference(value);
  if (reference.ok) return { kind: 'reference', label, slot: slotOf(reference.id) };
  const secretId = reference.uri === undefined ? undefined : clean(reference.uri);
  const about = secretId === undefined ? '' : ` (${secretId})`;
  const message = `is no Key Vault reference, for ${reference.why}${about}; correct it in App Configuration`;
  return { kind: 'broken', label, error: new SecretsError('bad-reference', message, { secretId }).ofKey(key, label) };
}
