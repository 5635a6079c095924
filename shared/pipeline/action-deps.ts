import { mayAct } from '../chat/entitlement.ts';
import { lookBack } from '../chat/post-incident.ts';
import { renderPostIncident } from '../chat/text/post-incident.ts';
import type { Config } from '../config.ts';
import type { ControlPlane } from '../ports.ts';
import { ACTIONS } from '../registry.ts';
import { aliasOf } from './aliases.ts';
import type { ActionDeps } from './deps.ts';

/**
 * What can be done outside, as the settings allow it; nothing where actions are off, or nothing can be reached that could be
 * changed.
 */
export function actionDepsOf(
  { actions, settings }: Pick<Config, 'actions' | 'settings'>,
  planes: readonly ControlPlane[],
): { actions?: ActionDeps } {
  const rules = ACTIONS.flatMap((rule) =>
    rule.needs === 'approval' && planes.some(({ kind }) => kind === rule.touches) ? [rule] : [],
  );
  if (actions === 'off' || rules.length === 0) return {};
  return {
    actions: {
      rules,
      planes,
      context: {
        appOf(caller) {
          const alias = aliasOf(settings.aliases, caller);
          if (alias?.app === undefined) return null;
          const { app, fleetSize } = alias;
          return fleetSize === undefined ? { app } : { app, fleetSize };
        },
        projectOf: (resourceId) => settings.resources[resourceId]?.project ?? null,
        report(incident) {
          const { title, ...rest } = lookBack(incident, [], 'masked');
          return { title, text: renderPostIncident({ title, ...rest }) };
        },
      },
      mayAct: (personId, action, resource) => mayAct(settings, personId, action, resource),
    },
  };
}
