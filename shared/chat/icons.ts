import type { Message } from '../model.ts';
import { hostOf, safeUrl } from './plain.ts';

/** One sign for how it stands, told apart by shape of the word beside it too: colour is never the only carrier. */
export function iconOf(message: Pick<Message, 'state' | 'severity' | 'synthetic'>): string {
  if (message.state === 'resolved') return '✅';
  if (message.synthetic !== undefined) return '🧪';
  if (message.severity <= 1) return '🔴';
  return message.severity === 2 ? '🟠' : '🔵';
}

/** Consoles of the clouds, whose links need no host beside their label. */
const CONSOLES =
  /^(?:portal\.azure\.(?:com|us|cn)|app\.azure\.com|(?:[a-z0-9-]+\.)?console\.(?:aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com))$/;

/** The label of a link with the host it leads to, as a label from outside may say anything. */
export function linkLabel(label: string, url: string): string {
  const safe = safeUrl(url);
  if (safe === null) return label;
  const host = hostOf(safe);
  return CONSOLES.test(host) ? label : `${label} (${host})`;
}
