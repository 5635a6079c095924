import type { Incident, StormLine, StormSummary } from '../../../shared/model.ts';
import { incident, VAULT } from './incidents.ts';

/** The most severe of them, those first. */
export const STORM_LINES: StormLine[] = Array.from({ length: 18 }, (_, i) => ({
  incidentId: `storm${'abcdefghijklmnopqr'.charAt(i)}22`,
  resource: {
    id: `${VAULT.id}-${i}`,
    name: i < 4 ? `app-orders-${i}` : `kv-orders-${i}`,
    type: i < 4 ? 'microsoft.web/sites' : VAULT.type,
  },
  family: i < 4 ? 'availability' : 'throttle',
  severity: i < 4 ? 1 : 3,
  openedAt: `2026-11-20T14:03:${String(10 + i)}.000Z`,
}));

/** The summary of a storm of 480 incidents. */
export function storm(more: Partial<StormSummary> = {}, of: Partial<Incident> = {}): Incident {
  return incident({
    id: 'qwertyui',
    family: 'storm',
    resource: { cloud: 'other', id: 'storm:qwertyui', name: 'alert storm', type: 'headroom/storm', scope: 'headroom' },
    severity: 1,
    signals: [],
    storm: {
      destination: 'slack-bot:C1',
      perMinute: 20,
      since: '2026-11-20T14:03:30.000Z',
      incidents: 480,
      open: 443,
      resources: 470,
      families: [
        { name: 'throttle', incidents: 384, open: 360 },
        { name: 'availability', incidents: 96, open: 83 },
      ],
      types: [
        { name: VAULT.type, incidents: 384, open: 360 },
        { name: 'microsoft.web/sites', incidents: 96, open: 83 },
      ],
      worst: STORM_LINES,
      ...more,
    },
    ...of,
  });
}
